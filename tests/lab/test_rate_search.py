"""The search for rates, on simulated connections."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from MLRsearch import AbstractMeasurer, Config, MeasurementResult, MultipleLossRatioSearch, SearchGoal

from bench_app.lab.find import result_of
from bench_app.lab.rate_search import MOST_FAILURES, Goal, RateSearch, SearchPlan, Trial
from bench_app.lab.reading import Reading
from tests.lab.links import Link, searched

CHECK = "latency.response.p99_ms < 6"
BOTH = [Goal(0.0), Goal(0.005)]


@settings(max_examples=25)
@given(st.floats(20, 5_000_000), st.floats(1, 2_000_000), st.sampled_from([0.0, 0.01, 0.3, 3.0]))
def test_the_rate_of_any_connection_is_found(capacity: float, start: float, queued_s: float) -> None:
    link = Link(capacity, queue=max(2.0, queued_s * capacity))
    search = searched(RateSearch(BOTH, SearchPlan(start_rate=start)), link)
    for bounds in search.bounds():
        assert bounds.lower is not None
        assert bounds.upper is not None
        tolerance = 0.02 + 2 / (2 * capacity)
        assert capacity * (1 - tolerance) <= bounds.lower <= capacity * (1 + tolerance) / (1 - (bounds.goal.loss or 0))
        assert bounds.upper <= bounds.lower * 1.01 * 1.001
        assert bounds.limited_by in ("lost", "backlog")


@pytest.mark.parametrize("capacity", [50, 5_000, 300_000])
def test_the_search_takes_few_trials(capacity: float) -> None:
    search = searched(RateSearch(BOTH), Link(capacity))
    seconds = sum(reading.duration_s for reading in search.readings)
    assert len(search.readings) <= 18
    assert seconds <= 30


@pytest.mark.parametrize("capacity", [700, 5_000, 123_456])
def test_the_package_of_the_authors_finds_the_same_rate(capacity: float) -> None:
    link = Link(capacity, queue=0)

    class Measurer(AbstractMeasurer):  # type: ignore[misc, unused-ignore]
        def measure(self, intended_duration: float, intended_load: float) -> MeasurementResult:
            offered = round(intended_duration * intended_load)
            lost = round(link.measure(Trial(intended_load, intended_duration)).loss * offered)
            return MeasurementResult(
                intended_duration, intended_load, offered_count=offered, loss_count=lost, duration_with_overheads=1.0
            )

    config = Config()
    config.max_load, config.min_load, config.warmup_duration = 1e6, 10.0, None
    goals = [SearchGoal(loss_ratio=loss, relative_width=0.01, duration_sum=3.0) for loss in (0.0, 0.005)]
    config.goals = goals
    found = MultipleLossRatioSearch(config).search(Measurer())
    ours = searched(RateSearch(BOTH), link).bounds()
    for goal, bounds in zip(goals, ours, strict=True):
        assert bounds.lower == pytest.approx(float(found[goal].relevant_lower_bound), rel=0.02)


@settings(max_examples=25)
@given(st.floats(100, 1_000_000), st.floats(1, 100_000))
def test_a_goal_of_latency_is_found_beside_a_goal_of_loss(capacity: float, start: float) -> None:
    goals = [Goal(0.0), Goal(check=CHECK)]
    search = searched(RateSearch(goals, SearchPlan(start_rate=start)), Link(capacity, queue=capacity), CHECK)
    latency = search.bounds()[1]
    assert latency.limited_by == "latency"
    assert latency.lower == pytest.approx(capacity, rel=0.02)


@settings(max_examples=25)
@given(st.floats(200, 100_000), st.floats(1, 1_000_000), st.floats(0.0, 0.2))
def test_messages_that_are_long_on_their_way_are_no_backlog(capacity: float, start: float, delay_s: float) -> None:
    link = Link(capacity, queue=capacity, delay_s=delay_s)
    search = searched(RateSearch([Goal(0.0)], SearchPlan(start_rate=start)), link)
    assert search.bounds()[0].lower == pytest.approx(capacity, rel=0.03)


def test_one_trial_of_two_in_which_the_machine_was_busy_does_not_make_the_bench_the_limit() -> None:
    search, link = RateSearch([Goal(0.0)]), Link(5_000, queue=0)
    busy_at: set[float] = set()
    while (trial := search.next_trial()) is not None:
        reading = link.measure(trial)
        if reading.loss and trial.duration_s >= 2 and trial.rate not in busy_at:
            busy_at.add(trial.rate)
            reading = msgspec.structs.replace(reading, bench_limit="the machine was busy")
        search.add(reading)
    (bounds,) = search.bounds()
    assert busy_at and bounds.limited_by == "lost"
    assert bounds.lower == pytest.approx(5_000, rel=0.02)


def test_what_the_bench_cannot_offer_is_no_rate_of_the_connection() -> None:
    search = searched(RateSearch(BOTH), Link(1_000_000, bench=20_000))
    for bounds in search.bounds():
        assert bounds.limited_by == "bench"
        assert bounds.lower == pytest.approx(20_000, rel=0.02)


def test_a_connection_that_always_loses_has_no_rate() -> None:
    search = searched(RateSearch([Goal(0.0), Goal(0.02)]), Link(5_000, always_lost=0.01))
    without, some = search.bounds()
    assert without.lower is None
    assert without.upper is not None
    assert some.lower == pytest.approx(5_000, rel=0.03)


def test_one_disturbed_trial_does_not_decide() -> None:
    link, search = Link(5_000), RateSearch([Goal(0.0)])
    disturbed = 0
    while (trial := search.next_trial()) is not None:
        reading = link.measure(trial)
        if trial.duration_s == 2 and reading.loss == 0 and trial.rate < 4_990 and not disturbed:
            disturbed += 1
            reading = msgspec.structs.replace(reading, loss=0.2, causes={"lost": 1})
        search.add(reading)
    assert disturbed
    assert search.bounds()[0].lower == pytest.approx(5_000, rel=0.02)


def test_a_goal_that_is_missed_on_a_busy_machine_is_tried_again_and_noted() -> None:
    link, search = Link(5_000), RateSearch(BOTH)
    while (trial := search.next_trial()) is not None:
        reading = msgspec.structs.replace(link.measure(trial), waited_s=0.5 * trial.duration_s)
        is_disturbed = trial.duration_s == 2 and sum(one.rate == trial.rate for one in search.readings) < 2
        search.add(msgspec.structs.replace(reading, loss=0.3, causes={"lost": 1}) if is_disturbed else reading)
        assert len(search.readings) < 60
    for bounds in search.bounds():
        assert bounds.lower == pytest.approx(5_000, rel=0.02)
        assert bounds.waited == 0.5
    reasons = [goal.reason for goal in result_of("p", search, "done", 9.0).goals]
    assert all("may be too low; the machine was busy" in reason and "50 %" in reason for reason in reasons)


@pytest.mark.parametrize("stall_s", [0.0, 0.4])
@pytest.mark.parametrize("number", [0, 1])
def test_a_disturbed_short_trial_costs_few_trials(number: int, stall_s: float) -> None:
    link, search = Link(5_000), RateSearch(BOTH)
    while (trial := search.next_trial()) is not None:
        reading = link.measure(trial)
        if len(search.readings) == number:
            reading = msgspec.structs.replace(reading, loss=0.88, causes={"lost": 1}, stall_s=stall_s)
        search.add(reading)
        assert len(search.readings) < 25
    assert all(bounds.lower == pytest.approx(5_000, rel=0.02) for bounds in search.bounds())


def test_an_invalid_trial_is_tried_again_and_never_counts() -> None:
    link, search, number = Link(5_000), RateSearch(BOTH), 0
    while (trial := search.next_trial()) is not None:
        reading = link.measure(trial)
        number += 1
        if number % 2:
            reading = msgspec.structs.replace(reading, verdict="invalid", loss=1.0, backlog_s=9.0, reasons=["busy"])
        search.add(reading)
    assert all(bounds.lower == pytest.approx(5_000, rel=0.02) for bounds in search.bounds())
    assert all(not bounds.given_up for bounds in search.bounds())


def test_a_search_in_which_every_trial_is_invalid_ends() -> None:
    search = RateSearch(BOTH)
    while (trial := search.next_trial()) is not None:
        search.add(msgspec.structs.replace(Link(5_000).measure(trial), verdict="invalid", reasons=["busy"]))
    assert len(search.readings) == 2 * MOST_FAILURES
    assert all(bounds.lower is bounds.upper is None and bounds.given_up for bounds in search.bounds())


@settings(max_examples=25)
@given(st.floats(50, 1_000_000), st.integers(0, 30))
def test_a_search_goes_on_where_it_was(capacity: float, after: int) -> None:
    link = Link(capacity)
    whole = searched(RateSearch(BOTH), link)
    again = RateSearch(BOTH)
    for reading in whole.readings[:after]:
        again.add(reading)
    assert searched(again, link).readings == whole.readings


@pytest.mark.parametrize("capacity", [40, 5_000, 400_000])
@pytest.mark.parametrize("start", [1, 1_000, 1_000_000])
def test_a_bad_begin_does_not_make_the_search_creep(capacity: float, start: float) -> None:
    link, search = Link(capacity), RateSearch(BOTH, SearchPlan(start_rate=start))
    while (trial := search.next_trial()) is not None:
        reading = link.measure(trial)
        if len(search.readings) < 2:
            reading = msgspec.structs.replace(reading, verdict="invalid", reasons=["busy"])
        elif len(search.readings) == 2:
            reading = msgspec.structs.replace(reading, loss=0.3, causes={"lost": 9})
        search.add(reading)
    tolerance = 0.02 + 1 / capacity
    assert all(bounds.lower == pytest.approx(capacity, rel=tolerance) for bounds in search.bounds())
    assert len(search.readings) <= 26


def test_the_trials_that_are_left_become_fewer() -> None:
    search, left = RateSearch(BOTH), []
    while (trial := search.next_trial()) is not None:
        left.append(search.trials_left())
        search.add(Link(5_000).measure(trial))
    assert left[0] >= 8
    assert left[-1] <= 3
    assert search.trials_left() == 0


def test_a_goal_has_a_label() -> None:
    assert Goal(0.005).label == "loss 0.5 %"
    assert Goal(check=CHECK).label == CHECK


def test_a_check_that_holds_is_not_enough_where_much_is_lost() -> None:
    reading = msgspec.structs.replace(Link(5_000).measure(Trial(9_000, 2.0), CHECK), checks={CHECK: True})
    search = RateSearch([Goal(check=CHECK)])
    assert not search.is_good(search.goals[0], reading)


def test_a_reading_keeps_its_figures_in_a_file() -> None:
    reading = Link(5_000).measure(Trial(6_000, 2.0))
    assert msgspec.json.decode(msgspec.json.encode(reading), type=Reading) == reading
