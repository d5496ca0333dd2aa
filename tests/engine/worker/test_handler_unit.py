"""A handler's unit: it opens, waits for the start, offers its events on time, drains, and closes."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from bench_app.engine.control.messages import (
    ChangeHandler,
    Failed,
    HandlerReport,
    Opened,
    Pause,
    SendEvent,
    SourceEnded,
)
from bench_app.engine.worker.contexts import WorkerContext
from bench_app.engine.worker.pacer import Pacer
from bench_app.measure.clock import NS_PER_MS, NS_PER_S
from bench_app.model import ConstantLoad, MaxLoad, RecordedLoad, ReplaySource, SocketType
from bench_app.transport import stamp
from tests.engine.worker.handler_bench import HandlerEnd, handler_order


def sent_times(message: bytes) -> tuple[int, int, int]:
    """Sequence number, intended and actual send time of a message."""
    found = stamp.decode_one(message[stamp.TIMES_AT : stamp.TIMES_AT + stamp.TIMES_LENGTH])
    assert found is not None
    return found


@pytest.mark.parametrize("socket_type", ["PUB", "PUSH", "REQ"])
def test_it_sends_its_events_in_time_and_reports_the_end_of_its_source(tmp_path: Path, socket_type: SocketType) -> None:
    with HandlerEnd(handler_order(tmp_path, socket_type, duration_ns=300 * NS_PER_MS)) as end:
        partner = end.partner(end.wait_for(Opened).endpoint)
        if socket_type == "PUB":
            # The subscription must be in.
            time.sleep(0.3)
        start_ns = end.start_run()
        messages = []
        while len(messages) < 30:
            messages.append(partner.recv_multipart())
            if socket_type == "REQ":
                partner.send(b"{}")
        ended = end.source_ended()
        last = end.finish()
    times = [sent_times(frames[-1]) for frames in messages]
    assert [sequence for sequence, _, _ in times] == list(range(1, 31))
    assert [intended_ns for _, intended_ns, _ in times] == [start_ns + n * 10 * NS_PER_MS for n in range(30)]
    assert all(sent_ns >= intended_ns for _, intended_ns, sent_ns in times)
    assert ended.failure == ""
    assert ended.at_ns >= start_ns + 300 * NS_PER_MS
    assert last.counts.accepted == last.counts.offered == 30
    assert last.counts.replied == (30 if socket_type == "REQ" else 0)


def test_before_the_start_nothing_is_offered(tmp_path: Path) -> None:
    with HandlerEnd(handler_order(tmp_path)) as end:
        end.wait_for(HandlerReport)
        later = end.wait_for(HandlerReport)
        assert later.counts.offered == 0
        assert end.finish().counts.offered == 0


def test_it_waits_for_a_start_in_the_future(tmp_path: Path) -> None:
    with HandlerEnd(handler_order(tmp_path, load=MaxLoad(), duration_ns=NS_PER_S // 10)) as end:
        partner = end.partner(end.wait_for(Opened).endpoint)
        start_ns = end.start_run(in_ms=150)
        first = sent_times(partner.recv())
        assert first[1] >= start_ns
        end.source_ended()
        end.finish()


@pytest.mark.parametrize("endpoint", ["tcp://203.0.113.1:5555", "ipc:///nowhere/at/all"])
def test_a_socket_that_cannot_be_opened_fails_with_a_reason_and_leaves_its_context(
    tmp_path: Path, endpoint: str
) -> None:
    context = WorkerContext()
    with HandlerEnd(handler_order(tmp_path, endpoints=(endpoint,)), context) as end:
        assert endpoint in end.wait_for(Failed).reason
        end.join()
        # The last to leave ends the context, and who comes then has another one.
        fresh = context.enter()
        assert context.leave()
        assert fresh.closed


def test_a_source_that_cannot_be_opened_fails_with_a_reason(tmp_path: Path) -> None:
    source = ReplaySource(path="missing.jsonl", load=ConstantLoad(rate=1))
    with HandlerEnd(handler_order(tmp_path, source=source)) as end:
        assert "missing.jsonl" in end.wait_for(Failed).reason
        end.join()


def test_a_file_that_ends_early_emits_a_message_and_ends_the_source(tmp_path: Path) -> None:
    (tmp_path / "two.jsonl").write_text('{"a":1}\n{"a":2}\n')
    source = ReplaySource(path="two.jsonl", load=ConstantLoad(rate=100))
    with HandlerEnd(handler_order(tmp_path, source=source, duration_ns=60 * NS_PER_S)) as end:
        end.partner(end.wait_for(Opened).endpoint)
        end.start_run()
        end.source_ended()
        assert any("its file ended after" in message for message in end.messages())
        assert end.finish().counts.offered == 2


def test_a_stopped_source_drains_its_queue_and_aborts_the_rest_after_the_linger(tmp_path: Path) -> None:
    order = handler_order(tmp_path, config={"linger": 200, "send_timeout": -1}, load=ConstantLoad(rate=1000))
    with HandlerEnd(order) as end:
        end.start_run()
        end.wait_for(HandlerReport, lambda report: report.counts.queued > 10)
        last = end.finish()
        queued = last.counts.aborted
        assert queued > 10
        assert f"{queued} events still queued after a linger of 200 ms were aborted" in end.messages()


def test_a_pause_moves_the_load(tmp_path: Path) -> None:
    with HandlerEnd(handler_order(tmp_path, duration_ns=NS_PER_S // 2)) as end:
        partner = end.partner(end.wait_for(Opened).endpoint)
        start_ns = end.start_run()
        end.wait_accepted(10)
        end.send(Pause(paused=True))
        still = end.wait_for(HandlerReport, lambda report: report.at_ns > start_ns + 400 * NS_PER_MS)
        later = end.wait_for(HandlerReport, lambda report: report.at_ns > start_ns + 700 * NS_PER_MS)
        assert later.counts.offered == still.counts.offered
        end.send(Pause(paused=False))
        ended = end.source_ended()
        assert end.finish().counts.accepted == 50
        gaps = []
        before_ns = start_ns
        for _ in range(50):
            intended_ns = sent_times(partner.recv())[1]
            gaps.append(intended_ns - before_ns)
            before_ns = intended_ns
    assert ended.at_ns > start_ns + 800 * NS_PER_MS
    assert sorted(gaps)[-2] <= 11 * NS_PER_MS
    assert max(gaps) > 200 * NS_PER_MS


def test_an_event_sent_by_hand_goes_out_beside_those_of_the_source(tmp_path: Path) -> None:
    with HandlerEnd(handler_order(tmp_path)) as end:
        partner = end.connected_partner()
        end.send(SendEvent(body=b'{"by": "hand"}'))
        message = partner.recv()
        assert b'"by": "hand"' in message
        assert sent_times(message)[0] == 1
        assert end.finish().counts.accepted == 1


def test_a_changed_load_acts_at_once_and_an_impossible_one_is_refused(tmp_path: Path) -> None:
    with HandlerEnd(handler_order(tmp_path, duration_ns=60 * NS_PER_S)) as end:
        end.partner(end.wait_for(Opened).endpoint)
        end.start_run()
        end.wait_accepted(3)
        order = end.order
        end.send(ChangeHandler(spec=order.spec, bench=order.bench, load=RecordedLoad()))
        end.wait_for(HandlerReport)
        end.send(ChangeHandler(spec=order.spec, bench=order.bench, load=ConstantLoad(rate=5000)))
        end.wait_accepted(1000)
        assert any(message.startswith("the load stays as it was: ") for message in end.messages())
        end.finish()


def test_a_replacement_continues_with_the_next_event_and_number(tmp_path: Path) -> None:
    order = handler_order(tmp_path, duration_ns=60 * NS_PER_S)
    with HandlerEnd(order) as first:
        partner = first.partner(first.wait_for(Opened).endpoint)
        first.start_run()
        partner.recv()
        before = first.finish().counts
    again = handler_order(tmp_path, duration_ns=60 * NS_PER_S, incarnation=1, load=MaxLoad())
    with HandlerEnd(again) as second:
        partner = second.partner(second.wait_for(Opened).endpoint)
        second.start_run()
        assert sent_times(partner.recv())[0] == before.accepted + 1
        assert second.finish().counts.offered > before.offered


def test_two_handlers_of_one_pacer_both_keep_their_times(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
    pacer = Pacer()
    with (
        HandlerEnd(handler_order(tmp_path / "a"), pacer=pacer) as one,
        HandlerEnd(handler_order(tmp_path / "b"), pacer=pacer) as other,
    ):
        ends = (one, other)
        for end in ends:
            end.partner(end.wait_for(Opened).endpoint)
            end.start_run()
        for end in ends:
            end.wait_for(SourceEnded)
        assert [end.finish().counts.accepted for end in ends] == [100, 100]
