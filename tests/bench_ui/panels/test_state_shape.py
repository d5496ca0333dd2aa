"""The shape of a light tells the states apart, without any colour."""

from __future__ import annotations

from itertools import combinations

from bench_ui.panels.state_shape import SHAPES, Shape, paint_shape
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QImage, QPainter

from bench_app.transport.connection import ConnectionState


def picture(shape: Shape) -> QImage:
    image = QImage(40, 40, QImage.Format.Format_Grayscale8)
    image.fill(255)
    with QPainter(image) as painter:
        paint_shape(painter, QRectF(5, 5, 30, 30), shape, QColor("black"))
    return image


def test_every_shape_looks_different() -> None:
    assert all(picture(one) != picture(other) for one, other in combinations(Shape, 2))


def test_every_state_has_a_shape_and_trouble_has_its_own() -> None:
    assert set(SHAPES) == set(ConnectionState)
    fine = {SHAPES[state] for state in (ConnectionState.IDLE, ConnectionState.BOUND, ConnectionState.CONNECTED)}
    assert len(fine) == 3
    assert SHAPES[ConnectionState.FAILED] not in fine and SHAPES[ConnectionState.RETRYING] not in fine
    assert Shape.BARS not in SHAPES.values(), "bars mean paused"
