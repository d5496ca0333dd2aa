"""Stalls and bursts at a PUB: the mark proposed holds the backlog at the worst moment, and half of it does not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench_app.advice.advice import Advice, Rule
from bench_app.advice.adviser import advise
from bench_app.advice.burst import bursts
from bench_app.advice.situation import HandlerSituation
from bench_app.measure.backlog import Consumer, backlog_of, sure_mark
from bench_app.model import BurstLoad, ConstantLoad
from tests.advice.situations import PUB, handler, listener

MARK = "output.handlers.h.config.high_water_mark"
LINGER = "output.handlers.h.config.linger"
LONGER = "; the run may then last {} s longer"


def only(situation: HandlerSituation) -> Advice:
    (found,) = bursts(situation)
    return found


def stalled(**known: object) -> HandlerSituation:
    viewer = listener("viewer", {"stall": [1, 3600], "high_water_mark": 100}, lost=4650, holds=350)
    return handler(viewer, config={**PUB, "high_water_mark": 100}, duration_s=6.0, **known)


def test_a_stall_that_is_longer_than_the_connection_is_large() -> None:
    advice = only(stalled())
    assert (advice.rule, advice.unit, advice.events_lost, advice.is_certain) == (Rule.BURST, "h/viewer", 4650, True)
    assert advice.why == "viewer reads nothing for 5 s at 1,000/s: 5,002 messages wait, and 350 messages fit"
    assert advice.remedy == "room for 5,002 messages would do"
    assert advice.proposed == "proposed, all together: set high_water_mark 6,000 and linger 9,000" + LONGER.format(9)
    assert advice.proposal == {MARK: 6000, LINGER: 9000}


def test_a_mark_that_was_set_too_late_is_set_in_time() -> None:
    advice = only(stalled(bench={"high_water_mark_set": "after"}))
    assert advice.proposal == {MARK: 6000, LINGER: 9000, "bench.handlers.h.high_water_mark_set": "before"}


def burst_of(events: int) -> Advice:
    load = BurstLoad(rate=100_000, events=events, every_s=10)
    return only(handler(listener(spec={"delay_ms": 1}, lost=5, rate=900.0), config=PUB, load=load))


def test_a_burst_is_computed() -> None:
    advice = burst_of(3000)
    assert advice.why.startswith("up to 2,9") and "of a burst wait for slow" in advice.why
    # As many as are sent: the mark is never reached.
    assert advice.proposal[MARK] == 3000


def test_a_burst_is_certain_only_if_even_a_fast_consumer_has_no_room_for_it() -> None:
    assert burst_of(3000).is_certain
    assert not burst_of(1500).is_certain, "2,000 fit, so there must have been another reason, too"


def test_a_consumer_that_a_busy_machine_made_slow_does_not_hide_a_burst_that_never_fits() -> None:
    load = BurstLoad(rate=100_000, events=3000, every_s=2.5)
    one = listener(spec={"delay_ms": 0.2, "high_water_mark": 10}, lost=4000, rate=330.0, holds=60)
    situation = handler(one, config={**PUB, "high_water_mark": 10}, load=load, duration_s=5.0)
    (certain,) = advise([situation], only_certain=True)
    assert certain.rule is Rule.BURST and certain.proposal[MARK] >= 3000
    (first,) = advise([situation])
    assert first.rule is Rule.SLOW_CONSUMER, "on a machine at rest the measured speed is the cause"
    fits = listener(spec={"delay_ms": 0.2, "high_water_mark": 4000}, lost=4000, rate=330.0, holds=4060)
    assert advise([handler(fits, config=PUB, load=load, duration_s=5.0)], only_certain=True) == []


@given(
    rate=st.integers(10, 2000),
    begin=st.floats(0, 3),
    stall_s=st.floats(0.1, 3),
)
def test_the_mark_holds_at_the_worst_moment_and_half_of_it_does_not(rate: int, begin: float, stall_s: float) -> None:
    stall = (begin, begin + stall_s)
    backlog = backlog_of(ConstantLoad(rate=rate), 10.0, [Consumer(stall=stall)])
    assert backlog is not None
    mark, arriving = sure_mark(backlog.peak, backlog.sent), int(rate * stall_s)
    assert _room(mark, backlog.sent) >= arriving
    if arriving > 20:
        assert _room(mark // 2, backlog.sent) < arriving


def _room(mark: int, sent: int) -> int:
    """What a pipe takes in a stall if its reader was about to say that it has read half of the mark."""
    return mark if mark >= sent else mark - ((mark + 1) // 2 - 1)


@pytest.mark.parametrize(
    "situation",
    [
        handler(listener(spec={"stall": [1, 2]}), config=PUB),
        handler(listener(spec={"stall": [1, 1.2]}, lost=9), config=PUB),
        handler(listener(lost=9), config=PUB),
        handler(listener(spec={"delay_ms": 5}, lost=9), config=PUB),
        handler(listener(spec={"stall": [1, 9], "conflate": True}, lost=9), config=PUB),
        handler(listener(spec={"stall": [1, 9]}, lost=9), config={**PUB, "high_water_mark": 0}),
        handler(listener(spec={"stall": [1, 9]}, lost=9)),
    ],
    ids=["nothing lost", "it fits", "no reason", "too slow", "conflate", "no mark", "a PUSH waits"],
)
def test_it_is_silent(situation: HandlerSituation) -> None:
    assert list(bursts(situation)) == []


def test_too_much_memory_is_not_proposed() -> None:
    assert only(stalled(message_bytes=1e6)).proposal == {}
