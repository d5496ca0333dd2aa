"""Each parameter of the production plugin has its documented effect, on real sockets."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import zmq

from tests.runs import assert_balanced, preset, run, until

pytestmark = pytest.mark.usefixtures("single_worker")

BIG = {"kind": "synthetic", "size": 100_000, "pool": 4, "load": {"shape": "constant", "rate": 400}}
STALLED = [{"name": "s", "high_water_mark": 1, "stall": [0, 3600]}]


def handler_of(config: dict[str, Any], **more: Any) -> Any:
    finished = run(preset(config, **more))
    assert_balanced(finished.result)
    return finished.handler()


def test_enabled_and_sink() -> None:
    raw = preset({"socket_type": "PUSH"})
    handlers = raw["output"]["handlers"]
    handlers["off"] = {"uri": "zmq://tcp://a:1", "enabled": False}
    handlers["same-sink"] = {"uri": "zmq://tcp://a:*", "sink": "events"}
    handlers["other-sink"] = {"uri": "zmq://tcp://b:*", "sink": "alerts"}
    result = run(raw).result
    assert set(result.handlers) == {"h", "same-sink", "other-sink"}
    # Every enabled handler of a sink gets every event of that sink; a sink without a source has 1,000 a second.
    assert [h.offered for h in result.handlers.values()] == [1000, 1000, 500]


def test_a_higher_high_water_mark_holds_more() -> None:
    accepted = []
    for mark in (1, 50):
        config = {"socket_type": "PUB", "topic": "t", "high_water_mark": mark}
        handler = handler_of(config, uri="zmq://inproc://hwm", source=BIG, listeners=STALLED)
        accepted.append(handler.listeners["s"].received)
    assert accepted == [2, 51]


def test_queue_size_bounds_the_queue() -> None:
    config = {"socket_type": "PUSH", "high_water_mark": 1, "send_timeout": -1, "queue_size": 7, "linger": 0}
    raw = preset(config, source=BIG, handler={"paired": False}, uri="zmq://tcp://127.0.0.1:5990")
    handler = run(raw).handler()
    assert (handler.accepted, handler.aborted) == (1, 7)
    assert handler.queue_overflow == handler.offered - 8


@pytest.mark.parametrize(("send_timeout", "least", "most"), [(0, 150, 199), (50, 1, 11), (-1, 0, 0)])
def test_send_timeout(send_timeout: int, least: int, most: int) -> None:
    config = {"socket_type": "PUSH", "high_water_mark": 1, "send_timeout": send_timeout, "linger": 0}
    raw = preset(config, source=BIG, handler={"paired": False}, uri="zmq://tcp://127.0.0.1:5990")
    handler = run(raw).handler()
    assert least <= handler.send_timeout <= most


@contextmanager
def late_consumer(endpoint: str, after: threading.Event) -> Iterator[list[bytes]]:
    """A plain PULL that binds once ``after`` is set; yields the list of messages that it receives."""
    received: list[bytes] = []
    done = threading.Event()

    def consume() -> None:
        after.wait()
        with zmq.Context() as context, context.socket(zmq.PULL) as socket:
            socket.bind(endpoint)
            while not done.is_set():
                if socket.poll(20):
                    received.append(socket.recv())

    thread = threading.Thread(target=consume)
    thread.start()
    try:
        yield received
    finally:
        after.set()
        done.set()
        thread.join()


@pytest.mark.parametrize(("linger", "arrives"), [(0, False), (10_000, True)])
def test_linger_keeps_unsent_messages_for_a_late_consumer(linger: int, arrives: bool) -> None:
    """The consumer binds when the handler has already begun to close."""
    closing = threading.Event()
    # Both cases may run at the same time.
    endpoint = f"tcp://127.0.0.1:{5991 if arrives else 5993}"
    config = {"socket_type": "PUSH", "linger": linger, "reconnect_interval": 20, "queue_size": 1000}
    raw = preset(config, handler={"paired": False}, uri=f"zmq://{endpoint}", rate=200)

    async def meanwhile(session: Any) -> None:
        await until(lambda: session.handlers["h"].source_ended)
        closing.set()

    with late_consumer(endpoint, closing) as received:
        handler = run(raw, meanwhile).handler()
    assert handler.accepted == 100
    assert (len(received) == 100) is arrives
    assert handler.lost == (0 if arrives else 100)


def test_reconnect_interval_and_the_limit_of_attempts() -> None:
    config = {"socket_type": "PUSH", "reconnect_interval": 20, "max_reconnect_attempts": 4, "linger": 0}
    finished = run(preset(config, handler={"paired": False}, uri="zmq://tcp://127.0.0.1:5992", duration_s=1))
    assert "the limit of 4 attempts is reached" in finished.messages()
    assert finished.handler().aborted > 0


def test_request_timeout_and_retries() -> None:
    silent = [{"name": "s", "drop_replies": 1.0}]
    config = {"socket_type": "REQ", "request_timeout": 20, "retries": 3, "linger": 10_000}
    handler = handler_of(config, rate=10, listeners=silent)
    assert handler.request_timeout == handler.accepted == 5
    assert handler.retries == 15
    assert handler.listeners["s"].duplicates == 15


def test_a_run_in_which_the_bench_was_too_slow_is_invalid(monkeypatch: pytest.MonkeyPatch) -> None:
    # The compiled data plane is fast enough for this rate. The Python loops are slower by a factor of ten.
    monkeypatch.setenv("ZMQ_BENCH_PLANE", "python")
    result = run(preset({"socket_type": "PUSH"}, rate=5_000_000, duration_s=0.05)).result
    assert result.verdict == "invalid"
    late = [finding for finding in result.findings if "offered the events late" in finding.message]
    assert "latency.lateness.p99_ms" in [finding.metric for finding in late if finding.invalidates]
    assert result.balanced


def test_at_load_max_a_handler_that_gave_up_is_offered_no_more_events(free_port: int) -> None:
    source = {"kind": "synthetic", "load": {"shape": "max"}}
    config = {"socket_type": "PUSH", "reconnect_interval": 10, "max_reconnect_attempts": 30, "linger": 0}
    finished = run(preset(config, handler={"paired": False}, uri=f"zmq://tcp://127.0.0.1:{free_port}", source=source))
    handler = finished.handler()
    assert_balanced(finished.result)
    assert handler.accepted == handler.lost == 1000
    assert handler.aborted + handler.send_timeout == handler.offered - 1000 < 1100


def test_a_subscriber_with_the_smallest_high_water_mark_still_subscribes() -> None:
    config = {"socket_type": "PUB", "topic": "t"}
    handler = handler_of(config, listeners=[{"name": "s", "high_water_mark": 1}])
    assert handler.listeners["s"].received > 0
