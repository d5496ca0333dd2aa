"""The tools of a table, in a row beside the tabs: filter, buttons, switches."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QStackedWidget, QWidget


class FilterLine(QLineEdit):
    """A line that filters a table. Esc clears the filter; if the line is empty, Esc goes to the window."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setPlaceholderText(name)
        self.setAccessibleName(name)
        self.setClearButtonEnabled(True)
        self.setFixedWidth(260)

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
