"""``zmq-bench find``: search the highest rates that a preset sustains."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich import box
from rich.table import Table
from rich.text import Text

from bench_app.capacity.figures import format_rate
from bench_app.cli.command_console import CommandConsole
from bench_app.cli.exit_codes import EXIT_FAILED, EXIT_INTERRUPTED
from bench_app.cli.lab_options import TrialOptions, TrialProgress, trial_options
from bench_app.cli.log_options import log_options
from bench_app.cli.report_command import html_option
from bench_app.cli.result_file import json_option, refuse_unwritable, write_json, write_text
from bench_app.cli.time_left import format_left
from bench_app.preset.checks import parse_check
from bench_app.preset.defaults import listener_names, listeners_of
from bench_app.preset.documents import Document
from bench_app.system.signals import CaughtSignals
from bench_app.untrusted.visible_text import visible

if TYPE_CHECKING:
    from bench_app.lab.find import FindResult
    from bench_app.lab.rate_search import Goal, RateSearch

LOSSES = (0.0, 0.005)
"""The goals of loss without ``--loss`` and ``--goal``."""
MAX_TIME_S = 60.0


@click.command(name="find", short_help="Find the highest rate that a preset sustains.")
@click.argument("preset")
@click.option(
    "--loss",
    "losses",
    type=click.FloatRange(0, 1, max_open=True),
    multiple=True,
    metavar="SHARE",
    help="Find the highest rate at which at most this share is lost or late; may be repeated.  [default: 0 and 0.005]",
)
@click.option(
    "--goal",
    "checks",
    multiple=True,
    metavar="CHECK",
    help="Find the highest rate at which this check holds, such as 'latency.response.p99_ms < 5'; may be repeated.",
)
@click.option(
    "--max-time",
    type=click.FloatRange(1),
    default=MAX_TIME_S,
    show_default=True,
    metavar="S",
    help="End after S seconds with the bounds so far.",
)
@click.option(
    "--trial",
    "trial_s",
    type=click.FloatRange(0.6, 3600),
    default=2.0,
    show_default=True,
    metavar="S",
    help="The length of the trials that count. Longer ones find a smaller overload.",
)
@trial_options
@json_option
@html_option
@log_options
def find_command(
    preset: str,
    losses: tuple[float, ...],
    checks: tuple[str, ...],
    max_time: float,
    trial_s: float,
    trials: TrialOptions,
    json_file: Path | None,
    html_file: Path | None,
) -> None:
    """Find the highest rate that PRESET sustains, by RFC 9971: short runs at constant rates, until the bounds of each
    goal are 1 % apart.

    A rate is events per second on every sink. A trial misses a goal if more is lost than the goal allows, or if events
    pile up: what has not arrived when the last event is offered counts as missed, apart from messages on their way. A
    check as a goal also allows 0.5 % to be missed. An invalid trial never counts: it is tried again, up to five times.

    PRESET is a JSON file or the bare name of a preset that ships (`zmq-bench presets`).

    \b
    zmq-bench find my.json
    zmq-bench find my.json --loss 0 --goal 'latency.response.p99_ms < 5'
    zmq-bench find my.json --max-time 300 --resume search.jsonl --json found.json

    Ctrl+C and SIGTERM end the search; the bounds so far are printed and written.

    Exit codes: 0 every goal has a rate, 2 the input is wrong, 3 a goal has none because the bench itself was the limit,
    trials were invalid or no rate fulfils it, 130 interrupted.
    """
    # Imported here, so that the other commands start without the engine.
    from bench_app.lab.find import find, result_of
    from bench_app.lab.laboratory import Laboratory
    from bench_app.lab.rate_search import RateSearch, SearchPlan
    from bench_app.reports.page import page
    from bench_app.reports.study_report import find_sections

    refuse_unwritable(json_file)
    refuse_unwritable(html_file)
    document = trials.document(preset)
    goals = _goals(document, losses, checks)
    plan = SearchPlan(start_rate=start_rate(document), short_s=min(0.5, trial_s / 2), final_s=trial_s)
    inputs = {"preset": document.raw, "goals": [goal.label for goal in goals], "trial": trial_s}
    journal = trials.journal("find", inputs)
    console = CommandConsole(stderr=json_file == Path("-"))
    search = RateSearch(goals, plan)
    with CaughtSignals() as caught:
        with TrialProgress(console, trials.quiet) as progress:
            laboratory = Laboratory(
                document,
                journal=journal,
                choice=trials.choice,
                caught=caught,
                max_time_s=max_time,
                on_note=progress.note,
            )

            def show_left(search: RateSearch) -> None:
                left_s = search.trials_left() * laboratory.mean_s
                progress.left(format_left(min(left_s, max(0.0, max_time - laboratory.elapsed_s))))

            try:
                ended = find(document, laboratory, search, show_left)
            finally:
                journal.close()
        result = result_of(document.name, search, ended, laboratory.elapsed_s)
        caught.ignore_rest()
    try:
        write_json(_json(result), json_file)
        write_text(page(document.name, find_sections(result)), html_file)
    finally:
        print_found(console, result)
    if ended == "interrupted":
        raise SystemExit(EXIT_INTERRUPTED)
    raise SystemExit(0 if result.has_result else EXIT_FAILED)


def _json(result: FindResult) -> bytes:
    import msgspec

    return msgspec.json.format(msgspec.json.encode(result), indent=2) + b"\n"


def _goals(document: Document, losses: tuple[float, ...], checks: tuple[str, ...]) -> list[Goal]:
    """The goals of the options. Raises CheckError if a check cannot be read."""
    from bench_app.lab.rate_search import Goal

    preset = document.preset
    known = {
        name: listener_names(listeners_of(preset, name), handler.config.socket_type)
        for name, handler in preset.output.handlers.items()
        if handler.enabled
    }
    if not losses and not checks:
        losses = LOSSES
    own = [Goal(check=parse_check(text, known).text) for text in dict.fromkeys(checks)]
    return [*(Goal(loss) for loss in dict.fromkeys(losses)), *own]


def start_rate(document: Document) -> float:
    """The rate of the preset; of several sinks, the highest."""
    from bench_app.capacity.figures import rate_of
    from bench_app.preset.defaults import DEFAULT_RATE, sources_of

    rates = [rate_of(source.load) for source in sources_of(document.preset).values()]
    return max((rate for rate in rates if rate), default=float(DEFAULT_RATE))


def print_found(console: CommandConsole, result: FindResult) -> None:
    """Print the rate of each goal, and what stands in the way of a result."""
    table = Table(box=box.SIMPLE_HEAD, header_style="grey62", pad_edge=False, padding=(0, 1, 0, 0))
    for heading in ("goal", "events/s", "at least", "less than", "limited by"):
        table.add_column(heading, justify="left" if heading in ("goal", "limited by") else "right")
    for goal in result.goals:
        rate = Text("no result", style="yellow") if goal.rate is None else Text(format_rate(goal.rate), style="bold")
        bounds = ["-" if bound is None else format_rate(bound) for bound in (goal.lower, goal.upper)]
        table.add_row(visible(goal.label), rate, *bounds, goal.limited_by or "-")
    console.print(table)
    for goal in result.goals:
        if goal.reason:
            console.print(Text(visible(f"{goal.label}: {goal.reason}")), soft_wrap=True)
    invalid = sum(reading.verdict == "invalid" for reading in result.trials)
    counted = f"{len(result.trials):,} trials in {result.took_s:,.0f} s"
    console.print(Text(f"{counted}, {invalid:,} of them invalid" if invalid else counted, style="grey62"))
