"""The ledger tab: every event accounted for, with the sum that proves it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import (
    QFrame,
    QLabel,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from bench_app.engine.result import RunResult
from bench_app.engine.view import HandlerView
from bench_app.handlers import HANDLER_KINDS
from bench_ui.widgets import number_format
from bench_ui.widgets.tables import Rows, table, tools_row
from bench_ui.widgets.theme import LIGHT, Theme

_LEDGER = (
    ("handler / listener", ""),
    ("offered\t", "Events the sources handed over"),
    ("overflow\t", "The handler's queue was full"),
    ("timeout\t", "The socket did not take it within send_timeout"),
    ("aborted\t", "Given up or stopped before it was sent"),
    ("queued\t", "Waiting in the handler's queue"),
    ("accepted\t", "Taken by the socket"),
    ("received\t", "Distinct messages of this run; at a REQ handler its replies"),
    ("lost\t", "Accepted and had by no listener"),
    ("before join\t", "Sent by a PUB before the subscription arrived"),
    ("no reply\t", "Requests without a reply, retries included"),
    ("retries\t", "Requests sent again"),
    ("in flight\t", "On the way"),
    ("dup.\t", "Received more than once, counted apart"),
    ("foreign\t", "Without a stamp of this run"),
    ("balance", "offered = overflow + timeout + aborted + queued + accepted, and accepted = what became of it"),
)
_LISTENER_TYPES = {str(kind.socket_type): kind.listener_type for kind in HANDLER_KINDS.values()}
_STILL_RUNNING = "running"
_RECEIVED, _LOST, _BEFORE_JOIN, _IN_FLIGHT = 7, 8, 9, 12
_LOSS_COLUMNS = {2: "overflow", 3: "timeout", 4: "aborted", 8: "lost", 9: "before_join", 10: "timeout"}


def _as_far_as_known(cells: Iterable[str], arrivals_known: bool) -> list[str]:
    """A handler's figures (from the second column on); no claim is made where nobody counts behind it."""
    unknown = () if arrivals_known else (_RECEIVED, _LOST, _BEFORE_JOIN, _IN_FLIGHT)
    return [number_format.NOTHING if column in unknown else cell for column, cell in enumerate(cells, start=1)]


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
            self.view.setColumnWidth(column, 88 if column == _BEFORE_JOIN else 72)
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
        if column in _LOSS_COLUMNS and text not in ("0", "", number_format.NOTHING):
            return self.theme.color(_LOSS_COLUMNS[column])
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
            is_request = view.socket_type == "REQ"
            received = counts.replied if is_request else sum(one.received for one in view.listeners)
            before = sum(one.before_join for one in view.listeners)
            numbers = (
                counts.offered,
                counts.queue_overflow,
                counts.send_timeout,
                counts.aborted,
                counts.queued,
                counts.accepted,
                received,
                ledger.lost,
                before,
                counts.request_timeout,
                counts.retries,
                view.in_flight,
            )
            balance = _balance(ledger.balanced, ledger.arrivals_known, live)
            cells = _as_far_as_known(map(number_format.count, numbers), ledger.arrivals_known)
            rows.append((f"{view.socket_type} {view.name}", *cells, "", "", balance))
            for one in view.listeners:
                books = ledger.listeners[one.name]
                in_flight = number_format.count(max(0, books.in_flight)) if view.socket_type == "PUB" else ""
                rows.append(
                    (
                        f"      {one.listener_type} {one.name}",
                        *[""] * 6,
                        number_format.count(one.received),
                        number_format.count(one.lost) if view.socket_type == "PUB" else "",
                        number_format.count(one.before_join) if view.socket_type == "PUB" else "",
                        "",
                        "",
                        in_flight,
                        number_format.count(books.counts.duplicates),
                        number_format.count(books.counts.foreign),
                        "",
                    )
                )
        self._rows.replace(rows)

    def show_result(self, result: RunResult) -> None:
        """Show the books of a finished run."""
        rows: list[Sequence[str]] = []
        for name, h in result.handlers.items():
            received = h.replied if h.socket_type == "REQ" else sum(one.received for one in h.listeners.values())
            before = sum(one.before_join for one in h.listeners.values())
            numbers = (h.offered, h.queue_overflow, h.send_timeout, h.aborted, 0, h.accepted, received, h.lost, before)
            more = (h.request_timeout, h.retries, 0)
            balance = _balance(h.balanced, h.arrivals_known)
            cells = _as_far_as_known(map(number_format.count, numbers + more), h.arrivals_known)
            rows.append((f"{h.socket_type} {name}", *cells, "", "", balance))
            for called, one in h.listeners.items():
                is_pub = h.socket_type == "PUB"
                lost = [number_format.count(one.lost), number_format.count(one.before_join)] if is_pub else ["", ""]
                counted = (number_format.count(one.duplicates), number_format.count(one.foreign), "")
                title = f"      {_LISTENER_TYPES[h.socket_type]} {called}"
                in_flight = "0" if is_pub else ""
                rows.append((title, *[""] * 6, number_format.count(one.received), *lost, "", "", in_flight, *counted))
        self._rows.replace(rows)

    @property
    def verdict(self) -> str:
        """The verdict that is shown above the table."""
        return self._verdict.text()

    @property
    def rows(self) -> list[Sequence[str]]:
        """What is shown."""
        return self._rows.rows
