"""Events by hand in a worker: bursts in parts, refusals after the end, and the ends of requests."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

from bench_app.engine.control.messages import (
    Close,
    EventsOffered,
    Finished,
    HandlerReport,
    Opened,
    OpenHandler,
    Pause,
    RequestAnswered,
    SendEvent,
    SourceEnded,
    StopSource,
)
from bench_app.engine.worker import handler_parts
from bench_app.engine.worker.manual_sends import EVENTS_AT_ONCE, MOST_REPLY_BYTES
from bench_app.handlers.request_end import RequestOutcome
from tests.engine.worker.handler_bench import HandlerEnd, handler_order

BURST = 2 * EVENTS_AT_ONCE + 50


def test_a_burst_larger_than_a_step_is_offered_whole(tmp_path: Path) -> None:
    with HandlerEnd(handler_order(tmp_path, "PUSH")) as end:
        partner = end.connected_partner()
        end.send(SendEvent(body=b'{"by": "hand"}', number=4, count=BURST))
        answer = end.wait_for(EventsOffered)
        assert (answer.number, answer.offered, answer.lost) == (4, BURST, 0)
        assert all(b'"by": "hand"' in partner.recv() for _ in range(BURST))
        counts = end.finish().counts
        assert counts.accepted == counts.by_hand == BURST


def test_a_burst_that_the_queue_cannot_hold_is_counted_as_lost(tmp_path: Path) -> None:
    order = handler_order(tmp_path, "PUSH", {"queue_size": 10, "linger": 0, "send_timeout": -1})
    with HandlerEnd(order) as end:
        end.wait_for(Opened)
        end.send(SendEvent(body=b"{}", count=30))
        answer = end.wait_for(EventsOffered)
        assert (answer.offered, answer.lost, answer.queued) == (30, 20, 10)
        counts = end.finish().counts
        assert (counts.offered, counts.queue_overflow, counts.aborted) == (30, 20, 10)


def test_after_the_end_of_the_source_an_event_is_refused_and_not_counted(tmp_path: Path) -> None:
    with HandlerEnd(handler_order(tmp_path, "PUSH", join_tokens=(b"token",))) as end:
        end.connected_partner()
        end.send(SendEvent(body=b"{}", number=1))
        assert end.wait_for(EventsOffered).offered == 1
        end.send(StopSource())
        end.wait_for(SourceEnded)
        end.send(SendEvent(body=b"{}", number=2, count=3))
        answer = end.wait_for(EventsOffered, lambda message: message.number == 2)
        assert (answer.offered, answer.lost) == (0, 0)
        end.send(Close())
        end.wait_for(Finished)
        end.join()
        counts = end.last(HandlerReport).counts
        assert counts.offered == counts.by_hand == 1


@pytest.fixture(params=["as installed", "python"])
def requests(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> OpenHandler:
    """An order for a REQ, on the data plane that is installed and on that of Python."""
    if request.param == "python":
        monkeypatch.setattr(handler_parts, "active", lambda: SimpleNamespace(functions=None))
    return handler_order(tmp_path, "REQ", {"request_timeout": 200, "retries": 0, "linger": 0})


def test_the_end_of_each_request_is_reported_with_its_reply(requests: OpenHandler) -> None:
    with HandlerEnd(requests) as end:
        partner = end.connected_partner()
        end.send(Pause(paused=True))
        end.start_run()
        end.send(SendEvent(body=b'{"a": 1}', number=1))
        end.send(SendEvent(body=b'{"a": 2}', number=2, count=2))
        assert b'"a": 1' in partner.recv_multipart()[-1]
        partner.send_multipart([b"part", b"yes"])
        assert b'"a": 2' in partner.recv_multipart()[-1]
        partner.send(b"x" * (MOST_REPLY_BYTES // 2))
        # The third request gets no reply.
        partner.recv_multipart()
        ends = [end.wait_for(RequestAnswered, lambda one: one.number == 1)]
        end.wait_for(RequestAnswered, lambda one: one.outcome is RequestOutcome.NO_REPLY)
        ends = [message for message in end.said if isinstance(message, RequestAnswered)]
        assert [one.number for one in ends] == [1, 2, 2]
        assert [one.outcome for one in ends] == [RequestOutcome.REPLIED] * 2 + [RequestOutcome.NO_REPLY]
        assert ends[0].frames == (b"part", b"yes")
        assert len(ends[1].frames[0]) == MOST_REPLY_BYTES // 2
        assert ends[2].frames == ()
        assert all(one.waited_ns > 0 for one in ends)
        counts = end.finish().counts
        assert (counts.accepted, counts.replied, counts.request_timeout) == (3, 2, 1)


def test_requests_that_are_still_queued_at_the_end_are_reported_as_aborted(requests: OpenHandler) -> None:
    with HandlerEnd(requests) as end:
        end.wait_for(Opened)
        end.send(Pause(paused=True))
        end.start_run()
        end.send(SendEvent(body=b"{}", number=1, count=3))
        end.wait_for(EventsOffered)
        end.finish()
        ends = [message.outcome for message in end.said if isinstance(message, RequestAnswered)]
        assert len(ends) == 3 and RequestOutcome.REPLIED not in ends
