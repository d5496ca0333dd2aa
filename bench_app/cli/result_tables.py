"""A finished run in the terminal: result -> **ledger and latency tables**."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from rich.console import Console
from rich.text import Text

from bench_app.cli.fitting_table import FittingTable
from bench_app.engine.result import HandlerResult, LatencySummary, ListenerResult, RunResult
from bench_app.measure.histogram_delta import PERCENTILES, percentile_label
from bench_app.measure.loss_causes import LOSS_CAUSES, LossCause, LossColor
from bench_app.untrusted.visible_text import visible

NAME_READABLE = 18
"""Names keep this many characters as long as there are percentiles to leave out."""
UNKNOWN = "-"
"""Shown where arrivals were not counted."""
LOSS_STYLES: Mapping[LossColor, str] = {
    "overflow": "orange3",
    "timeout": "medium_purple",
    "aborted": "grey62",
    "lost": "red",
    "before_join": "dark_orange3",
}
"""The terminal's colours for the causes of loss, close to the window's, so that a cause is easy to recognize."""
_QUANTITIES = {"mean": "mean", **{name: percentile_label(name) for name in PERCENTILES}, "max": "max"}
_NAMES = "handler / listener"
_BALANCED = "balanced"
_ALSO = "also"


def print_tables(console: Console, result: RunResult) -> None:
    """Print the ledger, then the latencies."""
    _print_ledger(console, result)
    _print_latencies(console, result)


def _print_ledger(console: Console, result: RunResult) -> None:
    """Print the counts of each handler and listener. Each cause of loss has a column if it lost anything.

    If the table is too wide, remarks follow as lines. If it is still too wide, losses follow in a second table.
    """
    causes = [cause for cause in LOSS_CAUSES if any(handler.loss(cause) for handler in result.handlers.values())]
    table, remarks = _ledger_table(result, causes)
    width = console.width
    loss_headings = [cause.label for cause in causes]
    is_wide = not table.fits(width)
    full_table = table
    if is_wide or not remarks:
        table = table.without(_ALSO)
    losses_apart = loss_headings and not table.fits(width)
    if losses_apart:
        table = table.without(*loss_headings)
    caption = "" if causes else _without_loss(result)
    console.print(table.table(width, "Ledger", caption))
    if losses_apart:
        console.print(full_table.without("offered", "accepted", "received", _BALANCED, _ALSO).table(width, "Losses"))
    if is_wide:
        for remark in remarks:
            console.print(Text(visible(remark)))


def _without_loss(result: RunResult) -> str:
    uncounted = [name for name, handler in result.handlers.items() if not handler.arrivals_known]
    if uncounted:
        return f"nothing was dropped at a handler; arrivals were not counted for {visible(', '.join(uncounted))}"
    return "nothing was lost: no overflow, timeout, abort or loss on the way"


def _ledger_table(result: RunResult, causes: list[LossCause]) -> tuple[FittingTable, list[str]]:
    """The table with all columns, and its remarks as lines for a terminal without room for their column."""
    headings = ("offered", *(cause.label for cause in causes), "accepted", "received", _BALANCED, _ALSO)
    table = FittingTable(_NAMES, *headings, left=(_BALANCED, _ALSO))
    remarks: list[str] = []
    for name, handler in result.handlers.items():
        _add_handler(table, name, handler, causes)
        remarks += [f"{name}: {text}" for text in [_handler_remarks(handler)] if text]
        for listener_name, listener in handler.listeners.items():
            _add_listener(table, listener_name, listener, causes)
            remarks += [f"{name}/{listener_name}: {text}" for text in [_listener_remarks(listener)] if text]
    return table, remarks


def _add_handler(table: FittingTable, name: str, handler: HandlerResult, causes: list[LossCause]) -> None:
    received = sum(listener.received for listener in handler.listeners.values())
    table.add(
        Text.assemble((visible(name), "bold"), (f" {handler.socket_type}", "grey62")),
        f"{handler.offered:,}",
        *(_handler_loss(handler, cause) for cause in causes),
        f"{handler.accepted:,}",
        f"{received:,}" if handler.listeners else "" if handler.arrivals_known else UNKNOWN,
        _balance(handler),
        _handler_remarks(handler),
    )


def _balance(handler: HandlerResult) -> Text:
    if not handler.balanced:
        return Text("NO", style="bold red")
    return Text("yes", style="green") if handler.arrivals_known else Text(UNKNOWN, style="grey62")


def _handler_loss(handler: HandlerResult, cause: LossCause) -> Text:
    if not handler.arrivals_known and cause.known_at_listeners:
        return Text(UNKNOWN, style="grey62")
    return _loss_text(handler.loss(cause), cause)


def _handler_remarks(handler: HandlerResult) -> str:
    return _remarks({"replied": handler.replied, "retries": handler.retries})


def _add_listener(table: FittingTable, name: str, listener: ListenerResult, causes: list[LossCause]) -> None:
    cells = [_loss_text(listener.loss(cause), cause) if cause.known_at_listeners else "" for cause in causes]
    table.add(f"  {name}", "", *cells, "", f"{listener.received:,}", "", _listener_remarks(listener))


def _listener_remarks(listener: ListenerResult) -> str:
    return _remarks(
        {
            "duplicates": listener.duplicates,
            "reordered": listener.reordered,
            "foreign": listener.foreign,
            "malformed": listener.malformed,
        }
    )


def _loss_text(count: int, cause: LossCause) -> Text:
    return Text(f"{count:,}", style=LOSS_STYLES[cause.color] if count else "grey62")


def _remarks(named: dict[str, int]) -> str:
    return ", ".join(f"{name} {count:,}" for name, count in named.items() if count)


def _print_latencies(console: Console, result: RunResult) -> None:
    table = FittingTable(_NAMES, "measure", "count", *_QUANTITIES.values(), left=("measure",))
    for title, measure, figures in _measured(result):
        times = [format_duration(getattr(figures, key)) if figures.count else "" for key in _QUANTITIES]
        table.add(title, measure, f"{figures.count:,}", *times)
    readable = table.fitted(console.width, "mean", "p99.99", names=NAME_READABLE)
    fitted = readable.fitted(console.width, "p90", "count", "p99.9")
    caption = "service: sent -> received; response: due -> received; lateness: due -> sent; round trip: sent -> reply"
    console.print(fitted.table(console.width, "Latency", caption))


def _measured(result: RunResult) -> Iterator[tuple[str, str, LatencySummary]]:
    for name, handler in result.handlers.items():
        yield name, "lateness", handler.lateness_us
        if handler.fidelity_us is not None:
            yield name, "fidelity", handler.fidelity_us
        if handler.round_trip_us is not None:
            yield name, "round trip", handler.round_trip_us
        for listener_name, listener in handler.listeners.items():
            yield f"  {listener_name}", "service", listener.service_us
            yield f"  {listener_name}", "response", listener.response_us


def format_duration(us: float) -> str:
    """A time in us in its best unit: ``41 us``, ``1.5 ms``, ``2.00 s``."""
    if us < 1000:
        return f"{us:.0f} us"
    if us < 1_000_000:
        return f"{us / 1000:.1f} ms"
    return f"{us / 1_000_000:.2f} s"
