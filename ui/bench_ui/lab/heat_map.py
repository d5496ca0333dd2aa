"""The grid of a sweep as a map of colours: heat view -> **heat map** -> chosen cell."""

from __future__ import annotations

import functools

import pyqtgraph as pg
from PySide6.QtCore import QEvent, QPoint, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QBrush,
    QColor,
    QFont,
    QFontMetrics,
    QFontMetricsF,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
)
from PySide6.QtWidgets import QToolTip, QWidget

from bench_app.comparison.metric_values import format_figure
from bench_ui.lab.heat_view import HeatCell, HeatView
from bench_ui.widgets.plain_text import plain_tip
from bench_ui.widgets.theme import GRID, LIGHT, Theme, contrast, figure_font

BEST_MARK, CURRENT_MARK = "★", "●"
_EMPTY = HeatView((), (), "", "", ())
TEXT_CONTRAST = 4.5
_LEAST_LABEL = 24.0
_SCALE_WIDTH = 12.0
_STEPS = {
    Qt.Key.Key_Left: (0, -1),
    Qt.Key.Key_Right: (0, 1),
    Qt.Key.Key_Up: (-1, 0),
    Qt.Key.Key_Down: (1, 0),
}


@functools.cache
def scale_colors() -> tuple[QColor, ...]:
    """The 256 colours of viridis: readable for colour-blind people, and its brightness grows with the value."""
    return tuple(QColor(*map(int, color)) for color in pg.colormap.get("viridis").getLookupTable(0.0, 1.0, 256))


@functools.cache
def text_colors() -> tuple[QColor, ...]:
    """The colour of a text on each colour of the scale."""
    white, black = QColor("white"), QColor("black")
    return tuple(white if contrast(color, white) >= TEXT_CONTRAST else black for color in scale_colors())


class HeatMap(QWidget):
    """The map. The arrow keys choose a cell, Enter or a click wants its run, Ctrl+Enter or a double click its settings.

    Attributes:
        view: what is shown.
        chosen: the number of the chosen cell; None without one.
        theme: the colours of everything but the cells.
    """

    cell_chosen = Signal(int)
    cell_clicked = Signal(int)
    """It may be the first half of a double click."""
    cell_opened = Signal(int)
    """Enter was pressed on a cell: its run is wanted."""
    settings_wanted = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.view = _EMPTY
        self.chosen: int | None = None
        self.theme: Theme = LIGHT
        self._picture = QPixmap()
        self._painted: dict[tuple[int, int], HeatCell] = {}
        """What the picture shows, by row and column: only cells that differ are painted again."""
        self._painted_for: tuple[object, ...] = ()
        self.setMinimumSize(240, 160)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Map of the sweep")

    def sizeHint(self) -> QSize:  # noqa: N802 (Qt's name)
        """A map with room for values."""
        return QSize(560, 320)

    def show_view(self, view: HeatView) -> None:
        """Show other cells or values."""
        self.view = view
        self.setAccessibleDescription(f"{view.metric} for {view.column_title} and {view.row_title}".strip())
        self.update()

    def choose(self, number: int | None) -> None:
        """Mark a cell as the chosen one."""
        if number != self.chosen:
            self.chosen = number
            self.update()

    @property
    def area(self) -> QRectF:
        """The rectangle of the cells."""
        metrics = QFontMetricsF(self._font())
        view = self.view
        left = max([_LEAST_LABEL, *(metrics.horizontalAdvance(text) for text in view.rows)]) + GRID
        left += metrics.height() + 4 if view.row_title else 0
        scale = max((metrics.horizontalAdvance(text) for text in self._scale_texts()), default=0.0)
        right = _SCALE_WIDTH + scale + 3 * GRID
        below = 2 * metrics.height() + GRID
        return QRectF(left, 4.0, max(1.0, self.width() - left - right), max(1.0, self.height() - below - 8.0))

    def place_of(self, number: int) -> QRectF | None:
        """The rectangle of a cell; None if the map does not show it."""
        for row, cells in enumerate(self.view.cells):
            for column, cell in enumerate(cells):
                if cell.number == number:
                    return self._place(self.area, row, column)
        return None

    def cell_at(self, place: QPoint) -> HeatCell | None:
        """The cell at a place of the widget; None beside the cells."""
        area, view = self.area, self.view
        if not view.cells or not area.contains(place.toPointF()):
            return None
        row = int((place.y() - area.top()) / area.height() * len(view.cells))
        column = int((place.x() - area.left()) / area.width() * len(view.columns))
        return view.cells[min(row, len(view.cells) - 1)][min(column, len(view.columns) - 1)]

    def _place(self, area: QRectF, row: int, column: int) -> QRectF:
        width, height = area.width() / len(self.view.columns), area.height() / len(self.view.cells)
        return QRectF(area.left() + column * width, area.top() + row * height, width, height)

    def _font(self) -> QFont:
        return figure_font(self.font(), 0.9)

    def _scale_texts(self) -> tuple[str, ...]:
        view = self.view
        if view.low is None:
            return ()
        return format_figure(view.metric, view.high), format_figure(view.metric, view.low)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 (Qt's name)
        """Draw cells, labels and the scale of colours."""
        painter = QPainter(self)
        painter.setFont(self._font())
        if not self.view.cells:
            return
        area = self.area
        self._paint_cells(area)
        painter.drawPixmap(0, 0, self._picture)
        self._draw_marks(painter, area)
        self._draw_labels(painter, area)
        self._draw_scale(painter, area)

    def _paint_cells(self, area: QRectF) -> None:
        """Bring the picture of the cells up to date. A thousand cells at once would take longer than a frame."""
        made_for = (self.size(), area, self.theme, self.font(), len(self.view.columns), len(self.view.cells))
        if made_for != self._painted_for:
            self._painted_for, self._painted = made_for, {}
            ratio = self.devicePixelRatioF()
            self._picture = QPixmap(self.size() * ratio)
            self._picture.setDevicePixelRatio(ratio)
            self._picture.fill(Qt.GlobalColor.transparent)
        painter = QPainter(self._picture)
        painter.setFont(self._font())
        metrics = painter.fontMetrics()
        for row, cells in enumerate(self.view.cells):
            for column, cell in enumerate(cells):
                if self._painted.get((row, column)) != cell:
                    self._painted[row, column] = cell
                    self._draw_cell(painter, metrics, self._place(area, row, column), cell)
        painter.end()

    def _draw_cell(self, painter: QPainter, metrics: QFontMetrics, place: QRectF, cell: HeatCell) -> None:
        theme = self.theme
        gap = 1.0 if place.width() > 8 and place.height() > 8 else 0.0
        inner = place.adjusted(gap, gap, -gap, -gap)
        if cell.share is None:
            painter.fillRect(inner, theme.color("window"))
            if cell.is_invalid:
                painter.fillRect(inner, QBrush(theme.color("overflow"), Qt.BrushStyle.BDiagPattern))
            return
        number = round(255 * cell.share)
        painter.fillRect(inner, scale_colors()[number])
        text_color = text_colors()[number]
        if cell.has_invalid:
            corner = QRectF(inner.right() - min(12.0, inner.width() / 2), inner.top(), 12.0, 12.0).intersected(inner)
            painter.fillRect(corner, QBrush(text_color, Qt.BrushStyle.BDiagPattern))
        if inner.height() >= metrics.height() and inner.width() >= metrics.horizontalAdvance(cell.text) + 4:
            painter.setPen(text_color)
            painter.drawText(inner, Qt.AlignmentFlag.AlignCenter, cell.text)

    def _draw_marks(self, painter: QPainter, area: QRectF) -> None:
        for row, cells in enumerate(self.view.cells):
            for column, cell in enumerate(cells):
                if not (cell.is_best or cell.is_current or cell.number == self.chosen):
                    continue
                place = self._place(area, row, column).adjusted(1, 1, -1, -1)
                painter.setBrush(Qt.BrushStyle.NoBrush)
                if cell.number == self.chosen:
                    painter.setPen(QPen(self.theme.color("focus"), 3))
                    painter.drawRect(place)
                marks = f"{BEST_MARK if cell.is_best else ''}{CURRENT_MARK if cell.is_current else ''}"
                if marks:
                    self._draw_mark(painter, place, marks, cell)

    def _draw_mark(self, painter: QPainter, place: QRectF, marks: str, cell: HeatCell) -> None:
        color = self.theme.color("text") if cell.share is None else text_colors()[round(255 * cell.share)]
        painter.setPen(QPen(color, 2, Qt.PenStyle.SolidLine if cell.is_best else Qt.PenStyle.DashLine))
        painter.drawRect(place.adjusted(2, 2, -2, -2))
        if place.width() >= painter.fontMetrics().horizontalAdvance(marks) + 8 and place.height() >= 16:
            painter.drawText(
                place.adjusted(5, 3, 0, 0), int(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft), marks
            )

    def _draw_labels(self, painter: QPainter, area: QRectF) -> None:
        view, metrics = self.view, painter.fontMetrics()
        painter.setPen(self.theme.color("muted"))
        width, height = area.width() / len(view.columns), area.height() / len(view.cells)
        widest = max(metrics.horizontalAdvance(text) for text in view.columns) + 8
        every = max(1, -int(-widest // width))
        for column in range(0, len(view.columns), every):
            center = area.left() + (column + 0.5) * width
            place = QRectF(center - widest / 2, area.bottom() + 3, widest, metrics.height())
            painter.drawText(place, Qt.AlignmentFlag.AlignCenter, view.columns[column])
        every = max(1, -int(-metrics.height() // height))
        right = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        for row in range(0, len(view.rows), every):
            middle = area.top() + (row + 0.5) * height
            place = QRectF(0, middle - metrics.height() / 2, area.left() - GRID / 2, metrics.height())
            painter.drawText(place, right, view.rows[row])
        below = QRectF(area.left(), area.bottom() + 5 + metrics.height(), area.width(), metrics.height())
        painter.drawText(below, Qt.AlignmentFlag.AlignCenter, view.column_title)
        if view.row_title:
            painter.save()
            painter.translate(metrics.height(), area.center().y())
            painter.rotate(-90)
            along = QRectF(-area.height() / 2, -metrics.height(), area.height(), metrics.height())
            text = metrics.elidedText(view.row_title, Qt.TextElideMode.ElideMiddle, int(area.height()))
            painter.drawText(along, Qt.AlignmentFlag.AlignCenter, text)
            painter.restore()

    def _draw_scale(self, painter: QPainter, area: QRectF) -> None:
        texts = self._scale_texts()
        if not texts:
            return
        bar = QRectF(area.right() + 2 * GRID, area.top(), _SCALE_WIDTH, area.height())
        steps = 64
        for step in range(steps):
            part = bar.height() / steps
            painter.fillRect(
                QRectF(bar.left(), bar.bottom() - (step + 1) * part, bar.width(), part + 1),
                scale_colors()[round(255 * step / (steps - 1))],
            )
        painter.setPen(self.theme.color("muted"))
        beside = QRectF(bar.right() + 4, bar.top(), self.width() - bar.right() - 4, bar.height())
        painter.drawText(beside, int(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft), texts[0])
        if texts[0] != texts[1]:
            painter.drawText(beside, int(Qt.AlignmentFlag.AlignBottom | Qt.AlignmentFlag.AlignLeft), texts[1])
        if self.view.is_log:
            painter.drawText(beside, int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft), "log")

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802 (Qt's name)
        """Choose the cell under the pointer."""
        cell = self.cell_at(event.position().toPoint())
        if cell is not None:
            self.choose(cell.number)
            self.cell_chosen.emit(cell.number)
            if event.button() is Qt.MouseButton.LeftButton:
                self.cell_clicked.emit(cell.number)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:  # noqa: N802 (Qt's name)
        """Ask for the settings of the cell."""
        cell = self.cell_at(event.position().toPoint())
        if cell is not None:
            self.settings_wanted.emit(cell.number)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 (Qt's name)
        """Choose a neighbour by the arrow keys, open by Enter, apply by Ctrl+Enter."""
        key = Qt.Key(event.key())
        if key in _STEPS and self.view.cells:
            self._step(*_STEPS[key])
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.chosen is not None:
            is_apply = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
            (self.settings_wanted if is_apply else self.cell_opened).emit(self.chosen)
        else:
            super().keyPressEvent(event)

    def _step(self, down: int, right: int) -> None:
        places = {
            cell.number: (row, column) for row, cells in enumerate(self.view.cells) for column, cell in enumerate(cells)
        }
        row, column = places.get(-1 if self.chosen is None else self.chosen, (0, 0))
        if self.chosen in places:
            row = min(max(0, row + down), len(self.view.cells) - 1)
            column = min(max(0, column + right), len(self.view.columns) - 1)
        cell = self.view.cells[row][column]
        self.choose(cell.number)
        self.cell_chosen.emit(cell.number)

    def event(self, event: QEvent) -> bool:
        """Explain the cell under the pointer."""
        if isinstance(event, QHelpEvent):
            cell = self.cell_at(event.pos())
            if cell is None:
                QToolTip.hideText()
            else:
                QToolTip.showText(event.globalPos(), plain_tip(self._tip(cell)), self)
            return True
        return super().event(event)

    def _tip(self, cell: HeatCell) -> str:
        marks = [
            *(["the best"] if cell.is_best else []),
            *(["the settings of the open preset"] if cell.is_current else []),
            *(["its runs are invalid"] if cell.is_invalid else ["some runs are invalid"] if cell.has_invalid else []),
        ]
        value = cell.text or "no run yet"
        return "\n".join(
            [f"{self.view.metric}: {value}", *marks, "Click: open its run. Double click: apply its settings."]
        )
