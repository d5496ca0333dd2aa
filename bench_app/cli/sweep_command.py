"""``zmq-bench sweep``: a grid of settings -> a run of each, several times -> metrics of each cell."""

from __future__ import annotations

from pathlib import Path

import click

from bench_app.cli.command_console import CommandConsole
from bench_app.cli.exit_codes import EXIT_FAILED
from bench_app.cli.lab_options import TrialOptions, trial_options
from bench_app.cli.log_options import log_options
from bench_app.cli.report_command import html_option
from bench_app.cli.result_file import json_option, refuse_unwritable, write_json, write_text
from bench_app.cli.series_options import check_metrics, duration_option, load_for_series, open_series, seed_option


@click.command(name="sweep", short_help="Run a grid of settings.")
@click.argument("preset")
@click.option(
    "--vary",
    "varied",
    multiple=True,
    required=True,
    metavar="PATH=V1,V2,...",
    help="Run the preset with each of these values. Repeated, it makes a grid.",
)
@click.option(
    "--repeat", type=click.IntRange(1, 1000), default=1, show_default=True, metavar="N", help="Run each cell N times."
)
@click.option(
    "--metric",
    "metrics",
    multiple=True,
    metavar="M",
    help="Keep only this metric, such as latency.response.p99_ms; may be repeated.  [default: all]",
)
@click.option(
    "--over",
    metavar="M",
    help="Order the combinations by this metric, and draw the other metrics over it.  [default: over the values]",
)
@duration_option
@seed_option
@trial_options
@json_option
@html_option
@log_options
def sweep_command(
    preset: str,
    varied: tuple[str, ...],
    repeat: int,
    metrics: tuple[str, ...],
    over: str | None,
    duration: float | None,
    seed: int,
    trials: TrialOptions,
    json_file: Path | None,
    html_file: Path | None,
) -> None:
    """Run PRESET with every combination of the values of --vary, and show the metrics of each.

    Every combination is run once before any is run again, each time in another random order. So what changes in the
    machine meanwhile meets all alike. Latencies leave out what is sent during the preset's warmup_s. A run that is
    invalid is tried once more at the end; if it is invalid again, it does not count, and the table says so. Besides
    keys of the preset, `plane` (compiled, python) and `libzmq` (files; installed) can be varied.

    \b
    zmq-bench sweep my.json --vary bench.io_threads=1,2,4 --repeat 3
    zmq-bench sweep my.json --vary output.handlers.zmq-publisher.config.high_water_mark=10,100,1000 \\
        --vary bench.sources.events.load.rate=1000,10000 --metric drops --resume sweep.jsonl --json sweep.json
    zmq-bench sweep my.json --vary plane=compiled,python --duration 2
    zmq-bench sweep my.json --vary bench.sources.events.load.rate=1000,5000,20000 --over rate --html curve.html

    Exit codes: 0 at least one run is valid, 2 the input is wrong, 3 every run is invalid, 130 interrupted.
    """
    # Imported here, so that the other commands start without the engine.
    from bench_app.cli.sweep_table import print_sweep
    from bench_app.reports.page import page
    from bench_app.reports.study_report import sweep_sections
    from bench_app.sweeps.axes import parse_axis
    from bench_app.sweeps.sweep import plan_sweep, run_sweep, to_json

    refuse_unwritable(json_file)
    refuse_unwritable(html_file)
    document = load_for_series(preset, trials, duration)
    axes = [parse_axis(text) for text in varied]
    planned = plan_sweep(document, axes, repeat, seed, trials.choice)
    check_metrics(document, metrics if over is None else (*metrics, over))
    console = CommandConsole(stderr=json_file == Path("-"))
    inputs = {"vary": varied, "repeat": repeat, "seed": seed}
    with open_series(document, console, trials, "sweep", inputs) as series:
        result = run_sweep(document, axes, planned, seed, metrics, series, over)
    try:
        write_json(to_json(result), json_file)
        write_text(page(document.name, sweep_sections(result)), html_file)
    finally:
        print_sweep(console, result, metrics)
    raise SystemExit(0 if result.is_valid else EXIT_FAILED)
