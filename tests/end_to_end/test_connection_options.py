"""The bench's keys for sockets, in whole runs: the effect of each on ledger and messages."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from bench_app.engine.session import Session
from tests.runs import Run, assert_balanced, preset, run, until

pytestmark = pytest.mark.usefixtures("single_worker")

LARGE: dict[str, Any] = {"kind": "synthetic", "size": 10_240, "pool": 4}
STALLED = [0, 3600]


def source(rate: float, **more: Any) -> dict[str, Any]:
    return {**LARGE, "load": {"shape": "constant", "rate": rate}, **more}


def balanced(raw: dict[str, Any], meanwhile: Any = None) -> Run:
    finished = run(raw, meanwhile)
    assert_balanced(finished.result)
    return finished


def test_no_drop_turns_silent_loss_into_send_timeout() -> None:
    config = {"socket_type": "PUB", "topic": "t", "high_water_mark": 10, "send_timeout": 20, "queue_size": 10}
    listeners = [{"name": "slow", "high_water_mark": 10, "stall": [0, 0.4]}, {"name": "fast"}]
    results = {}
    for no_drop in (False, True):
        raw = preset(config, uri="zmq://inproc://full", handler={"no_drop": no_drop}, listeners=listeners, rate=400)
        results[no_drop] = balanced(raw).handler()
    drops, waits = results[False], results[True]
    assert drops.accepted == 200
    assert drops.listeners["slow"].lost > 100
    assert (drops.send_timeout, drops.queue_overflow, drops.listeners["fast"].lost) == (0, 0, 0)
    assert waits.send_timeout > 0
    assert waits.queue_overflow > 0
    # One slow subscriber holds up all subscribers, and no subscriber loses an accepted event.
    assert [listener.received for listener in waits.listeners.values()] == [waits.accepted] * 2


@pytest.mark.parametrize("transport", ["tcp", "inproc"])
def test_conflate_delivers_only_the_newest(transport: str) -> None:
    uri = "zmq://tcp://127.0.0.1:*" if transport == "tcp" else "zmq://inproc://conflate"
    listeners = [{"name": "c", "conflate": transport == "tcp", "delay_ms": 50}]
    raw = preset({"socket_type": "PUSH"}, uri=uri, handler={"conflate": True}, listeners=listeners, rate=400)
    handler = balanced(raw).handler()
    (listener,) = handler.listeners.values()
    assert handler.accepted == 200
    assert 1 <= listener.received <= 20
    assert handler.lost == handler.accepted - listener.received


def test_a_conflated_subscriber_has_the_newest() -> None:
    bench = {"framing": "joined", "start_gate": False}
    listeners = [{"name": "c", "conflate": True, "delay_ms": 20}, {"name": "all"}]
    config = {"socket_type": "PUB", "topic": "t"}
    handler = balanced(preset(config, handler=bench, listeners=listeners, rate=1000)).handler()
    newest, complete = handler.listeners["c"], handler.listeners["all"]
    assert 1 <= newest.received <= 100
    assert newest.received + newest.lost + newest.before_join == handler.accepted == 500
    assert complete.lost == 0


def test_small_buffers_leave_the_sum_of_both_high_water_marks() -> None:
    config = {"socket_type": "PUSH", "high_water_mark": 10, "send_timeout": 0, "linger": 0}
    accepted = {}
    for size in (0, 4096):
        buffers = {"send_buffer": size, "receive_buffer": size}
        listeners = [{"name": "s", "high_water_mark": 10, "stall": STALLED, **buffers}]
        accepted[size] = balanced(preset(config, handler=buffers, listeners=listeners, source=source(1000))).handler()
    assert accepted[4096].accepted == 20
    assert accepted[0].accepted > 100


def test_with_immediate_a_socket_without_a_peer_accepts_nothing(free_port: int) -> None:
    config = {"socket_type": "PUSH", "linger": 0, "send_timeout": 0, "reconnect_interval": 20}
    accepted = []
    for immediate in (False, True):
        bench = {"paired": False, "immediate": immediate}
        raw = preset(config, handler=bench, uri=f"zmq://tcp://127.0.0.1:{free_port}", rate=200)
        accepted.append(balanced(raw).handler().accepted)
    assert accepted == [100, 0]


def test_a_message_that_is_too_large_ends_the_connection() -> None:
    config = {"socket_type": "PUSH", "reconnect_interval": 20, "linger": 0}
    listeners = [{"name": "strict", "max_message_size": 10_000}]
    finished = balanced(preset(config, listeners=listeners, source=source(100)))
    assert finished.handler().listeners["strict"].received == 0
    assert finished.handler().lost == finished.handler().accepted > 0
    assert "h: lost the connection to " in finished.messages()
    assert "silent" not in finished.messages()


def test_a_reply_that_is_too_large_does_not_count() -> None:
    config = {"socket_type": "REQ", "request_timeout": 100, "retries": 0, "reconnect_interval": 20, "linger": 0}
    listeners = [{"name": "wordy", "reply": {"text": "x" * 500}}]
    small = balanced(preset(config, listeners=listeners, rate=10, handler={"max_message_size": 200})).handler()
    large = balanced(preset(config, listeners=listeners, rate=10, handler={"max_message_size": 2000})).handler()
    assert (small.replied, large.request_timeout) == (0, 0)
    assert small.request_timeout > 0
    assert large.replied == large.accepted > 0


def test_ipv6_reaches_an_address_of_ipv4() -> None:
    listeners = [{"name": "c", "ipv6": "on"}]
    finished = balanced(preset({"socket_type": "PUSH"}, handler={"ipv6": "on"}, listeners=listeners, rate=200))
    assert finished.handler().listeners["c"].received == 100
    assert "connected to tcp://[::ffff:127.0.0.1]:" in finished.messages()


def test_a_growing_reconnect_interval_makes_fewer_attempts(free_port: int) -> None:
    tried = []
    for longest_ms in (0, 10_000):
        config = {"socket_type": "PUSH", "reconnect_interval": 10, "linger": 0}
        bench = {"paired": False, "reconnect_interval_max": longest_ms}
        labels: list[str] = []

        async def watch(session: Session, labels: list[str] = labels) -> None:
            await until(lambda: session.handlers["h"].source_ended)
            labels.append(session.handlers["h"].connection.label)

        uri = f"zmq://tcp://127.0.0.1:{free_port}"
        balanced(preset(config, handler=bench, uri=uri, rate=50, duration_s=1.3), watch)
        tried.append(int(labels[0].removeprefix("retrying ")))
    every_time, doubling = tried
    # Intervals of 10, 20, 40, ... 640 ms fill the time. Without a maximum, libzmq waits for at most twice 10 ms.
    assert doubling <= 9
    assert every_time > 2 * doubling


_CONSUMER = """
import sys, zmq
socket = zmq.Context().socket(zmq.PULL)
socket.bind(sys.argv[1])
print(socket.last_endpoint.decode(), flush=True)
while True:
    socket.recv()
"""


@contextmanager
def consumer() -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A process with a plain PULL; yields the process and its endpoint."""
    command = [sys.executable, "-c", _CONSUMER, "tcp://127.0.0.1:*"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield process, process.stdout.readline().strip()
        finally:
            process.kill()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux shows how a connection ended")
def test_heartbeats_find_a_peer_that_was_stopped() -> None:
    with consumer() as (process, endpoint):
        bench = {"paired": False, "heartbeat_interval": 50, "heartbeat_timeout": 100}
        config = {"socket_type": "PUSH", "linger": 0, "reconnect_interval": 20}
        raw = preset(config, handler=bench, uri=f"zmq://{endpoint}", rate=100, duration_s=30)

        async def meanwhile(session: Session) -> None:
            handler = session.handlers["h"]
            await until(lambda: handler.connection.label == "connected" and handler.counts.accepted > 5)
            process.send_signal(signal.SIGSTOP)
            await until(lambda: handler.connection.label == "peer silent")
            assert "(peer silent for " in handler.connection.message
            session.stop()

        finished = run(raw, meanwhile)
    assert "h: peer silent for " in finished.messages()


def test_heartbeats_disconnect_a_slow_consumer() -> None:
    config = {"socket_type": "PUSH", "high_water_mark": 20, "reconnect_interval": 50, "linger": 5000}
    listeners = [{"name": "slow", "high_water_mark": 20, "stall": [0, 1.2]}]
    # The interval is longer than the timeout, so a connection sees one ping only: libzmq #4364.
    bench = {"heartbeat_interval": 110, "heartbeat_timeout": 100}
    raw = preset(config, handler=bench, listeners=listeners, source=source(2000), duration_s=1.5)
    finished = balanced(raw)
    assert finished.handler().lost > 0
    assert "peer silent for " in finished.messages()


def test_the_message_about_an_address_in_use_names_its_owner(own_workers: None, free_port: int) -> None:
    raw = preset({"socket_type": "PUB"}, uri=f"zmq://tcp://127.0.0.1:{free_port}", handler={"mode": "bind"})
    raw["output"]["handlers"]["twin"] = dict(raw["output"]["handlers"]["h"])
    raw["bench"]["handlers"]["twin"] = {"mode": "bind"}
    finished = run(raw)
    failed = [handler.failed for handler in finished.session.handlers.values() if handler.failed]
    assert len(failed) == 1
    assert "address already in use: another handler or listener of this run (process " in failed[0]


def test_an_address_beyond_loopback_is_an_event() -> None:
    listener = {"endpoint": "bind:tcp://*:*"}
    finished = run(preset({"socket_type": "PUSH"}, uri="zmq://tcp://*:*", handler={"paired": False}, duration_s=0.1))
    assert "other machines can connect" in finished.messages()
    finished = run(preset({"socket_type": "PUB"}, uri="zmq://tcp://*:*", listeners=[{}, listener], duration_s=0.1))
    told = [event.source for event in finished.events if "other machines can connect" in event.message]
    assert told == ["h/sub-2"]
