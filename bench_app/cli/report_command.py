"""``zmq-bench report``: results of any command -> one HTML file."""

from __future__ import annotations

from pathlib import Path

import click

from bench_app.cli.console import echo
from bench_app.cli.result_file import refuse_unwritable, write_text

html_option = click.option(
    "--html",
    "html_file",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Write a report that opens in any browser without a network.",
)


@click.command(name="report", short_help="Make one HTML file from results.")
@click.argument("results", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="RESULT...")
@click.option(
    "-o", "output", type=click.Path(path_type=Path), required=True, metavar="FILE", help="The HTML file to write."
)
def report_command(results: tuple[Path, ...], output: Path) -> None:
    """Make one HTML file from the --json files of run, find, sweep, compare and ab.

    The file needs no other file and no network. It can be printed. Two files of runs are compared as well. What
    happened over time is only in the report that `run --html` writes, because a result has no time series.

    \b
    zmq-bench report result.json -o report.html
    zmq-bench report before.json after.json -o comparison.html

    Exit codes: 0 written, 2 the input is wrong, 3 the file could not be written.
    """
    # Imported here, so that the other commands start without the engine.
    from bench_app.reports.report import report_of_files

    refuse_unwritable(output)
    html = report_of_files(results)
    write_text(html, output)
    echo(f"{output}: {len(html.encode()):,} bytes")
