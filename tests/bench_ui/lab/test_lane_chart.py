"""The picture of a search."""

from __future__ import annotations

from bench_ui.lab.lane_chart import LaneChartView
from bench_ui.lab.lanes import Lane, LaneChart, LanePoint, PointState
from bench_ui.widgets.theme import DARK
from pytestqt.qtbot import QtBot


def test_bounds_are_coloured_and_a_trial_says_what_it_showed(qtbot: QtBot) -> None:
    view = LaneChartView("trials")
    qtbot.addWidget(view)
    view.theme = DARK
    view.resize(600, 160)
    points = [LanePoint(100.0, PointState.GOOD, "nothing lost"), LanePoint(1000.0, PointState.BAD, "9 % lost")]
    view.show_chart(LaneChart([Lane("loss 0 %", points, 100.0, 1000.0, "100 to 1,000")], "events/s"))
    image = view.grab().toImage()
    good, bad = (view.place_of(0, point) for point in points)
    assert image.pixelColor(int(good.x()) - 20, int(good.y())) == DARK.faded("received", 0.18)
    assert image.pixelColor(int(bad.x()) + 20, int(bad.y())) == DARK.faded("lost", 0.18)
    assert view._text_at(bad) == "9 % lost"
    assert view.accessibleDescription() == "loss 0 %: 100 to 1,000"


def test_a_chart_without_lanes_is_drawn(qtbot: QtBot) -> None:
    view = LaneChartView("trials")
    qtbot.addWidget(view)
    assert not view.grab().isNull()
