"""A thick line is a thin one drawn several times."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg
from bench_ui.plots.curve_item import THICK, THIN, CurveItem, dashed
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from pytestqt.qtbot import QtBot

RED = QColor("#ff0000")


def red_pixels_per_column(qtbot: QtBot, width: int) -> float:
    view = pg.PlotWidget(background="#ffffff")
    qtbot.addWidget(view)
    view.hideAxis("left")
    view.hideAxis("bottom")
    curve = CurveItem(connect="finite", antialias=False)
    curve.width = width
    curve.setPen(pg.mkPen(RED, width=1))
    view.addItem(curve)
    curve.setData(np.array([0.0, 10.0]), np.array([0.5, 0.5]))
    view.setXRange(0, 10, padding=0)
    view.setYRange(0, 1, padding=0)
    view.resize(100, 60)
    view.show()
    image = view.grab().toImage()
    reds = sum(image.pixelColor(x, y) == RED for x in range(image.width()) for y in range(image.height()))
    return reds / image.width()


def test_a_curve_is_as_many_pixels_high_as_it_is_wide(qtbot: QtBot) -> None:
    thin, thick = red_pixels_per_column(qtbot, THIN), red_pixels_per_column(qtbot, THICK)
    assert 0 < thin < thick
    assert round(thick / thin) == THICK // THIN


def test_a_dashed_pen_is_one_pixel_wide_at_any_scale() -> None:
    pen = dashed(RED)
    assert pen.isCosmetic() and pen.style() == Qt.PenStyle.DashLine and pen.color() == RED
