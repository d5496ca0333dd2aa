"""``zmq-bench ab``: two settings of a preset, in turns -> which metrics differ, and by how much."""

from __future__ import annotations

from pathlib import Path

import click

from bench_app.cli.command_console import CommandConsole
from bench_app.cli.compare_command import exit_code, fail_option, metric_option
from bench_app.cli.console import echo_error
from bench_app.cli.lab_options import TrialOptions, trial_options
from bench_app.cli.log_options import log_options
from bench_app.cli.report_command import html_option
from bench_app.cli.result_file import json_option, refuse_unwritable, write_json, write_text
from bench_app.cli.series_options import check_metrics, duration_option, load_for_series, open_series, seed_option
from bench_app.model.json_path import parse_assignment
from bench_app.untrusted.visible_text import visible


@click.command(name="ab", short_help="Run two settings in turns, and compare them.")
@click.argument("preset")
@click.option("--a", "of_a", multiple=True, metavar="PATH=V", help="A value of side A; may be repeated.")
@click.option("--b", "of_b", multiple=True, metavar="PATH=V", help="A value of side B; may be repeated.")
@click.option(
    "--pairs", type=click.IntRange(1, 1000), default=10, show_default=True, metavar="N", help="Make N pairs of runs."
)
@metric_option
@duration_option
@seed_option
@trial_options
@fail_option
@json_option
@html_option
@log_options
def ab_command(
    preset: str,
    of_a: tuple[str, ...],
    of_b: tuple[str, ...],
    pairs: int,
    metrics: tuple[str, ...],
    duration: float | None,
    seed: int,
    trials: TrialOptions,
    fail_if_worse: bool,
    json_file: Path | None,
    html_file: Path | None,
) -> None:
    """Run PRESET with the values of A and with those of B, in turns, and say which metrics differ.

    Before the first run the command says how small a change it can show. For each metric of the checks it then says by
    how much B is more than A, with an interval of 95 %, or ~ where the runs show nothing. A side without a value is the
    preset as it is. Besides keys of the preset, `plane=python` and `libzmq=FILE` are values. A pair with an invalid run
    does not count; such runs are tried once more at the end.

    \b
    zmq-bench ab my.json --b output.handlers.zmq-publisher.config.high_water_mark=100
    zmq-bench ab my.json --a bench.io_threads=1 --b bench.io_threads=2 --pairs 20
    zmq-bench ab my.json --b plane=python --duration 5 --resume ab.jsonl --json ab.json

    Exit codes: 0 compared, 1 with --fail-if-worse: B is worse, 2 the input is wrong, 3 no pair is valid,
    130 interrupted.
    """
    # Imported here, so that the other commands start without the engine.
    from bench_app.cli.comparison_table import format_summary, print_comparison
    from bench_app.comparison.comparison import to_json
    from bench_app.comparison.detectable import format_detectable
    from bench_app.lab.trial import with_settings
    from bench_app.reports.page import page
    from bench_app.reports.study_report import comparison_sections
    from bench_app.sweeps.ab import compare_trials, plan_pairs
    from bench_app.sweeps.axes import make_setting

    refuse_unwritable(json_file)
    refuse_unwritable(html_file)
    document = load_for_series(preset, trials, duration)
    side_a, side_b = (make_setting([parse_assignment(text) for text in texts], trials.choice) for texts in (of_a, of_b))
    for side in (side_a, side_b):
        with_settings(document, side.assignments)
    check_metrics(document, metrics)
    console = CommandConsole(stderr=json_file == Path("-"))
    if not trials.quiet:
        console.print(format_detectable(pairs), soft_wrap=True)
    planned, a_first = plan_pairs(side_a, side_b, pairs, seed)
    inputs = {"a": of_a, "b": of_b, "seed": seed}
    with open_series(document, console, trials, "ab", inputs) as series:
        results = series.run_all(planned)
    comparison, is_valid = compare_trials(results, a_first, metrics)
    try:
        write_json(to_json(comparison), json_file)
        write_text(page(document.name, comparison_sections(comparison, f"{document.name}: A and B")), html_file)
    finally:
        if not trials.quiet:
            names = tuple(", ".join(texts) or "the preset as it is" for texts in (of_a, of_b))
            print_comparison(console, comparison, (names[0], names[1]))
        console.print(visible(format_summary(comparison)), soft_wrap=True)
    invalid = [result for result in results if result.verdict == "invalid"]
    if invalid:
        reason = f"; the first reason: {invalid[0].reasons[0]}" if invalid[0].reasons else ""
        echo_error(visible(f"{len(invalid):,} of {len(results):,} runs are invalid, their pairs do not count{reason}"))
    raise SystemExit(exit_code(comparison, is_valid, fail_if_worse))
