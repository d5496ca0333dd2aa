"""Start, Cancel and the progress of a work: work -> **work controls** -> lab page."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from bench_ui.lab.lab_runner import Ending
from bench_ui.widgets.plain_text import PlainLabel, plain_tip
from bench_ui.widgets.theme import GRID

START, GO_ON = "▶ Start", "▶ Continue"
START_TIP = "Begin; a work of the same question that was not finished goes on"


class WorkControls(QWidget):
    """The buttons of a work with its progress below.

    Attributes:
        start, cancel: the buttons.
        progress: the bar; hidden while nothing runs.
        message: what is done now, or how it ended.
    """

    start_wanted = Signal()
    cancel_wanted = Signal()

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._refusal = ""
        self._fault = ""
        self._is_running = False
        self.start = self._button(START, f"{name}: start", self.start_wanted.emit)
        self.start.setObjectName("start")
        self.cancel = self._button("■ Cancel", f"{name}: cancel", self.cancel_wanted.emit)
        self.cancel.setToolTip("End now; what was measured is kept")
        self.progress = QProgressBar()
        self.progress.setTextVisible(False)
        self.progress.setFixedHeight(GRID)
        self.progress.setAccessibleName(f"{name}: progress")
        self.progress.hide()
        self.message = PlainLabel()
        self.message.setObjectName("muted")
        self.message.setWordWrap(True)
        row = QHBoxLayout()
        row.addWidget(self.start, 1)
        row.addWidget(self.cancel)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GRID)
        column.addLayout(row)
        column.addWidget(self.progress)
        column.addWidget(self.message)
        self._enable()

    def _button(self, text: str, name: str, act: Callable[[], None]) -> QToolButton:
        button = QToolButton()
        button.setText(text)
        button.setAccessibleName(name)
        button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        button.clicked.connect(lambda _=False: act())
        return button

    def show_begun(self, text: str) -> None:
        """A work is under way."""
        self._is_running = True
        self.progress.setRange(0, 0)
        self.progress.show()
        self.message.setText(text)
        self._enable()

    def show_progress(self, share: float, text: str) -> None:
        """Show how much is done, 0 to 1, and what is left."""
        if self._is_running:
            self.progress.setRange(0, 1000)
            self.progress.setValue(round(1000 * min(1.0, share)))
            self.message.setText(text)

    def show_end(self, ending: Ending, text: str) -> None:
        """The work has ended."""
        self._is_running = False
        self.progress.hide()
        self.message.setText(text or ("Done." if ending is Ending.DONE else "No result."))
        self.message.setToolTip(plain_tip(text))
        self.start.setText(GO_ON if ending in (Ending.CANCELLED, Ending.FAILED) else START)
        self._enable()

    def show_start(self, goes_on: bool) -> None:
        """Say whether Start begins a new work or continues the last one."""
        if not self._is_running:
            self.start.setText(GO_ON if goes_on else START)

    def set_refusal(self, reason: str) -> None:
        """Refuse to start for this reason; "" allows it."""
        self._refusal = reason
        self._enable()

    def set_fault(self, fault: str) -> None:
        """Refuse to start because the question is wrong in this way; "" allows it."""
        self._fault = fault
        self._enable()

    def _enable(self) -> None:
        reason = self._fault or self._refusal
        self.start.setEnabled(not self._is_running and not reason)
        self.start.setToolTip(plain_tip(reason or START_TIP))
        self.cancel.setEnabled(self._is_running)
