"""The vertical axis follows the values and moves seldom."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg
import pytest
from bench_ui.plots.vertical_scale import RANGE_BEFORE_DATA, LatencyScale, VerticalRange, ZeroBasedScale, log10_ns
from pytestqt.qtbot import QtBot


@pytest.fixture
def view(qtbot: QtBot) -> pg.PlotWidget:
    plot = pg.PlotWidget()
    qtbot.addWidget(plot)
    return plot


def shown(view: pg.PlotWidget) -> tuple[float, float]:
    low, high = view.viewRange()[1]
    return round(low, 6), round(high, 6)


def test_a_count_axis_ends_at_a_round_value_above_the_highest(view: pg.PlotWidget) -> None:
    scale = ZeroBasedScale(VerticalRange(view))
    scale.fit(900.0, least=1.0)
    assert shown(view) == (0, 1000)
    scale.fit(1200.0, least=1.0)
    assert shown(view) == (0, 2000)


def test_room_for_labels_is_kept_free_above_what_fits_and_not_in_a_range_of_the_user(view: pg.PlotWidget) -> None:
    vertical = VerticalRange(view)
    vertical.keep_free(0.2)
    vertical.fit(0.0, 1000.0)
    assert shown(view) == (0, 1250)
    vertical.choose(0.0, 500.0)
    vertical.keep_free(0.5)
    assert shown(view) == (0, 500)
    vertical.release()
    assert shown(view) == (0, 2000)
    vertical.keep_free(0.0)
    assert shown(view) == (0, 1000)


def test_a_count_axis_shrinks_only_when_less_than_half_is_needed(view: pg.PlotWidget) -> None:
    scale = ZeroBasedScale(VerticalRange(view))
    scale.fit(900.0, least=1.0)
    scale.fit(450.0, least=1.0)
    assert shown(view) == (0, 1000)
    scale.fit(200.0, least=1.0)
    assert shown(view) == (0, 250)
    scale.fit(0.0, least=10.0)
    assert shown(view) == (0, 10)


def test_after_another_unit_the_axis_fits_again(view: pg.PlotWidget) -> None:
    scale = ZeroBasedScale(VerticalRange(view))
    scale.fit(900.0, least=1.0)
    scale.reset()
    scale.fit(500.0, least=1.0)
    assert shown(view) == (0, 1000)
    scale.reset()
    scale.fit(400.0, least=0.01)
    assert shown(view) == (0, 500)


def test_a_latency_axis_has_a_range_before_the_first_value(view: pg.PlotWidget) -> None:
    LatencyScale(VerticalRange(view)).fit([])
    assert shown(view) == RANGE_BEFORE_DATA


def test_a_latency_axis_shows_all_values_and_keeps_its_range_while_they_jitter(view: pg.PlotWidget) -> None:
    scale = LatencyScale(VerticalRange(view))
    scale.fit([np.array([2e5, 3e6])])
    first = shown(view)
    assert first[0] < np.log10(2e5) and first[1] > np.log10(3e6)
    scale.fit([np.array([2.1e5, 2.9e6])])
    assert shown(view) == first
    scale.fit([np.array([2e5]), np.array([9e8])])
    assert shown(view)[1] > np.log10(9e8)
    scale.fit([np.array([2e5, 3e6])])
    assert shown(view)[1] < np.log10(9e8), "a range that is much too wide shrinks"


def test_latencies_below_a_nanosecond_are_drawn_as_one() -> None:
    assert log10_ns(np.array([0.0, 1.0, 1e6])).tolist() == [0, 0, 6]
    assert np.isnan(log10_ns(np.array([float("nan")]))).all()


def test_the_range_that_the_user_chose_stays_until_it_is_released(view: pg.PlotWidget) -> None:
    vertical = VerticalRange(view)
    scale = ZeroBasedScale(vertical)
    scale.fit(900.0, least=1.0)
    vertical.choose(100.0, 200.0)
    scale.fit(5000.0, least=1.0)
    assert shown(view) == (100, 200)
    vertical.zoom(0.5, 100.0)
    assert shown(view) == (100, 150)
    vertical.choose(7.0, 7.0)
    assert shown(view) == (100, 150), "an empty range is no choice"
    vertical.release()
    assert shown(view) == (0, 10_000) and vertical.chosen is None
