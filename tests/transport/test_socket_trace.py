"""What sockets tell of themselves: changes of state, never a line per message."""

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


class Told:
    """Keeps what a trace tells."""

    def __init__(self) -> None:
        self.events: list[str] = []
        self.sentences: list[str] = []
        self.fields: list[Mapping[str, Any]] = []
        self.trace = SocketTrace(self._tell)

    def _tell(self, event: str, sentence: str, fields: Mapping[str, Any]) -> None:
        self.events.append(event)
        self.sentences.append(sentence)
        self.fields.append(fields)


def test_an_opened_socket_tells_its_options_as_libzmq_has_them() -> None:
    told = Told()
    with zmq.Context() as context, context.socket(zmq.PUSH) as socket:
        socket.sndhwm, socket.linger = 7, 300
        told.trace.opened(socket, f"connect {AT}")
    assert told.events == ["opened"]
    assert told.fields[0]["socket_type"] == "PUSH"
    options = told.fields[0]["options"]
    assert list(options) == [name.lower() for name in OPTIONS]
    assert (options["sndhwm"], options["linger"]) == (7, 300)
    assert told.sentences[0].startswith(f"PUSH socket opened to connect {AT}: sndhwm=7 ")


def test_monitor_events_have_words_endpoint_and_descriptor() -> None:
    told = Told()
    told.trace.monitored(zmq.EVENT_ACCEPTED, 12, AT)
    told.trace.monitored(zmq.EVENT_HANDSHAKE_FAILED_AUTH, 400, AT)
    told.trace.monitored(zmq.EVENT_BIND_FAILED, 98, AT)
    told.trace.monitored(0x4000000, 3, AT)
    assert told.events[:3] == ["accepted", "handshake_failed_auth", "bind_failed"]
    assert told.sentences[0] == f"{AT}: a connection was accepted, the handshake begins (fd 12)"
    assert told.fields[0] == {"endpoint": AT, "fd": 12}
    assert "ZAP status 400" in told.sentences[1]
    assert told.fields[2]["errno"] == 98
    assert told.sentences[3].startswith(f"{AT}: event_")


@given(st.integers())
def test_an_event_of_a_newer_libzmq_has_a_name_as_well(event: int) -> None:
    told = Told()
    told.trace.monitored(abs(event) % 2**31, 0, AT)
    assert told.events != [""]


def test_of_many_failed_attempts_few_are_told() -> None:
    told = Told()
    for _ in range(1000):
        told.trace.monitored(zmq.EVENT_CONNECT_DELAYED, 0, AT)
        told.trace.monitored(zmq.EVENT_CLOSED, 9, AT)
        told.trace.monitored(zmq.EVENT_CONNECT_RETRIED, 10, AT)
    assert told.events.count("connect_retried") == 10
    assert len(told.events) == 30
    told.trace.monitored(zmq.EVENT_HANDSHAKE_SUCCEEDED, 0, AT)
    told.trace.monitored(zmq.EVENT_CONNECT_RETRIED, 10, AT)
    assert told.sentences[-1].endswith("(attempt 1)")


def test_a_full_socket_is_told_when_it_begins_and_when_it_is_over() -> None:
    told = Told()
    now_ns, count = 0, 0
    for look in range(200):
        # Full and writable again in turn, as a busy PUSH is.
        count += 1
        now_ns += 50_000_000
        told.trace.looked(QueueStatus(look % 2 == 0, count, 0, 3), now_ns)
    assert told.events == ["full"]
    told.trace.looked(QueueStatus(False, count, 0, 0), now_ns + OVER_AFTER_NS)
    assert told.events == ["full", "has_room"]
    assert told.fields[-1] == {"queued": 0, "times_full": 200}


def test_a_full_queue_is_told_by_what_it_loses() -> None:
    told = Told()
    for look in range(3):
        told.trace.looked(QueueStatus(False, 0, 5 * look, 10), look)
    told.trace.looked(QueueStatus(False, 0, 10, 0), 2 * OVER_AFTER_NS)
    assert told.events == ["queue_full", "queue_has_room"]
    assert told.fields[-1] == {"queue_overflow": 10}


@given(st.lists(st.tuples(st.integers(0, 2), st.booleans(), st.integers(0, 2 * OVER_AFTER_NS))))
def test_a_spell_begins_and_ends_in_turn(looks: list[tuple[int, bool, int]]) -> None:
    spell, count, now_ns = Episode(), 0, 0
    changes = []
    for more, is_on, later_ns in looks:
        count, now_ns = count + more, now_ns + later_ns
        change = spell.look(count, is_on, now_ns)
        if change is not None:
            changes.append(change)
            assert (change is Change.BEGAN) == (more > 0 or is_on)
    assert changes == [Change.BEGAN, Change.ENDED] * (len(changes) // 2) + [Change.BEGAN] * (len(changes) % 2)


def test_subscriptions_and_the_end() -> None:
    told = Told()
    told.trace.subscribed(b"\x01analytics")
    told.trace.subscribed(b"\x00\xff")
    told.trace.closed(500)
    assert told.events == ["subscribed", "unsubscribed", "closed"]
    assert told.sentences[0] == 'subscription to "analytics"'
    assert told.fields[1:] == [{"topic": "\\xff"}, {"linger_ms": 500}]


def test_a_silent_trace_asks_nothing_of_the_socket() -> None:
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
