from __future__ import annotations

import json

import numpy as np
import pytest

from bench_app.comparison.comparison import FORMAT, compare_groups, compare_pairs, to_json
from tests.comparison.made_runs import made_pairs


def test_a_against_a_shows_nothing_in_at_least_95_of_100() -> None:
    random = np.random.default_rng(1)
    quiet = sum(not compare_pairs(*made_pairs(random, 10)).shown for _ in range(100))
    assert quiet >= 95


def test_groups_of_the_same_settings_show_nothing_in_nearly_all_cases() -> None:
    random = np.random.default_rng(2)
    quiet = sum(not compare_groups(*made_pairs(random, 8)).shown for _ in range(12))
    assert quiet >= 11


def test_ten_pairs_find_a_planted_shift_of_five_percent() -> None:
    random = np.random.default_rng(3)
    found = 0
    for _ in range(20):
        metric = compare_pairs(*made_pairs(random, 10, shift=0.05)).metrics["latency.response.p50_ms"]
        found += metric.shown
        if metric.shown:
            assert metric.low is not None and 0 < metric.low < metric.shift
            assert metric.shift / metric.a == pytest.approx(0.05, abs=0.02)
    assert found >= 18


def test_a_spread_that_is_wider_is_found_without_a_shift() -> None:
    random = np.random.default_rng(4)
    comparison = compare_pairs(*made_pairs(random, 30, spread_of_b=8))
    assert comparison.metrics["latency.response.p50_ms"].spread_changed
    assert not comparison.metrics["rate"].spread_changed


def test_the_spread_of_the_same_settings_is_the_same() -> None:
    random = np.random.default_rng(5)
    comparisons = [compare_pairs(*made_pairs(random, 10)) for _ in range(20)]
    changed = sum(any(one.spread_changed for one in comparison.metrics.values()) for comparison in comparisons)
    assert changed <= 1


def test_a_difference_that_every_run_has_is_shown_and_a_single_pair_shows_nothing() -> None:
    a, b = [{"drops": 0.0}] * 10, [{"drops": 100.0}] * 10
    many = compare_pairs(a, b).metrics["drops"]
    assert (many.a, many.b, many.shift, many.low, many.high, many.shown) == (0, 100, 100, 100, 100, True)
    one = compare_pairs(a[:1], b[:1]).metrics["drops"]
    assert (one.shift, one.low, one.high, one.shown) == (100, None, None, False)
    assert compare_groups(a, b).metrics["drops"].shown


def test_metrics_that_only_some_runs_measured_are_named_and_left_out() -> None:
    comparison = compare_groups([{"rate": 1.0, "lost": 1.0}], [{"rate": 2.0}, {"rate": 3.0}])
    assert list(comparison.metrics) == ["rate"]
    assert comparison.left_out == ["lost"]
    assert (comparison.pairs, comparison.paired, comparison.runs_a, comparison.runs_b) == (1, False, 1, 2)


def test_the_result_file_has_the_keys_of_its_format() -> None:
    plain = json.loads(to_json(compare_pairs([{"rate": 1.0}] * 3, [{"rate": 2.0}] * 3)))
    assert plain["format"] == FORMAT == "zmq-bench-ab/1"
    assert plain["pairs"] == 3
    assert set(plain["metrics"]["rate"]) == {"a", "b", "shift", "low", "high", "shown", "spread_changed"}
