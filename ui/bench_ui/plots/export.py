"""A plot as a picture or as numbers: the plot's context menu and the formats it writes.

plot -> **snapshot** on the thread of the window -> file, on another thread: a picture takes a second to compress.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from PySide6.QtCore import QBuffer, QObject, QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontMetrics, QGuiApplication, QImage, QImageWriter, QPainter
from PySide6.QtSvg import QSvgGenerator
from PySide6.QtWidgets import QComboBox, QFileDialog, QGraphicsView, QMenu, QWidget

from bench_app.measure.arrays import Floats
from bench_app.system.files import write_out
from bench_app.system.tasks import spawn
from bench_ui.widgets.theme import figure_font

_MARGIN = 8
_AT_RIGHT = int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight)
_WRAPPED = int(Qt.TextFlag.TextWordWrap)
Write = Callable[[Path], None]
"""Writes what a plot showed to a file, on any thread; raises OSError."""
Snapshot = Callable[[], Write]
"""Takes what a plot shows now. The plot may change before it is written."""


class ExportMenu(QObject):
    """The menu that copies or saves a plot.

    ``picture`` makes the picture that is copied. ``formats`` are the formats by name; the name is also the file suffix.
    """

    failed = Signal(str)
    """With the reason why a file could not be written."""

    def __init__(
        self, plot: QWidget, title: str, picture: Callable[[], QImage], formats: Mapping[str, Snapshot]
    ) -> None:
        super().__init__(plot)
        self._plot = plot
        self._picture = picture
        self._title = title
        self._formats = formats

    def open(self) -> QMenu:
        """A new menu; it deletes itself when it closes."""
        menu = QMenu(self._plot)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction("Copy picture", lambda: QGuiApplication.clipboard().setImage(self._picture()))
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


@dataclass(frozen=True)
class Drawing:
    """A plot as it is drawn into a picture: without its controls, and with a caption that says what run it shows.

    Attributes:
        plot: the whole plot.
        title: the text of its heading.
        labels: heading, legend and remarks.
        choices: the combo boxes, of which a picture shows the chosen text.
        view: the area with the curves and axes.
        caption: the lines below the plot.
        background, color: the colours of the plot and of the caption.
    """

    plot: QWidget
    title: str
    labels: Sequence[QWidget]
    choices: Sequence[QComboBox]
    view: QGraphicsView
    caption: Sequence[str]
    background: QColor
    color: QColor

    @property
    def size(self) -> QSize:
        """The size in pixels of the layout."""
        return QSize(self.plot.width(), self.plot.height() + self._caption_height)

    @property
    def _caption_room(self) -> QRect:
        return QRect(_MARGIN, self.plot.height(), self.plot.width() - 2 * _MARGIN, 10_000)

    @property
    def _caption_height(self) -> int:
        if not self.caption:
            return 0
        metrics = QFontMetrics(self._caption_font)
        return metrics.boundingRect(self._caption_room, _WRAPPED, "\n".join(self.caption)).height() + _MARGIN

    @property
    def _caption_font(self) -> QFont:
        return figure_font(self.plot.font(), 0.85)

    def paint(self, painter: QPainter) -> None:
        """Draw the plot and its caption."""
        painter.fillRect(QRect(QPoint(), self.size), self.background)
        for label in self.labels:
            if not label.isHidden():
                label.render(painter, label.mapTo(self.plot, QPoint()), renderFlags=QWidget.RenderFlag.DrawChildren)
        painter.setFont(self.plot.font())
        painter.setPen(self.color)
        for choice in self.choices:
            if not choice.isHidden() and choice.currentText().lower() != self.title.lower():
                place = QRect(choice.mapTo(self.plot, QPoint()), choice.size())
                painter.drawText(
                    place, int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight), choice.currentText()
                )
        self.view.render(painter, QRectF(self.view.geometry()), self.view.viewport().rect())
        painter.setFont(self._caption_font)
        painter.setPen(self.color)
        painter.drawText(self._caption_room, _WRAPPED, "\n".join(self.caption))


def picture_of(drawing: Drawing) -> QImage:
    """A plot as a picture, at twice the resolution of the screen."""
    image = QImage(drawing.size * 2, QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(2)
    painter = QPainter(image)
    drawing.paint(painter)
    painter.end()
    return image


def write_png(path: Path, image: QImage) -> None:
    """Write a picture; raises OSError."""
    buffer = QBuffer()
    QImageWriter(buffer, b"PNG").write(image)
    write_out(path, bytes(buffer.data().data()))


def svg_of(drawing: Drawing) -> bytes:
    """A plot as vectors."""
    buffer = QBuffer()
    generator = QSvgGenerator()
    generator.setOutputDevice(buffer)
    generator.setSize(drawing.size)
    generator.setViewBox(QRect(QPoint(), drawing.size))
    generator.setTitle(drawing.title)
    generator.setDescription("\n".join(drawing.caption))
    painter = QPainter(generator)
    drawing.paint(painter)
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
