"""The bar on top: preset, start, pause, stop, duration, time, and the three numbers one looks at first."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QAction, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QSizePolicy, QToolBar, QToolButton, QWidget

from bench_app.engine.session import Phase
from bench_ui.widgets import number_format
from bench_ui.widgets.fixed_text import FixedWidthText
from bench_ui.widgets.theme import LIGHT, Theme, figure_font

NAME_WIDTH = 108
_PAUSE, _GO_ON = "❚❚ Pause", "▶ Go on"
_PHASE_WORDS = {Phase.OPENING: "opening", Phase.DRAINING: "draining", Phase.DONE: "done", Phase.RUNNING: ""}


class _Progress(QWidget):
    """A thin line, or a word in its place. QProgressBar paints at once, and the whole window with it."""

    def __init__(self) -> None:
        super().__init__()
        self.setFixedSize(64, 18)
        self.setAccessibleName("Progress of the run")
        self.share = 0.0
        self._words = ""
        self._theme = LIGHT

    def show_share(self, share: float, words: str, theme: Theme) -> None:
        """Fill it from 0 to 1, or say what goes on before and after that."""
        if (share, words, theme) != (self.share, self._words, self._theme):
            self.share, self._words, self._theme = share, words, theme
            self.setAccessibleDescription(words or f"{share:.0%}")
            self.update()

    def show_theme(self, theme: Theme) -> None:
        """Light or dark."""
        self.show_share(self.share, self._words, theme)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 (Qt's name)
        """Draw it."""
        painter = QPainter(self)
        if self._words:
            painter.setPen(self._theme.color("muted"))
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignVCenter, self._words)
            return
        line = QRectF(0, 6, self.width(), 6)
        painter.fillRect(line, self._theme.color("line"))
        line.setWidth(line.width() * self.share)
        painter.fillRect(line, self._theme.color("accepted"))


@dataclass(frozen=True)
class RunBarState:
    """What the bar shows of a run: texts, and the share of the run that is over (0 to 1)."""

    time: str
    rate: str
    p99: str
    lost: str
    progress: float


class RunBar(QToolBar):
    """Only shows and asks; the window decides."""

    duration_edited = Signal(float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Run", parent)
        self._actions: dict[QToolButton, QAction] = {}
        self._shown_s = 0.0
        self._whole_name = ""
        self.setObjectName("run-bar")
        self.setMovable(False)
        self.large = False
        self.theme: Theme = LIGHT
        self.presets = self._button("Presets", "Choose a preset (Ctrl+G)")
        self.open = self._button("Open", "Open a preset's file (Ctrl+O)")
        self.save = self._button("Save", "Save the preset; production can load the file (Ctrl+S)")
        self._name = QLabel()
        self._name.setObjectName("title")
        # Of one width, so that what stands behind it stays where it is.
        self._name.setFixedWidth(NAME_WIDTH)
        self.addWidget(self._name)
        self.addSeparator()
        self.start = self._button("▶ Start", "Run this preset (Space)")
        self.start.setObjectName("start")
        self.pause = self._button(_PAUSE, "Let the sources stand still, or go on (Space)")
        self.pause.setCheckable(True)
        self.stop = self._button("■ Stop", "End the run: sources first, then drain (Esc); once more ends it at once")
        self.duration = QLineEdit()
        self.duration.setFixedWidth(60)
        self.duration.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.duration.setToolTip("How long events are offered, in seconds")
        self.duration.setAccessibleName("Duration in seconds")
        self.duration.editingFinished.connect(self._read_duration)
        self.addWidget(self.duration)
        self.addWidget(QLabel(" s "))
        self._time = FixedWidthText(
            "00:00.0",
            "Time that events have been offered; pauses do not count, though the plots show them",
            right=False,
        )
        self._time.show_text("00:00.0")
        self._progress = _Progress()
        for widget in (self._time, self._progress):
            self.addWidget(widget)
        space = QWidget()
        space.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.addWidget(space)
        box = QWidget()
        row = QHBoxLayout(box)
        row.setContentsMargins(0, 0, 8, 0)
        row.setSpacing(8)
        self._rate = FixedWidthText("000,000/s", "Events offered a second, over the last second")
        self._p99 = FixedWidthText("p99 00.00 ms", "99 % of the messages of the last 0.2 s took no longer")
        self._lost = FixedWidthText(
            "000,000 drops", "Events that did not arrive, all causes together: the strip has each"
        )
        for label in (self._rate, self._p99, self._lost):
            row.addWidget(label)
        self.addWidget(box)
        self.scheme = self._button("◐", "Light or dark (Ctrl+D)")
        self.scheme.setAccessibleName("Light or dark")
        self.present = self._button("F11", "Presentation: readable from three metres (F11)")
        self.present.setAccessibleName("Presentation")
        # Numbers only for those who watch; who presents has Space and Esc.
        self._always = (self._name, self._time, self._progress, space, box, self.present)
        self.set_large(False)

    @property
    def state(self) -> RunBarState:
        """What is shown now."""
        return RunBarState(self._time.text, self._rate.text, self._p99.text, self._lost.text, self._progress.share)

    def _button(self, text: str, tip: str) -> QToolButton:
        button = QToolButton()
        button.setText(text)
        button.setToolTip(tip)
        button.setAccessibleName(text.lstrip("▶❚■ "))
        button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._actions[button] = self.addWidget(button)
        return button

    def set_large(self, large: bool) -> None:
        """Big numbers, and only what is needed."""
        self.large = large
        scale = 1.9 if large else 1.05
        for label in (self._rate, self._p99, self._lost):
            label.setFont(figure_font(self.font(), scale, bold=True))
        self._time.setFont(figure_font(self.font(), scale * 0.9))
        self._name.setFont(figure_font(self.font(), 1.4 if large else 1.0, bold=True))
        self._name.setFixedWidth(2 * NAME_WIDTH if large else NAME_WIDTH)
        self._show_name()
        for action in self.actions():
            if self.widgetForAction(action) not in self._always:
                action.setVisible(not large)

    def show_theme(self, theme: Theme) -> None:
        """Light or dark."""
        self.theme = theme
        self._show_lost(self._lost.text)
        self._progress.show_theme(theme)

    def show_name(self, name: str, title: str) -> None:
        """Which preset is open; a star for changes that no file holds."""
        self._whole_name = name
        self._show_name()
        self._name.setToolTip(f"{name}\n{title}".strip())

    def _show_name(self) -> None:
        metrics, room = QFontMetrics(self._name.font()), self._name.width()
        self._name.setText(metrics.elidedText(self._whole_name, Qt.TextElideMode.ElideMiddle, room))

    def show_duration(self, seconds: float) -> None:
        """From the document."""
        self._shown_s = seconds
        if not self.duration.hasFocus():
            self.duration.setText(f"{seconds:g}")
            self._mark("")

    def _read_duration(self) -> None:
        text = self.duration.text().replace(",", "").removesuffix("s").strip()
        try:
            seconds = float(text)
        except ValueError:
            seconds = -1.0
        if not 0 < seconds <= 2_592_000:
            self._mark("must be a number of seconds, more than 0 and at most 2,592,000")
            return
        self._mark("")
        # Whoever only passes through changes nothing.
        if seconds != self._shown_s:
            self.duration_edited.emit(seconds)

    def _mark(self, reason: str) -> None:
        self.duration.setProperty("fault", bool(reason))
        self.duration.setToolTip(reason or "How long events are offered, in seconds")
        self.duration.style().unpolish(self.duration)
        self.duration.style().polish(self.duration)

    def show_phase(self, can_start: bool, running: bool, paused: bool, stopping: bool) -> None:
        """What can be done now."""
        # The focus would go on to the field for the duration, and the next Space with it.
        focused = self.window().focusWidget()
        if focused is self.start and running:
            self._actions[self.pause].setEnabled(not stopping)
            self.pause.setFocus()
        elif focused in (self.pause, self.stop) and not running and can_start:
            self._actions[self.start].setEnabled(True)
            self.start.setFocus()
        # By its action: one that is shown again would give the button that one's state.
        self._actions[self.start].setEnabled(can_start)
        self._actions[self.pause].setEnabled(running and not stopping)
        self.pause.setChecked(paused)
        self.pause.setText(_GO_ON if paused else _PAUSE)
        self.pause.setAccessibleName("Go on" if paused else "Pause")
        self._actions[self.stop].setEnabled(running)

    def show_time(self, now_s: float, share: float, phase: Phase) -> None:
        """How far the run is: the time of its plots and events, and the share of what is to be offered."""
        self._time.show_text(number_format.clock(now_s))
        self._progress.show_share(min(1.0, share), _PHASE_WORDS.get(phase, ""), self.theme)

    def show_figures(self, rate: float, p99_ns: float | None, lost: int, measure: str, over: bool = False) -> None:
        """The three numbers; of a run that is over they are about all of it."""
        self._rate.show_text(number_format.rate(rate))
        self._rate.setToolTip(f"Events offered a second, {'mean of the run' if over else 'over the last second'}")
        self.show_p99(p99_ns)
        of = "run" if over else "last 0.2 s"
        self._p99.setToolTip(f"99 % of the messages of the {of} took no longer ({measure.replace('_', ' ')})")
        self._show_lost(f"{lost:,} drops")

    def show_p99(self, p99_ns: float | None) -> None:
        """The middle one alone."""
        self._p99.show_text(f"p99 {number_format.duration_ns(p99_ns)}")

    def _show_lost(self, text: str) -> None:
        any_lost = text not in ("0 drops", "")
        self._lost.show_text(text, self.theme.color("lost") if any_lost else None)
