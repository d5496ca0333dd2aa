"""The drops plot: causes stacked on each other, each with its own value in the legend."""

from __future__ import annotations

import pytest
from bench_ui.plots.drops import DropsPlot
from bench_ui.plots.empty_note import NOTHING_LOST
from bench_ui.plots.run_totals import RunTotals
from bench_ui.plots.time_window import TimeWindow
from bench_ui.scope import Scope
from bench_ui.widgets.theme import DARK, LIGHT
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from bench_app.measure.loss_causes import LOSS_CAUSES
from tests.bench_ui.plots.series import handler_series, pub_and_req, unit

ALL = Scope(("pub", "req"))


@pytest.fixture
def plot(qtbot: QtBot) -> DropsPlot:
    found = DropsPlot(TimeWindow())
    qtbot.addWidget(found)
    return found


def in_legend(plot: DropsPlot) -> set[str]:
    return {name for name, entry in plot.legend.entries.items() if not entry.isHidden()}


def test_areas_are_stacked_and_the_data_are_each_causes_own(plot: DropsPlot) -> None:
    plot.update_from(pub_and_req(), ALL)
    tops = {name: curve.getData()[1] for name, curve in plot.curves.items()}
    assert tops["queue_overflow"][-1] == 20
    assert tops["request_timeout"][-1] == 22
    assert tops["lost"][-1] == 32
    assert plot.data["lost"][1][-1] == 10


def test_a_run_without_losses_says_so(plot: DropsPlot) -> None:
    plot.update_from({unit("h"): handler_series(offered=10)}, Scope(("h",)))
    assert plot.empty.text == NOTHING_LOST
    plot.update_from(pub_and_req(), Scope(("pub",)))
    assert plot.empty.text == ""


def test_a_cause_that_is_off_is_left_out_of_the_stack(plot: DropsPlot) -> None:
    plot.legend.entries["queue_overflow"].click()
    plot.update_from(pub_and_req(), ALL)
    assert plot.curves["lost"].getData()[1][-1] == 12


def test_the_legend_has_lost_and_the_causes_that_lost_an_event(plot: DropsPlot) -> None:
    assert set(plot.styles) == {cause.key for cause in LOSS_CAUSES}
    plot.update_from({}, ALL)
    assert in_legend(plot) == {"lost"}
    plot.update_from(pub_and_req(), ALL)
    assert in_legend(plot) == {"queue_overflow", "request_timeout", "lost"}


def test_a_cause_of_the_baseline_is_in_the_legend_too(plot: DropsPlot) -> None:
    plot.update_baseline(pub_and_req(), ALL)
    plot.update_from({}, ALL)
    assert in_legend(plot) == {"queue_overflow", "request_timeout", "lost"}


def test_two_causes_of_one_colour_can_be_told_apart(plot: DropsPlot) -> None:
    for theme in (LIGHT, DARK):
        plot.set_theme(theme)
        brushes = {plot.curves[name].opts["brush"].color().name() for name in ("send_timeout", "request_timeout")}
        assert len(brushes) == 2


def test_totals_are_mean_rates_by_cause(plot: DropsPlot) -> None:
    assert plot.totals_of(RunTotals({}, {}, {"lost": 0.5})) == {"lost": 0.5}


def test_causes_differ_by_pattern_as_well_as_by_colour(plot: DropsPlot) -> None:
    patterns = {name: style.pattern for name, style in plot.styles.items()}
    assert len(set(patterns.values())) == len(LOSS_CAUSES)
    assert {name: entry.pattern for name, entry in plot.legend.entries.items()} == patterns
    plot.set_theme(LIGHT)
    is_patterned = {
        name: curve.opts["brush"].style() is Qt.BrushStyle.TexturePattern for name, curve in plot.curves.items()
    }
    assert is_patterned == {name: name != "lost" for name in patterns}
    plot.update_from(pub_and_req(), ALL)
    plot.resize(400, 300)
    plot.show()
    assert not plot.grab().toImage().isNull()
