"""What a trial says about a rate."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from bench_app.engine.finding import Finding, FindingKind
from bench_app.engine.result import (
    CheckOutcome,
    HandlerResult,
    RunResult,
)
from bench_app.lab.reading import causes_of, late_of, loss_of, not_counted, read_trial
from tests.cli.results import handler, listener, result
from tests.lab.workers import worker


def trial(*handlers: HandlerResult, **changes: Any) -> RunResult:
    return msgspec.structs.replace(result(*handlers), **changes)


def one(offered: int = 1000, seconds: float = 1.0, kind: str = "PUB", **losses: int) -> HandlerResult:
    both = {"a": listener(lost=losses.get("lost", 0)), "b": listener(lost=0)}
    return msgspec.structs.replace(handler(both, **losses), offered=offered, seconds=seconds, socket_type=kind)


def test_the_loss_is_that_of_the_subscriber_that_missed_most() -> None:
    figures = one(lost=30, queue_overflow=20)
    assert causes_of(figures) == {"queue_overflow": 20, "lost": 30}
    assert loss_of(figures) == pytest.approx(0.05)


def test_events_from_before_a_subscription_say_nothing_about_a_rate() -> None:
    figures = msgspec.structs.replace(one(), listeners={"a": listener(before_join=500)})
    assert loss_of(figures) == 0


def test_the_backlog_is_what_arrived_after_the_last_event_was_offered() -> None:
    slow = msgspec.structs.replace(listener(), received_in_drain=50)
    fast = msgspec.structs.replace(listener(), received_in_drain=30)
    figures = msgspec.structs.replace(one(), listeners={"a": slow, "b": fast})
    assert late_of(figures) == 50
    assert late_of(msgspec.structs.replace(figures, socket_type="PUSH")) == 80
    assert read_trial(trial(figures), 1000, 1.0).backlog_s == pytest.approx(0.05)


def test_the_worst_handler_counts() -> None:
    reading = read_trial(trial(one(lost=10), one(lost=200)), 1000, 1.0)
    assert reading.loss == pytest.approx(0.2)
    assert reading.main_cause == "lost"
    assert reading.counts


def test_an_invalid_run_does_not_count() -> None:
    reading = read_trial(trial(one(), verdict="invalid", reasons=["busy"]), 1000, 1.0)
    assert not reading.counts
    assert not_counted([reading, reading]) == {"busy": 2}


def test_a_handler_that_offers_too_few_events_was_the_limit() -> None:
    reading = read_trial(trial(one(offered=1400, seconds=2.0)), 1000, 2.0)
    assert reading.bench_limit == "h: the bench offered 700 events/s instead of 1,000".replace("h:", f"{_name()}:")
    assert not reading.counts


def test_a_saturated_worker_was_the_limit() -> None:
    finding = Finding(FindingKind.SATURATED, "worker-1", None, None, "it had more work than it could do")
    assert read_trial(trial(one(), findings=[finding]), 1000, 1.0).bench_limit == finding.message


def test_units_that_did_not_start_measured_nothing() -> None:
    finding = Finding(FindingKind.FAILED, "h", None, None, "h: address already in use")
    reading = read_trial(trial(one(offered=0), findings=[finding], verdict="invalid"), 1000, 1.0)
    assert (reading.broken, reading.bench_limit, reading.counts) == (finding.message, "", False)


def test_a_stall_of_the_machine_is_no_limit_of_the_bench() -> None:
    finding = Finding(FindingKind.STALLED, "worker-1", None, None, "it did not run")
    reading = read_trial(trial(one(offered=10), findings=[finding], verdict="invalid"), 1000, 1.0)
    assert (reading.bench_limit, reading.broken, reading.counts) == ("", "", False)


def test_a_run_without_events_measured_nothing() -> None:
    reading = read_trial(trial(), 1000, 1.0)
    assert reading.broken == "no event was offered"
    assert (reading.loss, reading.backlog_s, reading.main_cause) == (0.0, 0.0, "")


def test_goals_and_stalls_are_read() -> None:
    checks = [CheckOutcome("drops == 0", 0, True), CheckOutcome("rate > 5", 1, False)]
    reading = read_trial(trial(one(), checks=checks, workers={"worker-1": worker(wait_s=0.3)}), 1000, 1.0)
    assert reading.checks == {"drops == 0": True, "rate > 5": False}
    assert (reading.stall_s, reading.waited_s) == (pytest.approx(0.04), 0.3)
    assert reading.was_busy


@pytest.mark.parametrize(
    ("units", "shares", "wait_s", "is_limit"),
    [
        (["h/a"], [0.3, 0.99], 0.0, True),
        # It was too slow for one of the seconds, or the machine was busy, or it is a handler.
        (["h/a"], [0.3, 0.99, 0.5], 0.0, False),
        (["h/a"], [0.3, 0.99], 0.5, False),
        (["h"], [0.3, 0.99], 0.0, False),
        (["h/a"], [], 0.0, False),
    ],
)
def test_a_saturated_listener_was_the_limit(
    units: list[str], shares: list[float], wait_s: float, is_limit: bool
) -> None:
    reading = read_trial(trial(one(), workers={"worker-2": worker(units, shares, wait_s)}), 1000, 1.0)
    assert bool(reading.bench_limit) is is_limit


def _name() -> str:
    return next(iter(result(one()).handlers))
