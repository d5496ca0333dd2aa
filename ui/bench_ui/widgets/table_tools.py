"""The tools of a table, in a row beside the tabs: filter, buttons, switches."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QRect, QSize, Qt
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QStackedWidget, QToolButton, QWidget

from bench_ui.widgets.table_view import TableView

FILTER_WIDTH = 260
SHORT_FILTER_WIDTH, LEAST_FILTER_WIDTH = 140, 80
COUNT_GAP = 10
QWIDGETSIZE_MAX = (1 << 24) - 1
"""Qt's own name for no limit, which PySide6 does not have."""


class FilterLine(QLineEdit):
    """A line that filters a list. Esc clears the filter; if the line is empty, Esc goes to the window.

    While there is a filter, the line also shows how many entries pass it.

    Attributes:
        count: how many entries pass the filter, of how many; "" without a filter.
    """

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.count = ""
        self.setPlaceholderText(name)
        self.setAccessibleName(name)
        self.setClearButtonEnabled(True)
        self.setToolTip("Ctrl+F goes here, Esc clears it")
        self.setFixedWidth(FILTER_WIDTH)

    def fill_room(self) -> None:
        """Be as wide as the layout has room for."""
        self.setMinimumWidth(LEAST_FILTER_WIDTH)
        self.setMaximumWidth(QWIDGETSIZE_MAX)

    def show_count(self, shown: int, all_of_them: int) -> None:
        """Show how many entries pass the filter."""
        count = f"{shown:,} of {all_of_them:,}" if self.text() else ""
        if count != self.count:
            self.count = count
            self.setAccessibleDescription(count)
            width = self.fontMetrics().horizontalAdvance(count) + COUNT_GAP if count else 0
            self.setTextMargins(0, 0, width, 0)
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 (Qt's name)
        """Draw the count right of the text, left of the button that clears the line."""
        super().paintEvent(event)
        if self.count:
            button = self.findChild(QToolButton)
            right = self.width() - 8 if button is None else button.x() - 2
            painter = QPainter(self)
            painter.setPen(self.palette().placeholderText().color())
            room = QRect(0, 0, right, self.height())
            painter.drawText(room, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, self.count)

    def event(self, event: QEvent) -> bool:
        """Take Esc from the window's shortcuts while there is a filter to clear."""
        if isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape and self.text():
            if event.type() == QEvent.Type.ShortcutOverride:
                event.accept()
                return True
            if event.type() == QEvent.Type.KeyPress:
                self.clear()
                return True
        return super().event(event)


def filter_of(view: TableView, name: str) -> FilterLine:
    """The line that filters a table."""
    line, order = FilterLine(name), view.order

    def show_count() -> None:
        line.show_count(order.rowCount(), len(view.table.rows))

    def show_only(text: str) -> None:
        order.show_only(text)
        show_count()

    line.textChanged.connect(show_only)
    for changed in (order.rowsInserted, order.rowsRemoved, order.modelReset):
        changed.connect(lambda *_: show_count())
    return line


class ToolsStack(QStackedWidget):
    """The tools of the table that is shown. The stack is as wide as these tools, so that the tabs have room.

    Attributes:
        room_of: returns how many pixels the tabs leave to the tools.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.room_of: Callable[[], int] = lambda: QWIDGETSIZE_MAX

    def fit(self) -> None:
        """Let the shown tools give way to the tabs."""
        shown = self.currentWidget()
        if isinstance(shown, ToolsRow):
            shown.fit(self.room_of())
            self.updateGeometry()

    def sizeHint(self) -> QSize:  # noqa: N802 (Qt's name)
        """The size of the shown tools."""
        shown = self.currentWidget()
        return QSize() if shown is None else shown.sizeHint()

    def minimumSizeHint(self) -> QSize:  # noqa: N802 (Qt's name)
        """The size of the shown tools."""
        return self.sizeHint()


class ToolsRow(QWidget):
    """The tools of one table in a row. ``by_rank`` give way where there is little room, the first one first.

    The menu of the table has what they do, too.
    """

    def __init__(self, widgets: Sequence[QWidget], by_rank: Sequence[QWidget] = ()) -> None:
        super().__init__()
        self._by_rank, self._given_way = by_rank, list[QWidget]()
        self._filters = [one for one in widgets if isinstance(one, FilterLine)]
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 2, 8, 2)
        row.setSpacing(4)
        row.addStretch(1)
        for widget in widgets:
            row.addWidget(widget)

    def fit(self, room: int) -> None:
        """Take no more than ``room`` pixels: first the filter becomes narrower, then tools give way."""
        for widget in self._given_way:
            widget.show()
        self._given_way = []
        for line in self._filters:
            line.setFixedWidth(FILTER_WIDTH)
            line.setFixedWidth(max(SHORT_FILTER_WIDTH, min(FILTER_WIDTH, FILTER_WIDTH + room - self._needed)))
        for widget in self._by_rank:
            if self._needed > room and not widget.isHidden():
                widget.hide()
                self._given_way.append(widget)

    @property
    def _needed(self) -> int:
        layout = self.layout()
        assert layout is not None
        layout.invalidate()
        return layout.sizeHint().width()


def tools_row(*widgets: QWidget, by_rank: Sequence[QWidget] = ()) -> ToolsRow:
    """The tools of one table in a row."""
    return ToolsRow(widgets, by_rank)
