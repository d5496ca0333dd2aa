"""The events tab: what happened in the run, newest last."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSortFilterProxyModel, Qt
from PySide6.QtWidgets import (
    QVBoxLayout,
    QWidget,
)

from bench_app.engine.events import RunEvent
from bench_ui.widgets import number_format
from bench_ui.widgets.tables import FilterLine, Rows, table, tools_row
from bench_ui.widgets.theme import LIGHT, Theme

EVENTS_SHOWN = 5000
_TROUBLE = "trouble"


class EventsPanel(QWidget):
    """Connection and run events, newest last, filtered by what one types."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme: Theme = LIGHT
        self._rows = Rows(
            (
                ("time\t", "Since the start of the run"),
                ("who", "Handler, handler/listener, or the engine"),
                ("what", ""),
            )
        )
        self._filtered = QSortFilterProxyModel(self)
        self._filtered.setSourceModel(self._rows)
        self._filtered.setFilterKeyColumn(-1)
        self._filtered.setFilterCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self.view = table(self._filtered, "Events", stretch=2)
        self._rows.color_of = lambda row, _: self.theme.color("lost") if self._rows.rows[row][3] else None
        self.view.setColumnWidth(0, 84)
        self.view.setColumnWidth(1, 190)
        self.filter_line = FilterLine("Filter events")
        self.filter_line.textChanged.connect(self._filtered.setFilterFixedString)
        self.tools = tools_row(self.filter_line)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 2, 8, 4)
        column.addWidget(self.view, 1)

    def clear(self) -> None:
        """A new run."""
        self._rows.replace([])

    def add(self, event: RunEvent) -> None:
        """Show an event; the list follows the newest unless one has scrolled up."""
        bar = self.view.verticalScrollBar()
        follows = bar.value() >= bar.maximum() - 2
        self._rows.append(_event_row(event), EVENTS_SHOWN)
        if follows:
            self.view.scrollToBottom()

    def show_all(self, events: Sequence[RunEvent]) -> None:
        """Those of a kept run."""
        self._rows.replace([_event_row(event) for event in events])

    @property
    def sentences(self) -> list[str]:
        """What is shown, for tests and copying."""
        model = self._filtered
        return [str(model.index(row, 2).data()) for row in range(model.rowCount())]


def _event_row(event: RunEvent) -> Sequence[str]:
    """Its cells, and one more that nobody sees."""
    return number_format.clock(event.at_s), event.source, event.message, _TROUBLE if event.is_error else ""
