"""Ticks of the axes: round values, not too many, with labels that people read easily."""

from __future__ import annotations

import math
from itertools import pairwise

import pyqtgraph as pg
import pytest
from bench_ui.plots.axes import (
    ClockAxis,
    CountAxis,
    LatencyAxis,
    NinesAxis,
    StallAxis,
    color_axes,
    make_room_for_labels,
)
from bench_ui.widgets.theme import DARK, LIGHT
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PySide6.QtGui import QFont, QFontMetrics, QGuiApplication
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


FONT_POINTS = st.sampled_from([9.0, 13.5, 18.0, 22.5])
"""The usual size of text, and 150, 200 and 250 % of it."""


def with_font(axis: pg.AxisItem, points: float) -> tuple[pg.AxisItem, QFontMetrics]:
    font = QFont(QGuiApplication.font())
    font.setPointSizeF(points)
    axis.setTickFont(font)
    return axis, QFontMetrics(font)


def gaps(ticks: list[float], low: float, high: float, size: float) -> list[float]:
    return [(b - a) / (high - low) * size for a, b in pairwise(ticks)]


@ON_ONE_AXIS
@given(FONT_POINTS, st.floats(3.0, 7.0), st.floats(0.3, 6.0), st.integers(15, 900))
def test_labels_of_a_log_axis_never_overlap(points: float, low: float, decades: float, size: int) -> None:
    axis, metrics = with_font(LatencyAxis("left"), points)
    ((_, ticks),) = axis.tickValues(low, low + decades, float(size))
    assert min(gaps(ticks, low, low + decades, size), default=1e9) >= metrics.height()
    assert ticks or math.floor(low + decades) < low


@ON_ONE_AXIS
@given(FONT_POINTS, st.floats(0.01, 1e9), st.integers(15, 900))
def test_labels_of_counts_never_overlap(points: float, high: float, size: int) -> None:
    axis, metrics = with_font(CountAxis("left"), points)
    ((_, ticks),) = axis.tickValues(0.0, high, float(size))
    assert min(gaps(ticks, 0.0, high, size), default=1e9) >= metrics.height()


@ON_ONE_AXIS
@given(FONT_POINTS, st.floats(0.0, 5e4), st.floats(1.0, 7200.0), st.integers(80, 2000))
def test_labels_of_the_clock_never_overlap(points: float, low: float, length: float, size: int) -> None:
    axis, metrics = with_font(ClockAxis("bottom"), points)
    ((step, ticks),) = axis.tickValues(low, low + length, float(size))
    widest = max(map(metrics.horizontalAdvance, axis.tickStrings(ticks, 1.0, step)), default=0)
    assert min(gaps(ticks, low, low + length, size), default=1e9) >= widest


@ON_ONE_AXIS
@given(FONT_POINTS, st.floats(1.0, 6.0), st.integers(80, 1200))
def test_labels_of_percentiles_never_overlap(points: float, nines: float, size: int) -> None:
    axis, metrics = with_font(NinesAxis("bottom"), points)
    ((step, ticks),) = axis.tickValues(0.0, nines, float(size))
    widths = [metrics.horizontalAdvance(text) for text in axis.tickStrings(ticks, 1.0, step)]
    rooms = [(one + other) / 2 for one, other in pairwise(widths)]
    assert all(gap >= room for gap, room in zip(gaps(ticks, 0.0, nines, size), rooms, strict=True))
    assert ticks


def test_a_narrow_plot_keeps_the_99th_percentile() -> None:
    axis, _ = with_font(NinesAxis("bottom"), 18.0)
    ((_, ticks),) = axis.tickValues(0.0, 4.0, 90.0)
    assert 2.0 in ticks


def test_axes_have_room_for_labels_of_any_size(qtbot: QtBot) -> None:
    view = pg.PlotWidget()
    qtbot.addWidget(view)
    for points in (9.0, 18.0, 22.5):
        font = QFont(QGuiApplication.font())
        font.setPointSizeF(points)
        make_room_for_labels(view.getPlotItem(), font)
        metrics = QFontMetrics(font)
        assert view.getAxis("left").maximumWidth() > metrics.horizontalAdvance("500 µs")
        assert view.getAxis("bottom").maximumHeight() > metrics.height()


def test_a_low_plot_has_a_label_beside_the_zero() -> None:
    ((_, ticks),) = CountAxis("left").tickValues(0.0, 20_000.0, 28.0)
    assert ticks == [0, 20_000]


def test_axes_have_the_colours_of_the_theme(qtbot: QtBot) -> None:
    view = pg.PlotWidget()
    qtbot.addWidget(view)
    for theme in (LIGHT, DARK):
        color_axes(view, theme)
        assert view.getAxis("left").textPen().color() == theme.color("muted")
        assert view.getAxis("bottom").pen().color() == theme.color("line")
