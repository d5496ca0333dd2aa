from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import msgspec
import pytest

from bench_app.engine.own_losses import own_losses, without_own_losses
from bench_app.measure.clock import NS_PER_MS
from bench_app.measure.ledger import HandlerCounts
from bench_app.model import BurstLoad, Load, MaxLoad, RampLoad, SineLoad, StepsLoad
from tests.engine.test_own_waiting import Handled


def explained(handled: Handled, seconds: float = 10.0) -> dict[str, int]:
    return dict(own_losses(handled.handler, [handled.listener], handled.workers, seconds))


def change(handled: Handled, load: Load | None = None, **config: Any) -> None:
    plan = handled.handler.plan
    spec = msgspec.structs.replace(plan.spec, config=msgspec.structs.replace(plan.spec.config, **config))
    source = msgspec.structs.replace(plan.source, load=plan.source.load if load is None else load)
    handled.handler.plan = dataclasses.replace(plan, spec=spec, source=source)


@pytest.fixture
def handled(tmp_path: Path) -> Handled:
    """A load of 10,000/s, of which half of the mark holds 10 ms."""
    handled = Handled(tmp_path, rate=10_000)
    change(handled, high_water_mark=200, queue_size=1000)
    return handled


def test_without_a_stall_nothing_is_explained(handled: Handled) -> None:
    assert explained(handled) == {"l": 0, "": 0}


def test_a_stall_that_the_mark_holds_explains_nothing(handled: Handled) -> None:
    handled.workers["worker-2"].note_stall(9 * NS_PER_MS)
    assert explained(handled) == {"l": 0, "": 0}


def test_a_stall_explains_what_was_due_in_it_beyond_the_mark(handled: Handled) -> None:
    handled.workers["worker-2"].note_stall(100 * NS_PER_MS)
    found = explained(handled)
    assert found["l"] == found[""] == pytest.approx(900, abs=100)


def test_a_stall_of_the_handler_concerns_its_listeners_and_the_handler_has_the_stalls_of_both(handled: Handled) -> None:
    handled.workers["worker-1"].note_stall(60 * NS_PER_MS)
    one = explained(handled)
    handled.workers["worker-2"].note_stall(60 * NS_PER_MS)
    assert one["l"] == one[""] > 0
    assert explained(handled)[""] == 2 * one[""]


@pytest.mark.parametrize(
    "load",
    [
        BurstLoad(rate=10_000, events=10, every_s=1),
        RampLoad(start=10_000, end=5, over_s=9),
        StepsLoad(rates=(5, 10_000), each_s=1),
        SineLoad(mean=6000, amplitude=4000, period_s=5),
    ],
)
def test_the_highest_rate_of_a_load_counts(load: Load, handled: Handled) -> None:
    handled.workers["worker-2"].note_stall(100 * NS_PER_MS)
    expected = explained(handled)
    change(handled, load)
    assert explained(handled) == expected


def test_a_load_without_a_rate_counts_as_it_was(handled: Handled) -> None:
    handled.workers["worker-2"].note_stall(100 * NS_PER_MS)
    expected = explained(handled)
    change(handled, MaxLoad())
    assert explained(handled, seconds=0.0) == {"l": 0, "": 0}
    handled.handler.counts = HandlerCounts(offered=100_000)
    assert explained(handled) == expected


def test_of_requests_a_stall_explains_timeouts_that_it_was_long_enough_for(tmp_path: Path) -> None:
    handled = Handled(tmp_path, "REQ", rate=100)
    change(handled, request_timeout=60)
    handled.workers["worker-2"].note_stall(50 * NS_PER_MS)
    assert explained(handled)["l"] == 0
    handled.workers["worker-2"].note_stall(90 * NS_PER_MS)
    assert explained(handled)["l"] > 0


def test_figures_without_the_own_losses() -> None:
    listener = {"received": 90, "lost": 10, "before_join": 0, "duplicates": 3, "rate": 9.0, "service_us": {"p50": 1.0}}
    handler = {"offered": 100, "accepted": 98, "send_timeout": 2, "retries": 9, "seconds": 10.0, "rate": 9.8}
    handlers = {"h": {**handler, "socket_type": "PUB", "listeners": {"l": listener}}}
    found = without_own_losses(handlers, {"h": {"": 5, "l": 4}})["h"]
    assert {key: found[key] for key in handler} == {
        "offered": 105,
        "accepted": 103,
        "send_timeout": 0,
        "retries": 4,
        "seconds": 10.0,
        "rate": pytest.approx(10.3),
    }
    assert found["listeners"]["l"] == listener | {"received": 94, "lost": 6, "rate": pytest.approx(9.4)}
