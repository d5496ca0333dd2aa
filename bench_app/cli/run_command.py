"""``zmq-bench run``: run a preset in the terminal, with options that change it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from bench_app.cli.log_options import log_options
from bench_app.cli.record_options import record_options, record_options_of
from bench_app.cli.result_file import json_option
from bench_app.cli.run_outputs import RunOutputs, output_options
from bench_app.data_plane.choice import PlaneChoice, PlaneName, usable_libzmq
from bench_app.model.json_path import parse_assignment
from bench_app.preset import documents
from bench_app.preset.defaults import sources_of
from bench_app.preset.documents import Document

MOST_RUNS = 1000
"""The most runs of ``--repeat``."""


@click.command(short_help="Run a preset in the terminal.")
@click.argument("preset")
@click.option(
    "--duration", type=float, metavar="S", help="Offer events for S seconds.  [default: the preset's, else 10]"
)
@click.option(
    "--rate",
    type=float,
    metavar="N",
    help="Offer N events a second on every sink, at equal intervals.  [default: the preset's load, else 1000]",
)
@click.option(
    "--set",
    "assignments",
    multiple=True,
    metavar="PATH=VALUE",
    help="Set any value of the preset (`zmq-bench schema` lists them); may be repeated.",
)
@click.option(
    "--repeat",
    type=click.IntRange(1, MOST_RUNS),
    metavar="N",
    help="Run the preset N times and print the spread of each percentile; --json and the other files have all runs.",
)
@click.option(
    "--plane",
    type=click.Choice(["compiled", "python"]),
    help="Run the loops compiled, or in Python.  [default: compiled where that is possible]",
)
@click.option(
    "--libzmq",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Run the workers on another libzmq, such as /usr/lib/x86_64-linux-gnu/libzmq.so.5.",
)
@record_options
@json_option
@click.option(
    "--hdr", "hdr_file", type=click.Path(path_type=Path), metavar="FILE", help="Write all latency histograms (.hlog)."
)
@output_options
@click.option("--quiet", is_flag=True, help="Print only the verdict; with --repeat a line for each run.")
@log_options
def run(
    preset: str,
    duration: float | None,
    rate: float | None,
    assignments: tuple[str, ...],
    repeat: int | None,
    plane: PlaneName | None,
    libzmq: Path | None,
    record_file: Path | None,
    record_size: float | None,
    record_every: float | None,
    json_file: Path | None,
    hdr_file: Path | None,
    html_file: Path | None,
    junit_file: Path | None,
    csv_file: Path | None,
    markdown_file: Path | None,
    perfetto_file: Path | None,
    prometheus_port: int | None,
    quiet: bool,
) -> None:
    """Run PRESET in the terminal: first a live table, then the ledger, the latencies and the verdict.

    PRESET is a JSON file or the bare name of a preset that ships (`zmq-bench presets`).

    \b
    zmq-bench run slow-joiner
    zmq-bench run my.json --duration 30 --rate 5000 --json result.json
    zmq-bench run my.json --set output.handlers.zmq-publisher.config.high_water_mark=10
    zmq-bench run my.json --debug --log-file run.jsonl
    zmq-bench run my.json --record messages.jsonl
    zmq-bench run my.json --html report.html --junit junit.xml --markdown comment.md
    zmq-bench run my.json --repeat 5 --json five.json
    zmq-bench run my.json --libzmq ./libzmq.so.5 --plane compiled

    Ctrl+C ends the run after the messages on their way have arrived; a second Ctrl+C ends it at once. The ledger so far
    is printed and written. With --repeat it also ends the repetition, and the runs so far are printed and written. The
    mark ~ means that the runs differ by more than the figure itself. With --repeat, the options --hdr, --record and
    --perfetto write a file for each run (trace-1.json, trace-2.json, ...), and the others one for all.

    Exit codes: 0 passed, 1 a check failed, 2 the input is wrong, 3 the run failed or is invalid, 130 interrupted. With
    --repeat the worst run counts.
    """
    record = record_options_of(record_file, record_size, record_every)
    outputs = RunOutputs(html_file, junit_file, csv_file, markdown_file, perfetto_file, prometheus_port)
    choice = PlaneChoice(plane, None if libzmq is None else usable_libzmq(libzmq))
    document = documents.load(preset)
    changes: list[tuple[str, Any]] = [parse_assignment(text) for text in assignments]
    if duration is not None:
        changes.append(("bench.duration_s", duration))
    document = documents.replace_all(document, changes)
    if rate is not None:
        document = _with_rate(document, rate)
    if repeat is None:
        # Imported here, so that the other commands start without the engine.
        from bench_app.cli.terminal_run import run_in_terminal

        run_in_terminal(document, json_file, hdr_file, quiet, choice, record, outputs=outputs)
    else:
        from bench_app.cli.repeat_run import run_repeatedly

        run_repeatedly(document, repeat, json_file, hdr_file, quiet, choice, outputs, record)


def _with_rate(document: Document, rate: float) -> Document:
    load = {"shape": "constant", "rate": rate}
    for sink in sources_of(document.preset):
        document = documents.with_load(document, sink, load)
    return document
