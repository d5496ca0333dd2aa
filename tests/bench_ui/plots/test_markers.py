"""Marks of moments: which are kept, which become one, and what is painted."""

from __future__ import annotations

import pyqtgraph as pg
from bench_ui.plots.markers import MARKERS_KEPT, Markers, merge_marks
from pytestqt.qtbot import QtBot


def test_marks_in_one_place_become_one_with_the_label_of_the_action() -> None:
    marks = [
        (1.0, "HWM 1000 -> 10", True),
        (1.01, "a peer left", False),
        (1.02, "connected", False),
        (2.0, "connected", False),
        (2.04, "a peer left", False),
        (3.0, "delay 1 -> 2", True),
        (3.04, "delay 2 -> 4", True),
    ]
    assert merge_marks(marks, 0.05) == [(1.0, "HWM 1000 -> 10"), (2.0, "a peer left"), (3.0, "delay 2 -> 4")]
    assert merge_marks(marks, 0.0) == [(when, text) for when, text, _ in marks]
    assert merge_marks([], 1.0) == []


def test_only_the_newest_marks_are_kept(qapp: object) -> None:
    markers = Markers()
    for place in range(MARKERS_KEPT + 10):
        markers.add(float(place), f"mark {place}")
    assert len(markers.marks) == MARKERS_KEPT
    assert markers.marks[0].text == "mark 10" and markers.marks[-1].at_s == MARKERS_KEPT + 9
    markers.clear()
    assert markers.marks == []


def test_the_marks_near_a_moment(qapp: object) -> None:
    markers = Markers()
    markers.add(1.0, "one")
    markers.add(2.0, "two", is_action=True)
    markers.add(9.0, "nine")
    assert markers.near(1.5, 0.5) == ["one", "two"]
    assert markers.near(5.0, 0.5) == []


def test_a_plot_without_room_has_lines_without_labels(qtbot: QtBot) -> None:
    view = pg.PlotWidget()
    qtbot.addWidget(view)
    markers = Markers()
    markers.pen, markers.color = pg.mkPen("#ff0000"), pg.mkColor("#00ff00")
    view.addItem(markers, ignoreBounds=True)
    view.resize(400, 200)
    view.setXRange(0, 10, padding=0)
    view.show()
    without = view.grab().toImage()
    markers.has_labels = False
    markers.add(5.0, "a long label")
    line = view.grab().toImage()
    markers.has_labels = True
    markers.update()
    assert len({image.cacheKey() for image in (without, line)}) == 2
    assert line != without and view.grab().toImage() != line


def test_marks_are_painted_only_inside_the_view(qtbot: QtBot) -> None:
    view = pg.PlotWidget()
    qtbot.addWidget(view)
    markers = Markers()
    markers.pen = pg.mkPen("#ff0000")
    view.addItem(markers, ignoreBounds=True)
    view.resize(400, 200)
    view.setXRange(0, 10, padding=0)
    view.show()
    without = view.grab().toImage()
    markers.add(50.0, "outside")
    assert view.grab().toImage() == without
    markers.add(5.0, "inside")
    assert view.grab().toImage() != without
