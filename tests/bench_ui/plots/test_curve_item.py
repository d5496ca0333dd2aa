"""A thick line is a thin one drawn several times."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pyqtgraph as pg
import pytest
from bench_ui.plots.curve_item import THICK, THIN, CurveItem, dashed, line_pen
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

RED = QColor("#ff0000")


def view_with_curve(qtbot: QtBot, width: int) -> pg.PlotWidget:
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
    return view


def red_pixels_per_column(qtbot: QtBot, width: int) -> float:
    image = view_with_curve(qtbot, width).grab().toImage()
    reds = sum(image.pixelColor(x, y) == RED for x in range(image.width()) for y in range(image.height()))
    return reds / image.width()


def test_a_curve_is_as_many_pixels_high_as_it_is_wide(qtbot: QtBot) -> None:
    thin, thick = red_pixels_per_column(qtbot, THIN), red_pixels_per_column(qtbot, THICK)
    assert 0 < thin < thick
    assert round(thick / thin) == THICK // THIN


@pytest.mark.parametrize("ratio", [1.5, 2.0, 2.5])
@pytest.mark.parametrize("width", [THIN, THICK])
def test_a_curve_has_no_gaps_on_a_screen_that_enlarges(qtbot: QtBot, width: int, ratio: float) -> None:
    view = view_with_curve(qtbot, width)
    image = QImage(round(100 * ratio), round(60 * ratio), QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(ratio)
    QWidget.render(view, image)
    column = [image.pixelColor(image.width() // 2, y) == RED for y in range(image.height())]
    first = column.index(True)
    height = math.ceil(width * ratio)
    # The middle of a thick line may be between two pixels.
    least = height if width == THIN else height - 1
    assert column[first : first + least] == [True] * least and sum(column) in (least, height)


def test_a_steep_curve_is_as_thick_as_a_flat_one(qtbot: QtBot) -> None:
    view = view_with_curve(qtbot, 14)
    view.listDataItems()[0].setData(np.array([5.0, 5.0]), np.array([0.0, 1.0]))
    image = view.grab().toImage()
    assert 13 <= sum(image.pixelColor(x, 30) == RED for x in range(image.width())) <= 15


def test_the_dashes_of_a_thick_curve_grow_with_it(qtbot: QtBot) -> None:
    view = view_with_curve(qtbot, 8)
    view.listDataItems()[0].setPen(line_pen(RED, (4.0, 2.0)))
    image = view.grab().toImage()
    row = [image.pixelColor(x, 30) == RED for x in range(image.width())]
    edges = sum(one != other for one, other in itertools.pairwise(row))
    assert 4 <= edges <= 8, "strokes of 16 + 8 pixels and gaps of 8"


def test_a_dashed_pen_is_one_pixel_wide_at_any_scale() -> None:
    pen = dashed(RED)
    assert pen.isCosmetic() and pen.style() == Qt.PenStyle.DashLine and pen.color() == RED


def test_the_pen_of_a_curve_has_its_dash_whatever_the_zoom() -> None:
    pen = line_pen(QColor("#ff0000"), (12.0, 3.0))
    assert pen.isCosmetic() and pen.dashPattern() == [12.0, 3.0] and pen.color() == QColor("#ff0000")
    assert line_pen(QColor("#ff0000")).style() is Qt.PenStyle.SolidLine
