"""A finished run in the terminal: result -> **ledger and latency tables**."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Console
from rich.text import Text

from bench_app.cli.fitting_table import FittingTable
from bench_app.engine.result import HandlerResult, LatencySummary, ListenerResult, RunResult

NAME_READABLE = 18
"""Columns of a name that are worth more than one more percentile."""
UNKNOWN = "-"
"""Where nobody counted."""
# The same colour for the same thing everywhere: overflow orange, timeout violet, lost red.
DROP_STYLES = {
    "overflow": "orange3",
    "timeout": "medium_purple",
    "aborted": "grey62",
    "no reply": "medium_purple",
    "lost": "red",
    "before join": "dark_orange3",
}
_LOSSES = {
    "queue_overflow": "overflow",
    "send_timeout": "timeout",
    "aborted": "aborted",
    "request_timeout": "no reply",
    "lost": "lost",
    "before_join": "before join",
}
_PERCENTILES = {
    "mean": "mean",
    "p50": "p50",
    "p90": "p90",
    "p99": "p99",
    "p99_9": "p99.9",
    "p99_99": "p99.99",
    "max": "max",
}
_NAMES = "handler / listener"
_BALANCED = "balanced"
_ALSO = "also"


def print_tables(console: Console, result: RunResult) -> None:
    """The ledger, then the latencies."""
    _print_ledger(console, result)
    _print_latencies(console, result)


def _print_ledger(console: Console, result: RunResult) -> None:
    """Offered, accepted and received always; a loss has a column where there is one.

    Where all of that is too wide, remarks follow as lines, and then losses as a table of their own.
    """
    losses = [loss for loss in _LOSSES if any(_loss(h, loss) for h in result.handlers.values())]
    sheet, remarks = _ledger_sheet(result, losses)
    width = console.width
    loss_headings = [_LOSSES[loss] for loss in losses]
    is_wide = not sheet.fits(width)
    whole = sheet
    if is_wide or not remarks:
        sheet = sheet.without(_ALSO)
    apart = loss_headings and not sheet.fits(width)
    if apart:
        sheet = sheet.without(*loss_headings)
    caption = "" if losses else _without_loss(result)
    console.print(sheet.table(width, "Ledger", caption))
    if apart:
        console.print(whole.without("offered", "accepted", "received", _BALANCED, _ALSO).table(width, "Losses"))
    if is_wide:
        for remark in remarks:
            console.print(Text(remark))


def _without_loss(result: RunResult) -> str:
    uncounted = [name for name, handler in result.handlers.items() if not handler.arrivals_known]
    if uncounted:
        return f"nothing was dropped at a handler; nobody counted behind {', '.join(uncounted)}"
    return "nothing was lost: no overflow, timeout, abort or loss on the way"


def _ledger_sheet(result: RunResult, losses: list[str]) -> tuple[FittingTable, list[str]]:
    """The whole table, and its remarks as lines for where they have no room in it."""
    headings = ("offered", *(_LOSSES[loss] for loss in losses), "accepted", "received", _BALANCED, _ALSO)
    sheet = FittingTable(_NAMES, *headings, left=(_BALANCED, _ALSO))
    remarks: list[str] = []
    for name, handler in result.handlers.items():
        _add_handler(sheet, name, handler, losses)
        remarks += [f"{name}: {told}" for told in [_handler_remarks(handler)] if told]
        for listener_name, listener in handler.listeners.items():
            _add_listener(sheet, listener_name, listener, losses)
            remarks += [f"{name}/{listener_name}: {told}" for told in [_listener_remarks(listener)] if told]
    return sheet, remarks


def _loss(handler: HandlerResult, loss: str) -> int:
    if loss == "before_join":
        return sum(listener.before_join for listener in handler.listeners.values())
    count: int = getattr(handler, loss)
    return count


def _add_handler(sheet: FittingTable, name: str, handler: HandlerResult, losses: list[str]) -> None:
    received = sum(listener.received for listener in handler.listeners.values())
    sheet.add(
        Text.assemble((name, "bold"), (f" {handler.socket_type}", "grey62")),
        f"{handler.offered:,}",
        *(_handler_loss(handler, loss) for loss in losses),
        f"{handler.accepted:,}",
        f"{received:,}" if handler.listeners else "" if handler.arrivals_known else UNKNOWN,
        _balance(handler),
        _handler_remarks(handler),
    )


def _balance(handler: HandlerResult) -> Text:
    if not handler.balanced:
        return Text("NO", style="bold red")
    return Text("yes", style="green") if handler.arrivals_known else Text(UNKNOWN, style="grey62")


def _handler_loss(handler: HandlerResult, loss: str) -> Text:
    if not handler.arrivals_known and loss in ("lost", "before_join"):
        return Text(UNKNOWN, style="grey62")
    return _loss_text(_loss(handler, loss), loss)


def _handler_remarks(handler: HandlerResult) -> str:
    return _remarks({"replied": handler.replied, "retries": handler.retries})


def _add_listener(sheet: FittingTable, name: str, listener: ListenerResult, losses: list[str]) -> None:
    own = {"lost": listener.lost, "before_join": listener.before_join}
    cells = [_loss_text(own[loss], loss) if loss in own else "" for loss in losses]
    sheet.add(f"  {name}", "", *cells, "", f"{listener.received:,}", "", _listener_remarks(listener))


def _listener_remarks(listener: ListenerResult) -> str:
    return _remarks(
        {
            "duplicates": listener.duplicates,
            "reordered": listener.reordered,
            "foreign": listener.foreign,
            "malformed": listener.malformed,
        }
    )


def _loss_text(count: int, loss: str) -> Text:
    return Text(f"{count:,}", style=DROP_STYLES[_LOSSES[loss]] if count else "grey62")


def _remarks(named: dict[str, int]) -> str:
    return ", ".join(f"{name} {count:,}" for name, count in named.items() if count)


def _print_latencies(console: Console, result: RunResult) -> None:
    sheet = FittingTable(_NAMES, "measure", "count", *_PERCENTILES.values(), left=("measure",))
    for title, measure, figures in _measured(result):
        times = [duration(getattr(figures, key)) if figures.count else "" for key in _PERCENTILES]
        sheet.add(title, measure, f"{figures.count:,}", *times)
    readable = sheet.fitted(console.width, "mean", "p99.99", names=NAME_READABLE)
    fitted = readable.fitted(console.width, "p90", "count", "p99.9")
    caption = "service: sent -> received; response: due -> received; lateness: due -> sent; round trip: sent -> reply"
    console.print(fitted.table(console.width, "Latency", caption))


def _measured(result: RunResult) -> Iterator[tuple[str, str, LatencySummary]]:
    for name, handler in result.handlers.items():
        yield name, "lateness", handler.lateness_us
        if handler.round_trip_us is not None:
            yield name, "round trip", handler.round_trip_us
        for listener_name, listener in handler.listeners.items():
            yield f"  {listener_name}", "service", listener.service_us
            yield f"  {listener_name}", "response", listener.response_us


def duration(us: float) -> str:
    """Microseconds in the unit that reads best."""
    if us < 1000:
        return f"{us:.0f} us"
    if us < 1_000_000:
        return f"{us / 1000:.1f} ms"
    return f"{us / 1_000_000:.2f} s"
