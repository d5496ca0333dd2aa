"""The queue plot: queue depth and messages on the way."""

from __future__ import annotations

import pytest
from bench_ui.plots.queue import QueuePlot
from bench_ui.plots.run_totals import RunTotals
from bench_ui.plots.time_window import TimeWindow
from bench_ui.scope import Scope
from pytestqt.qtbot import QtBot

from tests.bench_ui.plots.series import pub_and_req


@pytest.fixture
def plot(qtbot: QtBot) -> QueuePlot:
    found = QueuePlot(TimeWindow())
    qtbot.addWidget(found)
    return found


def test_it_adds_up_the_handlers(plot: QueuePlot) -> None:
    plot.update_from(pub_and_req(), Scope(("pub", "req")))
    plot.timeline.show_values()
    assert plot.legend.entries["queued"].value == "7"
    assert plot.legend.entries["in_flight"].value == "1"
    assert plot.view.viewRange()[1] == [0, 10]


def test_the_baseline_is_drawn_too(plot: QueuePlot) -> None:
    plot.update_baseline(pub_and_req(), Scope(("req",)))
    assert plot.baseline_data["queued"][1][-1] == 4


def test_gauges_have_no_totals(plot: QueuePlot) -> None:
    assert plot.totals_of(RunTotals({}, {}, {})) is None
