"""A small plot over time for tests of its parts."""

from __future__ import annotations

from bench_ui.plots.axes import ClockAxis, CountAxis
from bench_ui.plots.legend import CurveStyle
from bench_ui.plots.plot import Plot
from bench_ui.widgets import number_format
from bench_ui.widgets.theme import LIGHT
from pytestqt.qtbot import QtBot

STYLES = {
    "offered": CurveStyle("offered", "offered", "Events a second."),
    "lost": CurveStyle("lost", "lost", "Events lost a second."),
}


def shown_plot(qtbot: QtBot) -> Plot:
    """A plot on screen with two curves and no data."""
    axes = {"bottom": ClockAxis("bottom"), "left": CountAxis("left")}
    plot = Plot("Rates", "How many events.", STYLES, axes, number_format.count)
    qtbot.addWidget(plot)
    plot.set_theme(LIGHT)
    plot.resize(500, 300)
    plot.show()
    return plot
