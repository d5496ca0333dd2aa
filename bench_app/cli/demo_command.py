"""``zmq-bench demo``: show a preset that tells its own story, in the window or in the terminal."""

from __future__ import annotations

from pathlib import Path

import click
from rich.text import Text

from bench_app.cli.console import CommandConsole
from bench_app.cli.log_options import log_options
from bench_app.cli.result_file import json_option
from bench_app.preset.demos import load_demo, shipped_demos, short_name
from bench_app.preset.documents import Document

MOST_SPEED = 1000.0


@click.command(name="demo", short_help="Show a demo: a preset that tells its own story.")
@click.argument("name", required=False)
@click.option(
    "--speed",
    type=click.FloatRange(0.1, MOST_SPEED),
    default=1.0,
    metavar="N",
    help="Let the steps come N times as fast, for a rehearsal.  [default: 1]",
)
@json_option
@log_options
def demo_command(name: str | None, speed: float, json_file: Path | None) -> None:
    """Show the demo NAME: a run whose steps set, break and explain things. Without NAME, list the demos that ship.

    NAME is a demo that ships, or a JSON file with a bench.timeline.

    \b
    zmq-bench demo
    zmq-bench demo pub-loss
    zmq-bench demo my.json --speed 10

    Exit codes: as of `zmq-bench run`.
    """
    if name is None:
        _list_demos()
        return
    _show_in_terminal(load_demo(name), speed, json_file)


def _list_demos() -> None:
    console = CommandConsole()
    for document in shipped_demos():
        console.print(Text.assemble((f"{short_name(document):24}", "bold"), f" {document.preset.bench.title}"))


def _show_in_terminal(document: Document, speed: float, json_file: Path | None) -> None:
    # Imported here, so that the other commands start without the engine.
    from bench_app.cli.terminal_run import run_in_terminal

    run_in_terminal(document, json_file, hdr_file=None, quiet=False, speed=speed)
