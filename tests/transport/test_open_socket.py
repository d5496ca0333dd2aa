"""The one way to open a socket: options before bind, monitor before connect, address free again after close."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec
import pytest
import zmq

from bench_app.errors import SocketSetupError
from bench_app.transport.connection import ConnectionState
from bench_app.transport.open_socket import REBIND_PATIENCE_S, OpenSocket, SocketPlan, Target
from bench_app.transport.socket_trace import Field, SocketTrace

LIMIT_S = 60.0
ANY_PORT = Target(("tcp://127.0.0.1:*",), bind=True)

Socket = zmq.Socket[bytes]
Opens = Callable[..., OpenSocket]


@pytest.fixture
def opens(context: zmq.Context[Socket]) -> Iterator[Opens]:
    """Opens sockets that are closed at the end of the test."""
    opened: list[OpenSocket] = []

    def open_one(plan: SocketPlan, trace: SocketTrace | None = None, patience_s: float = 0.0) -> OpenSocket:
        opened.append(OpenSocket(context, plan, trace or SocketTrace(None), patience_s))
        return opened[-1]

    yield open_one
    for socket in opened:
        if not socket.zmq_socket.closed:
            socket.close(0)


def plan_of(target: Target, zmq_type: int = zmq.PULL, **fields: Any) -> SocketPlan:
    return msgspec.structs.replace(SocketPlan(zmq_type, target, linger_ms=0, reconnect_ms=50), **fields)


def until(is_reached: Callable[[], bool]) -> None:
    give_up_at = time.monotonic() + LIMIT_S
    while not is_reached():
        assert time.monotonic() < give_up_at
        time.sleep(0.001)


class TestTarget:
    def test_a_bound_target(self) -> None:
        assert (str(ANY_PORT), ANY_PORT.connects, ANY_PORT.is_inproc) == ("bind tcp://127.0.0.1:*", False, False)

    def test_a_connecting_target(self) -> None:
        target = Target(("tcp://a:1", "tcp://b:2"), bind=False)
        assert (str(target), target.connects, target.is_inproc) == ("connect tcp://a:1, tcp://b:2", True, False)

    def test_inproc_has_no_network_peer(self) -> None:
        target = Target(("inproc://name",), bind=False)
        assert (target.connects, target.is_inproc) == (False, True)


def test_a_bound_socket_reports_its_real_port(opens: Opens) -> None:
    socket = opens(plan_of(ANY_PORT))
    assert socket.endpoint.startswith("tcp://127.0.0.1:")
    assert not socket.endpoint.endswith("*")
    assert socket.tracker.state is ConnectionState.BOUND
    assert socket.tracker.message == f"bound to {socket.endpoint}, 0 connected"


def test_a_socket_connects_to_all_its_endpoints(opens: Opens) -> None:
    bound = [opens(plan_of(ANY_PORT)) for _ in range(2)]
    endpoints = tuple(socket.endpoint for socket in bound)
    socket = opens(plan_of(Target(endpoints, bind=False), zmq.PUSH))
    assert socket.endpoint == ", ".join(endpoints)
    messages: list[str] = []

    def is_connected() -> bool:
        messages.extend(socket.poll_monitor())
        return socket.tracker.state is ConnectionState.CONNECTED

    until(is_connected)
    assert sorted(messages) == sorted(f"connected to {endpoint}" for endpoint in endpoints)


def test_both_ends_know_the_descriptor_of_their_connection(opens: Opens) -> None:
    pull = opens(plan_of(ANY_PORT))
    push = opens(plan_of(Target((pull.endpoint,), bind=False), zmq.PUSH))
    assert (pull.descriptor, push.descriptor) == (-1, -1)
    for socket in (pull, push):

        def is_connected(socket: OpenSocket = socket) -> bool:
            socket.poll_monitor()
            return socket.tracker.peers == 1

        until(is_connected)
    assert min(pull.descriptor, push.descriptor) >= 0


def test_the_plan_sets_linger_and_reconnecting(opens: Opens) -> None:
    on = opens(plan_of(ANY_PORT, linger_ms=1234, reconnect_ms=77)).zmq_socket
    off = opens(plan_of(ANY_PORT, reconnect_ms=0)).zmq_socket
    assert (on.linger, on.reconnect_ivl) == (1234, 77)
    assert off.reconnect_ivl == -1


def test_the_tracker_gives_up_at_the_limit_of_the_plan(opens: Opens, free_port: int) -> None:
    unbound = Target((f"tcp://127.0.0.1:{free_port}",), bind=False)
    limited = opens(plan_of(unbound, max_attempts=0))
    never_again = opens(plan_of(unbound, reconnect_ms=0))
    assert limited.tracker.max_attempts == 0
    for socket in (limited, never_again):

        def has_given_up(socket: OpenSocket = socket) -> bool:
            socket.poll_monitor()
            return socket.tracker.gave_up

        until(has_given_up)
    assert "the limit of 0 attempts is reached" in limited.tracker.message
    assert "reconnecting is switched off" in never_again.tracker.message


def test_options_are_set_before_bind_and_late_ones_after(opens: Opens) -> None:
    bound_at: list[tuple[str, bytes]] = []

    def note(when: str) -> Callable[[Socket], None]:
        def set_options(socket: Socket) -> None:
            endpoint = socket.get(zmq.LAST_ENDPOINT)
            assert isinstance(endpoint, bytes)
            bound_at.append((when, endpoint.rstrip(b"\0")))

        return set_options

    socket = opens(plan_of(ANY_PORT, set_options=note("before"), set_late_options=note("after")))
    assert bound_at == [("before", b""), ("after", socket.endpoint.encode())]


def test_the_trace_has_every_step_in_order(opens: Opens) -> None:
    traced: list[str] = []

    def note(event: str, message: str, fields: Mapping[str, Field]) -> None:
        traced.append(event)

    socket = opens(plan_of(ANY_PORT), SocketTrace(note))
    until(lambda: bool(socket.poll_monitor()) or "listening" in traced)
    socket.close()
    assert traced == ["opened", "bound", "listening", "closed"]


def test_an_address_in_use_leaves_nothing_open(opens: Opens, context: zmq.Context[Socket]) -> None:
    taken = opens(plan_of(ANY_PORT))
    traced: list[str] = []

    def note(event: str, message: str, fields: Mapping[str, Field]) -> None:
        traced.append(event)

    with pytest.raises(SocketSetupError, match="address already in use"):
        opens(plan_of(Target((taken.endpoint,), bind=True)), SocketTrace(note))
    assert traced == ["opened", "closed"]
    taken.close()
    # With a socket still open, this would wait for ever.
    context.term()


def test_options_that_cannot_be_set_leave_nothing_open(opens: Opens, context: zmq.Context[Socket]) -> None:
    def fail(socket: Socket) -> None:
        raise ValueError("no such option")

    with pytest.raises(ValueError, match="no such option"):
        opens(plan_of(ANY_PORT, set_options=fail))
    context.term()


@pytest.mark.parametrize("transport", ["tcp", "ipc", "inproc"])
def test_the_next_socket_can_bind_the_address_of_the_last(opens: Opens, transport: str, tmp_path: Path) -> None:
    target = {
        "tcp": ANY_PORT,
        "ipc": Target((f"ipc://{tmp_path}/socket",), bind=True),
        "inproc": Target(("inproc://place",), bind=True),
    }[transport]
    socket = opens(plan_of(target))
    for _ in range(5):
        endpoint = socket.endpoint
        socket.close()
        socket = opens(plan_of(Target((endpoint,), bind=True)), patience_s=REBIND_PATIENCE_S)
        assert socket.endpoint == endpoint


def test_a_closed_socket_leaves_no_ipc_file(opens: Opens, tmp_path: Path) -> None:
    socket = opens(plan_of(Target((f"ipc://{tmp_path}/socket",), bind=True)))
    assert [file.name for file in tmp_path.iterdir()] == ["socket"]
    socket.close()
    assert list(tmp_path.iterdir()) == []


def test_an_inproc_name_is_free_at_once(opens: Opens) -> None:
    plan = plan_of(Target(("inproc://name",), bind=True))
    for _ in range(20):
        opens(plan).close()


def test_an_inproc_socket_has_no_monitor_messages_and_no_descriptor(opens: Opens) -> None:
    opens(plan_of(Target(("inproc://name",), bind=True)))
    socket = opens(plan_of(Target(("inproc://name",), bind=False), zmq.PUSH))
    assert (socket.poll_monitor(), socket.descriptor) == ([], -1)


@pytest.mark.parametrize(("given_ms", "closes_with_ms"), [(None, 300), (0, 0), (20, 20)])
def test_a_socket_closes_with_the_linger_of_its_plan_or_another(
    opens: Opens, given_ms: int | None, closes_with_ms: int
) -> None:
    lingers: list[object] = []

    def note(event: str, message: str, fields: Mapping[str, Field]) -> None:
        lingers.append(fields.get("linger_ms"))

    opens(plan_of(ANY_PORT, linger_ms=300), SocketTrace(note)).close(given_ms)
    assert lingers[-1] == closes_with_ms
