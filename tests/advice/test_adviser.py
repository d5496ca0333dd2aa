"""The adviser names one loss, the costliest, and is silent without one."""

from __future__ import annotations

import msgspec

from bench_app.advice.advice import Rule
from bench_app.advice.adviser import advise, costliest
from tests.advice.situations import PUB, handler, listener


def test_the_costliest_comes_first() -> None:
    small = listener("small", {"delay_ms": 5}, lost=10)
    large = listener("large", {"stall": [0, 9]}, lost=1000)
    found = advise([handler(small, large, config=PUB)])
    assert [advice.unit for advice in found] == ["h/large", "h/small"]
    assert costliest([handler(small, large, config=PUB)]) == found[0]


def test_one_loss_has_one_advice_that_of_the_earlier_cause() -> None:
    bench = {"heartbeat_interval": 100}
    found = advise([handler(listener("late", {"stall": [0, 9]}, lost=1000), config=PUB, bench=bench)])
    assert [advice.rule for advice in found] == [Rule.HEARTBEAT]


def test_without_a_loss_it_is_silent() -> None:
    assert costliest([handler(listener(), config=PUB), handler(listener(spec={"delay_ms": 5}))]) is None
    assert costliest([]) is None


def test_a_loss_without_a_reason_has_no_advice() -> None:
    assert costliest([handler(listener(lost=500, rate=1000.0), config=PUB, lost=500)]) is None


def test_of_a_reading_that_is_not_sound_only_what_is_certain_counts() -> None:
    measured = handler(listener(lost=10, rate=400.0), config=PUB)
    assert costliest([measured]) is not None
    assert costliest([measured], only_certain=True) is None
    assert costliest([handler(listener(spec={"delay_ms": 5}, lost=10), config=PUB)], only_certain=True) is not None


def test_situations_are_plain() -> None:
    found = costliest([handler(listener(spec={"delay_ms": 5}, lost=10), config=PUB)])
    assert found is not None
    assert msgspec.json.decode(msgspec.json.encode(found), type=type(found)) == found
