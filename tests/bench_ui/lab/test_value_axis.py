"""The labels of an axis of a metric."""

from __future__ import annotations

from bench_ui.lab.value_axis import axis_texts


def test_labels_are_short_where_that_tells_them_apart() -> None:
    assert axis_texts("rate", [0.0, 5000.0, 10_000.0], 5000.0) == ["0", "5.0k", "10.0k"]
    assert axis_texts("latency.service.p50_ms", [0.0, 0.25, 0.5], 0.25) == ["0", "0.25", "0.5"]


def test_near_values_get_more_digits() -> None:
    assert axis_texts("rate", [1000.2, 1000.4, 1000.6], 0.2) == ["1,000.2", "1,000.4", "1,000.6"]


def test_half_an_event_has_no_label() -> None:
    assert axis_texts("drops", [-0.5, 0.0, 0.5, 1.0], 0.5) == ["", "0", "", "1"]
