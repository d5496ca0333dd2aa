"""The capacity of a handler's connections: measured in another process, shown in a dialog.

capacity runner -> **dialog** -> pictures
"""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFrame,
    QProgressBar,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from bench_app.capacity.figures import CapacityResult, ConnectionCapacity, format_capacity
from bench_ui.panels.capacity_picture import PICTURE, CapacityPicture
from bench_ui.runs.capacity_runner import CapacityRunner
from bench_ui.widgets.plain_text import PlainLabel
from bench_ui.widgets.theme import GRID, Theme


class CapacityDialog(QDialog):
    """Starts a measurement as it opens and shows its result. Closing the dialog stops the measurement."""

    def __init__(self, runner: CapacityRunner, handler: str, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._runner, self._theme = runner, theme
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(f"Capacity of {handler}")
        self.setMinimumSize(PICTURE.width() + 12 * GRID, 220)
        self._state = PlainLabel(f"Filling the connections of {handler}, while no consumer reads …")
        self._state.setWordWrap(True)
        self._progress = QProgressBar()
        self._progress.setRange(0, 0)
        self._progress.setAccessibleName("Measuring")
        self._found = QVBoxLayout()
        self._found.setSpacing(GRID)
        self._found.setContentsMargins(0, 0, GRID, 0)
        inside = QWidget()
        inside.setLayout(self._found)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(inside)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.close)
        column = QVBoxLayout(self)
        column.setSpacing(GRID)
        for widget in (self._state, self._progress):
            column.addWidget(widget)
        column.addWidget(area, 1)
        column.addWidget(buttons)
        # Start before connecting: the measurement that this one replaces fails, and its own dialog shows that.
        runner.measure(handler)
        runner.measured.connect(self.show_result)
        runner.failed.connect(self._show_failure)
        self._waiting = True
        self.finished.connect(lambda _: self._disconnect())

    def show_result(self, result: CapacityResult) -> None:
        """Show a picture of each connection and what it means."""
        self._end("Where do messages sit when the consumer reads nothing?")
        for connection in result.connections:
            self._found.addWidget(self._card(connection))
        self._found.addStretch(1)
        self.resize(self.width(), min(680, 110 + 256 * len(result.connections)))

    def _card(self, found: ConnectionCapacity) -> QWidget:
        card = QFrame()
        card.setObjectName("card")
        column = QVBoxLayout(card)
        column.setContentsMargins(2 * GRID, GRID, 2 * GRID, GRID)
        ends = f"{found.handler} to {', '.join(found.listeners)}" if found.listeners else found.handler
        size = f", messages of {found.message_bytes:,.0f} bytes" if found.message_bytes else ""
        title = PlainLabel(f"{ends}: {found.socket_type} over {found.transport}{size}")
        title.setObjectName("title")
        column.addWidget(title)
        if found.places:
            column.addWidget(CapacityPicture(found, self._theme))
        meaning = PlainLabel(format_capacity(found))
        meaning.setWordWrap(True)
        meaning.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        column.addWidget(meaning)
        for note in found.notes:
            label = PlainLabel(note)
            label.setObjectName("note")
            label.setWordWrap(True)
            column.addWidget(label)
        return card

    def _show_failure(self, reason: str) -> None:
        self._end(reason)

    def _end(self, text: str) -> None:
        self._state.setText(text)
        self._progress.hide()
        self._disconnect()

    def _disconnect(self) -> None:
        """Stop listening: later results belong to another dialog. Stops a measurement that is still under way."""
        if not self._waiting:
            return
        self._waiting = False
        self._runner.measured.disconnect(self.show_result)
        self._runner.failed.disconnect(self._show_failure)
        self._runner.stop("")
