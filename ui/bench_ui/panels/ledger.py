"""The ledger tab: every event accounted for, with the sum that proves it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import (
    QFrame,
    QLabel,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from bench_app.engine.result import HandlerResult, ListenerResult, RunResult
from bench_app.engine.view import HandlerView
from bench_app.measure.ledger import HandlerLedger, ListenerCounts, ListenerLedger
from bench_app.measure.loss_causes import LISTENER_LOSS_CAUSES, LOSS_CAUSES, LOSS_CAUSES_BY_STAGE, Stage
from bench_app.model import Pattern
from bench_ui.widgets import number_format
from bench_ui.widgets.tables import Rows, table, tools_row
from bench_ui.widgets.theme import LIGHT, Theme

_TEXTS = {
    "offered": ("offered", "Events the sources handed over"),
    "queued": ("queued", "Waiting in the handler's queue"),
    "accepted": ("accepted", "Taken by the socket"),
    "received": ("received", "Distinct messages of this run; at a REQ handler its replies"),
    "retries": ("retries", "Requests sent again"),
    "in_flight": ("in flight", "On the way"),
    "duplicates": ("dup.", "Received more than once, counted apart"),
    "foreign": ("foreign", "Without a stamp of this run"),
} | {cause.key: (cause.label, cause.tooltip) for cause in LOSS_CAUSES}
"""Heading and tooltip of each figure."""
_FIGURES = (
    "offered",
    *(cause.key for cause in LOSS_CAUSES_BY_STAGE if cause.stage <= Stage.SOCKET),
    "queued",
    "accepted",
    "received",
    *(cause.key for cause in LOSS_CAUSES_BY_STAGE if cause.stage > Stage.SOCKET),
    "retries",
    "in_flight",
    "duplicates",
    "foreign",
)
"""The columns between name and balance: an event's way from left to right, then what is counted apart."""
_LEDGER = (
    ("handler / listener", ""),
    *((f"{heading}\t", tooltip) for heading, tooltip in (_TEXTS[key] for key in _FIGURES)),
    ("balance", "offered = overflow + timeout + aborted + queued + accepted, and accepted = what became of it"),
)
_STILL_RUNNING = "running"
_LOSS_COLORS = {1 + _FIGURES.index(cause.key): cause.color for cause in LOSS_CAUSES}
"""The colour of each column that has losses."""
_FROM_LISTENERS = ("received", "in_flight", *(cause.key for cause in LISTENER_LOSS_CAUSES))
"""What a handler has no figure of where nobody counts behind it."""


def _row(title: str, figures: Mapping[str, int], balance: str = "", unknown: Collection[str] = ()) -> Sequence[str]:
    """The cells of one handler or listener; a figure that it does not have is left empty."""
    cells = (
        number_format.NOTHING if key in unknown else number_format.count(figures[key]) if key in figures else ""
        for key in _FIGURES
    )
    return (title, *cells, balance)


def _handler_row(
    title: str, figures: Mapping[str, int], handler: HandlerLedger | HandlerResult, balance: str
) -> Sequence[str]:
    losses = {cause.key: handler.loss(cause) for cause in LOSS_CAUSES}
    return _row(title, {**figures, **losses}, balance, () if handler.arrivals_known else _FROM_LISTENERS)


def _listener_row(
    title: str,
    pattern: Pattern,
    counts: ListenerCounts | ListenerResult,
    own: ListenerLedger | ListenerResult,
    in_flight: int = 0,
) -> Sequence[str]:
    """Where the listeners share the messages, none of them has losses of its own."""
    figures = {"received": counts.received, "duplicates": counts.duplicates, "foreign": counts.foreign}
    if pattern.each_gets_all:
        figures |= {cause.key: own.loss(cause) for cause in LISTENER_LOSS_CAUSES}
        figures["in_flight"] = max(0, in_flight)
    return _row(f"      {title}", figures)


def _balance(balanced: bool, arrivals_known: bool, live: bool = False) -> str:
    if not balanced:
        return "DOES NOT BALANCE"
    if live:
        # Its columns are of reports that came at different moments; they need not add up before the end.
        return _STILL_RUNNING
    return "balances" if arrivals_known else number_format.NOTHING


class LedgerPanel(QWidget):
    """Every event accounted for, with the sum that proves it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme: Theme = LIGHT
        self._rows = Rows(_LEDGER)
        self._rows.color_of = self._color
        self.view = table(self._rows, "Ledger", stretch=0)
        for column in range(1, len(_LEDGER)):
            self.view.setColumnWidth(column, 88 if column == 1 + _FIGURES.index("before_join") else 72)
        self._verdict = QLabel("No run yet.")
        self._verdict.setWordWrap(True)
        self._verdict.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.tools = tools_row()
        column_ = QVBoxLayout(self)
        column_.setContentsMargins(8, 4, 8, 4)
        column_.setSpacing(4)
        # Many reasons may be longer than there is room for; the table keeps its own.
        reasons = QScrollArea()
        reasons.setWidgetResizable(True)
        reasons.setWidget(self._verdict)
        reasons.setFrameShape(QFrame.Shape.NoFrame)
        reasons.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        reasons.setFixedHeight(self.fontMetrics().lineSpacing() * 2 + 4)
        column_.addWidget(reasons)
        column_.addWidget(self.view, 1)

    def _color(self, row: int, column: int) -> QColor | None:
        text = self._rows.rows[row][column]
        if column in _LOSS_COLORS and text not in ("0", "", number_format.NOTHING):
            return self.theme.color(_LOSS_COLORS[column])
        if column == len(_LEDGER) - 1:
            return self.theme.color("muted" if text == _STILL_RUNNING else "lost" if "NOT" in text else "received")
        return None

    def show_verdict(self, text: str) -> None:
        """What may be said of the run as a whole."""
        self._verdict.setText(text)
        self._verdict.setToolTip(text)

    def refresh(self, views: list[HandlerView], live: bool = False) -> None:
        """Show the books as they are now; whether they balance is said when they are closed."""
        rows: list[Sequence[str]] = []
        for view in views:
            counts, ledger = view.ledger.counts, view.ledger
            figures = {
                "offered": counts.offered,
                "queued": counts.queued,
                "accepted": counts.accepted,
                "received": view.received,
                "retries": counts.retries,
                "in_flight": view.in_flight,
            }
            balance = _balance(ledger.balanced, ledger.arrivals_known, live)
            rows.append(_handler_row(f"{view.socket_type} {view.name}", figures, ledger, balance))
            for one in view.listeners:
                own = ledger.listeners[one.name]
                title = f"{one.listener_type} {one.name}"
                rows.append(_listener_row(title, view.pattern, own.counts, own, own.in_flight))
        self._rows.replace(rows)

    def show_result(self, result: RunResult) -> None:
        """Show the books of a finished run."""
        rows: list[Sequence[str]] = []
        for name, handler in result.handlers.items():
            figures = {
                "offered": handler.offered,
                "queued": 0,
                "accepted": handler.accepted,
                "received": handler.received,
                "retries": handler.retries,
                "in_flight": 0,
            }
            balance = _balance(handler.balanced, handler.arrivals_known)
            rows.append(_handler_row(f"{handler.socket_type} {name}", figures, handler, balance))
            for called, one in handler.listeners.items():
                title = f"{handler.pattern.listener_type} {called}"
                rows.append(_listener_row(title, handler.pattern, one, one))
        self._rows.replace(rows)

    @property
    def verdict(self) -> str:
        """The verdict that is shown above the table."""
        return self._verdict.text()

    @property
    def rows(self) -> list[Sequence[str]]:
        """What is shown."""
        return self._rows.rows
