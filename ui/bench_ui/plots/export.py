"""A plot as a picture or as numbers: the plot's context menu and the formats it writes.

plot -> **snapshot** on the thread of the window -> file, on another thread: a picture takes a second to compress.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QBuffer, QObject, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QGuiApplication, QImage, QImageWriter, QPainter
from PySide6.QtSvg import QSvgGenerator
from PySide6.QtWidgets import QFileDialog, QGraphicsView, QMenu, QWidget

from bench_app.measure.arrays import Floats
from bench_app.system.files import write_out
from bench_app.system.tasks import spawn

Write = Callable[[Path], None]
"""Writes what a plot showed to a file, on any thread; raises OSError."""
Snapshot = Callable[[], Write]
"""Takes what a plot shows now. The plot may change before it is written."""


class ExportMenu(QObject):
    """The menu that copies or saves a plot. ``formats`` are its formats by name; the name is also the file suffix."""

    failed = Signal(str)
    """With the reason why a file could not be written."""

    def __init__(self, plot: QWidget, title: str, formats: Mapping[str, Snapshot]) -> None:
        super().__init__(plot)
        self._plot = plot
        self._title = title
        self._formats = formats

    def open(self) -> QMenu:
        """A new menu; it deletes itself when it closes."""
        menu = QMenu(self._plot)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction("Copy picture", lambda: QGuiApplication.clipboard().setImage(picture_of(self._plot)))
        for name, snapshot in self._formats.items():
            menu.addAction(f"Save as {name}…", partial(self._ask_and_write, name, snapshot))
        return menu

    def _ask_and_write(self, name: str, snapshot: Snapshot) -> None:
        dialog = QFileDialog(self._plot, f"Save {self._title.lower()} as {name}")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix(name.lower())
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(lambda path: self._write(snapshot(), Path(path)))
        dialog.open()

    def _write(self, write: Write, path: Path) -> None:
        spawn(asyncio.to_thread(write, path), name="write-plot", on_error=partial(self._report, path))

    def _report(self, path: Path, error: BaseException) -> None:
        reason = error.strerror if isinstance(error, OSError) else None
        self.failed.emit(f"{path} could not be written: {reason or error}")


def picture_of(plot: QWidget) -> QImage:
    """A plot with heading and legend, at twice the resolution of the screen."""
    image = QImage(plot.size() * 2, QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(2)
    plot.render(image)
    return image


def write_png(path: Path, image: QImage) -> None:
    """Write a picture; raises OSError."""
    buffer = QBuffer()
    QImageWriter(buffer, b"PNG").write(image)
    write_out(path, bytes(buffer.data().data()))


def svg_of(plot: QWidget, title: str, background: QColor, labels: Sequence[QWidget], view: QGraphicsView) -> bytes:
    """A plot as vectors: its labels (heading and legend) and its view."""
    buffer = QBuffer()
    generator = QSvgGenerator()
    generator.setOutputDevice(buffer)
    generator.setSize(QSize(plot.width(), plot.height()))
    generator.setViewBox(plot.rect())
    generator.setTitle(title)
    painter = QPainter(generator)
    painter.fillRect(plot.rect(), background)
    for label in labels:
        label.render(painter, label.pos())
    view.render(painter, QRectF(view.geometry()), view.viewport().rect())
    painter.end()
    return bytes(buffer.data().data())


def write_csv(path: Path, x_name: str, curves: Mapping[str, tuple[Floats, Floats]]) -> None:
    """Write curves as CSV; raises OSError."""
    write_out(path, csv_of(x_name, curves).encode())


def csv_of(x_name: str, curves: Mapping[str, tuple[Floats, Floats]]) -> str:
    """The curves as CSV: a row for each place on the x axis at which any of them has a point, with all digits.

    ``x_name`` and the names of the curves are the heads of the columns, so they say the units. Where a curve has no
    point or a gap, its cell is empty.
    """
    lines = [",".join([x_name, *curves])]
    columns = [dict(zip(x.tolist(), y.tolist(), strict=True)) for x, y in curves.values()]
    for place in sorted(set().union(*columns)):
        cells = [column.get(place, math.nan) for column in columns]
        lines.append(",".join(_digits(cell) for cell in (place, *cells)))
    return "\n".join(lines) + "\n"


def _digits(value: float) -> str:
    return f"{value:.15g}" if math.isfinite(value) else ""
