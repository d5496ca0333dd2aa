"""A run in the terminal: session -> **live table** or lines of progress, and the verdict at the end."""

from __future__ import annotations

from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from bench_app.cli.fitting_table import FittingTable
from bench_app.cli.machine_line import machine_line
from bench_app.cli.result_tables import LOSS_STYLES, NAME_READABLE, UNKNOWN, format_duration, print_tables
from bench_app.engine.events import EventKind, RunEvent
from bench_app.engine.result import Outcome, RunResult, first_reasons, format_balance
from bench_app.engine.session import Phase, Session
from bench_app.engine.view import NO_LATENCY, HandlerView, LatencyView, ListenerView, total_overfull, view_of
from bench_app.measure.ledger import HandlerLedger
from bench_app.measure.loss_causes import LISTENER_LOSS_CAUSES, LOSS_CAUSES, LossCause
from bench_app.transport.connection import ConnectionState
from bench_app.untrusted.visible_text import visible

OUTCOME_STYLES = {
    Outcome.PASS: "bold green",
    Outcome.FAIL: "bold red",
    Outcome.INVALID: "bold yellow",
    Outcome.INTERRUPTED: "bold yellow",
}
_STATE_STYLES = {
    ConnectionState.CONNECTED: "green",
    ConnectionState.RETRYING: "yellow",
    ConnectionState.GAVE_UP: "red",
    ConnectionState.FAILED: "red",
}
RECENT_EVENTS = 5
_DROPS = "drops by cause"

Losses = list[tuple[LossCause, int]]
"""The causes that lost something, and how many events each of them lost."""


def render_live(session: Session, events: list[RunEvent]) -> RenderableType:
    """Title, progress, table and latest events of a running session."""
    title = Text(visible(session.document.preset.bench.title or session.document.name), style="bold")
    steps = [event_line(event) for event in events if event.kind is EventKind.STEP][-1:]
    recent = [event for event in events if event.kind is not EventKind.STEP][-RECENT_EVENTS:]
    return Group(title, *steps, _headline(session), LiveTable(view_of(session)), *map(event_line, recent))


def progress_line(session: Session) -> str:
    """The progress as one plain line, for output that cannot be redrawn (a log file, a pipe)."""
    parts = []
    for view in view_of(session):
        drops = ", ".join(f"{count:,} {cause.label}" for cause, count in _losses(view.ledger))
        figures = f"offered {view.ledger.counts.offered:,}, accepted {view.ledger.counts.accepted:,}"
        parts.append(f"{visible(view.name)}: {figures}{format_received(view)}{f' ({drops})' if drops else ''}")
        if overfull := total_overfull(view.listeners):
            parts[-1] += f", {overfull.text}"
    return f"{session.elapsed_s:6.1f} s  " + "; ".join(parts)


def format_received(view: HandlerView) -> str:
    """The received count. With several listeners, append their number: each SUB should receive each accepted event."""
    if not view.listeners:
        return ""
    by = f" (by {len(view.listeners)})" if len(view.listeners) > 1 else ""
    return f", received {sum(listener.received for listener in view.listeners):,}{by}"


def event_line(event: RunEvent) -> Text:
    """An event as a line: time, source, message."""
    line = Text(f"{event.at_s:7.2f} s  ", style="grey62")
    line.append(visible(event.source), style="bold")
    style = "bold cyan" if event.kind is EventKind.STEP else "red" if event.is_error else ""
    line.append(f"  {visible(event.message)}", style=style)
    return line


def print_result(console: Console, result: RunResult, outcome: Outcome) -> None:
    """Print ledger, latencies, what the machine kept from the run, checks and verdict."""
    print_tables(console, result)
    if line := machine_line(result):
        console.print(Text(visible(line), style="grey62"))
    for check in result.checks:
        mark = Text("passed", style="green") if check.passed else Text("FAILED", style="bold red")
        value = "nothing measured" if check.value is None else _number(check.value)
        console.print(Text.assemble(mark, f"  {visible(check.check)}", (f"   (is {value})", "grey62")))
    print_verdict(console, result, outcome)


def print_verdict(console: Console, result: RunResult, outcome: Outcome) -> None:
    """Print notes, verdict, reasons and advice: the last lines of a run."""
    _print_notes(console, result)
    console.print(verdict_line(result, outcome))
    _print_reasons(console, result)
    _print_advice(console, result)


def verdict_line(result: RunResult, outcome: Outcome) -> Text:
    """The verdict with the name of the preset, the duration and the balance."""
    return Text.assemble(
        (outcome, OUTCOME_STYLES[outcome]),
        f"  {visible(result.preset)}, {result.duration_s:.1f} s, {format_balance(result)}",
    )


def print_explanation(console: Console, result: RunResult) -> None:
    """Print the reasons for a verdict that was printed before, then the notes and the advice."""
    _print_reasons(console, result)
    _print_notes(console, result)
    _print_advice(console, result)


def _print_notes(console: Console, result: RunResult) -> None:
    for note in result.notes:
        console.print(Text.assemble(("note", "bold yellow"), f"  {visible(note)}"))


def _print_advice(console: Console, result: RunResult) -> None:
    """Print what would have lost nothing, and the options with which to try it."""
    advice = result.advice
    if advice is None:
        return
    console.print(Text.assemble(("advice", "bold cyan"), f"  {visible(advice.message)}"), soft_wrap=True)
    if advice.proposal:
        options = " ".join(f"--set {setting}" for setting in advice.settings)
        console.print(Text(f"        {visible(options)}", style="grey62"), soft_wrap=True)


def _print_reasons(console: Console, result: RunResult) -> None:
    for reason in first_reasons(result):
        console.print(Text(f"  {visible(reason)}"))


def _headline(session: Session) -> Table:
    duration_s, elapsed_s = session.duration_s, min(session.elapsed_s, session.duration_s)
    line = Table.grid(padding=(0, 1))
    phase_names = {Phase.OPENING: "opening", Phase.DRAINING: "draining", Phase.DONE: "done"}
    line.add_row(
        ProgressBar(total=duration_s, completed=elapsed_s, width=30),
        Text(f"{elapsed_s:.1f} of {duration_s:g} s"),
        Text(phase_names.get(session.phase, ""), style="yellow"),
    )
    return line


class LiveTable:
    """The last second of every handler and listener; rich renders it for the width of the terminal.

    A line below says of each listener whose connection is overfull how much is on the way, how much fits, and how much
    is lost.
    """

    def __init__(self, views: list[HandlerView]) -> None:
        self._views = views

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """The table. If the table has no room for the drops, they follow as lines."""
        table = FittingTable(*_HEADINGS, left=("state", _DROPS))
        drops: list[Text] = []
        for view in self._views:
            drops += _add_handler(table, view)
        width = options.max_width
        drops_apart = not table.fits(width, NAME_READABLE)
        if drops_apart:
            table = table.without(_DROPS)
        table = table.fitted(width, "p50", "queued", "in flight")
        yield table.table(width, caption="last second; p50, p99: send to received (REQ: send to reply)")
        if drops_apart:
            yield from drops
        yield from (
            Text(f"{visible(view.name)}/{visible(listener.name)}: {listener.overfull.text}", style=LOSS_STYLES["lost"])
            for view in self._views
            for listener in view.listeners
            if listener.overfull is not None
        )


_HEADINGS = ("handler / listener", "state", "offered/s", "out/s", "queued", "in flight", _DROPS, "p50", "p99")


def _add_handler(table: FittingTable, view: HandlerView) -> list[Text]:
    """Add the rows of a handler and its listeners; returns their drops as lines."""
    losses = _losses(view.ledger)
    table.add(
        Text.assemble((visible(view.name), "bold"), (f" {view.socket_type}", "grey62")),
        Text(view.status.label, style=_STATE_STYLES.get(view.status.state, "")),
        f"{view.offered_rate:,.0f}",
        f"{view.accepted_rate:,.0f}",
        f"{view.ledger.counts.queued:,}",
        f"{view.in_flight:,}" if view.ledger.arrivals_known else UNKNOWN,
        _losses_text(losses),
        *_latency_cells(view.round_trip if view.pattern.gets_replies else NO_LATENCY),
    )
    lines = [Text.assemble((visible(view.name), "bold"), "  ", _losses_text(losses))] if losses else []
    for listener in view.listeners:
        own = [(cause, count) for cause in LISTENER_LOSS_CAUSES if (count := listener.loss(cause))]
        _add_listener(table, listener, own)
        if own:
            lines.append(Text.assemble(f"  {visible(listener.name)}  ", _losses_text(own)))
    return lines


def _add_listener(table: FittingTable, listener: ListenerView, losses: Losses) -> None:
    table.add(
        Text.assemble(f"  {visible(listener.name)}", (f" {listener.listener_type}", "grey62")),
        Text(listener.status.label, style=_STATE_STYLES.get(listener.status.state, "")),
        "",
        f"{listener.received_rate:,.0f}",
        "",
        "",
        _losses_text(losses),
        *_latency_cells(listener.service),
    )


def _losses(ledger: HandlerLedger) -> Losses:
    return [(cause, count) for cause in LOSS_CAUSES if (count := ledger.loss(cause))]


def _losses_text(losses: Losses) -> Text:
    text = Text()
    for cause, count in losses:
        text.append(f"{', ' if text else ''}{cause.label} {count:,}", style=LOSS_STYLES[cause.color])
    return text


def _latency_cells(latency: LatencyView) -> tuple[str, str]:
    return _duration_cell(latency.p50_ns), _duration_cell(latency.p99_ns)


def _duration_cell(ns: int | None) -> str:
    return "" if ns is None else format_duration(ns / 1000)


def _number(value: float) -> str:
    return f"{value:,}" if isinstance(value, int) else f"{value:,.3f}"
