"""The rows of the ledger: views of a run, or its result -> **rows**. No Qt.

A row per handler, followed by its listeners; a column per number, in the order of an event's way.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from bench_app.engine.result import HandlerResult, ListenerResult, RunResult
from bench_app.engine.view import HandlerView
from bench_app.measure.ledger import HandlerLedger, ListenerCounts, ListenerLedger
from bench_app.measure.loss_causes import LISTENER_LOSS_CAUSES, LOSS_CAUSES, LOSS_CAUSES_BY_STAGE, Stage
from bench_app.model import Pattern
from bench_ui.widgets import number_format

Row = Sequence[str]

COUNTS = (
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
"""The numbers between the name and the balance: an event's way from left to right, then what is counted apart."""
LISTENER_INDENT = 6 * " "
"""Before the name of a listener, below its handler."""
STILL_RUNNING, BALANCES, DOES_NOT_BALANCE = "running", "balances", "DOES NOT BALANCE"
_NEED_A_LISTENER = ("received", "in_flight", *(cause.key for cause in LISTENER_LOSS_CAUSES))
"""The numbers that are unknown without a listener of the bench."""


def rows_of_run(views: Iterable[HandlerView], live: bool) -> list[Row]:
    """The rows of a run as it is now; ``live`` while it goes on."""
    rows: list[Row] = []
    for view in views:
        counts, ledger = view.ledger.counts, view.ledger
        numbers = {
            "offered": counts.offered,
            "queued": counts.queued,
            "accepted": counts.accepted,
            "received": view.received,
            "retries": counts.retries,
            "in_flight": view.in_flight,
        }
        balance = _balance(ledger.balanced, ledger.arrivals_known, live)
        rows.append(_handler_row(f"{view.socket_type} {view.name}", numbers, ledger, balance))
        for one in view.listeners:
            own = ledger.listeners[one.name]
            title = f"{one.listener_type} {one.name}"
            rows.append(_listener_row(title, view.pattern, own.counts, own, own.in_flight))
    return rows


def rows_of_result(result: RunResult) -> list[Row]:
    """The rows of a finished run."""
    rows: list[Row] = []
    for name, handler in result.handlers.items():
        numbers = {
            "offered": handler.offered,
            "queued": 0,
            "accepted": handler.accepted,
            "received": handler.received,
            "retries": handler.retries,
            "in_flight": 0,
        }
        balance = _balance(handler.balanced, handler.arrivals_known)
        rows.append(_handler_row(f"{handler.socket_type} {name}", numbers, handler, balance))
        for listener, one in handler.listeners.items():
            title = f"{handler.pattern.listener_type} {listener}"
            rows.append(_listener_row(title, handler.pattern, one, one))
    return rows


def head_of(rows: Sequence[Row], row: int) -> int:
    """The row of the handler to which a row belongs: itself for a handler, the one above for a listener."""
    return next((one for one in range(row, -1, -1) if not rows[one][0].startswith(LISTENER_INDENT)), row)


def _handler_row(title: str, numbers: Mapping[str, int], handler: HandlerLedger | HandlerResult, balance: str) -> Row:
    losses = {cause.key: handler.loss(cause) for cause in LOSS_CAUSES}
    return _row(title, {**numbers, **losses}, balance, () if handler.arrivals_known else _NEED_A_LISTENER)


def _listener_row(
    title: str,
    pattern: Pattern,
    counts: ListenerCounts | ListenerResult,
    own: ListenerLedger | ListenerResult,
    in_flight: int = 0,
) -> Row:
    """A listener that shares the messages with others has no losses of its own."""
    numbers = {"received": counts.received, "duplicates": counts.duplicates, "foreign": counts.foreign}
    if pattern.each_gets_all:
        numbers |= {cause.key: own.loss(cause) for cause in LISTENER_LOSS_CAUSES}
        numbers["in_flight"] = max(0, in_flight)
    return _row(f"{LISTENER_INDENT}{title}", numbers)


def _row(title: str, numbers: Mapping[str, int], balance: str = "", unknown: Collection[str] = ()) -> Row:
    """The cells of one handler or listener. A number that it does not have is an empty cell."""
    cells = (
        number_format.NOTHING if key in unknown else number_format.count(numbers[key]) if key in numbers else ""
        for key in COUNTS
    )
    return (title, *cells, balance)


def _balance(balanced: bool, arrivals_known: bool, live: bool = False) -> str:
    if not balanced:
        return DOES_NOT_BALANCE
    if live:
        # Handler and listeners report at different moments, so their numbers may not add up before the end.
        return STILL_RUNNING
    return BALANCES if arrivals_known else number_format.NOTHING
