"""Which high-water mark? The situation at the left, bursts and proof at the right: question -> **HWM tab** -> marks."""

from __future__ import annotations

import time
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QFormLayout, QHBoxLayout, QWidget

from bench_app.lab.hwm import HwmResult
from bench_app.model import pattern_of
from bench_app.preset.documents import Document
from bench_app.sweeps.sweep import format_value
from bench_app.untrusted.json_reader import BadJsonError, JsonReader
from bench_ui.lab.hwm_progress import USUAL_RUNS, HwmProgress, result_lines
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
from bench_ui.widgets.number_box import decimal_box, whole_box
from bench_ui.widgets.plain_text import PlainLabel
from bench_ui.widgets.theme import GRID, Theme

EMPTY = (
    "Start measures what the connection holds now, computes the high-water mark that it needs while the consumer "
    "stands still, and proves it: runs with the mark lose nothing, and runs with half of it do."
)
AS_PRESET = "as the preset"
RUN_S = 2.0
"""How long a run of the proof takes, about."""
_RESULTS: JsonReader[HwmResult] = JsonReader(HwmResult)


class HwmTab(QWidget):
    """The tab.

    Attributes:
        handler, stall, proof: the question.
        controls, panel: its work, and what it showed.
    """

    question_asked = Signal(object)
    cancel_wanted = Signal()
    run_wanted = Signal(object)
    settings_wanted = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._work: LabWork | None = None
        self._progress: HwmProgress | None = None
        self._keys: list[str] = []
        self._found: HwmResult | None = None
        self._began_s, self._made = 0.0, 0
        self.handler = QComboBox()
        self.handler.setAccessibleName("Handler")
        self.stall = decimal_box()
        self.stall.setRange(0, 60)
        self.stall.setDecimals(2)
        self.stall.setSingleStep(0.1)
        self.stall.setSuffix(" s")
        self.stall.setSpecialValueText(AS_PRESET)
        self.stall.setAccessibleName("The consumer stands still for")
        self.stall.setToolTip("How long the consumer may stand still; 0 takes the stall of the preset, else 0.3 s")
        self.proof = whole_box()
        self.proof.setRange(0, 1000)
        self.proof.setValue(USUAL_RUNS)
        self.proof.setSuffix(" runs")
        self.proof.setAccessibleName("Runs of the proof with the mark, and as many with half of it")
        note = PlainLabel("Twice as many runs as this prove it: with the mark, and with half of it.")
        note.setObjectName("muted")
        note.setWordWrap(True)
        self.controls = WorkControls("Which high-water mark?")
        self.panel = SearchPanel("Which high-water mark?", 2, EMPTY)
        form = QWidget()
        fields = QFormLayout(form)
        fields.setContentsMargins(0, 0, 0, 0)
        fields.addRow("Handler", self.handler)
        fields.addRow("Consumer still for", self.stall)
        fields.addRow("Proof", self.proof)
        fields.addRow(note)
        row = QHBoxLayout(self)
        row.setContentsMargins(GRID, GRID, GRID, GRID)
        row.setSpacing(2 * GRID)
        row.addWidget(left_column(form, self.controls))
        row.addWidget(self.panel, 1)
        self.controls.start_wanted.connect(lambda: self.question_asked.emit(self.question))
        self.controls.cancel_wanted.connect(self.cancel_wanted)
        self.panel.apply_wanted.connect(self._apply)
        self.panel.trial_wanted.connect(self._open)

    @property
    def question(self) -> Question:
        """What is asked."""
        options = ["--handler", self.handler.currentText(), "--proof", str(self.proof.value())]
        if self.stall.value():
            options += ["--stall", f"{self.stall.value():g}"]
        return Question("hwm", options)

    def show_document(self, document: Document | None) -> None:
        """Offer the handlers that can have a mark."""
        chosen = self.handler.currentText()
        handlers = {} if document is None else document.preset.output.handlers
        names = [
            name
            for name, spec in handlers.items()
            if spec.enabled and not pattern_of(spec.config.socket_type).gets_replies
        ]
        self.handler.clear()
        self.handler.addItems(names)
        self.handler.setCurrentIndex(max(0, self.handler.findText(chosen)))
        self.controls.set_fault("" if names else "There is no enabled PUB or PUSH: a REQ needs no mark.")

    def set_theme(self, theme: Theme) -> None:
        """Show the colours of a theme."""
        self.panel.set_theme(theme)

    def begin(self, work: LabWork, is_running: bool) -> None:
        """Show a work without runs. Its entries follow."""
        question = work.question
        self._work, self._found = work, None
        self._progress = HwmProgress(question)
        self._keys.clear()
        self._began_s, self._made = time.monotonic(), 0
        for name in question.values("--handler"):
            self.handler.setCurrentIndex(max(0, self.handler.findText(name)))
        self.stall.setValue(question.number("--stall", 0))
        self.proof.setValue(int(question.number("--proof", USUAL_RUNS)))
        self.panel.clear()
        self.panel.show_result(["First the capacity of the connection is measured."], "")
        self._draw()
        if is_running:
            self.controls.show_begun("Measuring the capacity …")

    def take(self, entry: JournalEntry) -> None:
        """A measurement has ended, or was read from the journal."""
        progress = self._progress
        try:
            is_run = progress is not None and progress.add(entry)
            result = entry.run if is_run else None
        except BadJsonError:
            return
        if progress is None:
            return
        if result is not None:
            self._keys.append(entry.key)
            self.panel.add_trial(progress.texts[-1], result)
        self._draw()
        each_s = (time.monotonic() - self._began_s) / self._made if self._made > 1 else RUN_S
        left = about(progress.runs_left * each_s)
        self.controls.show_progress(progress.share, f"{len(progress.texts):,} runs, {left} left")

    def note(self, line: str) -> None:
        """Count what the command did itself, for the estimate of what is left."""
        self._made += line.startswith(("run ", "burst ", "capacity "))

    def _draw(self) -> None:
        if self._progress is not None:
            self.panel.show_charts([self._progress.burst_chart, self._progress.proof_chart])

    def end(self, ending: Ending, message: str) -> None:
        """The work has ended: show its result."""
        if self._work is not None and ending in (Ending.DONE, Ending.NO_RESULT):
            self._found = _read(self._work.result)
        if (found := self._found) is not None:
            proposal = "\n".join(f"{path} = {format_value(value)}" for path, value in found.recommended.items())
            self.panel.show_result([*result_lines(found), *proposal.splitlines()], proposal)
        self.controls.show_end(ending, message)

    def _apply(self) -> None:
        if self._found is not None:
            settings = list(self._found.recommended.items())
            self.settings_wanted.emit(SettingsRequest(settings, "apply the high-water mark"))

    def _open(self, row: int) -> None:
        if self._progress is not None and self._work is not None:
            settings = list(trial_values(self._keys[row]).items())
            place = self._progress.places[row]
            self.run_wanted.emit(TrialRequest(self._work, place, settings, f"HWM, trial {row + 1}"))


def _read(file: Path) -> HwmResult | None:
    try:
        return _RESULTS.read(file.read_bytes())
    except (OSError, BadJsonError):
        return None
