"""``zmq-bench compare``: two results -> which metrics differ, and by how much."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from bench_app.cli.command_console import CommandConsole
from bench_app.cli.console import echo, echo_error
from bench_app.cli.exit_codes import EXIT_CODES, EXIT_FAILED
from bench_app.cli.result_file import append_text, json_option, refuse_unwritable, write_json
from bench_app.untrusted.visible_text import visible

if TYPE_CHECKING:
    from bench_app.comparison.comparison import Comparison
    from bench_app.engine.result import RunResult

metric_option = click.option(
    "--metric",
    "metrics",
    multiple=True,
    metavar="M",
    help="Compare only this metric, such as latency.response.p99_ms; may be repeated.  [default: all]",
)
fail_option = click.option(
    "--fail-if-worse", is_flag=True, help="End with 1 if a metric is shown to be worse in B: for a CI."
)


@click.command(name="compare", short_help="Compare two results: what changed, and how sure is that?")
@click.argument("a", type=click.Path(path_type=Path))
@click.argument("b", type=click.Path(path_type=Path))
@metric_option
@fail_option
@click.option(
    "--history",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Append the medians of B to FILE, as a line of JSON.",
)
@json_option
def compare_command(
    a: Path,
    b: Path,
    metrics: tuple[str, ...],
    fail_if_worse: bool,
    history: Path | None,
    json_file: Path | None,
) -> None:
    """Compare the results A and B, files of `run --json`, best with --repeat 10 each.

    For each metric of the checks the command says by how much B is more than A, with an interval of 95 %. The mark ~
    means that the runs show no change: what differs is no more than runs of the same settings differ. Single runs show
    nothing, because one run does not say how much runs differ. Runs that are `invalid` do not count.

    \b
    zmq-bench run my.json --repeat 10 --json before.json
    zmq-bench run my.json --repeat 10 --json after.json --set bench.io_threads=2
    zmq-bench compare before.json after.json

    Runs that are made in turns are more precise: `zmq-bench ab`.

    Exit codes: 0 compared, 1 with --fail-if-worse: B is worse, 2 the input is wrong, 3 all runs of a file are invalid.
    """
    # Imported here, so that the other commands start without the engine.
    from bench_app.cli.comparison_table import format_summary, print_comparison
    from bench_app.comparison.compare_runs import compare_runs
    from bench_app.comparison.comparison import history_line, to_json
    from bench_app.comparison.result_files import read_runs

    refuse_unwritable(json_file)
    refuse_unwritable(history)
    of_a, of_b = read_runs(a), read_runs(b)
    comparison, is_valid = compare_runs(of_a, of_b, metrics)
    for file, runs in ((a, of_a), (b, of_b)):
        _tell_invalid(file, runs)
    console = CommandConsole(stderr=json_file == Path("-"))
    try:
        write_json(to_json(comparison), json_file)
        if history is not None and is_valid:
            append_text(history_line(comparison, of_b[-1].started_at), history)
    finally:
        print_comparison(console, comparison, (str(a), str(b)))
    summary = visible(format_summary(comparison))
    echo_error(summary) if json_file == Path("-") else echo(summary)
    raise SystemExit(exit_code(comparison, is_valid, fail_if_worse))


def exit_code(comparison: Comparison, is_valid: bool, fail_if_worse: bool) -> int:
    """The exit code of a comparison: 3 without a valid run, 1 if the user asked and a metric is worse, otherwise 0."""
    from bench_app.comparison.metric_values import is_worse

    if not is_valid:
        return EXIT_FAILED
    worse = [name for name, metric in comparison.shown.items() if is_worse(name, metric.shift)]
    return EXIT_CODES["fail"] if fail_if_worse and worse else EXIT_CODES["pass"]


def _tell_invalid(file: Path, runs: list[RunResult]) -> None:
    invalid = [run for run in runs if run.verdict == "invalid"]
    if not invalid:
        return
    reason = f"; the first reason: {invalid[0].reasons[0]}" if invalid[0].reasons else ""
    meaning = "nothing can be shown" if len(invalid) == len(runs) else "they do not count"
    echo_error(visible(f"{file}: {len(invalid):,} of {len(runs):,} runs are invalid, {meaning}{reason}"))
