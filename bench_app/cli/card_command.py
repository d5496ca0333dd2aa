"""``zmq-bench card``: what a connection carries, how late, and how it behaves when something goes wrong."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.text import Text

from bench_app.cli.command_console import CommandConsole
from bench_app.cli.exit_codes import EXIT_FAILED, EXIT_INTERRUPTED
from bench_app.cli.find_command import start_rate
from bench_app.cli.lab_options import TrialOptions, TrialProgress, trial_options
from bench_app.cli.log_options import log_options
from bench_app.cli.result_file import json_option, refuse_unwritable, write_json
from bench_app.cli.time_left import format_left
from bench_app.errors import InputError
from bench_app.system.signals import CaughtSignals
from bench_app.untrusted.visible_text import visible

if TYPE_CHECKING:
    from bench_app.lab.card import Card


@click.command(name="card", short_help="Measure the card of a connection: rate, loss, latency, recovery.")
@click.argument("preset")
@click.option(
    "--handler", metavar="NAME", help="The handler of the figures about one.  [default: the first enabled one]"
)
@trial_options
@json_option
@log_options
def card_command(
    preset: str,
    handler: str | None,
    trials: TrialOptions,
    json_file: Path | None,
) -> None:
    """Measure the card of PRESET: the highest rate without loss, the loss around it, latency at 10, 50 and 90 % of it,
    the longest burst, the time to recover from overload and from the restart of a peer, the harm that one slow
    subscriber does, and the fairness among workers. It takes several minutes.

    PRESET is a JSON file or the bare name of a preset that ships (`zmq-bench presets`).

    \b
    zmq-bench card basic-publisher
    zmq-bench card my.json --resume card.jsonl --json card.json

    Ctrl+C and SIGTERM end the work; the figures so far are printed and written.

    Exit codes: 0 measured, 2 the input is wrong, 3 no rate was found, 130 interrupted.
    """
    # Imported here, so that the other commands start without the engine.
    import msgspec

    from bench_app.lab import card as lab
    from bench_app.lab.find import find, result_of
    from bench_app.lab.laboratory import Laboratory, StoppedError
    from bench_app.lab.rate_search import Goal, RateSearch, SearchPlan

    refuse_unwritable(json_file)
    document = trials.document(preset)
    enabled = [name for name, spec in document.preset.output.handlers.items() if spec.enabled]
    name = handler or next(iter(enabled), "")
    if name not in enabled:
        raise InputError(f"{document.name} has no enabled handler “{name}”: it has {', '.join(enabled) or 'none'}")
    journal = trials.journal("card", {"preset": document.raw, "handler": name})
    console = CommandConsole(stderr=json_file == Path("-"))
    search = RateSearch([Goal(0.0)], SearchPlan(start_rate=start_rate(document)))
    parts: dict[str, Any] = {}
    ended = "done"
    with CaughtSignals() as caught:
        with TrialProgress(console, trials.quiet) as progress:

            def note(text: str) -> None:
                progress.note(text)
                runs_left = sum(count for part, count in lab.RUNS.items() if part not in parts)
                searching = 0 if parts else search.trials_left()
                progress.left(format_left((runs_left + searching) * laboratory.mean_s))

            laboratory = Laboratory(document, journal=journal, choice=trials.choice, caught=caught, on_note=note)
            try:
                ended = find(document, laboratory, search)
                found = result_of(document.name, search, ended, 0.0).goals[0]
                rate = lab.base_rate(found)
                if ended == "done" and rate is not None:
                    for part, measure in lab.measures(document, laboratory, name, rate, found.rate is None).items():
                        parts[part] = measure()
            except StoppedError:
                ended = "interrupted"
            finally:
                journal.close()
        found = result_of(document.name, search, ended, laboratory.elapsed_s).goals[0]
        base = lab.base_rate(found)
        result = lab.Card(preset=document.name, handler=name, found=found, rate=found.rate, base_rate=base, **parts)
        caught.ignore_rest()
    try:
        write_json(msgspec.json.format(msgspec.json.encode(result), indent=2) + b"\n", json_file)
    finally:
        print_card(console, result)
    if ended == "interrupted":
        raise SystemExit(EXIT_INTERRUPTED)
    raise SystemExit(EXIT_FAILED if result.rate is None else 0)


def print_card(console: CommandConsole, card: Card) -> None:
    """Print the figures, one a line."""
    from bench_app.lab.card_text import card_lines

    for name, text in card_lines(card):
        console.print(Text.assemble((f"{name:<28}", "grey62"), visible(text)), soft_wrap=True)
