"""Ticks of the axes: round values, not too many, with labels that people read easily."""

from __future__ import annotations

import pyqtgraph as pg
import pytest
from bench_ui.plots.axes import ClockAxis, CountAxis, LatencyAxis, NinesAxis, StallAxis, color_axes
from bench_ui.widgets.theme import DARK, LIGHT
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pytestqt.qtbot import QtBot

pytestmark = pytest.mark.usefixtures("qapp")
ON_ONE_AXIS = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


def test_the_clock_has_a_tick_every_70_pixels_or_so() -> None:
    axis = ClockAxis("bottom")
    ((step, ticks),) = axis.tickValues(0.0, 60.0, 420.0)
    assert step == 10 and ticks == [0, 10, 20, 30, 40, 50, 60]
    assert axis.tickStrings(ticks[:2], 1.0, step) == ["0:00", "0:10"]


def test_the_clock_has_no_tick_before_the_run_and_none_in_a_huge_range() -> None:
    axis = ClockAxis("bottom")
    ((_, ticks),) = axis.tickValues(-20.0, 20.0, 420.0)
    assert min(ticks) == 0
    assert axis.tickValues(0.0, 1e9, 100.0) == []


def test_latency_ticks_are_decades_and_finer_where_few_are_shown() -> None:
    axis = LatencyAxis("left")
    assert axis.tickValues(3.0, 7.0, 200.0) == [(1.0, [3, 4, 5, 6, 7])]
    ((_, fine),) = axis.tickValues(3.0, 4.0, 200.0)
    assert axis.tickStrings(fine, 1.0, 1.0) == ["1 µs", "2 µs", "5 µs", "10 µs"]


def test_counts_have_one_prefix() -> None:
    axis = CountAxis("left")
    assert axis.tickStrings([0, 500_000, 1_000_000], 1.0, 1.0) == ["0", "0.5M", "1M"]
    assert axis.tickStrings([0, 500, 1500], 1.0, 1.0) == ["0", "0.5k", "1.5k"]
    assert axis.tickStrings([0, 5], 1.0, 1.0) == ["0", "5"]


@ON_ONE_AXIS
@given(st.floats(0.1, 1e9), st.integers(80, 1000))
def test_counts_have_few_ticks_within_the_range(high: float, size: int) -> None:
    ((step, ticks),) = CountAxis("left").tickValues(0.0, high, float(size))
    assert step > 0 and 1 <= len(ticks) <= size / 32 + 2
    assert ticks[0] == 0 and ticks[-1] <= high * (1 + 1e-6)


def test_an_empty_range_has_no_count_ticks() -> None:
    assert CountAxis("left").tickValues(5.0, 5.0, 100.0) == []


@pytest.mark.parametrize("size", [30.0, 300.0])
def test_stalls_have_two_labels_whatever_the_height(size: float) -> None:
    axis = StallAxis("left")
    ((_, ticks),) = axis.tickValues(5.9, 9.1, size)
    assert axis.tickStrings(ticks, 1.0, 1.0) == ["10 ms", "100 ms"]


def test_each_nine_has_its_percentile() -> None:
    axis = NinesAxis("bottom")
    ((_, ticks),) = axis.tickValues(0.0, 3.0, 300.0)
    assert axis.tickStrings(ticks, 1.0, 1.0) == ["0 %", "50 %", "90 %", "99 %", "99.9 %"]


def test_axes_have_the_colours_of_the_theme(qtbot: QtBot) -> None:
    view = pg.PlotWidget()
    qtbot.addWidget(view)
    for theme in (LIGHT, DARK):
        color_axes(view, theme)
        assert view.getAxis("left").textPen().color() == theme.color("muted")
        assert view.getAxis("bottom").pen().color() == theme.color("line")
