"""The tools of a table, in a row beside the tabs: filter, buttons, switches."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRect, QSize, Qt
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QStackedWidget, QToolButton, QWidget

from bench_ui.widgets.table_view import TableView

FILTER_WIDTH = 260
LEAST_FILTER_WIDTH = 80
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
    """The tools of the table that is shown. The stack is as wide as these tools, so that the tabs have room."""

    def sizeHint(self) -> QSize:  # noqa: N802 (Qt's name)
        """The size of the shown tools."""
        shown = self.currentWidget()
        return QSize() if shown is None else shown.sizeHint()

    def minimumSizeHint(self) -> QSize:  # noqa: N802 (Qt's name)
        """The size of the shown tools."""
        return self.sizeHint()


def tools_row(*widgets: QWidget) -> QWidget:
    """The tools of one table in a row."""
    tools = QWidget()
    row = QHBoxLayout(tools)
    row.setContentsMargins(0, 2, 8, 2)
    row.setSpacing(4)
    row.addStretch(1)
    for widget in widgets:
        row.addWidget(widget)
    return tools
