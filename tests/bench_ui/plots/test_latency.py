"""The latency plot: measures, the number of units it shows the worst of, and totals."""

from __future__ import annotations

import numpy as np
import pytest
from bench_ui.plots.empty_note import NO_RUN
from bench_ui.plots.latency import MEASURES, LatencyPlot
from bench_ui.plots.run_totals import RunTotals
from bench_ui.plots.time_window import TimeWindow
from bench_ui.scope import Scope
from bench_ui.widgets.theme import DARK, LIGHT
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from bench_app.measure.latency_measures import HANDLER_MEASURES, LISTENER_MEASURES
from tests.bench_ui.plots.series import pub_and_req, unit


@pytest.fixture
def plot(qtbot: QtBot) -> LatencyPlot:
    found = LatencyPlot(TimeWindow())
    qtbot.addWidget(found)
    return found


def worst(plot: LatencyPlot) -> str:
    return next(label.text() for label in plot.findChildren(QLabel, "muted"))


def test_it_draws_the_logarithm_of_the_chosen_measure(plot: LatencyPlot) -> None:
    plot.update_from(pub_and_req(), Scope(("pub",)))
    assert set(plot.data["p99"][1]) == {70.0}
    assert plot.curves["p99"].getData()[1][0] == pytest.approx(np.log10(70))
    plot.choose("lateness")
    assert plot.measure == "lateness" and plot.combo.currentText() == MEASURES["lateness"]
    plot.update_from(pub_and_req(), Scope(("pub",)))
    assert set(plot.data["p99"][1]) == {0.0}


def test_it_is_hatched_where_a_stall_explains_the_tail(plot: LatencyPlot) -> None:
    series = pub_and_req()
    plot.update_from(series, Scope(("pub",)))
    assert plot.hatching.spans == []
    stall = series[unit("pub/left")].column("stall_ns")
    stall[2] = 20e6
    plot.update_from(series, Scope(("pub",)))
    assert plot.hatching.spans == [(0.5, 1.0)]
    plot.update_from(series, Scope(("req",)))
    assert plot.hatching.spans == [], "it was a worker of another handler"


def test_the_hatching_has_the_colour_of_stalls(plot: LatencyPlot) -> None:
    plot.set_theme(DARK)
    assert plot.hatching.brush.color() == DARK.faded("stall")


def test_every_measure_can_be_chosen() -> None:
    assert set(MEASURES) == {*HANDLER_MEASURES, *LISTENER_MEASURES}


def test_a_curve_over_several_listeners_shows_their_number(plot: LatencyPlot) -> None:
    plot.update_from(pub_and_req(), Scope(("pub", "req")))
    assert worst(plot) == "highest of 3 listeners"
    plot.update_from(pub_and_req(), Scope(("pub",), "left"))
    assert worst(plot) == ""


def test_the_baseline_is_drawn_in_the_same_measure(plot: LatencyPlot) -> None:
    plot.update_baseline(pub_and_req(), Scope(("req",)))
    assert set(plot.baseline_data["p50"][1]) == {500.0}


def test_the_totals_are_those_of_the_measure(plot: LatencyPlot) -> None:
    totals = RunTotals({"service": {"p99": 70.0}}, {"offered": 1.0}, {})
    assert plot.totals_of(totals) == {"p99": 70.0}
    plot.choose("response")
    assert plot.totals_of(totals) == {}


def test_an_empty_plot_says_why(plot: LatencyPlot) -> None:
    assert plot.empty.text == NO_RUN
    plot.update_from(pub_and_req(), Scope(("pub",)))
    assert plot.empty.text == ""


def test_percentiles_differ_by_dash_as_well_as_by_colour(plot: LatencyPlot) -> None:
    plot.set_theme(LIGHT)
    dashes = [tuple(curve.opts["pen"].dashPattern()) for curve in plot.curves.values()]
    assert len(set(dashes)) == len(dashes) == 4
