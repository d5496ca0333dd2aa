"""The command line, ``zmq-bench``: arguments in, a session driven, exit codes out. All errors of users end here."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import Callable
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import click
import msgspec
from rich.console import Console
from rich.live import Live

from bench_app import __version__
from bench_app.capacity.figures import to_json as capacity_json
from bench_app.capacity.measure import measure
from bench_app.capacity.tables import print_capacity
from bench_app.cli import listen_send, live_table, logs
from bench_app.cli.display import WINDOW_GROUP, why_no_window
from bench_app.cli.event_input import events_of
from bench_app.cli.log_options import behind_the_command, log_options
from bench_app.engine.result import RunResult, to_json
from bench_app.engine.session import Phase, RunEvent, Session
from bench_app.engine.settle import build_result, named_histograms
from bench_app.errors import BenchError, InputError
from bench_app.measure.hdr_log import write_hdr_log
from bench_app.model.json_path import parse_assignment
from bench_app.model.validation import did_you_mean
from bench_app.preset import documents
from bench_app.preset.defaults import sources_of
from bench_app.preset.documents import Document
from bench_app.system.files import write_out
from bench_app.system.tasks import spawn

EXIT_CODES = {"pass": 0, "fail": 1, "invalid": 3}
EXIT_INPUT = 2
EXIT_FAILED = 3
EXIT_INTERRUPTED = 130
PICTURE_ENDINGS = (".png", ".jpg", ".jpeg", ".bmp")
REFRESH_S = 0.25
PLAIN_REFRESH_S = 1.0


class _Console(Console):
    """rich ends with exit code 1 where the reader of its output has gone, which says here that a check failed."""

    def on_broken_pipe(self) -> None:
        raise BrokenPipeError


class _ReaderGoneError(Exception):
    """The reader of our output (`| head`) has gone; click would end with 1, which says here that a check failed."""


class _DefaultCommandGroup(click.Group):
    """A group whose bare form, ``zmq-bench [PRESET] [options]``, is the command ``open``."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        own = {"--help", "--version"}
        args = behind_the_command(args, list(self.commands))
        if not args or (args[0] not in self.commands and args[0] not in own):
            self._refuse_unknown(ctx, args)
            args = ["open", *args]
        return super().parse_args(ctx, args)

    def _refuse_unknown(self, ctx: click.Context, args: list[str]) -> None:
        """A first word that is no preset may have been meant as a command; taken for one it would be misread."""
        if not args or args[0].startswith("-") or documents.exists(args[0]):
            return
        commands = [name for name, command in self.commands.items() if not command.hidden]
        names = [name for name, _ in documents.shipped()]
        # With another word behind it, it can only be a command.
        followed = len(args) > 1 and not args[1].startswith("-")
        hint = did_you_mean(args[0], commands if followed else [*commands, *names], cutoff=0.5)
        if followed:
            raise click.UsageError(f'no command "{args[0]}"{hint or "; there are " + ", ".join(commands)}', ctx)
        raise click.UsageError(
            f'"{args[0]}" is no command, and neither a file nor the name of a preset that ships{hint}', ctx
        )

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except BrokenPipeError as error:
            raise _ReaderGoneError from error


@click.group(cls=_DefaultCommandGroup, context_settings={"help_option_names": ["--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="zmq-bench")
def cli() -> None:
    """ZMQ Test Bench: run ZeroMQ output handlers (PUB, PUSH, REQ) and account for every event.

    PRESET is a JSON file of handlers, as production has it, or the bare name of a preset that ships.

    \b
    zmq-bench                        open the window (its options: zmq-bench open --help)
    zmq-bench slow-joiner --start    open it with a preset, and run that
    zmq-bench presets                list the presets that ship
    zmq-bench run slow-joiner        run one in the terminal
    zmq-bench capacity slow-joiner   measure how many messages its connections take
    zmq-bench listen tcp://localhost:5555 --type SUB

    `zmq-bench COMMAND --help` tells all of a command, with examples. --debug and --log-file FILE, before or behind the
    name of a command that opens sockets, log what each socket does.

    Exit codes: 0 passed, 1 a check failed, 2 the input is wrong, 3 the run failed or is invalid, 130 interrupted.
    """


_json_option = click.option(
    "--json", "json_file", type=click.Path(path_type=Path), metavar="FILE", help="Write the result there ('-': stdout)."
)


@cli.command(name="open", hidden=True)
@click.argument("preset", default=None, required=False)
@click.option("--start", is_flag=True, help="Start the run at once.")
@click.option(
    "--screenshot",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Write a picture of the window (.png, .jpg), then quit.",
)
@click.option(
    "--after",
    "after_s",
    type=click.FloatRange(min=0),
    metavar="S",
    help="Quit after S seconds, once the picture is written; with --screenshot alone after 2.",
)
@_json_option
@log_options
def open_bench(
    preset: str | None, start: bool, screenshot: Path | None, after_s: float | None, json_file: Path | None
) -> None:
    """Open the window, with PRESET or the gallery of those that ship.

    PRESET is a JSON file or the bare name of a preset that ships. Without a display it runs in the terminal.

    \b
    zmq-bench
    zmq-bench my.json --start
    zmq-bench silent-pub-loss --start --screenshot loss.png --after 10

    Exit codes: 0 the window was closed, 2 the input is wrong, 3 a file could not be written; without a display those of
    `zmq-bench run`.
    """
    if screenshot is not None and screenshot.suffix.lower() not in PICTURE_ENDINGS:
        raise InputError(f"{screenshot}: a picture can be written to a file that ends in {', '.join(PICTURE_ENDINGS)}")
    for file in (screenshot, json_file):
        _refuse_unwritable(file)
    document = documents.load(preset or documents.DEFAULT)
    why_not = why_no_window()
    if why_not:
        click.echo(f"{why_not}: {document.name} runs in the terminal.", err=True)
        _run(document, json_file, hdr_file=None, quiet=False)
        return
    open_window = next(iter(entry_points(group=WINDOW_GROUP))).load()
    raise SystemExit(open_window(preset, start, screenshot, after_s, json_file))


@cli.command(short_help="Run a preset in the terminal.")
@click.argument("preset")
@click.option(
    "--duration", type=float, metavar="S", help="Offer events for S seconds.  [default: the preset's, else 10]"
)
@click.option(
    "--rate",
    type=float,
    metavar="N",
    help="Offer N events a second on every sink, evenly.  [default: the preset's load, else 1000]",
)
@click.option(
    "--set",
    "assignments",
    multiple=True,
    metavar="PATH=VALUE",
    help="Set any value of the preset (`zmq-bench schema` has them all); may be given again.",
)
@_json_option
@click.option(
    "--hdr", "hdr_file", type=click.Path(path_type=Path), metavar="FILE", help="Write all histograms (.hlog)."
)
@click.option("--quiet", is_flag=True, help="No live table: only the verdict.")
@log_options
def run(
    preset: str,
    duration: float | None,
    rate: float | None,
    assignments: tuple[str, ...],
    json_file: Path | None,
    hdr_file: Path | None,
    quiet: bool,
) -> None:
    """Run PRESET in the terminal: a live table, then the ledger, the latencies and the verdict.

    PRESET is a JSON file or the bare name of a preset that ships (`zmq-bench presets`).

    \b
    zmq-bench run slow-joiner
    zmq-bench run my.json --duration 30 --rate 5000 --json result.json
    zmq-bench run my.json --set output.handlers.zmq-publisher.config.high_water_mark=10
    zmq-bench run my.json --debug --log-file run.jsonl

    Ctrl+C ends it politely, a second one at once; the ledger so far is printed and written.

    Exit codes: 0 passed, 1 a check failed, 2 the input is wrong, 3 the run failed or is invalid, 130 interrupted.
    """
    document = documents.load(preset)
    changes: list[tuple[str, Any]] = [parse_assignment(text) for text in assignments]
    if duration is not None:
        changes.append(("bench.duration_s", duration))
    document = documents.replace_all(document, changes)
    if rate is not None:
        document = _with_rate(document, rate)
    _run(document, json_file, hdr_file, quiet)


@cli.command()
@click.argument("files", nargs=-1, required=True, metavar="PRESET...")
def check(files: tuple[str, ...]) -> None:
    """Validate presets without running them.

    All faults are told at once, each with its JSON path, value and what was expected.

    \b
    zmq-bench check my.json
    zmq-bench check presets/*.json

    Exit codes: 0 all are good, 2 one has a fault.
    """
    wrong = False
    for name in files:
        try:
            document = documents.load(name)
        except InputError as error:
            click.echo(str(error), err=True)
            wrong = True
            continue
        enabled = sum(spec.enabled for spec in document.preset.output.handlers.values())
        click.echo(f"{name}: good, {enabled} enabled handler{'s' if enabled != 1 else ''}")
        for note in document.notes:
            click.echo(f"  note: {note}")
    if wrong:
        raise SystemExit(EXIT_INPUT)


@cli.command(name="presets", short_help="List the presets that ship.")
def list_presets() -> None:
    """List the presets that ship, with what each shows.

    \b
    zmq-bench presets
    zmq-bench run slow-joiner
    """
    console = _Console()
    for name, title in documents.shipped():
        console.print(f"[bold]{name:28}[/bold] {title}", highlight=False)


@cli.command(short_help="Print the JSON Schema of a preset.")
def schema() -> None:
    """Print the JSON Schema of a preset: every key with its meaning, range, unit and default.

    \b
    zmq-bench schema > preset.schema.json
    """
    click.echo(msgspec.json.format(msgspec.json.encode(documents.schema()), indent=2).decode())


@cli.command(name="capacity", short_help="Measure how many messages a connection takes.")
@click.argument("preset")
@click.option("--handler", metavar="NAME", help="Measure this one, enabled or not.  [default: each enabled handler]")
@_json_option
@log_options
def measure_capacity(preset: str, handler: str | None, json_file: Path | None) -> None:
    """Measure the effective capacity of the connections of PRESET: how many of its events each takes while the consumer
    reads nothing, and where they sit.

    That is more than the two high-water marks: the kernel's buffers and libzmq's encoder and decoder hold messages,
    too. Each connection is set up on its own, on loopback at a port the system gives, filled at the preset's rate
    (after 5 s as fast as it takes messages), and read empty again; all that went in must come out.

    PRESET is a JSON file or the bare name of a preset that ships (`zmq-bench presets`).

    \b
    zmq-bench capacity hwm-ignored-over-tcp
    zmq-bench capacity multi-pattern --handler zmq-worker --json capacity.json

    Exit codes: 0 measured, or there is nothing to measure, as with a REQ; 2 the input is wrong; 3 it could not be
    measured; 130 interrupted.
    """
    _refuse_unwritable(json_file)
    document = documents.load(preset)
    console = _Console(stderr=json_file == Path("-"))
    for note in document.notes:
        click.echo(f"note: {note}", err=True)
    with console.status("measuring ..."):
        result = measure(document, handler)
    print_capacity(console, result)
    _write_json(capacity_json(result), json_file)
    if not result.sound:
        raise SystemExit(EXIT_FAILED)


_uri_argument = click.argument("uri")


@cli.command(name="listen", short_help="Read from any ZeroMQ system and tell what comes.")
@_uri_argument
@click.option("--type", "socket_type", type=click.Choice(["SUB", "PULL", "REP"]), required=True, help="Socket type.")
@click.option("--topic", default="", metavar="T", help="SUB: prefix to subscribe to.  [default: all topics]")
@click.option("--count", type=click.IntRange(min=1), metavar="N", help="End after N messages.  [default: no limit]")
@click.option(
    "--for", "seconds", type=click.FloatRange(min=0), metavar="S", help="End after S seconds.  [default: no limit]"
)
@click.option(
    "--time-field",
    metavar="PATH",
    help="Where each event's JSON says when it was sent: latency is measured from there.",
)
@log_options
def listen_by_hand(
    uri: str, socket_type: Any, topic: str, count: int | None, seconds: float | None, time_field: str | None
) -> None:
    """Read from any ZeroMQ system at URI and tell rate, sizes, topics and latency.

    Up to 5 messages a second are shown, all are counted; the summary comes at the end: after --count, --for or Ctrl+C.
    A REP answers {"ok": true}.

    \b
    zmq-bench listen tcp://localhost:5555 --type SUB --topic analytics
    zmq-bench listen bind:tcp://127.0.0.1:5556 --type PULL --for 10
    zmq-bench listen tcp://localhost:5555 --type SUB --time-field metadata.sent_at
    zmq-bench listen tcp://localhost:5555 --type SUB --debug

    At tcp it connects, or binds at a wildcard (tcp://*:5556); at ipc a SUB connects and the others bind. bind: or
    connect: before the URI decides.

    Latency is known of events with the bench's own stamp, sent on this machine, and of events that have a time: ISO
    8601 text with a zone, or a number of s, ms, us or ns since 1970. That compares wall clocks: it is right only where
    the sender's clock agrees with this one.

    Exit codes: 0 also where nothing was received, 2 the input is wrong, 3 the socket cannot be set up.
    """
    listen_send.listen(uri, socket_type, topic, click.echo, count=count, seconds=seconds, time_field=time_field)


@cli.command(name="send", short_help="Send events to any ZeroMQ system.")
@_uri_argument
@click.argument("events", default="-", metavar="[JSON | - | FILE]")
@click.option("--type", "socket_type", type=click.Choice(["PUB", "PUSH", "REQ"]), required=True, help="Socket type.")
@click.option("--topic", default="", metavar="T", help="PUB: topic to send under.  [default: the empty one]")
@click.option("--wait", "wait_s", type=click.FloatRange(min=0), default=3.0, show_default=True, metavar="S",
              help="Seconds to wait for a subscriber, for room, for replies.")  # fmt: skip
@log_options
def send_by_hand(uri: str, events: str, socket_type: Any, topic: str, wait_s: float) -> None:
    """Send one event (JSON), or each line of a FILE or of standard input (-), to any ZeroMQ system at URI.

    \b
    zmq-bench send tcp://localhost:5556 --type PUSH '{"task_id": 1}'
    zmq-bench send bind:tcp://127.0.0.1:5555 --type PUB --topic analytics.events events.jsonl
    zmq-bench send tcp://localhost:5557 --type REQ '{"method": "status"}' --wait 10

    A file is checked before anything is sent, a pipe line by line. Then it waits for somebody to send to: a PUB for a
    subscriber, the others for a connection. PUB sends two frames,
    topic and JSON, the others one. The reply to a REQ is printed.

    At tcp it connects, or binds at a wildcard (tcp://*:5555); at ipc a PUB binds and the others connect. bind: or
    connect: before the URI decides.

    Exit codes: 0 all was sent, 1 something was not sent, or a request got no reply, 2 the input is wrong, 3 the socket
    cannot be set up.
    """
    checked = events_of(events, lambda sentence: click.echo(sentence, err=True))
    if not listen_send.send(uri, socket_type, topic, checked, click.echo, wait_s):
        raise SystemExit(1)


def _with_rate(document: Document, rate: float) -> Document:
    load = {"shape": "constant", "rate": rate}
    for sink in sources_of(document.preset):
        document = documents.with_load(document, sink, load)
    return document


def _run(document: Document, json_file: Path | None, hdr_file: Path | None, quiet: bool) -> None:
    for file in (json_file, hdr_file):
        _refuse_unwritable(file)
    if hdr_file == Path("-"):
        raise InputError("the histogram log (--hdr) needs a file; standard output is for the result (--json -)")
    to_stdout = json_file == Path("-")
    console = _Console(stderr=to_stdout)
    for note in document.notes:
        click.echo(f"note: {note}", err=True)
    session, result = asyncio.run(_drive(document, console, quiet))
    if quiet:
        live_table.print_verdict(console, result)
    else:
        live_table.print_result(console, result)
    _write_json(to_json(result), json_file)
    if hdr_file is not None:
        write_hdr_log(
            hdr_file, named_histograms(session.handlers, session.listeners), session.started_at, result.duration_s
        )
    raise SystemExit(EXIT_INTERRUPTED if session.interrupted else EXIT_CODES[result.verdict])


def _refuse_unwritable(file: Path | None) -> None:
    """Say before the run, not after it, that its result would have no place."""
    if file is None or file == Path("-"):
        return
    if file.is_dir():
        raise InputError(f"{file} is a folder; the result needs a file")
    if not file.absolute().parent.is_dir():
        raise InputError(f"the folder of {file} does not exist")
    if not os.access(file if file.exists() else file.absolute().parent, os.W_OK):
        raise InputError(f"{file} cannot be written: permission denied")


def _write_json(text: bytes, json_file: Path | None) -> None:
    if json_file is None:
        return
    if json_file == Path("-"):
        try:
            click.echo(text.decode(), nl=False)
            sys.stdout.flush()
        except OSError as error:
            raise BenchError(f"the result could not be written to standard output: {error.strerror}") from error
        return
    try:
        write_out(json_file, text)
    except OSError as error:
        raise BenchError(f"the result could not be written to {json_file}: {error.strerror}") from error


async def _drive(document: Document, console: Console, quiet: bool) -> tuple[Session, RunResult]:
    """Run a session with the terminal as its window."""
    events: list[RunEvent] = []
    logged = logs.to_standard_error()
    # A table that is drawn again and again and log lines would write over each other.
    plain = logged or not console.is_terminal

    def on_event(event: RunEvent) -> None:
        events.append(event)
        if plain and not quiet and not logged:
            console.print(live_table.event_line(event), soft_wrap=True)

    session = Session(document, on_event)
    with _stopped_by_signals(session, on_event):
        if quiet:
            await session.run()
        elif plain:
            await _run_with(session, _progress(session, console), PLAIN_REFRESH_S)
        else:
            with Live(console=console, auto_refresh=False, transient=True) as live:
                await _run_with(session, lambda: live.update(live_table.live(session, events), refresh=True), REFRESH_S)
            for event in events:
                console.print(live_table.event_line(event))
    return session, build_result(session)


def _progress(session: Session, console: Console) -> Callable[[], None]:
    """Writes a line of progress where there is any."""
    last = ""

    def draw() -> None:
        nonlocal last
        line = live_table.progress_line(session)
        if line != last:
            console.print(line, soft_wrap=True)
        last = line

    return draw


async def _run_with(session: Session, draw: Callable[[], None], every_s: float) -> None:
    """Run the session and draw it on a clock."""
    running = spawn(session.run(), name="session", on_error=lambda error: None)
    while not running.done():
        await asyncio.wait({running}, timeout=every_s)
        if session.phase in (Phase.RUNNING, Phase.DRAINING):
            draw()
    await running


@contextlib.contextmanager
def _stopped_by_signals(session: Session, on_event: Callable[[RunEvent], None]) -> Any:
    """Ctrl+C and SIGTERM stop the run politely; a second one ends it at once."""
    loop = asyncio.get_running_loop()

    def on_signal() -> None:
        if session.interrupted:
            session.force_stop()
            return
        on_event(RunEvent(session.elapsed_s, "engine", "stopping; once more ends the run at once"))
        session.stop()

    numbers = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]
    for number in numbers:
        loop.add_signal_handler(number, on_signal)
    try:
        yield
    finally:
        for number in numbers:
            loop.remove_signal_handler(number)


def main() -> None:
    """The entry point: whatever a user can do wrong ends as a sentence and an exit code."""
    try:
        try:
            cli.main(standalone_mode=False)
        finally:
            # Here, and not when Python ends, where a reader that has gone would be told as an exception.
            sys.stdout.flush()
    except click.ClickException as error:
        error.show()
        sys.exit(EXIT_INPUT)
    except click.Abort:
        sys.exit(EXIT_INTERRUPTED)
    except InputError as error:
        click.echo(f"zmq-bench: {error}", err=True)
        sys.exit(EXIT_INPUT)
    except BenchError as error:
        click.echo(f"zmq-bench: {error}", err=True)
        sys.exit(EXIT_FAILED)
    except KeyboardInterrupt:
        sys.exit(EXIT_INTERRUPTED)
    except (BrokenPipeError, _ReaderGoneError):
        # There is nobody left to tell, also not of what is still to be written.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.stderr.close()
        sys.exit(EXIT_FAILED)
