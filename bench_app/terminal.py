"""A run in the terminal: session -> **live table**, then ledger, latencies, checks and verdict."""

from __future__ import annotations

from rich import box
from rich.console import Console, Group, RenderableType
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from bench_app.engine.result import HandlerResult, ListenerResult, RunResult, first_reasons
from bench_app.engine.session import Phase, RunEvent, Session
from bench_app.engine.view import HandlerView, LatencyView, ListenerView, view_of
from bench_app.measure.ledger import HandlerLedger

VERDICT_STYLES = {"pass": "bold green", "fail": "bold red", "invalid": "bold yellow"}
# The same colour for the same thing everywhere: overflow orange, timeout violet, lost red.
_DROP_STYLES = {
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
WIDE = 100
"""Columns of a terminal from which on every percentile has room."""
NAME_WIDTH = 18
"""Columns a name keeps however narrow the terminal is: figures without one mean nothing."""
_STATE_STYLES = {"connected": "green", "retrying": "yellow", "gave up": "red", "failed": "red"}
RECENT_EVENTS = 5


def live(session: Session, events: list[RunEvent]) -> RenderableType:
    """The picture of a run that is under way."""
    title = Text(session.document.preset.bench.title or session.document.name, style="bold")
    return Group(title, _headline(session), _live_table(view_of(session)), *map(event_line, events[-RECENT_EVENTS:]))


def progress_line(session: Session) -> str:
    """One plain line for where no table can be drawn anew (a log file, a pipe)."""
    parts = []
    for view in view_of(session):
        drops = ", ".join(f"{count:,} {cause}" for cause, count in _drops(view.ledger, view.listeners))
        received = sum(listener.received for listener in view.listeners)
        figures = f"offered {view.ledger.counts.offered:,}, accepted {view.ledger.counts.accepted:,}"
        parts.append(f"{view.name}: {figures}, received {received:,}{f' ({drops})' if drops else ''}")
    return f"{session.elapsed_s:6.1f} s  " + "; ".join(parts)


def event_line(event: RunEvent) -> Text:
    """An event as a line: when, who, what."""
    line = Text(f"{event.at_s:7.2f} s  ", style="grey62")
    line.append(event.source, style="bold")
    line.append(f"  {event.sentence}")
    return line


def print_result(console: Console, result: RunResult) -> None:
    """Ledger, latencies, checks, verdict."""
    console.print(_ledger_table(result))
    console.print(_latency_table(result, console.width))
    for outcome in result.checks:
        mark = Text("passed", style="green") if outcome.passed else Text("FAILED", style="bold red")
        value = "nothing measured" if outcome.value is None else _number(outcome.value)
        console.print(Text.assemble(mark, f"  {outcome.check}", (f"   (is {value})", "grey62")))
    print_verdict(console, result)


def print_verdict(console: Console, result: RunResult) -> None:
    """The last lines: may one trust it, and why not."""
    balanced = "the ledger balances" if result.balanced else "THE LEDGER DOES NOT BALANCE"
    console.print(
        Text.assemble(
            (result.verdict, VERDICT_STYLES[result.verdict]),
            f"  {result.preset}, {result.duration_s:.1f} s, {balanced}",
        )
    )
    for reason in first_reasons(result):
        console.print(Text(f"  {reason}"))


def _headline(session: Session) -> Table:
    duration_s, elapsed_s = session.duration_s, min(session.elapsed_s, session.duration_s)
    line = Table.grid(padding=(0, 1))
    words = {Phase.OPENING: "opening", Phase.DRAINING: "draining", Phase.DONE: "done"}
    line.add_row(
        ProgressBar(total=duration_s, completed=elapsed_s, width=30),
        Text(f"{elapsed_s:.1f} of {duration_s:g} s"),
        Text(words.get(session.phase, ""), style="yellow"),
    )
    return line


def _live_table(views: list[HandlerView]) -> Table:
    table = _table()
    table.add_column("handler / listener", overflow="fold", min_width=NAME_WIDTH)
    table.add_column("state", no_wrap=True)
    for heading in ("offered/s", "out/s", "queued", "in flight"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("drops by cause")
    table.add_column("p50", justify="right", no_wrap=True)
    table.add_column("p99", justify="right", no_wrap=True)
    for view in views:
        _add_handler_rows(table, view)
    table.caption = "last second; p50, p99: send to received (REQ: send to reply)"
    return table


def _add_handler_rows(table: Table, view: HandlerView) -> None:
    style = _STATE_STYLES.get(view.state, "")
    table.add_row(
        Text.assemble((view.name, "bold"), (f" {view.socket_type}", "grey62")),
        Text(view.label, style=style),
        f"{view.offered_rate:,.0f}",
        f"{view.accepted_rate:,.0f}",
        f"{view.ledger.counts.queued:,}",
        f"{view.in_flight:,}",
        _drops_text(_drops(view.ledger, view.listeners)),
        *_latency_cells(view.round_trip if view.socket_type == "REQ" else LatencyView(None, None)),
    )
    for listener in view.listeners:
        losses = [("lost", listener.lost), ("before join", listener.before_join)]
        table.add_row(
            Text.assemble(f"  {listener.name}", (f" {listener.listener_type}", "grey62")),
            Text(listener.label, style=_STATE_STYLES.get(listener.state, "")),
            "",
            f"{listener.received_rate:,.0f}",
            "",
            "",
            _drops_text([(cause, count) for cause, count in losses if count]),
            *_latency_cells(listener.service),
        )


def _drops(ledger: HandlerLedger, listeners: tuple[ListenerView, ...]) -> list[tuple[str, int]]:
    counts = ledger.counts
    causes = [
        ("overflow", counts.queue_overflow),
        ("timeout", counts.send_timeout),
        ("aborted", counts.aborted),
        ("no reply", counts.request_timeout),
        ("lost", ledger.lost),
        ("before join", sum(listener.before_join for listener in listeners)),
    ]
    return [(cause, count) for cause, count in causes if count]


def _drops_text(drops: list[tuple[str, int]]) -> Text:
    text = Text()
    for cause, count in drops:
        text.append(f"{', ' if text else ''}{cause} {count:,}", style=_DROP_STYLES[cause])
    return text


def _latency_cells(latency: LatencyView) -> tuple[str, str]:
    return _duration_cell(latency.p50_ns), _duration_cell(latency.p99_ns)


def _duration_cell(ns: int | None) -> str:
    return "" if ns is None else duration(ns / 1000)


def duration(us: float) -> str:
    """Microseconds in the unit that reads best."""
    if us < 1000:
        return f"{us:.0f} us"
    if us < 1_000_000:
        return f"{us / 1000:.1f} ms"
    return f"{us / 1_000_000:.2f} s"


def _ledger_table(result: RunResult) -> Table:
    """Offered, accepted and received always; a loss has a column where there is one."""
    table = _table("Ledger")
    table.add_column("handler / listener", overflow="fold", min_width=NAME_WIDTH)
    losses = [loss for loss in _LOSSES if any(_loss(h, loss) for h in result.handlers.values())]
    for heading in ("offered", *(_LOSSES[loss] for loss in losses), "accepted", "received"):
        table.add_column(heading, justify="right", no_wrap=True)
    # What must never be cut stands before what may be.
    table.add_column("balanced", no_wrap=True, min_width=8)
    table.add_column("also")
    for name, handler in result.handlers.items():
        _add_ledger_rows(table, name, handler, losses)
    if not losses:
        table.caption = "nothing was lost: no overflow, timeout, abort or loss on the way"
    return table


def _loss(handler: HandlerResult, loss: str) -> int:
    if loss == "before_join":
        return sum(listener.before_join for listener in handler.listeners.values())
    count: int = getattr(handler, loss)
    return count


def _add_ledger_rows(table: Table, name: str, handler: HandlerResult, losses: list[str]) -> None:
    received = sum(listener.received for listener in handler.listeners.values())
    table.add_row(
        Text.assemble((name, "bold"), (f" {handler.socket_type}", "grey62")),
        f"{handler.offered:,}",
        *(_loss_text(_loss(handler, loss), loss) for loss in losses),
        f"{handler.accepted:,}",
        f"{received:,}" if handler.listeners else "",
        Text("yes", style="green") if handler.balanced else Text("NO", style="bold red"),
        _remarks({"replied": handler.replied, "retries": handler.retries}),
    )
    for listener_name, listener in handler.listeners.items():
        _add_listener_row(table, listener_name, listener, losses)


def _add_listener_row(table: Table, name: str, listener: ListenerResult, losses: list[str]) -> None:
    others = {
        "duplicates": listener.duplicates,
        "reordered": listener.reordered,
        "foreign": listener.foreign,
        "malformed": listener.malformed,
    }
    own = {"lost": listener.lost, "before_join": listener.before_join}
    cells = [_loss_text(own[loss], loss) if loss in own else "" for loss in losses]
    table.add_row(f"  {name}", "", *cells, "", f"{listener.received:,}", "", _remarks(others))


def _loss_text(count: int, loss: str) -> Text:
    return Text(f"{count:,}", style=_DROP_STYLES[_LOSSES[loss]] if count else "grey62")


def _remarks(named: dict[str, int]) -> str:
    return ", ".join(f"{name} {count:,}" for name, count in named.items() if count)


def _latency_table(result: RunResult, width: int) -> Table:
    table = _table("Latency")
    table.add_column("handler / listener", overflow="fold", min_width=NAME_WIDTH)
    table.add_column("measure", no_wrap=True)
    shown = _PERCENTILES if width >= WIDE else {k: v for k, v in _PERCENTILES.items() if k not in ("mean", "p99_99")}
    for heading in ("count", *shown.values()):
        table.add_column(heading, justify="right", no_wrap=True)
    for name, handler in result.handlers.items():
        rows = [(name, "lateness", handler.lateness_us)]
        if handler.round_trip_us is not None:
            rows.append((name, "round trip", handler.round_trip_us))
        for listener_name, listener in handler.listeners.items():
            rows.append((f"  {listener_name}", "service", listener.service_us))
            rows.append((f"  {listener_name}", "response", listener.response_us))
        for title, measure, figures in rows:
            times = [duration(getattr(figures, key)) if figures.count else "" for key in shown]
            table.add_row(title, measure, f"{figures.count:,}", *times)
    table.caption = (
        "service: sent -> received; response: due -> received; lateness: due -> sent; round trip: sent -> reply"
    )
    return table


def _table(title: str = "") -> Table:
    return Table(
        title=title or None,
        title_justify="left",
        title_style="bold",
        caption_justify="left",
        caption_style="grey62",
        header_style="grey62",
        box=box.SIMPLE_HEAD,
        pad_edge=False,
        padding=(0, 1, 0, 0),
    )


def _number(value: float) -> str:
    return f"{value:,}" if isinstance(value, int) else f"{value:,.3f}"
