"""``zmq-bench runs``: kept runs in the terminal: list, tags, side by side, files for another bench."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.table import Table

from bench_app.cli.command_console import CommandConsole
from bench_app.cli.console import echo
from bench_app.cli.report_command import html_option
from bench_app.cli.result_file import refuse_unwritable, write_text
from bench_app.errors import BenchError, InputError
from bench_app.untrusted.visible_text import visible

if TYPE_CHECKING:
    from bench_app.archive import Archive, LabelledRun
    from bench_app.reports.side_by_side import SideBySide

RUNS_FILE = "runs.sqlite"


def usual_archive() -> Path:
    """The file in which the window keeps runs, unless its preferences name another folder."""
    data = os.environ.get("XDG_DATA_HOME") or "~/.local/share"
    return Path(data).expanduser() / "zmq-bench" / RUNS_FILE


@click.command(name="runs", short_help="List kept runs, compare them, export and import them.")
@click.argument("runs", nargs=-1, metavar="[RUN]...")
@click.option(
    "--archive",
    "archive_file",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="The file of kept runs.  [default: that of the window]",
)
@click.option("--tag", "tag", metavar="TAG", help="List only the runs with this tag.")
@click.option("--set-tags", "tags", metavar="TAGS", help='Replace the tags of the runs, such as "night tcp".')
@click.option(
    "--export", "exported", type=click.Path(path_type=Path), metavar="FILE", help="Write one run as a file (.zmqrun)."
)
@click.option("--import", "imports", is_flag=True, help="Add the runs of run files to the kept runs.")
@html_option
def runs_command(
    runs: tuple[str, ...],
    archive_file: Path | None,
    tag: str | None,
    tags: str | None,
    exported: Path | None,
    imports: bool,
    html_file: Path | None,
) -> None:
    """List the runs that the window keeps, or show two or more of them side by side.

    RUN is the number of a kept run, or a run file that another bench exported. Runs of the same settings are one side
    of the comparison: the settings that differ, and each metric with its shift from side A.

    \b
    zmq-bench runs --tag night
    zmq-bench runs 12 14 colleague.zmqrun --html comparison.html
    zmq-bench runs 12 --export mine.zmqrun
    zmq-bench runs colleague.zmqrun --import

    Exit codes: 0 done, 2 the input is wrong, 3 a file could not be read or written.
    """
    # Imported here, so that the other commands start without them.
    from bench_app.archive import Archive
    from bench_app.archive.run_file import read_run_file, run_file_bytes
    from bench_app.archive.tags import tags_of
    from bench_app.system.files import write_out

    archive = Archive(archive_file or usual_archive())
    for file in (exported, html_file):
        refuse_unwritable(file)
    if not runs:
        _list(archive, tag)
    elif imports:
        for run in runs:
            echo(f"{visible(run)} is now run {archive.take_in(read_run_file(Path(run)))}")
    elif tags is not None:
        for run in runs:
            archive.set_tags(_number(run), tags_of(tags))
    elif exported is not None:
        if len(runs) != 1:
            raise click.UsageError("--export writes one run")
        try:
            write_out(exported, run_file_bytes(_labelled(archive, runs[0])))
        except OSError as error:
            raise BenchError(f"{exported} could not be written: {error.strerror or error}") from error
        echo(f"written to {visible(str(exported))}")
    else:
        _compare([_labelled(archive, run) for run in runs], html_file)


def _labelled(archive: Archive, run: str) -> LabelledRun:
    """A run by its number or its file. Raises InputError, ArchiveError."""
    from bench_app.archive.run_file import read_run_file

    return read_run_file(Path(run)) if not run.isdecimal() else archive.labelled(_number(run))


def _number(run: str) -> int:
    if not run.isdecimal() or len(run) > 15:
        raise InputError(f"{visible(run)}: the number of a kept run was expected (`zmq-bench runs` lists them)")
    return int(run)


def _list(archive: Archive, tag: str | None) -> None:
    listed = [run for run in archive.summaries() if tag is None or tag in run.tags]
    if not listed:
        echo(f"no runs in {visible(str(archive.file))}" + (f" with the tag {visible(tag)}" if tag else ""))
        return
    table = Table(box=None, pad_edge=False)
    for heading in ("run", "started", "name", "verdict", "offered", "received", "dropped", "tags", "note"):
        table.add_column(heading, justify="right" if heading in ("run", "offered", "received", "dropped") else "left")
    for run in listed:
        counts = (f"{count:,}" for count in (run.offered, run.received, run.dropped))
        texts = (str(run.id), run.started_at[:19], run.name, run.verdict, *counts, " ".join(run.tags), run.note)
        table.add_row(*(visible(text) for text in texts))
    CommandConsole().print(table)


def _compare(runs: list[LabelledRun], html_file: Path | None) -> None:
    from bench_app.reports.kept_run import side_run_of_kept
    from bench_app.reports.page import page
    from bench_app.reports.side_by_side import put_side_by_side
    from bench_app.reports.side_by_side_report import side_by_side_sections

    found = put_side_by_side([side_run_of_kept(run) for run in runs])
    _print(found)
    write_text(page("Runs side by side", side_by_side_sections(found)), html_file)


def _print(found: SideBySide) -> None:
    from bench_app.reports.side_by_side_report import metric_headings, metric_rows

    console = CommandConsole()
    for side in found.sides:
        console.print(visible(side.title), soft_wrap=True, markup=False)
    letters = [side.letter for side in found.sides]
    settings = [(one.path, *one.values) for one in found.settings]
    for headings, rows in ((("setting", *letters), settings), (metric_headings(found), metric_rows(found))):
        if rows:
            table = Table(box=None, pad_edge=False)
            for heading in headings:
                table.add_column(heading)
            for row in rows:
                table.add_row(*(visible(cell) for cell in row))
            console.print()
            console.print(table)
