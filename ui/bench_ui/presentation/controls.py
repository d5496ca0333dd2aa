"""Buttons at the foot of the presentation: the way through the story, and faults."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFontMetrics, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from bench_app.preset.defaults import listeners_of
from bench_app.preset.documents import Document
from bench_ui.panels.unit_request import UnitAction, UnitRequest
from bench_ui.widgets.plain_text import plain_tip

SHARE = 0.062
"""The part of the window's height that the buttons take."""
TEXT_SHARE = 0.026
PADDING, LEAST_PADDING = 1.0, 0.3
"""The room beside the text of a button, in proportion to its letters. It gives way before the letters do."""
LEAST_LETTERS_PX = 8
FRAME_PX = 4
"""What a button's frame takes of its width."""
_KILL_TIP = "Kill and restart: the worker process ends at once, and another one replaces it"
FAULTS_SHOWN = 3
"""At most so many listeners have buttons."""


class StoryControls(QWidget):
    """Back, next and replay, and for each listener: kill, pause or resume.

    ``next``, ``back`` and ``replay`` are the buttons of the story.
    """

    action_wanted = Signal(object)
    """With a UnitRequest."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self.back = self._button("\u25c0 Back", "Show the caption before (Page Up)")
        self.next = self._button("Next \u25b6", "Bring the next step (Page Down); without a run, start it")
        self.replay = self._button("Replay", "Play the demo from its beginning (R)")
        self._row.addStretch(1)
        self._faults: list[QPushButton] = []
        self._units: Sequence[tuple[str, str]] = ()
        self._paused: set[tuple[str, str]] = set()

    def _button(self, text: str, tip: str) -> QPushButton:
        button = QPushButton(text)
        button.setToolTip(plain_tip(tip))
        # The keys of a remote control work wherever the focus is, and Space starts and pauses.
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._row.addWidget(button)
        return button

    def show_document(self, document: Document | None) -> None:
        """Make buttons for the listeners of a document."""
        units = [] if document is None else _listeners(document)[:FAULTS_SHOWN]
        if units != self._units:
            self._units = units
            self._make_faults()

    def show_paused(self, paused: set[tuple[str, str]], running: bool) -> None:
        """Say *Resume* on the buttons of listeners that are paused. Faults need a run."""
        if paused != self._paused:
            self._paused = set(paused)
            self._make_faults()
        for button in self._faults:
            button.setEnabled(running)

    def _make_faults(self) -> None:
        for button in self._faults:
            self._row.removeWidget(button)
            button.deleteLater()
        self._faults = []
        for handler, listener in self._units:
            paused = (handler, listener) in self._paused
            pause = UnitAction.RESUME if paused else UnitAction.PAUSE
            self._add_fault(f"{'Resume' if paused else 'Pause'} {listener}", UnitRequest(pause, handler, listener))
            self._add_fault(f"Kill {listener}", UnitRequest(UnitAction.KILL, handler, listener), _KILL_TIP)
        self._fit_fonts()

    def _add_fault(self, text: str, request: UnitRequest, tip: str = "") -> None:
        button = self._button(text, tip or f"{text}: a fault, as the tree at the left has it, too")
        button.clicked.connect(lambda _=False: self.action_wanted.emit(request))
        self._faults.append(button)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 (Qt's name)
        """Let room and letters give way where the texts would be cut."""
        super().resizeEvent(event)
        self._fit_fonts()

    def fit(self, height: int) -> None:
        """Take the sizes for a window of this height."""
        self._height = height
        self.setFixedHeight(int(height * SHARE))
        self._fit_fonts()

    _height = 720

    def _fit_fonts(self) -> None:
        size, padding = self._fitting_letters()
        tall = int(self._height * SHARE * 0.9)
        for button in self._buttons:
            # A style sheet of its own, because that of the application has the size of its buttons.
            button.setStyleSheet(f"font-size: {size}px; padding: 0 {padding}px;")
            button.setFixedHeight(tall)

    @property
    def _buttons(self) -> list[QPushButton]:
        return [self.back, self.next, self.replay, *self._faults]

    def _fitting_letters(self) -> tuple[int, int]:
        """The size of the letters and the room beside each text in pixels, with which no text is cut."""
        size = max(LEAST_LETTERS_PX, int(self._height * TEXT_SHARE))
        while True:
            texts = self._texts_width(size)
            frames = len(self._buttons) * (self._row.spacing() + FRAME_PX)
            room = (self.width() - frames - texts) / (2 * len(self._buttons))
            # Before the presentation is shown, its width means nothing.
            if not self.isVisible() or room >= LEAST_PADDING * size or size <= LEAST_LETTERS_PX:
                return size, max(0, int(min(room, PADDING * size) if self.isVisible() else PADDING * size))
            size -= 1

    def _texts_width(self, size: int) -> int:
        font = self.font()
        font.setPixelSize(size)
        metrics = QFontMetrics(font)
        return sum(metrics.horizontalAdvance(button.text()) for button in self._buttons)


def _listeners(document: Document) -> list[tuple[str, str]]:
    preset = document.preset
    enabled = [name for name, spec in preset.output.handlers.items() if spec.enabled]
    return [(name, str(one.name)) for name in enabled for one in listeners_of(preset, name)]
