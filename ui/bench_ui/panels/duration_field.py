"""The duration of the run, edited in the run bar."""

from __future__ import annotations

import re

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtWidgets import QLineEdit, QWidget

from bench_ui.forms.row import set_mark
from bench_ui.widgets.plain_text import plain_tip

_WIDEST, _FRAME = "0:00:00", 14
_MOST_S = 2_592_000
_TIP = "How long events are offered: in seconds, or as 1:30 (minutes) or 1:30:00 (hours)"
_REASON = (
    "must be a number of seconds with a point (2.5), or minutes (1:30), or hours (1:30:00); more than 0 and at most "
    "2,592,000 s"
)
_THOUSANDS = re.compile(r"\d{1,3}(,\d{3})+(\.\d*)?")
"""A comma is read between thousands only: 2,5 would otherwise mean 25."""
_CLOCK = re.compile(r"(?:(\d+):)?(\d+):([0-5]?\d(?:\.\d*)?)")


class DurationField(QLineEdit):
    """A line for seconds. Wrong input is marked and not emitted.

    Attributes:
        fault: why the text that is shown is no duration; "" if it is one.
    """

    edited = Signal(float)
    """With another duration in seconds."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.fault = ""
        self._shown_s = 0.0
        self._fit()
        self.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.setToolTip(_TIP)
        self.setAccessibleName("Duration in seconds")
        self.editingFinished.connect(self._read)

    def _fit(self) -> None:
        self.setFixedWidth(self.fontMetrics().horizontalAdvance(_WIDEST) + _FRAME)

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 (Qt's name)
        """Keep the room for a duration when the size of text changes."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._fit()

    def show_duration(self, seconds: float) -> None:
        """Show the document's duration, unless the user has typed something that is not entered yet."""
        self._shown_s = seconds
        if not (self.hasFocus() and self.isModified()):
            self.setText(f"{seconds:g}")
            self._mark("")

    def _read(self) -> None:
        seconds = _seconds_of(self.text())
        if seconds is None:
            self._mark(_REASON)
            return
        self._mark("")
        self.setModified(False)
        # Leaving the field without a change is no edit.
        if seconds != self._shown_s:
            self.edited.emit(seconds)

    def _mark(self, reason: str) -> None:
        self.fault = reason
        self.setToolTip(plain_tip(reason or _TIP))
        set_mark(self, "fault", bool(reason))


def _seconds_of(text: str) -> float | None:
    """The seconds that a text means; None if it means none or too many."""
    text = text.strip().removesuffix("s").strip()
    if clock := _CLOCK.fullmatch(text):
        seconds = int(clock[1] or 0) * 3600 + int(clock[2]) * 60 + float(clock[3])
    elif "," in text and not _THOUSANDS.fullmatch(text):
        return None
    else:
        try:
            seconds = float(text.replace(",", ""))
        except ValueError:
            return None
    return seconds if 0 < seconds <= _MOST_S else None
