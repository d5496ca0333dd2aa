from __future__ import annotations

from bench_app.data_plane.choice import PlaneChoice
from bench_app.engine.result import RunResult
from bench_app.sweeps.ab import compare_trials, plan_pairs
from bench_app.sweeps.axes import Setting
from tests.comparison.results import result
from tests.sweeps.fake_runs import FakeRuns, latency_of_threads, series

A = Setting((("bench.io_threads", 1),), PlaneChoice())
B = Setting((("bench.io_threads", 3),), PlaneChoice())
P50 = "latency.service.p50_ms"


def test_the_sides_take_turns_and_either_may_come_first() -> None:
    trials, a_first = plan_pairs(A, B, 20)
    pairs = [{trials[2 * number].label, trials[2 * number + 1].label} for number in range(20)]
    assert pairs == [{"A", "B"}] * 20
    assert [trials[2 * number].label == "A" for number in range(20)] == a_first
    assert len(set(a_first)) == 2


def test_b_minus_a_is_the_shift_whichever_came_first() -> None:
    trials, a_first = plan_pairs(A, B, 10)
    comparison, is_valid = compare_trials(series(FakeRuns(latency_of_threads)).run_all(trials), a_first)
    metric = comparison.metrics[P50]
    assert is_valid
    assert (comparison.pairs, metric.a, metric.b, metric.shift, metric.shown) == (10, 1, 3, 2, True)
    assert not comparison.metrics["rate"].shown


def test_a_pair_with_an_invalid_run_does_not_count() -> None:
    trials, a_first = plan_pairs(A, B, 3)
    results: list[RunResult] = [latency_of_threads(trial.setting) for trial in trials]
    results[2] = result("invalid")
    comparison, is_valid = compare_trials(results, a_first, [P50])
    assert is_valid
    assert (comparison.pairs, list(comparison.metrics)) == (2, [P50])
    nothing, is_valid = compare_trials([result("invalid")] * 6, a_first)
    assert not is_valid
    assert not nothing.shown
