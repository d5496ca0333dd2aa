"""The compiled core as its drivers see it; tests/data_plane compares whole runs with the Python cores."""

from __future__ import annotations

import msgspec
import pytest

from bench_app.handlers.core import PollFor
from bench_app.measure.clock import NS_PER_MS
from bench_app.measure.counters import HandlerSlot
from bench_app.model import ConstantLoad, HandlerConfig, SocketType
from tests.compiled import compiled


def run_of(socket_type: SocketType = "PUSH", room: int = 10, **config: int):  # type: ignore[no-untyped-def]
    """A run on the compiled plane that has not begun."""
    compiled("sending")
    from tests.data_plane.both_planes import PlaneRun, Schedule

    spec = HandlerConfig(socket_type=socket_type, **config)  # type: ignore[arg-type]
    return PlaneRun(Schedule(spec, ConstantLoad(rate=100), room=room), is_compiled=True)


def test_an_event_by_hand_is_queued_and_sent() -> None:
    run = run_of()
    assert run.core.offer(run.port.render(b"{}"), run.world.now_ns) and run.core.queued == 1
    run.core.pump()
    assert run.core.is_idle and len(run.world.messages) == 1


@pytest.mark.parametrize(
    ("socket_type", "poll_for"), [("PUSH", PollFor.WRITABLE), ("PUB", PollFor.READABLE), ("REQ", PollFor.WRITABLE)]
)
def test_a_full_socket_is_waited_for(socket_type: SocketType, poll_for: PollFor) -> None:
    run = run_of(socket_type, room=0, send_timeout=5)
    run.core.offer(run.port.render(b"{}"), run.world.now_ns)
    run.core.pump()
    assert run.core.is_blocked and run.core.poll_for is poll_for and run.core.times_full == 1
    assert run.core.queue_status.is_full
    expected_ns = 1 if socket_type == "PUB" else 5
    assert run.core.deadline_ns == run.world.now_ns + expected_ns * NS_PER_MS


def test_a_smaller_queue_applies_at_once() -> None:
    run = run_of(room=0)
    run.core.offer(run.port.render(b"{}"), run.world.now_ns)
    assert not run.core.is_full
    run.core.config = msgspec.structs.replace(run.core.config, queue_size=1)
    assert run.core.is_full and not run.core.offer(run.port.render(b"{}"), run.world.now_ns)
    assert run.slots[HandlerSlot.QUEUE_OVERFLOW] == 1


def test_after_an_abort_events_are_aborted_until_it_is_reopened() -> None:
    run = run_of()
    run.core.offer(run.port.render(b"{}"), run.world.now_ns)
    assert run.core.abort() == 1
    assert not run.core.offer(run.port.render(b"{}"), run.world.now_ns)
    assert run.slots[HandlerSlot.ABORTED] == 2
    run.core.reopen()
    assert run.core.offer(run.port.render(b"{}"), run.world.now_ns)


def test_a_request_that_is_given_up_has_timed_out() -> None:
    run = run_of("REQ")
    run.core.offer(run.port.render(b"{}"), run.world.now_ns)
    run.core.pump()
    assert run.core.in_flight == 1 and run.core.poll_for is PollFor.READABLE
    run.core.give_up_request()
    assert run.core.is_idle and run.slots[HandlerSlot.REQUEST_TIMEOUT] == 1


def test_an_event_without_room_for_its_stamp_is_refused() -> None:
    with pytest.raises(ValueError, match="must be rendered"):
        run_of().core.offer(b"{}", 0)


def test_the_warm_up_is_not_measured() -> None:
    run = run_of()
    run.core.measure_from_ns = run.world.now_ns + 1
    assert run.core.measure_from_ns == run.world.now_ns + 1
    for intended_ns in (run.world.now_ns, run.world.now_ns + 1):
        run.core.offer(run.port.render(b"{}"), intended_ns)
    run.core.pump()
    assert run.lateness.take().count == 1
