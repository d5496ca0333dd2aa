"""The duration of the run, edited in the run bar."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLineEdit, QWidget

from bench_ui.forms.row import set_mark
from bench_ui.widgets.plain_text import plain_tip

_MOST_S = 2_592_000
_TIP = "How long events are offered, in seconds"
_REASON = "must be a number of seconds, more than 0 and at most 2,592,000"


class DurationField(QLineEdit):
    """A line for seconds. Wrong input is marked and not emitted."""

    edited = Signal(float)
    """With another duration in seconds."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shown_s = 0.0
        self.setFixedWidth(60)
        self.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.setToolTip(_TIP)
        self.setAccessibleName("Duration in seconds")
        self.editingFinished.connect(self._read)

    def show_duration(self, seconds: float) -> None:
        """Show the document's duration, unless the user is in the field."""
        self._shown_s = seconds
        if not self.hasFocus():
            self.setText(f"{seconds:g}")
            self._mark("")

    def _read(self) -> None:
        seconds = _seconds_of(self.text())
        if seconds is None:
            self._mark(_REASON)
            return
        self._mark("")
        # Leaving the field without a change is no edit.
        if seconds != self._shown_s:
            self.edited.emit(seconds)

    def _mark(self, reason: str) -> None:
        self.setToolTip(plain_tip(reason or _TIP))
        set_mark(self, "fault", bool(reason))


def _seconds_of(text: str) -> float | None:
    """The seconds that a text means; None if it means none or too many."""
    try:
        seconds = float(text.replace(",", "").removesuffix("s").strip())
    except ValueError:
        return None
    return seconds if 0 < seconds <= _MOST_S else None
