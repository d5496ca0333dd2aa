"""Every key of a socket sets its option before bind or connect; a key at its default leaves libzmq's default."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
import zmq

from bench_app.handlers import HANDLER_KINDS
from bench_app.handlers.socket import HandlerPort, HandlerSocket
from bench_app.model import HandlerBench, HandlerConfig, ListenerSpec, socket_options
from bench_app.transport import set_options
from bench_app.transport.open_socket import Target
from bench_app.transport.stamp import Identity

Socket = zmq.Socket[bytes]

SHARED: dict[str, tuple[Any, int, int]] = {
    "reconnect_interval_max": (7000, zmq.RECONNECT_IVL_MAX, 7000),
    "heartbeat_interval": (250, zmq.HEARTBEAT_IVL, 250),
    "conflate": (True, zmq.CONFLATE, 1),
    "max_message_size": (1234, zmq.MAXMSGSIZE, 1234),
    "send_buffer": (4096, zmq.SNDBUF, 4096),
    "receive_buffer": (8192, zmq.RCVBUF, 8192),
    "ipv6": ("on", zmq.IPV6, 1),
    "tcp_keepalive": ("on", zmq.TCP_KEEPALIVE, 1),
    "tcp_keepalive_idle": (60, zmq.TCP_KEEPALIVE_IDLE, 60),
    "tcp_keepalive_interval": (5, zmq.TCP_KEEPALIVE_INTVL, 5),
}
"""Key: a value, the option that it sets, and the value of the option then."""
HANDLER = {**SHARED, "immediate": (True, zmq.IMMEDIATE, 1)}
NOT_OPTIONS = {"mode", "framing", "stamp", "paired", "start_gate", "high_water_mark_set"}


def opened(context: zmq.Context[Socket], bench: HandlerBench, kind: str = "PUSH") -> HandlerSocket:
    port = HandlerPort(Identity(1, 1), "off", topic="t" if kind == "PUB" else None)
    target = Target(("tcp://127.0.0.1:*",), bind=True)
    socket = HandlerSocket(HANDLER_KINDS[kind], port, context, target, bench=bench)
    socket.open(HandlerConfig(socket_type=kind, linger=0))  # type: ignore[arg-type]
    return socket


def test_every_key_of_a_socket_is_tested_here() -> None:
    added = {"heartbeat_timeout"}
    assert set(HANDLER) | added | {"no_drop"} | NOT_OPTIONS == set(HandlerBench.__struct_fields__)
    assert set(SHARED) | added <= set(ListenerSpec.__struct_fields__)


@pytest.mark.parametrize("key", HANDLER)
def test_a_handler_sets_the_option(context: zmq.Context[Socket], key: str) -> None:
    value, option, expected = HANDLER[key]
    socket = opened(context, msgspec.structs.replace(HandlerBench(), **{key: value}))
    assert socket.zmq_socket.getsockopt(option) == expected
    socket.close(0)


@pytest.mark.parametrize("key", SHARED)
def test_a_listener_sets_the_option(context: zmq.Context[Socket], key: str) -> None:
    value, option, expected = SHARED[key]
    with context.socket(zmq.PULL) as socket:
        spec = msgspec.structs.replace(ListenerSpec(), **{key: value})
        set_options.set_listener_options(socket, spec, "tcp://127.0.0.1:*")
        assert socket.getsockopt(option) == expected


@pytest.mark.parametrize("kind", HANDLER_KINDS)
def test_the_defaults_leave_the_socket_of_a_handler_as_libzmq_makes_it(context: zmq.Context[Socket], kind: str) -> None:
    socket = opened(context, HandlerBench(), kind)
    with context.socket(HANDLER_KINDS[kind].zmq_type) as plain:
        for _, option, _ in HANDLER.values():
            assert socket.zmq_socket.getsockopt(option) == plain.getsockopt(option), option
    socket.close(0)


def test_the_defaults_of_a_listener_limit_only_the_size_of_a_message(context: zmq.Context[Socket]) -> None:
    with context.socket(zmq.PULL) as socket, context.socket(zmq.PULL) as plain:
        set_options.set_listener_options(socket, ListenerSpec(), "tcp://127.0.0.1:*")
        changed = {key for key, (_, o, _) in SHARED.items() if socket.getsockopt(o) != plain.getsockopt(o)}
        assert changed == {"max_message_size"}
        assert socket.maxmsgsize == socket_options.MAX_MESSAGE_BYTES


@pytest.mark.parametrize(("timeout", "expected"), [(0, 250), (40, 40)])
def test_the_heartbeat_timeout_is_the_interval_unless_it_is_set(
    context: zmq.Context[Socket], timeout: int, expected: int
) -> None:
    bench = HandlerBench(heartbeat_interval=250, heartbeat_timeout=timeout)
    socket = opened(context, bench)
    assert socket.zmq_socket.heartbeat_timeout == set_options.silence_limit_ms(bench) == expected
    assert socket.tracker.silence_limit_ms == expected
    socket.close(0)


def test_without_heartbeats_there_is_no_silence_limit() -> None:
    assert set_options.silence_limit_ms(HandlerBench(heartbeat_timeout=40)) == 0


@pytest.mark.parametrize(
    ("wanted", "endpoint", "expected"),
    [
        ("auto", "tcp://127.0.0.1:*", 0),
        ("auto", "tcp://[::1]:*", 1),
        ("on", "tcp://127.0.0.1:*", 1),
        ("off", "tcp://[::1]:*", 0),
        ("auto", "ipc:///tmp/x", 0),
    ],
)
def test_ipv6(context: zmq.Context[Socket], wanted: Any, endpoint: str, expected: int) -> None:
    with context.socket(zmq.PULL) as socket:
        set_options.set_listener_options(socket, ListenerSpec(ipv6=wanted), endpoint)
        assert socket.getsockopt(zmq.IPV6) == expected


def test_keepalive_can_be_forced_off(context: zmq.Context[Socket]) -> None:
    with context.socket(zmq.PULL) as socket:
        assert socket.tcp_keepalive == -1
        set_options.set_listener_options(socket, ListenerSpec(tcp_keepalive="off"), "tcp://127.0.0.1:*")
        assert socket.tcp_keepalive == 0


def test_a_recreated_socket_has_the_options_too(context: zmq.Context[Socket]) -> None:
    socket = opened(context, HandlerBench(immediate=True, send_buffer=4096))
    socket.recreate(HandlerConfig(linger=0))
    assert (socket.zmq_socket.immediate, socket.zmq_socket.sndbuf) == (1, 4096)
    socket.close(0)


@pytest.mark.parametrize("no_drop", [False, True])
def test_a_full_pub_drops_or_with_no_drop_refuses(context: zmq.Context[Socket], no_drop: bool) -> None:
    """XPUB_NODROP cannot be read back, so the test checks its effect: over inproc, where nothing else buffers."""
    port = HandlerPort(Identity(1, 1), "off", topic="t")
    target = Target(("inproc://full",), bind=True)
    bench = HandlerBench(no_drop=no_drop)
    socket = HandlerSocket(HANDLER_KINDS["PUB"], port, context, target, bench=bench)
    socket.open(HandlerConfig(socket_type="PUB", high_water_mark=3, linger=0))
    with context.socket(zmq.SUB) as subscriber:
        subscriber.rcvhwm = 4
        subscriber.connect("inproc://full")
        subscriber.subscribe(b"t")
        assert socket.zmq_socket.poll(10_000)
        assert socket.subscriptions() == [b"\x01t"]
        taken = 0
        for _ in range(20):
            try:
                port.send(bytearray(b"{}"), 1, 0, 0)
            except zmq.Again:
                break
            taken += 1
        assert taken == (7 if no_drop else 20)
        received = []
        while subscriber.poll(0):
            received.append(subscriber.recv_multipart())
        # Every message is whole, topic and body, although the socket was full.
        assert received == [[b"t", b"{}"]] * 7
    socket.close(0)
