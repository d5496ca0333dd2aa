"""A run in the terminal: a live table or lines of progress, signals, result, exit code."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path

from rich.console import Console
from rich.live import Live

from bench_app.cli import live_table, logs
from bench_app.cli.command_console import CommandConsole
from bench_app.cli.console import echo_error
from bench_app.cli.exit_codes import EXIT_CODES, EXIT_INTERRUPTED
from bench_app.cli.result_file import refuse_unwritable, write_json
from bench_app.cli.run_outputs import NO_OUTPUTS, RunOutputs
from bench_app.data_plane.choice import AS_INSTALLED, PlaneChoice
from bench_app.engine.events import ENGINE, EventKind, RunEvent
from bench_app.engine.result import to_json
from bench_app.engine.run_once import FinishedRun, run_once
from bench_app.engine.session import Phase, Session
from bench_app.errors import InputError
from bench_app.measure.hdr_log import write_hdr_log
from bench_app.preset.documents import Document
from bench_app.recording.recorder import RecordOptions
from bench_app.system.signals import CaughtSignals
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
    record: RecordOptions | None = None,
    speed: float = 1.0,
    outputs: RunOutputs = NO_OUTPUTS,
) -> None:
    """Run the document, then print and write its result. Ends the process; the exit code follows from the verdict.

    ``speed``: how many times as fast the timeline of the preset passes. ``outputs``: files in other formats.
    """
    console = open_console(document, json_file, hdr_file)
    outputs.refuse_unwritable()
    with CaughtSignals() as caught, outputs.served() as served:
        finished = run_to_end(
            document, console, quiet, choice, caught, record, speed, outputs.needs_series, served.on_session
        )
        served.finish(finished.result)
        result = finished.result
        caught.pass_to(interrupt_on_second())
        try:
            write_json(to_json(result), json_file)
            if hdr_file is not None:
                write_histograms(finished, hdr_file)
            outputs.write(finished, served.session)
        finally:
            # The result is printed even if a file cannot be written.
            show = live_table.print_verdict if quiet else live_table.print_result
            show(console, result, finished.outcome)
        caught.ignore_rest()
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


def interrupt_on_second() -> Callable[[], None]:
    """A function for signals while a result is written and printed: the first waits for the end of that, the second
    does not."""
    came = 0

    def receive() -> None:
        nonlocal came
        came += 1
        if came > 1:
            raise KeyboardInterrupt

    return receive


def run_to_end(
    document: Document,
    console: Console,
    quiet: bool,
    choice: PlaneChoice,
    caught: CaughtSignals,
    record: RecordOptions | None = None,
    speed: float = 1.0,
    keep_series: bool = False,
    on_session: Callable[[Session], None] = lambda session: None,
) -> FinishedRun:
    """Run the document once and show its progress, but not its result. A signal ends the run before its time.
    ``on_session`` gets the session before it runs.

    A signal that came earlier, or while the event loop was set up, ends the run as soon as there is one. A signal that
    comes when the run is over waits: an exception would leave the event loop half closed.
    """
    return asyncio.run(_drive(document, console, quiet, choice, caught, record, speed, keep_series, on_session))


def write_histograms(finished: FinishedRun, hdr_file: Path) -> None:
    """Write all latency histograms of a run as a histogram log."""
    named = [(key.title, histogram) for key, histogram in finished.histograms.items()]
    write_hdr_log(hdr_file, named, finished.started_at, finished.result.duration_s)


async def _drive(
    document: Document,
    console: Console,
    quiet: bool,
    choice: PlaneChoice,
    caught: CaughtSignals,
    record: RecordOptions | None,
    speed: float,
    keep_series: bool,
    on_session: Callable[[Session], None],
) -> FinishedRun:
    """Run the session and display its progress: as a live table, as plain lines, or not at all if quiet."""
    events: list[RunEvent] = []
    logged = logs.to_standard_error()
    # A redrawn table and log lines on the same terminal would overwrite each other.
    plain = logged or not console.is_terminal

    def on_event(event: RunEvent) -> None:
        events.append(event)
        if plain and not quiet and not logged:
            console.print(live_table.event_line(event), soft_wrap=True)

    session = Session(document, on_event, keep_series=keep_series, choice=choice, record=record, speed=speed)
    on_session(session)
    with _stopped_by_signals(session, on_event, caught):
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
def _stopped_by_signals(
    session: Session, on_event: Callable[[RunEvent], None], caught: CaughtSignals
) -> Iterator[None]:
    """Let the run drain and end on Ctrl+C, SIGTERM or SIGHUP, and end it at once on a second signal."""
    loop = asyncio.get_running_loop()

    def on_signal() -> None:
        if session.interrupted:
            session.force_stop()
            return
        on_event(RunEvent(session.elapsed_s, ENGINE, "stopping; once more ends the run at once", kind=EventKind.ENGINE))
        session.stop()

    # Not loop.add_signal_handler: before it and after it a signal would meet the handlers that end the program.
    caught.pass_to(lambda: loop.call_soon_threadsafe(on_signal))
    try:
        yield
    finally:
        caught.pass_to(None)
