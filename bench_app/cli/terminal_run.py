"""A run in the terminal: a live table or lines of progress, signals, result, exit code."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.live import Live

from bench_app.cli import live_table, logs
from bench_app.cli.console import CommandConsole, echo_error
from bench_app.cli.exit_codes import EXIT_CODES, EXIT_INTERRUPTED
from bench_app.cli.result_file import refuse_unwritable, write_json
from bench_app.data_plane.choice import AS_INSTALLED, PlaneChoice
from bench_app.engine.events import ENGINE, EventKind, RunEvent
from bench_app.engine.result import to_json
from bench_app.engine.run_once import FinishedRun, run_once
from bench_app.engine.session import Phase, Session
from bench_app.errors import InputError
from bench_app.measure.hdr_log import write_hdr_log
from bench_app.preset.documents import Document
from bench_app.system.signals import ENDING_SIGNALS
from bench_app.system.tasks import spawn
from bench_app.untrusted.visible_text import visible

REFRESH_S = 0.25
PLAIN_REFRESH_S = 1.0


def run_in_terminal(
    document: Document,
    json_file: Path | None,
    hdr_file: Path | None,
    quiet: bool,
    choice: PlaneChoice = AS_INSTALLED,
) -> None:
    """Run the document, then print and write its result. Ends the process; the exit code follows from the verdict."""
    console = open_console(document, json_file, hdr_file)
    finished = run_to_end(document, console, quiet, choice)
    result = finished.result
    try:
        write_json(to_json(result), json_file)
        if hdr_file is not None:
            write_histograms(finished, hdr_file)
    finally:
        # The result is printed even if a file cannot be written.
        show = live_table.print_verdict if quiet else live_table.print_result
        show(console, result, finished.outcome)
    raise SystemExit(EXIT_INTERRUPTED if finished.interrupted else EXIT_CODES[result.verdict])


def open_console(document: Document, json_file: Path | None, hdr_file: Path | None) -> CommandConsole:
    """The console of a run, after the notes on its preset. It prints to standard error if the result goes to stdout.

    Raises :class:`InputError` if a file cannot be written.
    """
    for file in (json_file, hdr_file):
        refuse_unwritable(file)
    if hdr_file == Path("-"):
        raise InputError("the histogram log (--hdr) needs a file; standard output is for the result (--json -)")
    for note in document.notes:
        echo_error(f"note: {visible(str(note))}")
    return CommandConsole(stderr=json_file == Path("-"))


def run_to_end(document: Document, console: Console, quiet: bool, choice: PlaneChoice) -> FinishedRun:
    """Run the document once and show its progress, but not its result. Ctrl+C ends the run before its time."""
    held: list[int] = []
    before = {number: signal.getsignal(number) for number in ENDING_SIGNALS}
    try:
        return asyncio.run(_drive(document, console, quiet, choice, held))
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        if held:
            signal.raise_signal(held[0])


def write_histograms(finished: FinishedRun, hdr_file: Path) -> None:
    """Write all latency histograms of a run as a histogram log."""
    named = [(key.title, histogram) for key, histogram in finished.histograms.items()]
    write_hdr_log(hdr_file, named, finished.started_at, finished.result.duration_s)


async def _drive(
    document: Document, console: Console, quiet: bool, choice: PlaneChoice, held: list[int]
) -> FinishedRun:
    """Run the session and display its progress: as a live table, as plain lines, or not at all if quiet.

    ``held`` gets the signals that come when the run is over: an exception would leave the event loop half closed.
    """
    events: list[RunEvent] = []
    logged = logs.to_standard_error()
    # A redrawn table and log lines on the same terminal would overwrite each other.
    plain = logged or not console.is_terminal

    def on_event(event: RunEvent) -> None:
        events.append(event)
        if plain and not quiet and not logged:
            console.print(live_table.event_line(event), soft_wrap=True)

    session = Session(document, on_event, choice=choice)
    with _stopped_by_signals(session, on_event, held):
        if quiet:
            return await run_once(session)
        if plain:
            return await _run_with(session, _progress(session, console), PLAIN_REFRESH_S)
        with Live(console=console, auto_refresh=False, transient=True) as live:
            finished = await _run_with(
                session, lambda: live.update(live_table.render_live(session, events), refresh=True), REFRESH_S
            )
        for event in events:
            console.print(live_table.event_line(event))
        return finished


def _progress(session: Session, console: Console) -> Callable[[], None]:
    """A function that prints a line of progress, unless it would repeat the last line."""
    last = ""

    def draw() -> None:
        nonlocal last
        line = live_table.progress_line(session)
        if line != last:
            console.print(line, soft_wrap=True)
        last = line

    return draw


async def _run_with(session: Session, draw: Callable[[], None], every_s: float) -> FinishedRun:
    """Run the session, and call ``draw`` at a fixed interval."""
    running = spawn(run_once(session), name="session", on_error=lambda error: None)
    while not running.done():
        await asyncio.wait({running}, timeout=every_s)
        if session.phase in (Phase.RUNNING, Phase.DRAINING):
            draw()
    return await running


@contextlib.contextmanager
def _stopped_by_signals(session: Session, on_event: Callable[[RunEvent], None], held: list[int]) -> Any:
    """Let the run drain and end on Ctrl+C, SIGTERM or SIGHUP, and end it at once on a second signal."""
    loop = asyncio.get_running_loop()

    def on_signal() -> None:
        if session.interrupted:
            session.force_stop()
            return
        on_event(RunEvent(session.elapsed_s, ENGINE, "stopping; once more ends the run at once", kind=EventKind.ENGINE))
        session.stop()

    for number in ENDING_SIGNALS:
        loop.add_signal_handler(number, on_signal)
    try:
        yield
    finally:
        for number in ENDING_SIGNALS:
            loop.remove_signal_handler(number)
            signal.signal(number, lambda number, frame: held.append(number))
