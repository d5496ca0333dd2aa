"""Every message arrives as it was sent, and only at the end of the channel that it is for."""

from __future__ import annotations

from typing import get_args

import msgspec
import pytest

from bench_app.engine.control.codec import decode_to_session, decode_to_worker, encode
from bench_app.engine.control.messages import (
    BusiestThread,
    ChangeDuration,
    ChangeHandler,
    ChangeListener,
    Close,
    Drain,
    Drained,
    EventsOffered,
    Exit,
    Failed,
    Finished,
    HandlerReport,
    Hello,
    ListenerReport,
    Logged,
    Message,
    Move,
    Moved,
    Notice,
    Opened,
    OpenHandler,
    OpenListener,
    Pause,
    Ready,
    ReceivedNumbers,
    Reconnect,
    ReportAt,
    RequestAnswered,
    SendEvent,
    SourceEnded,
    Start,
    StopSource,
    ToSession,
    ToWorker,
    WorkerReport,
)
from bench_app.handlers.request_end import RequestOutcome
from bench_app.measure.histogram_delta import EMPTY_DELTA
from bench_app.measure.ledger import HandlerCounts, ListenerCounts, TopicSpan
from bench_app.measure.message_samples import MessageSample
from bench_app.measure.packed_numbers import PackedNumbers
from bench_app.model import ConstantLoad, HandlerBench, HandlerConfig, HandlerSpec, ListenerSpec, SyntheticSource
from bench_app.system.process_usage import ProcessUsage
from bench_app.transport.connection import ConnectionState, ConnectionStatus
from tests.engine.units import PLANE

SPEC = HandlerSpec(uri="zmq://tcp://*:5555", config=HandlerConfig(socket_type="REQ", linger=-1))
CONNECTED = ConnectionStatus(ConnectionState.CONNECTED, "connected", "to tcp://127.0.0.1:5555")

TO_WORKER: list[Message] = [
    OpenHandler(
        unit="handler-1",
        spec=SPEC,
        bench=HandlerBench(stamp="frame"),
        source=SyntheticSource(size=100, load=ConstantLoad(rate=5.0)),
        base_dir="/presets",
        endpoints=("tcp://127.0.0.1:5555", "ipc:///tmp/ä"),
        bind=True,
        run=2**32 - 1,
        handler=1,
        join_tokens=(b"\x00\xff",),
        peers_expected=1,
        duration_ns=10**18,
        warmup_ns=0,
        counters_file="/tmp/x",
        spans=(TopicSpan("a", 1),),
        incarnation=2,
        load_changed=True,
    ),
    OpenListener(
        unit="handler-1/listener-1",
        listener_type="REP",
        spec=ListenerSpec(name="l", topics=("", "ä"), reply={"ok": [1, None]}),
        bench=HandlerBench(),
        endpoint="tcp://127.0.0.1:*",
        bind=False,
        run=1,
        handler=1,
        join_token=b"\xff",
        warmup_ns=1,
        counters_file="/tmp/y",
        seed=1000,
        incarnation=1,
        not_before_ns=5,
    ),
    Start(at_ns=2**62),
    StopSource(),
    ChangeHandler(spec=SPEC, bench=HandlerBench(), load=ConstantLoad(rate=1.0)),
    ChangeListener(spec=ListenerSpec(stall=(1.0, 2.0))),
    ChangeDuration(duration_ns=60_000_000_000),
    Move(endpoints=("ipc:///tmp/a",), bind=False),
    Reconnect(),
    Pause(paused=True),
    SendEvent(body=b'{"a":"\xc3\xa4"}', number=3, count=100),
    Drain(),
    Close(),
    ReportAt(at_ns=7),
    Exit(),
]
TO_SESSION: list[Message] = [
    Hello(plane=PLANE),
    Opened(unit="u", endpoint="tcp://127.0.0.1:4711"),
    Moved(unit="u", at_ns=1, endpoint="", failure="in use"),
    Failed(unit="u", at_ns=1, reason="in use"),
    Ready(unit="u"),
    Notice(unit="u", at_ns=2**62, message="connected", marker=True),
    Logged(
        unit="u",
        worker="w",
        pid=1,
        at_ns=1,
        event="opened",
        message="m",
        fields={"a": "b", "c": 1, "d": 1.5, "e": True, "f": {"sndhwm": 1}, "g": None},
    ),
    SourceEnded(unit="u", at_ns=1, failure="the file has ended"),
    EventsOffered(unit="u", number=3, at_ns=1, offered=5, lost=2, queued=1),
    RequestAnswered(unit="u", number=3, outcome=RequestOutcome.REPLIED, waited_ns=5, frames=(b"\xff",)),
    Drained(unit="u"),
    HandlerReport(
        unit="u",
        at_ns=1,
        counts=HandlerCounts(offered=2**63, in_flight=1),
        spans=(TopicSpan("", 1), TopicSpan("ä", 2)),
        joins={"0": 7},
        connection=CONNECTED,
        ever_connected=True,
        is_blocked=True,
        lateness=EMPTY_DELTA,
        offer_lateness=EMPTY_DELTA,
        round_trip=EMPTY_DELTA,
        source_underruns=3,
    ),
    ListenerReport(
        unit="u",
        at_ns=1,
        counts=ListenerCounts(received=5, highest=9),
        connection=CONNECTED,
        peers=1,
        idle_ns=2,
        busy_ns=3,
        service=EMPTY_DELTA,
        response=EMPTY_DELTA,
        samples=(MessageSample(1, 2, (b"topic", b"\xff")),),
    ),
    WorkerReport(
        worker="worker-1",
        since_ns=0,
        at_ns=1,
        stall=EMPTY_DELTA,
        usage=ProcessUsage(1, 2, 3, 4, 5, 6),
        busiest=BusiestThread("handler-1#0", 0.5),
    ),
    ReceivedNumbers(unit="u", numbers=PackedNumbers(7, 2**62, 12, {-1: (1, b"12"), 2**46: (4, b"")})),
    Finished(unit="u"),
]


def name(message: Message) -> str:
    return type(message).__name__


def test_this_file_has_every_message() -> None:
    assert {type(message) for message in TO_WORKER} == set(get_args(ToWorker))
    assert {type(message) for message in TO_SESSION} == set(get_args(ToSession))


@pytest.mark.parametrize("message", TO_WORKER, ids=name)
def test_a_worker_reads_what_the_session_wrote_and_the_session_refuses_it(message: Message) -> None:
    assert decode_to_worker(encode(message)) == message
    with pytest.raises(msgspec.MsgspecError):
        decode_to_session(encode(message))


@pytest.mark.parametrize("message", TO_SESSION, ids=name)
def test_the_session_reads_what_a_worker_wrote_and_a_worker_refuses_it(message: Message) -> None:
    assert decode_to_session(encode(message)) == message
    with pytest.raises(msgspec.MsgspecError):
        decode_to_worker(encode(message))


@pytest.mark.parametrize("data", [b"", b"\xc1", b"\x80", b"hello", encode(Start(at_ns=1))[:-1]])
def test_bytes_that_are_no_message_are_refused(data: bytes) -> None:
    for decode in (decode_to_worker, decode_to_session):
        with pytest.raises(msgspec.MsgspecError):
            decode(data)
