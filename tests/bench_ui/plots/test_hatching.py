"""Hatched spans: only those in the view are painted."""

from __future__ import annotations

import pyqtgraph as pg
from bench_ui.plots.hatching import Hatching
from PySide6.QtCore import Qt
from PySide6.QtGui import QBrush, QColor
from pytestqt.qtbot import QtBot


def test_spans_are_painted_only_inside_the_view(qtbot: QtBot) -> None:
    view = pg.PlotWidget()
    qtbot.addWidget(view)
    hatching = Hatching()
    hatching.brush = QBrush(QColor("#ff0000"), Qt.BrushStyle.BDiagPattern)
    view.addItem(hatching, ignoreBounds=True)
    view.resize(400, 200)
    view.setXRange(10, 20, padding=0)
    view.show()
    without = view.grab().toImage()
    hatching.show_spans([(1.0, 9.0), (21.0, 30.0)])
    assert view.grab().toImage() == without
    hatching.show_spans([(1.0, 12.0)])
    some = view.grab().toImage()
    assert some != without
    hatching.show_spans([(1.0, 30.0)])
    assert view.grab().toImage() not in (some, without)
    hatching.show_spans([])
    assert view.grab().toImage() == without
