"""The Runs tab: the list of kept runs, with buttons to open, compare, rename, delete and export them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QAction, QColor, QKeySequence
from PySide6.QtWidgets import QMenu, QToolButton, QVBoxLayout, QWidget

from bench_app.archive import KeyFigures, RunSummary
from bench_app.engine.result import Outcome
from bench_ui.runs.export_kind import MENU_ORDER, ExportKind
from bench_ui.widgets import number_format
from bench_ui.widgets.number_format import BASELINE_MARK
from bench_ui.widgets.plain_text import PlainLabel
from bench_ui.widgets.table_tools import filter_of, tools_row
from bench_ui.widgets.table_view import TableView
from bench_ui.widgets.tables import Column, TextTable
from bench_ui.widgets.theme import LIGHT, Theme

_LATENCY_TIP = "The highest of all listeners: service latency, for REQ the round trip."
_COLUMNS = (
    Column(
        "", f"{BASELINE_MARK} is the baseline: its curves are dashed, behind those of the shown run", title="baseline"
    ),
    Column("started", "Local time"),
    Column("name", "The name that you gave this run"),
    Column("preset", "The preset of the run: a file, or one that ships with the bench"),
    Column("length", "How long events were offered", is_number=True, is_optional=True),
    Column(
        "verdict",
        "pass, fail (a check failed), invalid (the reading cannot be trusted), interrupted; the end of a lab's work",
    ),
    Column("offered", "Events that the sources offered", is_number=True, is_optional=True),
    Column("received", "Messages that listeners received; for REQ, replies", is_number=True, is_optional=True),
    Column("dropped", "Events that did not arrive, all causes together", is_number=True),
    Column("balance", "Whether the ledger balances to the last event", is_optional=True),
    Column("HWM", "High-water mark of the enabled handlers, as the run began", is_number=True),
    Column("rate", "Events offered a second, mean of the run", is_number=True),
    Column("p50", f"Half of the messages took no longer. {_LATENCY_TIP}", is_number=True),
    Column("p99", f"99 % of the messages took no longer. {_LATENCY_TIP}", is_number=True),
    Column("note", "What you wrote about this run"),
    Column("tags", "Words that you gave this run; the filter finds them"),
)
_PLACES = {column.heading: place for place, column in enumerate(_COLUMNS)}
_VERDICT, _DROPPED = _PLACES["verdict"], _PLACES["dropped"]
_WIDTHS = {
    "": 28,
    "started": 140,
    "preset": 120,
    "length": 64,
    "verdict": 84,
    "offered": 72,
    "received": 72,
    "dropped": 72,
    "balance": 72,
    "HWM": 104,
    "rate": 72,
    "p50": 64,
    "p99": 64,
    "note": 96,
    "tags": 64,
}
_FIRST_PLACES = ("", "started", "name", "preset", "verdict", "HWM", "rate", "p50", "p99", "dropped", "tags", "note")
"""The columns that are on the left at first: those by which runs are compared."""
_COLUMNS_GIVING_WAY = ("tags", "p50", "rate", "note")
_GIVE_WAY = ("Tags", "Note", "Rename", "Its preset", "Delete", "Compare", "Export", "Open", "Baseline")
"""What gives way first where there is little room; the menu of a run has all of it."""
_OUTCOME_COLORS: dict[str, str] = {
    Outcome.PASS: "received",
    Outcome.FAIL: "lost",
    Outcome.INVALID: "overflow",
    Outcome.INTERRUPTED: "muted",
}


class RunsPanel(QWidget):
    """The list of kept runs. Its buttons emit signals with the ids of the selected runs; run actions carry them out.

    Attributes:
        view: the table of runs.
        summaries: the runs, the newest first.
        filter_line: the text that the shown runs contain.
        tools: the filter and the buttons beside the tab.
        theme: the colours.
    """

    open_wanted = Signal(int)
    work_wanted = Signal(str)
    """With the name of a work of the lab, whose line is to be opened."""
    settings_wanted = Signal(int)
    baseline_wanted = Signal(object)
    """With the id of a run, or None for no baseline."""
    rename_wanted = Signal(int)
    note_wanted = Signal(int)
    tags_wanted = Signal(int)
    compare_wanted = Signal(object)
    """With a list of ids, that of the baseline or of the oldest run first."""
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
        self.view = TableView(self._table, "Runs", stretch=_PLACES["name"])
        self.view.add_entries = self._add_entries
        for heading, width in _WIDTHS.items():
            self.view.setColumnWidth(_PLACES[heading], width)
        for place, heading in enumerate(_FIRST_PLACES):
            heads = self.view.horizontalHeader()
            heads.moveSection(heads.visualIndex(_PLACES[heading]), place)
        self.view.giving_way = [_PLACES[heading] for heading in _COLUMNS_GIVING_WAY]
        delete = QAction("Delete", self, shortcut=QKeySequence(QKeySequence.StandardKey.Delete))
        delete.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        delete.triggered.connect(self._delete)
        self.view.addAction(delete)
        self.view.doubleClicked.connect(lambda _: self._call_with_selected(self._open))
        self._buttons: list[QToolButton] = []
        for text, tip, act in self._actions():
            self._button(text, tip, act)
        self._export = self._button("Export", "Result as JSON or CSV, history as CSV", lambda: None)
        self._export.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self._export.setMenu(self._export_menu(self))
        self._undo = self._button("Undo delete", "Bring back the runs deleted last", self.undelete_wanted.emit)
        self._buttons.remove(self._undo)
        self._undo.hide()
        self._hint = PlainLabel("Runs are kept here when they end.")
        self._hint.setObjectName("muted")
        self.filter_line = filter_of(self.view, "Filter runs")
        by_name = {button.text(): button for button in self._buttons}
        self.tools = tools_row(
            self._hint,
            self.filter_line,
            self._undo,
            *self._buttons,
            by_rank=[by_name[name] for name in _GIVE_WAY],
        )
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 2, 8, 4)
        column.addWidget(self.view, 1)
        self.view.selectionModel().selectionChanged.connect(lambda *_: self._enable())
        self._enable()

    def _actions(self) -> list[tuple[str, str, Callable[[], Any]]]:
        """What can be done with the selected run: name, explanation and function of each action."""
        one = self._call_with_selected
        return [
            ("Open", "Show this run's plots, ledger and events again", lambda: one(self._open)),
            ("Its preset", "Open its preset, with the settings of this run", lambda: one(self.settings_wanted.emit)),
            (
                "Baseline",
                "Compare with this run: its curves are dashed; click again to end the comparison",
                self._toggle_baseline,
            ),
            ("Rename", "Give this run another name", lambda: one(self.rename_wanted.emit)),
            ("Note", "Write a note on this run", lambda: one(self.note_wanted.emit)),
            ("Tags", "Give this run words by which the filter finds it", lambda: one(self.tags_wanted.emit)),
            (
                "Compare",
                "Show the selected runs side by side: settings that differ, metrics, curves",
                lambda: self.compare_wanted.emit(self._selected_in_order()),
            ),
            ("Delete", "Delete the selected runs (Del); Ctrl+Z in this list brings them back", self._delete),
        ]

    def _export_menu(self, parent: QWidget) -> QMenu:
        menu = QMenu("Export", parent)
        for kind in MENU_ORDER:
            menu.addAction(kind.menu_text, partial(self._ask_export, kind))
        return menu

    def _add_entries(self, menu: QMenu) -> None:
        """The actions of the buttons, for the menu of the rows."""
        chosen = len(self.selected())
        for text, tip, act in self._actions():
            action = menu.addAction(text, act)
            action.setToolTip(tip)
            action.setEnabled(_applies(text, chosen, self._has_work))
        export = self._export_menu(menu)
        export.setEnabled(_applies("Export", chosen, self._has_work))
        menu.addMenu(export)

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
            button.setEnabled(_applies(button.text(), chosen, self._has_work))

    @property
    def _has_work(self) -> bool:
        """Whether a work of the lab is selected."""
        chosen = set(self.selected())
        return any(summary.work and summary.id in chosen for summary in self.summaries)

    def _open(self, run: int) -> None:
        work = next((summary.work for summary in self.summaries if summary.id == run), "")
        if work:
            self.work_wanted.emit(work)
        else:
            self.open_wanted.emit(run)

    def selected(self) -> list[int]:
        """The ids of the selected runs."""
        return [self.summaries[row].id for row in self.view.selected_rows() if row < len(self.summaries)]

    def _selected_in_order(self) -> list[int]:
        """The ids of the selected runs: the baseline first, the others from the oldest to the newest."""
        baselines = {summary.id for summary in self.summaries if summary.is_baseline}
        return sorted(self.selected(), key=lambda run: (run not in baselines, run))

    def run_at(self, place: QPoint) -> int | None:
        """The id of the run at a place of the screen; None if there is none, or the list is hidden."""
        port = self.view.viewport()
        local = port.mapFromGlobal(place)
        if not self.view.isVisible() or not port.rect().contains(local):
            return None
        row = self.view.row_of(self.view.indexAt(local))
        return self.summaries[row].id if 0 <= row < len(self.summaries) else None

    def select(self, run: int) -> None:
        """Select one run."""
        for row, summary in enumerate(self.summaries):
            if summary.id == run:
                self.view.select_row(row)

    def name_of(self, run: int) -> str:
        """The name of a run; "" if the run is gone."""
        return next((summary.name for summary in self.summaries if summary.id == run), "")

    def note_of(self, run: int) -> str:
        """The note on a run; "" if the run is gone."""
        return next((summary.note for summary in self.summaries if summary.id == run), "")

    def tags_of(self, run: int) -> tuple[str, ...]:
        """The tags of a run; none if the run is gone."""
        return next((summary.tags for summary in self.summaries if summary.id == run), ())

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

    @property
    def run_to_export(self) -> int | None:
        """The id of the selected run, or of the newest one if none is selected; None without a run."""
        chosen = self.selected()
        runs = [one.id for one in self.summaries if one.complete and not one.work and (not chosen or one.id in chosen)]
        return runs[0] if runs and len(chosen) <= 1 else None

    def export(self, kind: ExportKind) -> None:
        """Ask for the export of that run."""
        if (run := self.run_to_export) is not None:
            self.export_wanted.emit(run, kind)

    def _toggle_baseline(self) -> None:
        chosen = self.selected()
        if len(chosen) == 1:
            is_baseline = any(summary.id == chosen[0] and summary.is_baseline for summary in self.summaries)
            self.baseline_wanted.emit(None if is_baseline else chosen[0])

    def _delete(self) -> None:
        if chosen := self.selected():
            self.delete_wanted.emit(chosen)


def _applies(action: str, chosen: int, has_work: bool = False) -> bool:
    """Whether an action can be done with this number of selected runs, of which one may be a work of the lab."""
    if has_work and action in ("Baseline", "Compare", "Export"):
        return False
    if action == "Compare":
        return chosen > 1
    return chosen == 1 or (chosen > 1 and action == "Delete")


def _cells(run: RunSummary) -> tuple[str, ...]:
    started = run.started_at[:19].replace("T", "  ")
    mark, tags = BASELINE_MARK if run.is_baseline else "", " ".join(run.tags)
    if not run.complete:
        nothing = number_format.NOTHING
        return (mark, started, run.name, run.preset, nothing, run.verdict, *(8 * [nothing]), run.note, tags)
    balance = "balances" if run.balanced else "does NOT"
    return (
        mark,
        started,
        run.name,
        run.preset,
        f"{run.duration_s:.1f} s",
        run.verdict,
        *map(number_format.count, (run.offered, run.received, run.dropped)),
        balance,
        _marks(run.figures),
        number_format.rate(run.offered / run.duration_s) if run.duration_s > 0 else number_format.NOTHING,
        *(number_format.duration_ns(_ns(value)) for value in (run.figures.p50_us, run.figures.p99_us)),
        run.note,
        tags,
    )


def _marks(figures: KeyFigures) -> str:
    if figures.least_hwm is None or figures.most_hwm is None:
        return number_format.NOTHING
    least, most = number_format.count(figures.least_hwm), number_format.count(figures.most_hwm)
    return least if least == most else f"{least} to {most}"


def _ns(us: float | None) -> float | None:
    return None if us is None else us * 1000
