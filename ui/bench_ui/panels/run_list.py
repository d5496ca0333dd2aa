"""The Runs tab: the list of kept runs, with buttons to open, compare, rename, delete and export them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QColor, QKeySequence
from PySide6.QtWidgets import QMenu, QToolButton, QVBoxLayout, QWidget

from bench_app.archive import RunSummary
from bench_app.engine.result import Outcome
from bench_ui.runs.export_kind import ExportKind
from bench_ui.widgets import number_format
from bench_ui.widgets.number_format import BASELINE_MARK
from bench_ui.widgets.plain_text import PlainLabel
from bench_ui.widgets.table_tools import tools_row
from bench_ui.widgets.tables import Column, TextTable, table_view
from bench_ui.widgets.theme import LIGHT, Theme

_COLUMNS = (
    Column("", f"{BASELINE_MARK} is the baseline: its curves are dashed, behind those of the shown run"),
    Column("started", "Local time"),
    Column("name", "The name that you gave this run"),
    Column("preset", "The preset of the run: a file, or one that ships with the bench"),
    Column("length", "How long events were offered", is_number=True),
    Column("verdict", "pass, fail (a check failed), invalid (the reading cannot be trusted), interrupted"),
    Column("offered", "Events that the sources offered", is_number=True),
    Column("received", "Messages that listeners received; for REQ, replies", is_number=True),
    Column("dropped", "Events that did not arrive, all causes together", is_number=True),
    Column("balance", "Whether the ledger balances to the last event"),
)
_PLACES = {column.heading: place for place, column in enumerate(_COLUMNS)}
_VERDICT, _DROPPED = _PLACES["verdict"], _PLACES["dropped"]
_OUTCOME_COLORS: dict[str, str] = {
    Outcome.PASS: "received",
    Outcome.FAIL: "lost",
    Outcome.INVALID: "overflow",
    Outcome.INTERRUPTED: "muted",
}


class RunsPanel(QWidget):
    """The list of kept runs. Its buttons emit signals with the ids of the selected runs; run actions carry them out."""

    open_wanted = Signal(int)
    settings_wanted = Signal(int)
    baseline_wanted = Signal(object)
    """With the id of a run, or None for no baseline."""
    rename_wanted = Signal(int)
    delete_wanted = Signal(object)
    """With a list of ids."""
    undelete_wanted = Signal()
    export_wanted = Signal(int, object)
    """With an id and an ExportKind."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme: Theme = LIGHT
        self.summaries: list[RunSummary] = []
        self._table = TextTable(_COLUMNS)
        self._table.color_of = self._color
        self.view = table_view(self._table, "Runs", stretch=2)
        for place, width in ((0, 28), (1, 140), (3, 150), (4, 64), (5, 90), (6, 84), (7, 84), (8, 84), (9, 80)):
            self.view.setColumnWidth(place, width)
        delete = QAction("Delete", self, shortcut=QKeySequence(QKeySequence.StandardKey.Delete))
        delete.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        delete.triggered.connect(self._delete)
        self.view.addAction(delete)
        self.view.doubleClicked.connect(lambda _: self._call_with_selected(self.open_wanted.emit))
        self._buttons: list[QToolButton] = []
        for text, tip, act in (
            (
                "Open",
                "Show this run's plots, ledger and events again",
                lambda: self._call_with_selected(self.open_wanted.emit),
            ),
            ("Settings", "Open the preset as it was run", lambda: self._call_with_selected(self.settings_wanted.emit)),
            (
                "Baseline",
                "Compare with this run: its curves are dashed; click again to end the comparison",
                self._toggle_baseline,
            ),
            ("Rename", "Give this run another name", lambda: self._call_with_selected(self.rename_wanted.emit)),
            ("Delete", "Delete the selected runs (Del); Ctrl+Z in this list brings them back", self._delete),
        ):
            self._button(text, tip, act)
        self._export = self._button("Export", "Result as JSON or CSV, history as CSV", lambda: None)
        self._export.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(self)
        for kind in ExportKind:
            menu.addAction(kind.menu_text, partial(self._ask_export, kind))
        self._export.setMenu(menu)
        self._undo = self._button("Undo delete", "Bring back the runs deleted last", self.undelete_wanted.emit)
        self._buttons.remove(self._undo)
        self._undo.hide()
        self._hint = PlainLabel("Runs are kept here when they end.")
        self._hint.setObjectName("muted")
        self.tools = tools_row(self._hint, self._undo, *self._buttons)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 2, 8, 4)
        column.addWidget(self.view, 1)
        self.view.selectionModel().selectionChanged.connect(lambda *_: self._enable())
        self._enable()

    def _button(self, text: str, tip: str, act: Callable[[], Any]) -> QToolButton:
        button = QToolButton()
        button.setText(text)
        button.setToolTip(tip)
        button.setAccessibleName(f"{text} the selected run")
        button.clicked.connect(lambda _=False: act())
        self._buttons.append(button)
        return button

    def _enable(self) -> None:
        chosen = len(self.selected())
        for button in self._buttons:
            button.setEnabled(chosen == 1 or (chosen > 1 and button.text() == "Delete"))

    def selected(self) -> list[int]:
        """The ids of the selected runs."""
        rows = sorted({index.row() for index in self.view.selectionModel().selectedRows()})
        return [self.summaries[row].id for row in rows if row < len(self.summaries)]

    def select(self, run: int) -> None:
        """Select one run."""
        for row, summary in enumerate(self.summaries):
            if summary.id == run:
                self.view.selectRow(row)

    def name_of(self, run: int) -> str:
        """The name of a run; "" if the run is gone."""
        return next((summary.name for summary in self.summaries if summary.id == run), "")

    def show_runs(self, summaries: list[RunSummary]) -> None:
        """Show these runs. A single selected run stays selected."""
        chosen = self.selected()
        self.summaries = summaries
        self._table.replace([_cells(summary) for summary in summaries])
        self.view.clearSelection()
        if len(chosen) == 1:
            self.select(chosen[0])
        self._hint.setVisible(not summaries)
        self._enable()

    @property
    def has_focus(self) -> bool:
        """True if the keyboard focus is in the list or in its buttons."""
        focus = self.window().focusWidget()
        return focus is not None and any(part.isAncestorOf(focus) for part in (self, self.tools))

    def set_undo_offered(self, offered: bool) -> None:
        """Show or hide the button that brings back deleted runs."""
        self._undo.setVisible(offered)

    def _color(self, row: int, column: int) -> QColor | None:
        run = self.summaries[row]
        if column == _VERDICT:
            return self.theme.color(_OUTCOME_COLORS.get(run.verdict, "muted"))
        if column == _DROPPED and run.complete and run.dropped:
            return self.theme.color("lost")
        return None

    def _call_with_selected(self, act: Callable[[int], Any]) -> None:
        """Call ``act`` with the id of the selected run; do nothing unless exactly one is selected."""
        chosen = self.selected()
        if len(chosen) == 1:
            act(chosen[0])

    def _ask_export(self, kind: ExportKind) -> None:
        self._call_with_selected(lambda run: self.export_wanted.emit(run, kind))

    def _toggle_baseline(self) -> None:
        chosen = self.selected()
        if len(chosen) == 1:
            is_baseline = any(summary.id == chosen[0] and summary.is_baseline for summary in self.summaries)
            self.baseline_wanted.emit(None if is_baseline else chosen[0])

    def _delete(self) -> None:
        if chosen := self.selected():
            self.delete_wanted.emit(chosen)


def _cells(run: RunSummary) -> tuple[str, ...]:
    started = run.started_at[:19].replace("T", "  ")
    figures = [
        number_format.count(n) if run.complete else number_format.NOTHING
        for n in (run.offered, run.received, run.dropped)
    ]
    length = f"{run.duration_s:.1f} s" if run.complete else number_format.NOTHING
    balance = ("balances" if run.balanced else "does NOT") if run.complete else number_format.NOTHING
    mark = BASELINE_MARK if run.is_baseline else ""
    return (mark, started, run.name, run.preset, length, run.verdict, *figures, balance)
