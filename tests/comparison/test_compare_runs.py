from __future__ import annotations

import pytest

from bench_app.comparison.compare_runs import compare_runs
from bench_app.errors import InputError
from tests.comparison.results import handler, listener, result


def test_invalid_runs_do_not_count() -> None:
    slow = result("invalid", pub=handler(sub=listener(9999)))
    comparison, is_valid = compare_runs([result(), slow], [result(), result()])
    assert is_valid
    assert (comparison.runs_a, comparison.runs_b) == (1, 2)
    assert comparison.metrics["latency.service.p50_ms"].a == 0.1


def test_a_side_without_a_valid_run_shows_its_values_and_proves_nothing() -> None:
    a, b = [result("invalid")] * 10, [result(pub=handler(sub=listener(500)))] * 10
    comparison, is_valid = compare_runs(a, b)
    assert not is_valid
    metric = comparison.metrics["latency.service.p50_ms"]
    assert (metric.a, metric.b, metric.low, metric.shown) == (0.1, 0.5, None, False)
    assert compare_runs(b, [result()] * 10)[0].metrics["latency.service.p50_ms"].shown


def test_only_wanted_metrics_are_compared() -> None:
    comparison, _ = compare_runs([result()], [result()], ["rate"])
    assert list(comparison.metrics) == ["rate"]
    with pytest.raises(InputError, match="no metric in common"):
        compare_runs([result()], [result()], ["latency.round_trip.p50_ms"])
