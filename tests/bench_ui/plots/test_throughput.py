"""The throughput plot: messages a second or MB/s."""

from __future__ import annotations

import pytest
from bench_ui.plots.run_totals import RunTotals
from bench_ui.plots.throughput import ThroughputPlot
from bench_ui.plots.time_window import TimeWindow
from bench_ui.scope import Scope
from PySide6.QtWidgets import QComboBox
from pytestqt.qtbot import QtBot

from tests.bench_ui.plots.series import pub_and_req

PUB = Scope(("pub",))
TOTALS = RunTotals({}, {"offered": 5.0, "accepted": 4.0, "received": 3.0}, {})


@pytest.fixture
def plot(qtbot: QtBot) -> ThroughputPlot:
    found = ThroughputPlot(TimeWindow())
    qtbot.addWidget(found)
    return found


def choose_unit(plot: ThroughputPlot, unit: str) -> None:
    combo = plot.findChild(QComboBox)
    combo.setCurrentIndex(combo.findData(unit))


def test_messages_a_second(plot: ThroughputPlot) -> None:
    plot.update_from(pub_and_req(), PUB)
    plot.timeline.show_values()
    assert plot.legend.entries["offered"].value == "200/s"
    assert plot.view.viewRange()[1] == [0, 250]


def test_megabytes_a_second_have_their_own_scale_and_no_offered_events(plot: ThroughputPlot) -> None:
    plot.update_from(pub_and_req(), PUB)
    choose_unit(plot, "bytes")
    plot.update_from(pub_and_req(), PUB)
    plot.timeline.show_values()
    assert plot.legend.entries["received"].value == "16.00 MB/s"
    assert plot.legend.entries["offered"].value == ""
    assert plot.view.viewRange()[1] == [0, 20]


def test_totals_count_messages(plot: ThroughputPlot) -> None:
    assert plot.totals_of(TOTALS) == {"offered": 5.0, "accepted": 4.0, "received": 3.0}
    choose_unit(plot, "bytes")
    assert plot.totals_of(TOTALS) is None


def test_the_baseline_has_the_same_unit(plot: ThroughputPlot) -> None:
    choose_unit(plot, "bytes")
    plot.update_baseline(pub_and_req(), PUB)
    assert plot.baseline_data["accepted"][1][-1] == 18
