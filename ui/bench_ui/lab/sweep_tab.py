"""The sweep in the lab: form at the left, map or curve at the right, runs below.

question -> lab runner -> entries -> **sweep tab** -> run or settings of a cell
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication, QComboBox, QHBoxLayout, QStackedWidget, QToolButton, QVBoxLayout, QWidget

from bench_app.comparison.metric_values import MAIN_METRICS, format_figure
from bench_app.errors import InputError
from bench_app.preset.documents import Document
from bench_app.untrusted.json_reader import BadJsonError
from bench_ui.lab.cell_text import cell_line, run_row
from bench_ui.lab.curve_view import curve_view, metric_view
from bench_ui.lab.heat_map import BEST_MARK, CURRENT_MARK, HeatMap
from bench_ui.lab.heat_view import heat_view, label, short_path
from bench_ui.lab.journal_reader import JournalEntry
from bench_ui.lab.lab_columns import left_column
from bench_ui.lab.lab_runner import Ending
from bench_ui.lab.sweep_curve import SweepCurve
from bench_ui.lab.sweep_form import SweepForm
from bench_ui.lab.sweep_grid import AGAIN, SweepGrid
from bench_ui.lab.times import about
from bench_ui.lab.trial_request import SettingsRequest, TrialRequest
from bench_ui.lab.work_controls import WorkControls
from bench_ui.lab.work_folder import LabWork
from bench_ui.widgets.elided_label import ElidedLabel
from bench_ui.widgets.plain_text import PlainLabel, plain_tip
from bench_ui.widgets.table_view import TableView
from bench_ui.widgets.tables import Column, TextTable
from bench_ui.widgets.theme import GRID, LIGHT, Theme

DRAW_MS = 100
"""The picture is drawn again so long after a run came, together with those that come meanwhile."""
OVER_KEYS = "the keys"
EMPTY = "Choose keys and values at the left. Each combination becomes a cell here, and fills as its runs end."
_COLUMNS = (
    Column("run", "In the order in which the runs were made", is_number=True),
    Column("settings", "The values of the cell"),
    Column("verdict", "invalid: the run does not count"),
    Column("value", "The value of the metric that is shown", is_number=True),
    Column("reason", "Why the run does not count"),
)
_MOST_ROWS = 20_000
_VERDICT_COLORS = {"pass": "received", "fail": "lost", "invalid": "overflow"}


class SweepTab(QWidget):
    """The tab.

    Attributes:
        form, controls: the question, and its work.
        map, curve: the picture, one of which is shown.
        metrics, slices: which metric is shown, and which value of a third key.
        over: what the metric is drawn over: the keys, or another metric.
        detail: what is known of the chosen cell.
        runs: the table of the runs.
        grid: what was measured; None before the first sweep.
    """

    question_asked = Signal(object)
    """With the Question."""
    cancel_wanted = Signal()
    run_wanted = Signal(object)
    """With a TrialRequest."""
    settings_wanted = Signal(object)
    """With a SettingsRequest."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.grid: SweepGrid | None = None
        self.theme: Theme = LIGHT
        self._work: LabWork | None = None
        self._document: Document | None = None
        self._chosen: int | None = None
        self._run_cells: list[tuple[int, int]] = []
        """Cell and place in the journal of each row of the table."""
        self._began_s, self._made = 0.0, 0
        self.form = SweepForm()
        self.controls = WorkControls("Sweep")
        self.metrics, self.over, self.slices = QComboBox(), QComboBox(), QComboBox()
        self.over.addItem(OVER_KEYS)
        for combo, name in ((self.metrics, "Metric"), (self.over, "What the metric is drawn over")):
            combo.setAccessibleName(name)
            combo.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
            combo.setMinimumContentsLength(18)
            combo.addItems(MAIN_METRICS)
        self.slices.setAccessibleName("Value of the third key")
        self.map, self.curve = HeatMap(), SweepCurve()
        self.picture = QStackedWidget()
        self._note = PlainLabel(EMPTY)
        self._note.setObjectName("muted")
        self._note.setWordWrap(True)
        self.detail = PlainLabel()
        self.detail.setWordWrap(True)
        self.open_run = self._button("Open run", "Keep the run of this cell in Runs, and show it (Enter)", self._open)
        self.apply = self._button(
            "Apply settings", "Give the open preset the values of this cell; can be undone (double click)", self._apply
        )
        self._table = TextTable(_COLUMNS)
        self._table.color_of = self._color
        self.runs = TableView(self._table, "Runs of the sweep", stretch=4)
        for place, width in enumerate((56, 260, 84, 110)):
            self.runs.setColumnWidth(place, width)
        self._lay_out()
        self._connect()
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(DRAW_MS)
        self._timer.timeout.connect(self.draw)
        self._click_timer = QTimer(self)
        """Runs after a click as long as it may become a double click."""
        self._click_timer.setSingleShot(True)
        self._click_timer.timeout.connect(self._open)
        self._show_chosen()

    def _button(self, text: str, tip: str, act: Callable[[], None]) -> QToolButton:
        button = QToolButton()
        button.setText(text)
        button.setToolTip(tip)
        button.setAccessibleName(f"{text} of the chosen cell")
        button.clicked.connect(lambda _=False: act())
        return button

    def _lay_out(self) -> None:
        for widget in (self._note, self.map, self.curve):
            self.picture.addWidget(widget)
        head = QHBoxLayout()
        head.addWidget(PlainLabel("Metric"))
        head.addWidget(self.metrics)
        head.addWidget(PlainLabel("over"))
        head.addWidget(self.over)
        head.addWidget(self.slices)
        self._legend = ElidedLabel(
            f"{BEST_MARK} best   {CURRENT_MARK} open preset   hatched: invalid runs   bars: least to largest"
        )
        self._legend.setObjectName("muted")
        head.addWidget(self._legend, 1)
        below = QHBoxLayout()
        below.addWidget(self.detail, 1)
        below.addWidget(self.open_run)
        below.addWidget(self.apply)
        right = QVBoxLayout()
        right.setSpacing(GRID)
        right.addLayout(head)
        right.addWidget(self.picture, 3)
        right.addLayout(below)
        right.addWidget(self.runs, 1)
        row = QHBoxLayout(self)
        row.setContentsMargins(GRID, GRID, GRID, GRID)
        row.setSpacing(2 * GRID)
        row.addWidget(left_column(self.form, self.controls))
        row.addLayout(right, 1)
        self.slices.hide()

    def _connect(self) -> None:
        self.form.edited.connect(lambda: self.controls.set_fault(self.form.fault))
        self.controls.set_fault(self.form.fault)
        self.controls.start_wanted.connect(self._ask)
        self.controls.cancel_wanted.connect(self.cancel_wanted)
        self.metrics.currentIndexChanged.connect(lambda _: self._change_metric())
        for combo in (self.over, self.slices):
            combo.currentIndexChanged.connect(lambda _: self.draw())
        for picture in (self.map, self.curve):
            picture.cell_chosen.connect(self.choose)
            picture.cell_clicked.connect(self._click)
            picture.settings_wanted.connect(self._apply_cell)
        self.map.cell_opened.connect(lambda _: self._open())
        self.runs.doubleClicked.connect(lambda _: self._open_row())
        self.runs.selectionModel().selectionChanged.connect(lambda *_: self._choose_row())

    def set_theme(self, theme: Theme) -> None:
        """Show the colours of a theme."""
        self.theme = self.map.theme = theme
        self.curve.set_theme(theme)
        self.map.update()

    def show_document(self, document: Document | None) -> None:
        """Offer the keys of a document, and mark the cell that has its values."""
        self._document = document
        self.form.show_document(document)
        self.draw()

    def _ask(self) -> None:
        try:
            self.question_asked.emit(self.form.question)
        except InputError as error:
            self.controls.message.setText(str(error))

    def begin(self, work: LabWork, is_running: bool) -> None:
        """Show an empty grid for a work. Its entries follow."""
        self._click_timer.stop()
        self._work, self._chosen = work, None
        self.form.show_question(work.question)
        self.grid = SweepGrid.of(work.question)
        self._run_cells.clear()
        self._table.replace([])
        self._began_s, self._made = time.monotonic(), 0
        axes = self.grid.axes
        self.slices.clear()
        if len(axes) > 2:
            for value in axes[2].values:
                self.slices.addItem(f"{short_path(axes[2].path)} = {label(value)}")
        if is_running:
            self.controls.show_begun(f"{self.grid.planned:,} runs …")
        self.map.choose(None)
        self.draw()

    def take(self, entry: JournalEntry) -> None:
        """A run has ended, or was read from the journal."""
        grid = self.grid
        if grid is None:
            return
        try:
            result = entry.run
        except BadJsonError:
            return
        number = grid.add(entry.key, result, entry.place)
        if number is None:
            return
        cell = grid.cells[number]
        at = cell.places.index(entry.place)
        self._run_cells.append((number, entry.place))
        metric = self.metrics.currentText()
        self._table.append(run_row(len(self._run_cells), cell, cell.repeats[at], metric), _MOST_ROWS)
        if not self._timer.isActive():
            self._timer.start()

    def note(self, line: str) -> None:
        """Count a run that the command made itself: what is left is estimated by them, not by those of the journal."""
        self._made += line.startswith(AGAIN) or line[:1].isdigit()

    def end(self, ending: Ending, message: str) -> None:
        """The work has ended."""
        grid = self.grid
        if grid is not None and ending in (Ending.DONE, Ending.NO_RESULT):
            invalid = f", {grid.invalid:,} of them invalid" if grid.invalid else ""
            message = f"{grid.done:,} runs{invalid}.{f' {message}' if message else ''}"
        self.controls.show_end(ending, message)
        self.draw()

    def draw(self) -> None:
        """Draw the picture and the progress again."""
        grid = self.grid
        if grid is None:
            self.picture.setCurrentWidget(self._note)
            return
        self._offer_metrics(grid)
        metric, current = self.metrics.currentText(), grid.current(self._document)
        over = self._over
        self.slices.setVisible(len(grid.axes) > 2 and not over)
        if over:
            self.curve.show_view(metric_view(grid, metric, over, current))
            self.picture.setCurrentWidget(self.curve)
        elif len(grid.axes) == 1:
            self.curve.show_view(curve_view(grid, metric, current))
            self.picture.setCurrentWidget(self.curve)
        else:
            self.map.show_view(heat_view(grid, metric, max(0, self.slices.currentIndex()), current))
            self.picture.setCurrentWidget(self.map)
        left_s = grid.left_s(self.form.seconds.value(), time.monotonic() - self._began_s, self._made)
        done, invalid = grid.done, grid.invalid
        text = f"{done:,} of {grid.planned:,} runs{f', {invalid:,} invalid' if invalid else ''}"
        left = f", {about(left_s)} left" if done < grid.planned else ", invalid runs again"
        self.controls.show_progress(done / grid.planned, f"{text}{left}")
        self._show_chosen()

    @property
    def _over(self) -> str:
        """The metric that the other one is drawn over; "" for the keys."""
        return self.over.currentText() if self.over.currentIndex() > 0 else ""

    def _offer_metrics(self, grid: SweepGrid) -> None:
        """Offer every metric that was measured, the main ones first; the chosen one stays."""
        known = {self.metrics.itemText(place) for place in range(self.metrics.count())}
        new = [name for name in grid.metrics if name not in known]
        if new:
            self.metrics.addItems(new)
            self.over.addItems(new)

    def _change_metric(self) -> None:
        grid, metric = self.grid, self.metrics.currentText()
        if grid is None:
            return
        rows: list[Sequence[str]] = []
        for number, (cell_number, place) in enumerate(self._run_cells, start=1):
            cell = grid.cells[cell_number]
            if place in cell.places:
                rows.append(run_row(number, cell, cell.repeats[cell.places.index(place)], metric))
            else:
                rows.append(self._table.rows[number - 1])
        self._table.replace(rows)
        self.draw()

    def choose(self, number: int) -> None:
        """Show what is known of a cell."""
        self._chosen = number
        self.map.choose(number)
        self._show_chosen()

    def _show_chosen(self) -> None:
        grid, number = self.grid, self._chosen
        cell = None if grid is None or number is None else grid.cells[number]
        self.open_run.setEnabled(cell is not None and bool(cell.repeats))
        self.apply.setEnabled(cell is not None)
        if grid is None or cell is None:
            self.detail.setText(
                "" if grid is None else "A click opens the run of a cell; a double click applies its settings."
            )
            return
        text = cell_line(grid.axes, cell, self.metrics.currentText())
        if self._over and (value := cell.median(self._over)) is not None:
            text += f"; {self._over} {format_figure(self._over, value)}"
        self.detail.setText(text)
        self.detail.setToolTip(plain_tip(text))

    def _click(self, number: int) -> None:
        """Open the run of a cell, unless a second click follows, which applies its settings."""
        self.choose(number)
        self._click_timer.start(QApplication.doubleClickInterval())

    def _open(self) -> None:
        self._click_timer.stop()
        grid, number = self.grid, self._chosen
        if grid is None or number is None or not grid.cells[number].repeats:
            return
        cell = grid.cells[number]
        valid = [at for at, repeat in enumerate(cell.repeats) if repeat.verdict != "invalid"]
        self._open_entry(number, cell.places[(valid or [len(cell.repeats) - 1])[-1]])

    def _open_row(self) -> None:
        rows = self.runs.selected_rows()
        if len(rows) == 1:
            self._open_entry(*self._run_cells[rows[0]])

    def _open_entry(self, number: int, place: int) -> None:
        assert self.grid is not None and self._work is not None
        title = ", ".join(label(value) for value in self.grid.cells[number].values)
        self.run_wanted.emit(TrialRequest(self._work, place, self.grid.settings(number), f"sweep {title}"))

    def _choose_row(self) -> None:
        rows = self.runs.selected_rows()
        if len(rows) == 1 and rows[0] < len(self._run_cells):
            self.choose(self._run_cells[rows[0]][0])

    def _apply(self) -> None:
        if self._chosen is not None:
            self._apply_cell(self._chosen)

    def _apply_cell(self, number: int) -> None:
        self._click_timer.stop()
        if self.grid is not None:
            self.settings_wanted.emit(SettingsRequest(self.grid.settings(number), "apply a cell of the sweep"))

    def _color(self, row: int, column: int) -> QColor | None:
        if column != 2:
            return None
        return self.theme.color(_VERDICT_COLORS.get(self._table.rows[row][2], "muted"))
