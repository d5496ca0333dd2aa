"""The question of a sweep: up to three keys, repeats, length of a run: document -> **sweep form** -> question."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFormLayout, QVBoxLayout, QWidget

from bench_app.errors import InputError
from bench_app.preset.documents import Document
from bench_app.sweeps.axes import MOST_CELLS, Axis, parse_axis
from bench_ui.lab.axis_row import AxisRow
from bench_ui.lab.question import Question
from bench_ui.lab.times import about
from bench_ui.lab.value_range import axis_text
from bench_ui.lab.varied_keys import usual_key, varied_keys
from bench_ui.widgets.number_box import decimal_box, whole_box
from bench_ui.widgets.plain_text import PlainLabel
from bench_ui.widgets.theme import GRID

MOST_KEYS = 3
USUAL_S = 2.0
START_S = 1.0
"""How long the start and the end of a run take, about."""


class SweepForm(QWidget):
    """The fields of the question.

    Attributes:
        rows: the keys.
        repeats, seconds: how often each cell is run, and for how long.
        summary: how many runs there will be, and how long they take.
        fault: what is wrong with the question; "" if it can be asked.
    """

    edited = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.fault = "Open a preset first."
        self.rows = [AxisRow(number + 1, is_optional=number > 0) for number in range(MOST_KEYS)]
        self.repeats = whole_box()
        self.repeats.setRange(1, 100)
        self.repeats.setAccessibleName("Runs of each cell")
        self.seconds = decimal_box()
        self.seconds.setRange(0.1, 3600)
        self.seconds.setDecimals(1)
        self.seconds.setValue(USUAL_S)
        self.seconds.setSuffix(" s")
        self.seconds.setAccessibleName("Length of a run")
        self.summary = PlainLabel()
        self.summary.setObjectName("muted")
        self.summary.setWordWrap(True)
        fields = QFormLayout()
        fields.addRow("Runs of each cell", self.repeats)
        fields.addRow("Length of a run", self.seconds)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GRID)
        for row in self.rows:
            column.addWidget(row)
            row.edited.connect(self._change)
        column.addLayout(fields)
        column.addWidget(self.summary)
        self.repeats.valueChanged.connect(lambda _: self._change())
        self.seconds.valueChanged.connect(lambda _: self._change())

    def show_document(self, document: Document | None) -> None:
        """Offer the keys of a document."""
        keys = [] if document is None else varied_keys(document)
        usual = usual_key(keys)
        for number, row in enumerate(self.rows):
            row.show_keys(keys, usual.path if usual is not None and number == 0 else "")
        self._change()

    def show_question(self, question: Question) -> None:
        """Show a question that was asked before."""
        axes = [parse_axis(text) for text in question.values("--vary")]
        for number, row in enumerate(self.rows):
            if number < len(axes):
                row.show_axis(axes[number])
            else:
                row.show_none()
        self.repeats.setValue(int(question.number("--repeat", 1)))
        self.seconds.setValue(question.number("--duration", USUAL_S))

    @property
    def axes(self) -> list[Axis]:
        """The axes. Raises InputError with what is wrong."""
        axes = [axis for row in self.rows if (axis := row.axis) is not None]
        if len({axis.path for axis in axes}) < len(axes):
            raise InputError("a key stands there twice")
        return axes

    @property
    def question(self) -> Question:
        """What is asked. Raises InputError with what is wrong."""
        options = [part for axis in self.axes for part in ("--vary", axis_text(axis))]
        options += ["--repeat", str(self.repeats.value()), "--duration", f"{self.seconds.value():g}"]
        return Question("sweep", options)

    def _change(self) -> None:
        self.fault, summary = self._judge()
        self.summary.setText(self.fault or summary)
        self.edited.emit()

    def _judge(self) -> tuple[str, str]:
        """What is wrong, and the summary."""
        try:
            axes = self.axes
        except InputError as error:
            return str(error), ""
        if not axes:
            return "Choose a key to vary.", ""
        cells = 1
        for axis in axes:
            cells *= len(axis.values)
        if cells > MOST_CELLS:
            return f"{cells:,} cells; at most {MOST_CELLS:,} are possible", ""
        runs = cells * self.repeats.value()
        took = about(runs * (self.seconds.value() + START_S))
        return "", f"{cells:,} cells × {self.repeats.value():,} = {runs:,} runs, {took}"
