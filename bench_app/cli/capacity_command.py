"""``zmq-bench capacity``: measure how many messages the connections of a preset take."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from bench_app.cli.command_console import CommandConsole
from bench_app.cli.console import echo_error
from bench_app.cli.ending_signals import ended_by_signals
from bench_app.cli.exit_codes import EXIT_FAILED
from bench_app.cli.log_options import log_options
from bench_app.cli.result_file import json_option, refuse_unwritable, write_json
from bench_app.preset import documents
from bench_app.preset.documents import Document
from bench_app.untrusted.visible_text import visible

if TYPE_CHECKING:
    from bench_app.capacity.figures import CapacityResult, ConnectionCapacity


@click.command(name="capacity", short_help="Measure how many messages a connection takes.")
@click.argument("preset")
@click.option(
    "--handler", metavar="NAME", help="Measure this handler, enabled or not.  [default: each enabled handler]"
)
@json_option
@log_options
def measure_capacity(preset: str, handler: str | None, json_file: Path | None) -> None:
    """Measure the effective capacity of the connections of PRESET: how many events each connection takes while its
    consumer reads nothing, and where these events wait.

    The capacity is more than the two high-water marks, because the kernel's buffers and libzmq's encoder and decoder
    hold messages, too. Each connection is set up alone, on loopback at a port that the system chooses. It is filled at
    the preset's rate (after 5 s as fast as it takes messages) and then read until it is empty; every message must
    arrive.

    PRESET is a JSON file or the bare name of a preset that ships (`zmq-bench presets`).

    \b
    zmq-bench capacity hwm-ignored-over-tcp
    zmq-bench capacity multi-pattern --handler zmq-worker --json capacity.json

    Exit codes: 0 measured, or there is nothing to measure, as with a REQ; 2 the input is wrong; 3 the measurement
    failed; 130 interrupted.
    """
    # Imported here, so that the other commands start without the engine.
    from bench_app.capacity.figures import to_json as capacity_json
    from bench_app.capacity.tables import print_capacity

    refuse_unwritable(json_file)
    document = documents.load(preset)
    console = CommandConsole(stderr=json_file == Path("-"))
    for note in document.notes:
        echo_error(f"note: {visible(str(note))}")
    result = _measure(document, handler, console)
    try:
        write_json(capacity_json(result), json_file)
    finally:
        # The figures are printed even if the file cannot be written.
        print_capacity(console, result)
    if not result.is_valid:
        raise SystemExit(EXIT_FAILED)


def _measure(document: Document, handler: str | None, console: CommandConsole) -> CapacityResult:
    """Measure. If a signal ends it, print the connections that are measured already."""
    from bench_app.capacity.figures import CapacityResult
    from bench_app.capacity.measure import measure
    from bench_app.capacity.tables import print_capacity
    from bench_app.engine.running_conditions import this_machine

    measured: list[ConnectionCapacity] = []
    try:
        with ended_by_signals(), console.status("measuring ..."):
            return measure(document, handler, on_measured=measured.append)
    except KeyboardInterrupt:
        result = CapacityResult(preset=document.name, connections=measured, machine=this_machine())
        print_capacity(console, result)
        console.print(f"interrupted: {len(measured):,} of the connections measured")
        raise
