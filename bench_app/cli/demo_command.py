"""``zmq-bench demo``: show a preset that tells its own story, in the window or in the terminal."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click
from rich.text import Text

from bench_app.cli.command_console import CommandConsole
from bench_app.cli.display import load_window, why_no_window
from bench_app.cli.log_options import log_options
from bench_app.cli.result_file import json_option, refuse_unwritable
from bench_app.errors import InputError
from bench_app.preset.demos import Showing, load_demo, shipped_demos, short_name
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
@click.option("--terminal", is_flag=True, help="Run it in the terminal, also where a window could be opened.")
@click.option(
    "--record-frames",
    "frames",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="Write a picture of each step (.png) and the captions into DIR, without a window on the screen.",
)
@json_option
@log_options
def demo_command(name: str | None, speed: float, terminal: bool, frames: Path | None, json_file: Path | None) -> None:
    """Show the demo NAME: a run whose steps set, break and explain things. Without NAME, list the demos that ship.

    NAME is a demo that ships, or a JSON file with a bench.timeline. It is shown in the window, in large letters, or in
    the terminal where there is no display or the output is no terminal. Page Down brings the next step at once.

    \b
    zmq-bench demo
    zmq-bench demo pub-loss
    zmq-bench demo pub-loss --terminal --speed 10
    zmq-bench demo pub-loss --record-frames slides

    Exit codes: as of `zmq-bench run`; of the window 0, or 3 if a file could not be written.
    """
    if name is None:
        _list_demos()
        return
    document = load_demo(name)
    refuse_unwritable(json_file)
    if frames is not None:
        _record(name, json_file, Showing(speed, frames))
    elif not terminal and _has_audience() and not why_no_window():
        _open_window(name, json_file, Showing(speed))
    else:
        _show_in_terminal(document, speed, json_file)


def _has_audience() -> bool:
    """Whether somebody would see a window: not in a job, a pipe, or on a platform without a screen."""
    return sys.stdout.isatty() and not os.environ.get("QT_QPA_PLATFORM", "").startswith(("offscreen", "minimal"))


def _record(name: str, json_file: Path | None, showing: Showing) -> None:
    assert showing.frames is not None
    try:
        showing.frames.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"{showing.frames}: no folder for pictures: {error.strerror}") from error
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    if reason := why_no_window():
        raise InputError(f"{reason}: the pictures of a demo need it")
    _open_window(name, json_file, showing)


def _open_window(name: str, json_file: Path | None, showing: Showing) -> None:
    raise SystemExit(load_window()(name, True, None, None, json_file, showing))


def _list_demos() -> None:
    console = CommandConsole()
    for document in shipped_demos():
        console.print(Text.assemble((f"{short_name(document):24}", "bold"), f" {document.preset.bench.title}"))


def _show_in_terminal(document: Document, speed: float, json_file: Path | None) -> None:
    # Imported here, so that the other commands start without the engine.
    from bench_app.cli.terminal_run import run_in_terminal

    run_in_terminal(document, json_file, hdr_file=None, quiet=False, speed=speed)
