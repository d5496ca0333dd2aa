"""``zmq-bench [PRESET]``: open the window, or run in the terminal where there is no display."""

from __future__ import annotations

import gc
from pathlib import Path

import click

from bench_app.cli.console import echo_error
from bench_app.cli.display import load_window, why_no_window
from bench_app.cli.log_options import log_options
from bench_app.cli.result_file import json_option, refuse_unwritable
from bench_app.errors import InputError
from bench_app.preset import documents

PICTURE_ENDINGS = (".png", ".jpg", ".jpeg", ".bmp")


@click.command(name="open", hidden=True)
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
    help="Quit after S seconds, once the picture is written.  [default with --screenshot: 2]",
)
@json_option
@log_options
def open_bench(
    preset: str | None, start: bool, screenshot: Path | None, after_s: float | None, json_file: Path | None
) -> None:
    """Open the window, with PRESET or with the gallery of the presets that ship.

    PRESET is a JSON file or the bare name of a preset that ships. Without a display the preset runs in the terminal.
    The file of a kept run (.zmqrun) is added to the kept runs, and shown.

    \b
    zmq-bench
    zmq-bench colleague.zmqrun
    zmq-bench my.json --start
    zmq-bench silent-pub-loss --start --screenshot loss.png --after 10

    Exit codes: 0 the window was closed, 2 the input is wrong, 3 a file could not be written; without a display the exit
    codes of `zmq-bench run`.
    """
    if screenshot is not None and screenshot.suffix.lower() not in PICTURE_ENDINGS:
        raise InputError(f"{screenshot}: a picture can be written to a file that ends in {', '.join(PICTURE_ENDINGS)}")
    for file in (screenshot, json_file):
        refuse_unwritable(file)
    # Imported here, so that the other commands start without it.
    from bench_app.archive.run_file import is_run_file

    is_kept = preset is not None and is_run_file(Path(preset))
    if is_kept and start:
        raise InputError(
            f"{preset} is a run that has ended: open it without --start, and start its preset in the window"
        )
    document = None if is_kept else documents.load(preset or documents.DEFAULT)
    reason = why_no_window()
    if reason:
        if document is None:
            raise InputError(f"{reason}, which shows kept runs; `zmq-bench runs {preset}` prints this one")
        if screenshot is not None:
            raise InputError(f"{reason}: --screenshot needs the window")
        echo_error(f"{reason}: {document.name} runs in the terminal.")
        # Imported here, so that the other commands start without the engine.
        from bench_app.cli.terminal_run import run_in_terminal

        run_in_terminal(document, json_file, hdr_file=None, quiet=False)
        return
    # Modules are no garbage, and looking for it would delay the window, which enables it again.
    gc.disable()
    raise SystemExit(load_window()(preset, start, screenshot, after_s, json_file))
