"""The debug log of a socket: changes of state, never a line per message."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

import pytest
import zmq
from hypothesis import given
from hypothesis import strategies as st

from bench_app.transport.socket_trace import (
    OPTIONS,
    OVER_AFTER_NS,
    Change,
    Episode,
    QueueStatus,
    SocketTrace,
    to_logger,
)

AT = "tcp://127.0.0.1:5555"


class Traced:
    """Keeps what a trace emits."""

    def __init__(self) -> None:
        self.events: list[str] = []
        self.messages: list[str] = []
        self.fields: list[Mapping[str, Any]] = []
        self.trace = SocketTrace(self._emit)

    def _emit(self, event: str, message: str, fields: Mapping[str, Any]) -> None:
        self.events.append(event)
        self.messages.append(message)
        self.fields.append(fields)


def test_an_opened_socket_logs_its_options_as_libzmq_has_them() -> None:
    traced = Traced()
    with zmq.Context() as context, context.socket(zmq.PUSH) as socket:
        socket.sndhwm, socket.linger = 7, 300
        traced.trace.opened(socket, f"connect {AT}")
    assert traced.events == ["opened"]
    assert traced.fields[0]["socket_type"] == "PUSH"
    options = traced.fields[0]["options"]
    assert list(options) == [name.lower() for name in OPTIONS]
    assert (options["sndhwm"], options["linger"]) == (7, 300)
    assert traced.messages[0].startswith(f"PUSH socket opened to connect {AT}: sndhwm=7 ")


def test_monitor_events_have_a_message_endpoint_and_descriptor() -> None:
    traced = Traced()
    traced.trace.monitored(zmq.EVENT_ACCEPTED, 12, AT)
    traced.trace.monitored(zmq.EVENT_HANDSHAKE_FAILED_AUTH, 400, AT)
    traced.trace.monitored(zmq.EVENT_BIND_FAILED, 98, AT)
    traced.trace.monitored(0x4000000, 3, AT)
    assert traced.events[:3] == ["accepted", "handshake_failed_auth", "bind_failed"]
    assert traced.messages[0] == f"{AT}: a connection was accepted, the handshake begins (fd 12)"
    assert traced.fields[0] == {"endpoint": AT, "fd": 12}
    assert "ZAP status 400" in traced.messages[1]
    assert traced.fields[2]["errno"] == 98
    assert traced.messages[3].startswith(f"{AT}: event_")


@given(st.integers())
def test_an_unknown_event_has_a_name_as_well(event: int) -> None:
    traced = Traced()
    traced.trace.monitored(abs(event) % 2**31, 0, AT)
    assert traced.events != [""]


def test_few_of_many_failed_attempts_are_logged() -> None:
    traced = Traced()
    for _ in range(1000):
        traced.trace.monitored(zmq.EVENT_CONNECT_DELAYED, 0, AT)
        traced.trace.monitored(zmq.EVENT_CLOSED, 9, AT)
        traced.trace.monitored(zmq.EVENT_CONNECT_RETRIED, 10, AT)
    assert traced.events.count("connect_retried") == 10
    assert len(traced.events) == 30
    traced.trace.monitored(zmq.EVENT_HANDSHAKE_SUCCEEDED, 0, AT)
    traced.trace.monitored(zmq.EVENT_CONNECT_RETRIED, 10, AT)
    assert traced.messages[-1].endswith("(attempt 1)")


def test_a_full_socket_is_logged_when_it_begins_and_when_it_is_over() -> None:
    traced = Traced()
    now_ns, count = 0, 0
    for update in range(200):
        # Full and writable in turn, as a busy PUSH is.
        count += 1
        now_ns += 50_000_000
        traced.trace.observe_queue(QueueStatus(update % 2 == 0, count, 0, 3), now_ns)
    assert traced.events == ["full"]
    traced.trace.observe_queue(QueueStatus(False, count, 0, 0), now_ns + OVER_AFTER_NS)
    assert traced.events == ["full", "has_room"]
    assert traced.fields[-1] == {"queued": 0, "times_full": 200}


def test_a_full_queue_is_logged_by_the_events_it_loses() -> None:
    traced = Traced()
    for update in range(3):
        traced.trace.observe_queue(QueueStatus(False, 0, 5 * update, 10), update)
    traced.trace.observe_queue(QueueStatus(False, 0, 10, 0), 2 * OVER_AFTER_NS)
    assert traced.events == ["queue_full", "queue_has_room"]
    assert traced.fields[-1] == {"queue_overflow": 10}


@given(st.lists(st.tuples(st.integers(0, 2), st.booleans(), st.integers(0, 2 * OVER_AFTER_NS))))
def test_an_episode_begins_and_ends_in_turn(updates: list[tuple[int, bool, int]]) -> None:
    episode, count, now_ns = Episode(), 0, 0
    changes = []
    for more, is_on, later_ns in updates:
        count, now_ns = count + more, now_ns + later_ns
        change = episode.update(count, is_on, now_ns)
        if change is not None:
            changes.append(change)
            assert (change is Change.BEGAN) == (more > 0 or is_on)
    assert changes == [Change.BEGAN, Change.ENDED] * (len(changes) // 2) + [Change.BEGAN] * (len(changes) % 2)


def test_subscriptions_and_the_close_are_logged() -> None:
    traced = Traced()
    traced.trace.subscribed(b"\x01analytics")
    traced.trace.subscribed(b"\x00\xff")
    traced.trace.closed(500)
    assert traced.events == ["subscribed", "unsubscribed", "closed"]
    assert traced.messages[0] == 'subscription to "analytics"'
    assert traced.fields[1:] == [{"topic": "\\xff"}, {"linger_ms": 500}]


def test_a_trace_without_emit_does_not_query_the_socket() -> None:
    with zmq.Context() as context:
        socket = context.socket(zmq.PUSH)
        socket.close()
        SocketTrace(None).opened(socket, "nowhere")
        with pytest.raises(zmq.ZMQError):
            SocketTrace(lambda *_: None).opened(socket, "nowhere")


def test_to_a_logger_with_fields(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG, "zmq_bench"):
        SocketTrace(to_logger(logging.getLogger("zmq_bench.output"), "h")).attached(True, AT)
    (record,) = caplog.records
    assert record.getMessage() == f"h: bound to {AT}"
    assert (record.__dict__["unit"], record.__dict__["event"], record.__dict__["endpoint"]) == ("h", "bound", AT)
