"""The bar on top: preset, start, pause, stop, duration, time, and the three most important numbers of the run.

phase, time and numbers of the run -> **run bar**; buttons and duration -> window
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QFontMetrics, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QSizePolicy, QStyle, QToolBar, QToolButton, QWidget

from bench_app.engine.result import Outcome
from bench_app.engine.session import Phase
from bench_ui.forms.row import set_mark
from bench_ui.panels.duration_field import DurationField
from bench_ui.panels.run_numbers import RunNumbers
from bench_ui.panels.run_progress import RunProgress
from bench_ui.widgets import number_format
from bench_ui.widgets.fixed_text import FixedWidthText
from bench_ui.widgets.plain_text import PlainLabel, plain_tip
from bench_ui.widgets.theme import LIGHT, Theme, figure_font

NAME_CHARACTERS, NAME_CHARACTERS_LARGE = 17, 22
_USUAL_SCALE = 1.05
"""The size of the numbers in proportion to normal text, outside the presentation."""
_BUTTON_TEXT = 1.2
"""The size of the badge and the button of the presentation, in proportion to normal text."""
SPARE_FROM, NAME_SHARE = 1200, 5
"""A bar that is wider than this has room to spare, in pixels. The name of the preset may take a fifth of that."""
_MOST_ROUNDS = 3
START_TIP = "Run this preset (Space)"
_PAUSE, _GO_ON = "❚❚ Pause", "▶ Resume"
_PHASE_TEXTS = {Phase.OPENING: "opening", Phase.DRAINING: "draining", Phase.DONE: "done", Phase.RUNNING: ""}
"""The text in place of the progress; "" shows the progress."""
_TIME_TIP = "Time that events have been offered; pauses do not count, though the plots show them"


@dataclass(frozen=True)
class RunBarState:
    """The texts that the bar shows about a run, and how much of the run is over (0 to 1)."""

    time: str
    rate: str
    p99: str
    lost: str
    progress: float
    progress_word: str = ""


MUCH_LATE_S = 0.5
"""Handlers that offer events later than this show it."""
_LATE_TIP = (
    "Events are offered this long after they were due: the load is more than the handlers or the bench can carry"
)
NO_VERDICT = "No verdict yet"
"""The accessible name of the hidden badge of the verdict."""
NO_NOTES = "No notes on the result"
"""The accessible name of the hidden button of the notes."""


class RunBar(QToolBar):
    """Shows the state of the run. Its buttons and its field emit signals, and the window carries them out.

    Attributes:
        presets, open, save, start, pause, stop, record, scheme, present: the buttons.
        verdict: the badge with the verdict of a run that has ended; hidden before.
        notes: the button with the number of notes on the result; hidden if there are none.
        duration: the field for the duration.
        large: True in the presentation.
        theme: the colours.
    """

    duration_edited = Signal(float)
    """With another duration in seconds."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Run", parent)
        self._actions: dict[QWidget, QAction] = {}
        self._full_name = ""
        self._outcome: Outcome | None = None
        self._is_calm = False
        self._is_stale = self._is_arranging = False
        self.setObjectName("run-bar")
        self.setMovable(False)
        self.large = False
        self.theme: Theme = LIGHT
        self.presets = self._button("Presets", "Choose a preset (Ctrl+G)")
        self.open = self._button("Open", "Open a preset's file (Ctrl+O)")
        self.save = self._button("Save", "Save the preset; production can load the file (Ctrl+S)")
        self._name = PlainLabel()
        self._name.setObjectName("title")
        self._actions[self._name] = self.addWidget(self._name)
        self.addSeparator()
        self.start = self._button("▶ Start", START_TIP)
        self.start.setObjectName("start")
        self.pause = self._button(_PAUSE, "Pause the sources, or go on (Space)")
        self.pause.setCheckable(True)
        self.stop = self._button("■ Stop", "End the run: sources first, then drain (Ctrl+.); once more ends it at once")
        self.record = self._button("● Record", "Record what the listeners of the next run receive, in a file")
        self.record.setCheckable(True)
        self.duration = DurationField()
        self.duration.edited.connect(self.duration_edited)
        self._actions[self.duration] = self.addWidget(self.duration)
        self._unit = PlainLabel("s")
        self._unit.setContentsMargins(4, 0, 4, 0)
        self.duration.unit_changed.connect(self._unit.setText)
        self._actions[self._unit] = self.addWidget(self._unit)
        self._time = FixedWidthText("00:00.0", _TIME_TIP, right=False)
        self._time.show_text("00:00.0")
        self._progress = RunProgress()
        self._space = QWidget()
        self._space.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self._numbers = RunNumbers()
        self._actions[self._time] = self.addWidget(self._time)
        self.addWidget(self._progress)
        self.verdict = self._button("", "")
        self.verdict.setObjectName("verdict")
        self.verdict.setAccessibleName(NO_VERDICT)
        for widget in (self._space, self._numbers):
            self.addWidget(widget)
        self.notes = self._button("", "")
        self.notes.setObjectName("notes")
        self.notes.setAccessibleName(NO_NOTES)
        self.scheme = self._button("◐ Light", "Light or dark (Ctrl+D)")
        self.scheme.setAccessibleName("Light or dark")
        self.present = self._button("Present", "Presentation: readable from three metres (F11)")
        self.present.setAccessibleName("Presentation")
        self._by_rank = (
            self.scheme,
            self.open,
            self.present,
            self.record,
            self.notes,
            self.save,
            self.presets,
        )
        """What gives way first where the bar is narrow: each has a menu and a key, or the badge's tooltip has it."""
        self._usable = {self.start, self.pause, self.stop}
        """Those of Start, Pause and Stop that have an effect now. A hidden action is never enabled: it cannot tell."""
        # In the presentation the keys replace the other buttons.
        self._always = (self._name, self._time, self._progress, self.verdict, self._space, self._numbers, self.present)
        self.set_large(False)

    @property
    def state(self) -> RunBarState:
        """What is shown now."""
        numbers = self._numbers
        return RunBarState(
            self._time.text,
            numbers.rate.text,
            numbers.p99.text,
            numbers.lost.text,
            self._progress.share,
            self._progress.word,
        )

    def _button(self, text: str, tip: str) -> QToolButton:
        button = QToolButton()
        button.setText(text)
        button.setToolTip(tip)
        button.setAccessibleName(text.lstrip("▶❚■● "))
        button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._actions[button] = self.addWidget(button)
        return button

    def set_large(self, large: bool, growth: float = 1.0) -> None:
        """Show large numbers and little else for the presentation, or everything in normal size.

        Large text is ``growth`` times larger in a large window.
        """
        self.large = large
        self._scale = self._numbers_scale = scale = 1.9 * growth if large else _USUAL_SCALE
        self._numbers.set_scale(scale, hides_unknown=large)
        self._time.setFont(figure_font(self.font(), scale * 0.9))
        self._name.setFont(figure_font(self.font(), 1.4 * growth if large else 1.0, bold=True))
        self._progress.setFont(figure_font(self.font(), 1.4 * growth if large else 1.0))
        for button in (self.verdict, self.present):
            # The style sheet of the application has the size of its buttons.
            size = _BUTTON_TEXT * growth * self.font().pointSizeF()
            button.setStyleSheet(f"font-size: {size:.1f}pt;" if large else "")
        self._name_verdict()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 (Qt's name)
        """Let parts give way to the new width, or bring them back."""
        super().resizeEvent(event)
        self._arrange()

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802 (Qt's name)
        """Fit the parts to the width, which is known now."""
        super().showEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        """Show the parts that apply now. Where they do not fit, parts give way by rank; the verdict always stays.

        To show a part may resize the bar, so this may be called while it runs; then it starts again at its end.
        """
        self._is_stale = True
        if self._is_arranging:
            return
        self._is_arranging = True
        for _ in range(_MOST_ROUNDS):
            if self._is_stale:
                self._is_stale = False
                self._arrange_once()
        self._is_arranging = False

    def _arrange_once(self) -> None:
        self._show_name()
        self._numbers.show_all()
        self._scale_numbers(self._scale)
        wanted = [action for action in self.actions() if self._applies(self.widgetForAction(action))]
        # Before the bar is shown, its width means nothing.
        if self.isVisible():
            self._give_way(wanted)
        for action in self.actions():
            action.setVisible(action in wanted)
        # Qt hides what did not fit before, and a hidden widget cannot say that it is narrower now.
        if (layout := self.layout()) is not None:
            layout.invalidate()

    def _give_way(self, wanted: list[QAction]) -> None:
        """Take out of ``wanted`` what does not fit, and let the name and the numbers become narrower."""
        too_wide = self._left_out(wanted, (*self._by_rank, *self._unusable, self.pause), self._excess(wanted))
        if too_wide > 0:
            too_wide -= self._show_name(too_wide)
        if too_wide > 0:
            # Large numbers become smaller: a number that the bar has no room for would vanish without a trace.
            before = self._numbers.sizeHint().width()
            self._scale_numbers(max(_USUAL_SCALE, self._scale * (1 - too_wide / before)))
            too_wide -= before - self._numbers.sizeHint().width()
        # The title of the window has the name, the tab "Run" the duration.
        too_wide = self._left_out(wanted, (self._unit, self.duration, self._name), too_wide)
        numbers = self._numbers
        for part in (numbers.p99, numbers.rate):
            if too_wide > 0:
                too_wide -= numbers.leave_out(part)
        too_wide = self._left_out(wanted, (self._time,), too_wide)
        if too_wide > 0:
            # The drops stay, in smaller letters.
            self._scale_numbers(self._numbers_scale * (1 - too_wide / numbers.sizeHint().width()))

    def _left_out(self, wanted: list[QAction], ranked: Sequence[QWidget], too_wide: int) -> int:
        """Take widgets out of ``wanted`` in their order until the bar fits; returns the pixels that it still lacks."""
        for widget in ranked:
            action = self._actions[widget]
            if too_wide > 0 and action in wanted:
                wanted.remove(action)
                too_wide -= self._width_of(action)
        return too_wide

    def _excess(self, wanted: list[QAction]) -> int:
        """How many pixels the bar lacks."""
        layout = self.layout()
        assert layout is not None
        # The margins of the layout, not of the bar: the padding of the style sheet is there.
        margins = layout.contentsMargins()
        return margins.left() + margins.right() + sum(self._width_of(action) for action in wanted) - self.width()

    @property
    def _unusable(self) -> list[QToolButton]:
        """Those of Start, Pause and Stop that have no effect now, in the order in which they give way."""
        # Start is the one that says what an empty window is for, so it stays longest while nothing runs.
        usual = (
            (self.start, self.pause, self.stop) if self.stop in self._usable else (self.stop, self.pause, self.start)
        )
        return [button for button in usual if button not in self._usable]

    def _scale_numbers(self, scale: float) -> None:
        if scale != self._numbers_scale:
            self._numbers_scale = scale
            self._numbers.set_scale(scale, hides_unknown=self.large)

    def _applies(self, widget: QWidget) -> bool:
        if widget is self.verdict:
            return bool(self.verdict.text())
        if widget is self._progress:
            return not self.verdict.text()
        if widget is self.notes:
            return bool(self.notes.text()) and not self.large
        return not self.large or widget in self._always

    def _width_of(self, action: QAction) -> int:
        widget = self.widgetForAction(action)
        hint = max(widget.sizeHint().width(), widget.minimumWidth())
        width = 0 if widget is self._space else min(hint, widget.maximumWidth())
        return width + self.style().pixelMetric(QStyle.PixelMetric.PM_ToolBarItemSpacing, None, self)

    def show_theme(self, theme: Theme) -> None:
        """Light or dark."""
        self.theme = theme
        self.scheme.setText(f"◐ {'Dark' if theme.dark else 'Light'}")
        self._numbers.show_theme(theme)
        self._progress.show_theme(theme)

    def show_name(self, name: str, title: str) -> None:
        """Show the name of the preset. ``title`` is in its tooltip."""
        self._full_name = name
        self._show_name()
        self._name.setToolTip(plain_tip(f"{name}\n{title}".strip()))

    def _show_name(self, too_wide: int = 0) -> int:
        """Show the name, in less room where the bar is ``too_wide``; returns by how much it became narrower."""
        # The width depends on the bar alone, not on the name: the widgets to the right of it keep their places. A bar
        # that is too wide still, by ``too_wide``, takes up to half of it. The title of the window has the name, too.
        metrics = QFontMetrics(self._name.font())
        least = (NAME_CHARACTERS_LARGE if self.large else NAME_CHARACTERS) * metrics.averageCharWidth()
        room = max(least, (self.width() - SPARE_FROM) // NAME_SHARE)
        room, before = max(least // 2, room - too_wide), room
        self._name.setFixedWidth(room)
        self._name.setText(metrics.elidedText(self._full_name, Qt.TextElideMode.ElideMiddle, room))
        return before - room

    def show_duration(self, seconds: float) -> None:
        """Show the duration of the document."""
        self.duration.show_duration(seconds)

    def show_phase(self, can_start: bool, running: bool, paused: bool, stopping: bool) -> None:
        """Enable the buttons that have an effect now."""
        has_effect = {self.start: can_start, self.pause: running and not stopping, self.stop: running}
        self._usable = {button for button, is_usable in has_effect.items() if is_usable}
        self._move_focus(can_start, running, stopping)
        # Enable the actions, not the buttons: an action that is shown again sets the state of its button.
        for button, is_usable in has_effect.items():
            self._actions[button].setEnabled(is_usable)
        self.pause.setChecked(paused)
        self.pause.setText(_GO_ON if paused else _PAUSE)
        self.pause.setAccessibleName("Resume" if paused else "Pause")
        # Start and Stop give way only while they have no effect.
        self._arrange()

    def show_open(self, is_open: bool) -> None:
        """Enable what changes or keeps the open document, if there is one."""
        for widget in (self.save, self.duration):
            self._actions[widget].setEnabled(is_open)

    def explain_start(self, refusal: str) -> None:
        """Say in the tooltip why no run can start; "" says what Start does."""
        self.start.setToolTip(plain_tip(refusal or START_TIP))

    def focus_start(self) -> None:
        """Move the focus to Start, so that Space runs a preset that was opened just now."""
        self._actions[self.start].setEnabled(True)
        self.start.setFocus()

    def _move_focus(self, can_start: bool, running: bool, stopping: bool) -> None:
        """Move the focus from a button that is about to be disabled to the one that Space should press next.

        Qt would move it to the duration, and the next Space would go there.
        """
        focused = self.window().focusWidget()
        if focused is self.start and running:
            self._actions[self.pause].setEnabled(not stopping)
            self.pause.setFocus()
        elif focused in (self.pause, self.stop) and not running and can_start:
            self._actions[self.start].setEnabled(True)
            self.start.setFocus()

    def show_time(self, elapsed_s: float, share: float, phase: Phase, late_s: float = 0.0) -> None:
        """Show for how long events were offered, without pauses, and the share of events that were offered.

        ``late_s`` is how long after their due time events are offered now. Much of it is shown in place of the share.
        """
        self._time.show_text(number_format.clock(elapsed_s))
        word = _PHASE_TEXTS.get(phase, "")
        if not word and late_s >= MUCH_LATE_S:
            word = f"{late_s:.1f} s late"
        self._progress.show_share(min(1.0, share), word, self.theme)
        self._progress.setToolTip(_LATE_TIP if late_s >= MUCH_LATE_S else "")

    def show_numbers(
        self, rate: float, p99_ns: float | None, lost: int, measure: str, over: bool = False, before_join: int = 0
    ) -> None:
        """Show rate, p99 and drops; see :meth:`.RunNumbers.show_numbers`."""
        self._numbers.show_numbers(rate, p99_ns, lost, measure, over, before_join)

    def show_verdict(self, outcome: Outcome | None, details: str = "", is_calm: bool = False) -> None:
        """Show how the run ended in place of its progress; None shows the progress. The tooltip has the details.

        ``is_calm``: the presentation only says that the run is over, because its scene says the rest.
        """
        self._outcome, self._is_calm = outcome, is_calm
        self.verdict.setAccessibleName(NO_VERDICT if outcome is None else f"Verdict: {outcome}")
        self.verdict.setToolTip(plain_tip(f"{details}\nClick for the ledger with all reasons.") if details else "")
        self._name_verdict()

    def _name_verdict(self) -> None:
        """Show the verdict, or in the presentation a calm word in its place."""
        if self._outcome is None:
            text = mark = ""
        elif self.large and self._is_calm:
            text, mark = "DONE", ""
        else:
            text, mark = self._outcome.upper(), self._outcome.value
        self.verdict.setText(text)
        set_mark(self.verdict, "outcome", mark)
        self._arrange()

    def show_notes(self, notes: Sequence[str]) -> None:
        """Show how many notes the result has; they do not change its verdict. The tooltip has all of them."""
        self.notes.setText(f"{len(notes):,} note{'' if len(notes) == 1 else 's'}" if notes else "")
        self.notes.setAccessibleName(self.notes.text() or NO_NOTES)
        self.notes.setToolTip(plain_tip("\n".join(notes)) if notes else "")
        self._arrange()

    def explain_lost(self, text: str) -> None:
        """Say in the tooltip of the drops how a part of them is known; "" if gaps show all of them."""
        self._numbers.explain_lost(text)

    def show_p99(self, p99_ns: float | None) -> None:
        """Show the p99 alone; None is unknown."""
        self._numbers.show_p99(p99_ns)
