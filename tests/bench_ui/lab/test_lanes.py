"""Trials on a number axis."""

from __future__ import annotations

import pytest
from bench_ui.lab.lanes import Lane, LaneChart, LanePoint, PointState


def chart(*places: float, is_log: bool = True) -> LaneChart:
    return LaneChart([Lane("a", [LanePoint(place, PointState.GOOD) for place in places])], "x", is_log)


def test_a_logarithmic_axis_has_room_for_all_points_and_round_ticks() -> None:
    found = chart(1000, 64_000)
    low, high = found.ends
    assert low < 1000 and high > 64_000
    assert found.share(low) == 0 and found.share(high) == pytest.approx(1)
    assert found.share(8000) == pytest.approx(0.5, abs=0.01)
    assert [text for _, text in found.ticks] == ["1.0k", "3.0k", "10.0k", "30.0k"]


def test_a_linear_axis_of_runs_has_whole_ticks() -> None:
    found = LaneChart([], "run", is_log=False, first=0.0, last=4.0)
    assert found.ends == (0.0, 4.0) and [text for _, text in found.ticks] == ["0", "1", "2", "3", "4"]


def test_without_points_there_is_an_axis() -> None:
    assert chart().ticks and chart().ends[0] < chart().ends[1]
    assert chart(500).ticks
