"""What does it carry? Goals at the left, the bounds closing in at the right: question -> **find tab** -> rate."""

from __future__ import annotations

import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QDoubleSpinBox, QFormLayout, QHBoxLayout, QLineEdit, QWidget

from bench_app.capacity.figures import format_rate
from bench_app.errors import BenchError
from bench_app.lab.find import FindResult
from bench_app.lab.trial import rate_settings
from bench_app.model.json_path import JsonPath
from bench_app.preset.checks import parse_check
from bench_app.preset.defaults import listener_names, listeners_of
from bench_app.preset.documents import Document
from bench_app.untrusted.json_reader import BadJsonError, JsonReader
from bench_ui.lab.find_progress import FindProgress, proposed_rate, result_lines
from bench_ui.lab.journal_reader import JournalEntry
from bench_ui.lab.lab_columns import left_column
from bench_ui.lab.lab_runner import Ending
from bench_ui.lab.question import Question
from bench_ui.lab.search_panel import SearchPanel
from bench_ui.lab.times import about
from bench_ui.lab.trial_key import trial_values
from bench_ui.lab.trial_request import SettingsRequest, TrialRequest
from bench_ui.lab.work_controls import WorkControls
from bench_ui.lab.work_folder import LabWork
from bench_ui.widgets.number_box import decimal_box
from bench_ui.widgets.plain_text import PlainLabel
from bench_ui.widgets.theme import GRID, Theme

EMPTY = (
    "Start searches the highest rate that this preset sustains: short runs at constant rates, until the bounds of each "
    "goal are 1 % apart."
)
_RESULTS: JsonReader[FindResult] = JsonReader(FindResult)


class FindTab(QWidget):
    """The tab.

    Attributes:
        losses, check, max_time, trial_s: the question.
        controls, panel: its work, and what it showed.
    """

    question_asked = Signal(object)
    cancel_wanted = Signal()
    run_wanted = Signal(object)
    settings_wanted = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._document: Document | None = None
        self._work: LabWork | None = None
        self._progress: FindProgress | None = None
        self._keys: list[str] = []
        self._found: FindResult | None = None
        self._began_s, self._max_s = 0.0, 60.0
        self.losses = QLineEdit("0, 0.5")
        self.losses.setAccessibleName("Goals: at most so many percent lost")
        self.losses.setToolTip("Percent, separated by commas: each is a goal of its own, and all share their trials")
        self.check = QLineEdit()
        self.check.setPlaceholderText("latency.response.p99_ms < 5")
        self.check.setAccessibleName("Goal: a check that must hold")
        self.max_time = _seconds(60, 5, 36_000, "End after")
        self.trial_s = _seconds(2, 0.6, 3600, "Length of a trial")
        self._fault = PlainLabel()
        self._fault.setObjectName("muted")
        self._fault.setWordWrap(True)
        self.controls = WorkControls("What does it carry?")
        self.panel = SearchPanel("What does it carry?", 1, EMPTY)
        form = QWidget()
        fields = QFormLayout(form)
        fields.setContentsMargins(0, 0, 0, 0)
        fields.addRow("At most lost, in %", self.losses)
        fields.addRow("A check", self.check)
        fields.addRow("End after", self.max_time)
        fields.addRow("Length of a trial", self.trial_s)
        fields.addRow(self._fault)
        row = QHBoxLayout(self)
        row.setContentsMargins(GRID, GRID, GRID, GRID)
        row.setSpacing(2 * GRID)
        row.addWidget(left_column(form, self.controls))
        row.addWidget(self.panel, 1)
        for line in (self.losses, self.check):
            line.textChanged.connect(lambda _: self._judge())
        self.controls.start_wanted.connect(self._ask)
        self.controls.cancel_wanted.connect(self.cancel_wanted)
        self.panel.apply_wanted.connect(self._apply)
        self.panel.trial_wanted.connect(self._open)

    @property
    def question(self) -> Question:
        """What is asked. Raises ValueError or BenchError with what is wrong."""
        return self._make_question()

    def _make_question(self) -> Question:
        losses = [float(text) / 100 for text in self.losses.text().replace(",", " ").split()]
        if any(not 0 <= loss < 1 for loss in losses):
            raise ValueError("a loss is 0 to 100 %")
        options = [part for loss in losses for part in ("--loss", f"{loss:g}")]
        if check := self.check.text().strip():
            options += ["--goal", parse_check(check, self._known()).text]
        if not options:
            raise ValueError("give at least one goal")
        return Question(
            "find", [*options, "--max-time", f"{self.max_time.value():g}", "--trial", f"{self.trial_s.value():g}"]
        )

    def _known(self) -> dict[str, tuple[str, ...]]:
        if self._document is None:
            return {}
        preset = self._document.preset
        return {
            name: listener_names(listeners_of(preset, name), handler.config.socket_type)
            for name, handler in preset.output.handlers.items()
            if handler.enabled
        }

    def _judge(self) -> None:
        fault = self._find_fault()
        self._fault.setText(fault)
        self.controls.set_fault(fault)

    def _find_fault(self) -> str:
        """What is wrong with the question; "" if it can be asked."""
        try:
            self._make_question()
        except BenchError as error:
            return str(error)
        except ValueError as error:
            return f"losses: {error}"
        return ""

    def _ask(self) -> None:
        self.question_asked.emit(self.question)

    def show_document(self, document: Document | None) -> None:
        """Search in this document."""
        self._document = document
        self._judge()

    def set_theme(self, theme: Theme) -> None:
        """Show the colours of a theme."""
        self.panel.set_theme(theme)

    def begin(self, work: LabWork, is_running: bool) -> None:
        """Show a search without trials. Its entries follow."""
        question = work.question
        self._work, self._found = work, None
        self._progress = FindProgress(question)
        self._keys.clear()
        self.losses.setText(", ".join(f"{100 * float(text):g}" for text in question.values("--loss")))
        self.check.setText(", ".join(question.values("--goal")))
        self.max_time.setValue(question.number("--max-time", 60))
        self.trial_s.setValue(question.number("--trial", 2))
        self._began_s, self._max_s = time.monotonic(), self.max_time.value()
        self.panel.clear()
        self.panel.show_result(["The first trials look for the region of the rate."], "")
        self.panel.show_charts([self._progress.chart])
        if is_running:
            self.controls.show_begun("The first trial …")

    def take(self, entry: JournalEntry) -> None:
        """A trial has ended, or was read from the journal."""
        progress = self._progress
        try:
            if progress is None or not progress.add(entry):
                return
            result = entry.run
        except BadJsonError:
            return
        self._keys.append(entry.key)
        self.panel.add_trial(progress.texts[-1], result)
        self.panel.show_charts([progress.chart])
        left_s = max(0.0, self._max_s - (time.monotonic() - self._began_s))
        made = len(progress.search.readings)
        needed_s = progress.search.trials_left() * (progress.trial_s + 1)
        self.controls.show_progress(progress.share, f"{made:,} trials, {about(min(left_s, needed_s))} left")

    def note(self, line: str) -> None:
        """The journal says the same."""

    def end(self, ending: Ending, message: str) -> None:
        """The search has ended: show its result."""
        if self._work is not None and ending in (Ending.DONE, Ending.NO_RESULT):
            self._found = _read(self._work.result)
        if self._found is not None:
            rate = proposed_rate(self._found)
            sinks = "the load of every sink: constant, "
            proposal = f"{sinks}{format_rate(rate)} events/s" if rate is not None else ""
            self.panel.show_result(result_lines(self._found), proposal)
            message = message or f"{len(self._found.trials):,} trials in {self._found.took_s:,.0f} s."
        self.controls.show_end(ending, message)

    def _apply(self) -> None:
        rate = None if self._found is None else proposed_rate(self._found)
        if rate is not None and self._document is not None:
            settings: list[tuple[JsonPath, Any]] = rate_settings(self._document, rate)
            self.settings_wanted.emit(SettingsRequest(list(settings), "apply the found rate"))

    def _open(self, row: int) -> None:
        if self._progress is not None and self._work is not None:
            settings: Iterable[tuple[str, Any]] = trial_values(self._keys[row]).items()
            request = TrialRequest(self._work, self._progress.places[row], list(settings), f"find, trial {row + 1}")
            self.run_wanted.emit(request)


def _read(file: Path) -> FindResult | None:
    try:
        return _RESULTS.read(file.read_bytes())
    except (OSError, BadJsonError):
        return None


def _seconds(value: float, least: float, most: float, name: str) -> QDoubleSpinBox:
    box = decimal_box()
    box.setRange(least, most)
    box.setDecimals(1)
    box.setValue(value)
    box.setSuffix(" s")
    box.setAccessibleName(name)
    return box
