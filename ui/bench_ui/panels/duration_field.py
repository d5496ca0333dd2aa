"""The duration of the run, edited in the run bar."""

from __future__ import annotations

import re
from functools import partial

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QKeyEvent
from PySide6.QtWidgets import QLineEdit, QMenu, QWidget

from bench_ui.forms.row import set_mark
from bench_ui.widgets.plain_text import plain_tip

_WIDEST, _FRAME = "0:00:00", 14
LONGEST_S = 2_592_000
EXTENSION_S = 60
"""By how much one step extends a run, in seconds."""
UNTIL_STOPPED = "∞"
"""Shown for the longest duration, which no run reaches: such a run goes on until it is stopped."""
_TIP = (
    "How long events are offered: in seconds, as 1:30 (minutes) or 1:30:00 (hours), or until stopped. "
    "Up and Down choose usual durations, and so does a right click. In a run it extends or shortens the run."
)
USUAL_S = (5, 10, 20, 30, 60, 120, 300, 600, 1800, 3600, 28_800, LONGEST_S)
"""The durations that Up and Down choose, in seconds."""
CLOCK_FROM_S = 120
"""From two minutes on, whole seconds are shown as 2:00."""
_REASON = (
    "must be a number of seconds with a point (2.5), or minutes (1:30), or hours (1:30:00); more than 0 and at most "
    "2,592,000 s; or until stopped"
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
    unit_changed = Signal(str)
    """With the unit of the text that is shown: "s", or "" for a text that needs none."""

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
            self._show()
            self._mark("")

    def _show(self) -> None:
        self.setText(format_duration(self._shown_s))
        self.unit_changed.emit("s" if self.text().replace(".", "").isdecimal() else "")

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 (Qt's name)
        """Choose the next usual duration with Up and Down."""
        step = {Qt.Key.Key_Up: 1, Qt.Key.Key_Down: -1}.get(Qt.Key(event.key()))
        if step is None:
            super().keyPressEvent(event)
        else:
            self.choose(next_usual(self._shown_s, step))

    def choose(self, seconds: float) -> None:
        """Show a duration that the user chose without typing it, and emit it."""
        self.setText(format_duration(seconds))
        self._read()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:  # noqa: N802 (Qt's name)
        """Offer the usual durations above Qt's own menu."""
        menu = self.menu()
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(event.globalPos())

    def menu(self) -> QMenu:
        """The usual durations, and the commands of every line of text."""
        menu = QMenu(self)
        for seconds in USUAL_S:
            text = "until stopped" if seconds == LONGEST_S else spell_duration(seconds)
            menu.addAction(text, partial(self.choose, float(seconds)))
        menu.addSeparator()
        for name, act in (("Copy", self.copy), ("Paste", self.paste)):
            menu.addAction(name, act)
        return menu

    def _read(self) -> None:
        seconds = _seconds_of(self.text())
        if seconds is None:
            self._mark(_REASON)
            return
        self._mark("")
        self.setModified(False)
        # Leaving the field without a change is no edit.
        if seconds != self._shown_s:
            self._shown_s = seconds
            self._show()
            self.edited.emit(seconds)

    def _mark(self, reason: str) -> None:
        self.fault = reason
        self.setToolTip(plain_tip(reason or _TIP))
        set_mark(self, "fault", bool(reason))


def _seconds_of(text: str) -> float | None:
    """The seconds that a text means; None if it means none or too many."""
    if text.strip().casefold() in (UNTIL_STOPPED, "until stopped"):
        return float(LONGEST_S)
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
    return seconds if 0 < seconds <= LONGEST_S else None


def format_duration(seconds: float) -> str:
    """Seconds as the field shows them: ``90``, ``2:00``, ``1:30:00``, or the sign of a run until it is stopped."""
    if seconds >= LONGEST_S:
        return UNTIL_STOPPED
    if seconds < CLOCK_FROM_S or seconds != int(seconds):
        return f"{seconds:g}"
    hours, rest = divmod(int(seconds), 3600)
    return f"{hours}:{rest // 60:02d}:{rest % 60:02d}" if hours else f"{rest // 60}:{rest % 60:02d}"


def spell_duration(seconds: int) -> str:
    """A usual duration in words: ``30 s``, ``5 min``, ``1 h``."""
    for size, unit in ((3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"


def next_usual(seconds: float, step: int) -> float:
    """The next longer usual duration for a step of 1, the next shorter one for -1; the same at the end of the list."""
    longer = [usual for usual in USUAL_S if usual > seconds]
    shorter = [usual for usual in USUAL_S if usual < seconds]
    found = longer[:1] if step > 0 else shorter[-1:]
    return float(found[0]) if found else seconds
