"""``zmq-bench check``, ``presets`` and ``schema``: commands about presets that do not run one."""

from __future__ import annotations

import click
import msgspec
from rich.text import Text

from bench_app.cli.command_console import CommandConsole
from bench_app.cli.console import echo, echo_error, echo_json
from bench_app.cli.exit_codes import EXIT_INPUT
from bench_app.errors import InputError
from bench_app.model import ReplaySource
from bench_app.model.json_path import format_path
from bench_app.preset import documents
from bench_app.preset.documents import Document
from bench_app.preset.schema import schema as preset_schema
from bench_app.untrusted.visible_text import visible


@click.command(short_help="Validate presets, and read the files of their replays.")
@click.argument("files", nargs=-1, required=True, metavar="PRESET...")
def check(files: tuple[str, ...]) -> None:
    """Validate presets without running them, and read the files of their replays.

    All faults are listed at once, each with its JSON path, its value and the expected value. Of each file of a replay,
    format, events, fields, first and last time are printed, and every record that is no event.

    \b
    zmq-bench check my.json
    zmq-bench check presets/*.json

    Exit codes: 0 all presets are good, 2 at least one has a fault.
    """
    wrong = False
    for name in files:
        try:
            document = documents.load(name)
        except InputError as error:
            echo_error(str(error))
            wrong = True
            continue
        reports, problems = _check_files(document)
        for problem in problems:
            echo_error(f"{name}: {problem}")
        if problems:
            wrong = True
            for line in reports:
                echo(f"  {line}")
            continue
        enabled = sum(spec.enabled for spec in document.preset.output.handlers.values())
        echo(f"{visible(name)}: good, {enabled} enabled handler{'s' if enabled != 1 else ''}")
        for note in document.notes:
            echo(f"  note: {visible(str(note))}")
        for line in reports:
            echo(f"  {line}")
    if wrong:
        raise SystemExit(EXIT_INPUT)


def _check_files(document: Document) -> tuple[list[str], list[str]]:
    """The reports of the files that a run would read, and why a run with them would fail."""
    if not any(isinstance(source, ReplaySource) for source in document.preset.bench.sources.values()):
        return [], []
    # Imported for a replay alone: the formats need ijson, csv and gzip.
    from bench_app.cli.file_check import survey_lines, surveys

    reports: list[str] = []
    problems: list[str] = []
    for sink, found in surveys(document):
        reports += survey_lines(sink, found)
        if found.problem:
            problems.append(f"{format_path(('bench', 'sources', sink, 'path'))}: {found.problem}")
    return reports, problems


@click.command(name="presets", short_help="List the presets that ship, or print one.")
@click.argument("preset", required=False, metavar="[PRESET]")
def list_presets(preset: str | None) -> None:
    """List the presets that ship, each with its title. With a name, print that preset, to begin a file of your own.

    \b
    zmq-bench presets
    zmq-bench presets basic-publisher > my.json
    zmq-bench run my.json
    """
    if preset is not None:
        echo_json(documents.dump(documents.load(preset)))
        return
    console = CommandConsole()
    for name, title in documents.shipped():
        console.print(Text.assemble((f"{name:28}", "bold"), f" {title}"))


@click.command(short_help="Print the JSON Schema of a preset.")
def schema() -> None:
    """Print the JSON Schema of a preset: every key with its meaning, range, unit and default.

    \b
    zmq-bench schema > preset.schema.json
    """
    echo_json(msgspec.json.format(msgspec.json.encode(preset_schema()), indent=2) + b"\n")
