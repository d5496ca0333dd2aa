"""The events tab: what happened in the run, newest last.

run event -> **row** -> table
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtGui import QColor
from PySide6.QtWidgets import QMenu, QVBoxLayout, QWidget

from bench_app.engine.events import CHANGE, EventKind, RunEvent
from bench_ui.widgets import number_format
from bench_ui.widgets.table_tools import filter_of, tools_row
from bench_ui.widgets.table_view import TableView
from bench_ui.widgets.tables import Column, TextTable
from bench_ui.widgets.theme import LIGHT, Theme

EVENTS_SHOWN = 5000
_COLUMNS = (
    Column("time", "Since the start of the run", is_number=True),
    Column("who", "Handler, handler/listener, or the engine"),
    Column("what"),
)
_SOURCE = 1
"""The index of the cell with the source of the event."""
_IS_ERROR = len(_COLUMNS)
"""The index of a hidden cell, which is not empty for an error."""


class EventsPanel(QWidget):
    """Events of connections and of the run, newest last. Errors are coloured.

    Attributes:
        view: the table of events.
        filter_line: the text that the shown events contain.
        tools: the filter beside the tab.
        theme: the colours.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme: Theme = LIGHT
        self._table = TextTable(_COLUMNS)
        self._table.color_of = self._color
        self.view = TableView(self._table, "Events", stretch=2)
        self.view.add_entries = self._add_entries
        self.view.setColumnWidth(0, 84)
        self.view.setColumnWidth(1, 190)
        self.filter_line = filter_of(self.view, "Filter events")
        self.tools = tools_row(self.filter_line)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 2, 8, 4)
        column.addWidget(self.view, 1)

    def _add_entries(self, menu: QMenu) -> None:
        """What can be done with the selected events: filter by the source of the first one."""
        if chosen := self.view.selected_rows():
            who = self._table.rows[chosen[0]][_SOURCE]
            menu.addAction(f"Show only {who}".replace("&", "&&"), lambda: self.filter_line.setText(who))
        if self.filter_line.text():
            menu.addAction("Show all", self.filter_line.clear)

    def _color(self, row: int, column: int) -> QColor | None:
        return self.theme.color("lost") if self._table.rows[row][_IS_ERROR] else None

    def clear(self) -> None:
        """Remove the events of the run before."""
        self._table.replace([])

    def add(self, event: RunEvent) -> None:
        """Show an event. The list follows the newest event unless the user has scrolled up."""
        bar = self.view.verticalScrollBar()
        follows = bar.value() >= bar.maximum() - 2
        if event.kind is EventKind.FURTHER_CHANGE and (place := self._last_change()) is not None:
            rows = list(self._table.rows)
            rows[place] = _row_of(event)
            self._table.replace(rows)
        else:
            self._table.append(_row_of(event), EVENTS_SHOWN)
        if follows:
            self.view.scrollToBottom()

    def _last_change(self) -> int | None:
        rows = self._table.rows
        return next((place for place in reversed(range(len(rows))) if rows[place][_SOURCE] == CHANGE), None)

    def show_all(self, events: Sequence[RunEvent]) -> None:
        """Show the events of a kept run."""
        self._table.replace([_row_of(event) for event in events])

    @property
    def messages(self) -> list[str]:
        """The messages of the events that pass the filter."""
        model = self.view.order
        return [str(model.index(row, 2).data()) for row in range(model.rowCount())]


def _row_of(event: RunEvent) -> Sequence[str]:
    """The cells of an event, and a hidden one for errors."""
    return number_format.clock(event.at_s), event.source, event.message, "error" if event.is_error else ""
