"""Is it better? Two settings in turns, or the kept runs of the baseline and of the open preset.

question -> entries -> **A/B tab** -> table with intervals
"""

from __future__ import annotations

import time
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QColor
from PySide6.QtWidgets import (
    QComboBox,
    QFormLayout,
    QHBoxLayout,
    QLineEdit,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from bench_app.comparison.comparison import Comparison
from bench_app.comparison.detectable import format_detectable
from bench_app.errors import BenchError, InputError
from bench_app.lab.trial import with_settings
from bench_app.model.json_path import parse_assignment
from bench_app.preset.documents import Document
from bench_app.sweeps.axes import LIBZMQ, PLANE
from bench_app.untrusted.json_reader import BadJsonError, JsonReader
from bench_ui.lab.ab_progress import USUAL_PAIRS, AbProgress, comparison_rows, settings_of, summary
from bench_ui.lab.journal_reader import JournalEntry
from bench_ui.lab.lab_columns import left_column
from bench_ui.lab.lab_runner import Ending
from bench_ui.lab.question import Question
from bench_ui.lab.times import about
from bench_ui.lab.trial_request import SettingsRequest
from bench_ui.lab.value_range import value_text
from bench_ui.lab.varied_keys import VariedKey, usual_key, varied_keys
from bench_ui.lab.work_controls import WorkControls
from bench_ui.lab.work_folder import LabWork
from bench_ui.widgets.number_box import decimal_box, whole_box
from bench_ui.widgets.plain_text import PlainLabel, plain_tip
from bench_ui.widgets.table_view import TableView
from bench_ui.widgets.tables import Column, TextTable
from bench_ui.widgets.theme import GRID, LIGHT, Theme

START_S = 1.0
EMPTY = (
    "Start runs the preset with A and with B in turns, and says of each metric by how much B is more than A. "
    "~ means that nothing is shown: runs of the same settings differ as much."
)
_COLUMNS = (
    Column("metric", "A metric of the checks"),
    Column("A", "The median of A", is_number=True),
    Column("B", "The median of B", is_number=True),
    Column("B more than A", "The Hodges-Lehmann shift; ~: nothing is shown", is_number=True),
    Column("95 % interval", "Of the shift; there is none with too few runs", is_number=True),
    Column("meaning", "Whether the change is for the worse, and whether the runs of one side differ more"),
)
_SHIFT, _MEANING = 3, 5
_RESULTS: JsonReader[Comparison] = JsonReader(Comparison)


class AbTab(QWidget):
    """The tab.

    Attributes:
        key, of_a, of_b, pairs, seconds: the question.
        controls, result, metrics: its work, the result in words, and the table.
        kept: the button that compares kept runs.
    """

    question_asked = Signal(object)
    cancel_wanted = Signal()
    run_wanted = Signal(object)
    settings_wanted = Signal(object)
    kept_wanted = Signal()
    """The kept runs of the baseline and of the open preset are to be compared."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme: Theme = LIGHT
        self._document: Document | None = None
        self._keys: list[VariedKey] = []
        self._work: LabWork | None = None
        self._progress: AbProgress | None = None
        self._began_s, self._made = 0.0, 0
        self._title = ""
        """What A and B of the work are."""
        self._shown_b: list[tuple[str, object]] = []
        """The values of B of the work, until the form is edited."""
        self.key = QComboBox()
        self.key.setAccessibleName("Key that differs")
        self.key.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.key.setMinimumContentsLength(12)
        self.of_a, self.of_b = QLineEdit(), QLineEdit()
        self.of_a.setAccessibleName("Value of A")
        self.of_b.setAccessibleName("Value of B")
        self.pairs = whole_box()
        self.pairs.setRange(1, 1000)
        self.pairs.setValue(USUAL_PAIRS)
        self.pairs.setAccessibleName("Pairs of runs")
        self.seconds = decimal_box()
        self.seconds.setRange(0.1, 3600)
        self.seconds.setDecimals(1)
        self.seconds.setValue(2.0)
        self.seconds.setSuffix(" s")
        self.seconds.setAccessibleName("Length of a run")
        self._note = PlainLabel()
        self._note.setObjectName("muted")
        self._note.setWordWrap(True)
        self.controls = WorkControls("A/B")
        self.kept = QToolButton()
        self.kept.setText("Compare kept runs with the baseline")
        self.kept.setToolTip("A: all kept runs with the settings of the baseline. B: those with the open preset.")
        self.kept.setAccessibleName(self.kept.text())
        self.kept.clicked.connect(lambda _=False: self.kept_wanted.emit())
        self.result = PlainLabel(EMPTY)
        self.result.setWordWrap(True)
        self.apply = QToolButton()
        self.apply.setText("Apply B")
        self.apply.setAccessibleName("Give the open preset the value of B")
        self.apply.clicked.connect(lambda _=False: self._apply())
        self._table = TextTable(_COLUMNS)
        self._table.color_of = self._color
        self.metrics = TableView(self._table, "Comparison", stretch=0)
        for place, width in enumerate((0, 100, 100, 170, 210, 120)):
            if width:
                self.metrics.setColumnWidth(place, width)
        self._lay_out()
        self.key.currentIndexChanged.connect(lambda _: self._choose_key())
        for line in (self.of_a, self.of_b):
            line.textChanged.connect(lambda _: self._edit())
        self.pairs.valueChanged.connect(lambda _: self._judge())
        self.seconds.valueChanged.connect(lambda _: self._judge())
        self.controls.start_wanted.connect(self._ask)
        self.controls.cancel_wanted.connect(self.cancel_wanted)

    def _lay_out(self) -> None:
        form = QWidget()
        fields = QFormLayout(form)
        fields.setContentsMargins(0, 0, 0, 0)
        fields.addRow(self.key)
        fields.addRow("A", self.of_a)
        fields.addRow("B", self.of_b)
        fields.addRow("Pairs of runs", self.pairs)
        fields.addRow("Length of a run", self.seconds)
        fields.addRow(self._note)
        below = QHBoxLayout()
        below.addWidget(self.result, 1)
        below.addWidget(self.apply)
        right = QVBoxLayout()
        right.addLayout(below)
        right.addWidget(self.metrics, 1)
        row = QHBoxLayout(self)
        row.setContentsMargins(GRID, GRID, GRID, GRID)
        row.setSpacing(2 * GRID)
        row.addWidget(left_column(form, self.controls, self.kept))
        row.addLayout(right, 1)

    def set_theme(self, theme: Theme) -> None:
        """Show the colours of a theme."""
        self.theme = theme
        self.metrics.viewport().update()

    def show_document(self, document: Document | None) -> None:
        """Offer the keys of a document."""
        chosen = self.key.currentData()
        self._document = document
        self._keys = [] if document is None else varied_keys(document)
        usual = usual_key(self._keys)
        self.key.blockSignals(True)
        self.key.clear()
        for key in self._keys:
            self.key.addItem(key.title, key.path)
            tip = plain_tip(f"{key.path}\n{key.description}")
            self.key.setItemData(self.key.count() - 1, tip, Qt.ItemDataRole.ToolTipRole)
        place = self.key.findData(chosen if chosen is not None else usual.path if usual is not None else "")
        self.key.setCurrentIndex(max(0, place))
        self.key.blockSignals(False)
        if self.key.currentData() != chosen:
            self._choose_key()
        self._judge()

    @property
    def _chosen_key(self) -> VariedKey | None:
        return next((key for key in self._keys if key.path == self.key.currentData()), None)

    def _choose_key(self) -> None:
        # The new key may have the same two values, so that no line of the form changes.
        self._shown_b = []
        key = self._chosen_key
        if key is None:
            return
        current = value_text(key.current).strip('"')
        other = next((str(choice) for choice in key.choices if choice != key.current), "")
        if key.is_number:
            other = value_text(int(key.current / 2) if key.is_whole else key.current / 2) if key.current else "1"
        self.of_a.setText(current)
        self.of_b.setText(other.lower() if isinstance(key.current, bool) else other)

    @property
    def question(self) -> Question:
        """What is asked. Raises BenchError with what is wrong."""
        key = self._chosen_key
        if key is None or self._document is None:
            raise InputError("open a preset first")
        texts = [f"{key.path}={line.text().strip()}" for line in (self.of_a, self.of_b)]
        for text in texts:
            path, value = parse_assignment(text)
            if value == "":
                raise InputError("give a value for A and one for B")
            if path not in (PLANE, LIBZMQ):
                with_settings(self._document, [(path, value)])
        options = ["--a", texts[0], "--b", texts[1], "--pairs", str(self.pairs.value())]
        return Question("ab", [*options, "--duration", f"{self.seconds.value():g}"])

    def _edit(self) -> None:
        self._shown_b = []
        self._judge()

    def _judge(self) -> None:
        fault = ""
        try:
            self._make_sure()
        except BenchError as error:
            fault = str(error)
        runs = 2 * self.pairs.value()
        took = about(runs * (self.seconds.value() + START_S))
        detectable = format_detectable(self.pairs.value())
        self._note.setText(fault or f"{runs:,} runs, {took}. {detectable[0].upper()}{detectable[1:]}.")
        self.controls.set_fault(fault)

    def _make_sure(self) -> Question:
        return self.question

    def _ask(self) -> None:
        self.question_asked.emit(self.question)

    def begin(self, work: LabWork, is_running: bool) -> None:
        """Show a work without runs. Its entries follow."""
        question = work.question
        self._work, self._progress = work, AbProgress(question)
        self._began_s, self._made = time.monotonic(), 0
        self.pairs.setValue(self._progress.pairs)
        self.seconds.setValue(question.number("--duration", 2.0))
        self._show_sides(question)
        self._table.replace([])
        self.result.setText(f"{self._title}Runs of A and of B are made in turns.")
        if is_running:
            self.controls.show_begun("The first pair …")

    def _show_sides(self, question: Question) -> None:
        """Show the two values in the form. A side without one is the preset as it is.

        A question from the terminal can vary several keys, or one that the form does not offer. Then the fields of the
        form are empty.
        """
        sides = [settings_of(question, option) for option in ("--a", "--b")]
        names = [", ".join(question.values(option)) or "the preset as it is" for option in ("--a", "--b")]
        self._title = f"A: {names[0]}. B: {names[1]}. "
        paths = {path for side in sides for path, _ in side}
        place = self.key.findData(next(iter(paths), ""))
        is_offered = len(paths) == 1 and place >= 0 and all(len(side) < 2 for side in sides)
        if is_offered:
            self.key.setCurrentIndex(place)
        key = self._chosen_key
        for line, side in zip((self.of_a, self.of_b), sides, strict=True):
            value = side[0][1] if side else key.current if key is not None else ""
            text = value if isinstance(value, str) else value_text(value)
            line.setText(text if is_offered else "")
        # After the fields, because an edit of them forgets it.
        self._shown_b = sides[1]

    def take(self, entry: JournalEntry) -> None:
        """A run has ended, or was read from the journal."""
        progress = self._progress
        try:
            if progress is None or not progress.add(entry):
                return
        except BadJsonError:
            return
        done = len(progress.results)
        each_s = (time.monotonic() - self._began_s) / self._made if self._made else self.seconds.value() + START_S
        invalid = sum(one.verdict == "invalid" for one in progress.results)
        text = f"{done:,} of {progress.planned:,} runs{f', {invalid:,} invalid' if invalid else ''}"
        left = about((progress.planned - done) * each_s)
        self.controls.show_progress(done / progress.planned, f"{text}, {left} left")
        if done % 2 == 0 and (comparison := progress.comparison) is not None:
            self.show_comparison(comparison)

    def note(self, line: str) -> None:
        """Count a run that the command made itself, for the estimate of what is left."""
        self._made += line[:1].isdigit()

    def end(self, ending: Ending, message: str) -> None:
        """The work has ended: show all metrics."""
        if self._work is not None and ending in (Ending.DONE, Ending.NO_RESULT):
            found = _read(self._work.result)
            if found is not None:
                self.show_comparison(found)
        self.controls.show_end(ending, message)

    def show_comparison(self, comparison: Comparison, title: str = "") -> None:
        """Show the metrics of a comparison. ``title`` says what A and B are, if they are not those of the work."""
        self._table.replace(comparison_rows(comparison))
        self.result.setText(f"{title or self._title}{summary(comparison)}")

    def show_reason(self, reason: str) -> None:
        """Show why there is no comparison."""
        self.result.setText(reason)

    def _apply(self) -> None:
        key, settings = self._chosen_key, self._shown_b
        if not settings and key is not None and self.of_b.text().strip():
            settings = [parse_assignment(f"{key.path}={self.of_b.text().strip()}")]
        kept = [(path, value) for path, value in settings if path not in (PLANE, LIBZMQ)]
        if kept:
            self.settings_wanted.emit(SettingsRequest(kept, "apply B"))

    def _color(self, row: int, column: int) -> QColor | None:
        if column not in (_SHIFT, _MEANING):
            return None
        meaning = self._table.rows[row][_MEANING]
        name = "lost" if "worse" in meaning else "received" if "better" in meaning else "muted"
        return self.theme.color(name)


def _read(file: Path) -> Comparison | None:
    try:
        return _RESULTS.read(file.read_bytes())
    except (OSError, BadJsonError):
        return None
