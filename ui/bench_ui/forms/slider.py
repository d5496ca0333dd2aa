"""model -> form: a slider over powers of ten, for tuning by eye during a run."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QWheelEvent
from PySide6.QtWidgets import QSlider, QWidget

from bench_ui.forms.ladder import Ladder, LogScale

THROTTLE_MS = 100
"""The least time between two numbers of ``chosen`` in a drag."""
REST_MS = 150
"""A thumb that has not moved for this time rests."""
_KEYS = {Qt.Key.Key_Up: 1, Qt.Key.Key_Right: 1, Qt.Key.Key_Down: -1, Qt.Key.Key_Left: -1}


class LogSlider(QSlider):
    """A slider for a number. ``moved`` has each number, to show it; ``chosen`` has at most ten a second, to apply them.

    The last number of a drag is always emitted, at the latest when the thumb is released.

    Attributes:
        patient: if True, ``chosen`` waits until the thumb rests, because each number recreates a socket or restarts a
            handler.
    """

    moved = Signal(object)
    chosen = Signal(object)

    def __init__(self, scale: LogScale, ladder: Ladder, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self._scale = scale
        self._ladder = ladder
        self._value: float = scale.value_at(0)
        self._emitted: float | None = None
        self.patient = False
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._tick)
        self.setRange(0, scale.last)
        self.setPageStep(max(scale.last // 10, 1))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.valueChanged.connect(self._move)
        self.sliderReleased.connect(self._release)

    def show_number(self, value: float) -> None:
        """Put the thumb at a number without a signal. A number beyond the scale is kept, with the thumb at the end."""
        self._value = value
        self._emitted = value
        were_blocked = self.blockSignals(True)
        self.setValue(self._scale.place_of(value))
        self.blockSignals(were_blocked)

    def _move(self, place: int) -> None:
        self._value = self._scale.value_at(place)
        self.moved.emit(self._value)
        if not self.isSliderDown():
            self._emit_chosen()
        elif self.patient:
            self._timer.start(REST_MS)
        elif not self._timer.isActive():
            self._emit_chosen()
            self._timer.start(THROTTLE_MS)

    def _tick(self) -> None:
        if not self._emit_chosen() or self.patient:
            self._timer.stop()

    def _release(self) -> None:
        self._timer.stop()
        self._emit_chosen()

    def _emit_chosen(self) -> bool:
        if self._value == self._emitted:
            return False
        self._emitted = self._value
        self.chosen.emit(self._value)
        return True

    def _step(self, direction: int) -> None:
        value = self._ladder.up(self._value) if direction > 0 else self._ladder.down(self._value)
        if value != self._value:
            self.show_number(value)
            self.moved.emit(value)
            self.chosen.emit(value)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Arrow keys go one step, as in the number box."""
        direction = _KEYS.get(Qt.Key(event.key()))
        if direction is None:
            super().keyPressEvent(event)
        else:
            self._step(direction)

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802
        """Move the thumb only while the slider has the focus; otherwise the page scrolls."""
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()
