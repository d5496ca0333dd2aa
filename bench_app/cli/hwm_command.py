"""``zmq-bench hwm``: recommend a high-water mark, with its reason, its price and its proof."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.text import Text

from bench_app.cli.command_console import CommandConsole
from bench_app.cli.exit_codes import EXIT_FAILED, EXIT_INTERRUPTED
from bench_app.cli.lab_options import TrialOptions, TrialProgress, trial_options
from bench_app.cli.log_options import log_options
from bench_app.cli.result_file import json_option, refuse_unwritable, write_json
from bench_app.cli.time_left import format_left
from bench_app.preset.documents import Document
from bench_app.system.signals import CaughtSignals
from bench_app.untrusted.visible_text import visible

if TYPE_CHECKING:
    from bench_app.capacity.figures import ConnectionCapacity
    from bench_app.lab.hwm import HwmResult
    from bench_app.lab.journal import Journal

PROOF_RUNS = 20


@click.command(name="hwm", short_help="Recommend a high-water mark, and prove it.")
@click.argument("preset")
@click.option("--handler", metavar="NAME", help="Recommend for this handler.  [default: the first enabled PUB or PUSH]")
@click.option(
    "--stall",
    "stall_s",
    type=click.FloatRange(0, 60),
    metavar="S",
    help="Plan for a consumer that stands still for S seconds.  [default: the stall in the preset, else 0.3]",
)
@click.option(
    "--proof",
    "runs",
    type=click.IntRange(0, 1000),
    default=PROOF_RUNS,
    show_default=True,
    metavar="N",
    help="Prove it by N runs with the recommended mark, and N with half of it; 0: no proof.",
)
@trial_options
@json_option
@log_options
def hwm_command(
    preset: str,
    handler: str | None,
    stall_s: float | None,
    runs: int,
    trials: TrialOptions,
    json_file: Path | None,
) -> None:
    """Recommend high_water_mark (both ends), queue_size and send_timeout for a handler of PRESET.

    What must wait while the consumer stands still, or while a burst comes, must fit. First the capacity of the
    connection as it is now is measured, and the longest burst without loss. Then runs prove the recommended marks: they
    lose nothing, and half of the marks loses. The proof runs over inproc, so that no kernel's buffer helps.

    PRESET is a JSON file or the bare name of a preset that ships (`zmq-bench presets`).

    \b
    zmq-bench hwm silent-pub-loss --stall 0.5
    zmq-bench hwm my.json --proof 5 --json hwm.json
    zmq-bench hwm my.json --resume hwm.jsonl

    Ctrl+C and SIGTERM end the work; the recommendation is printed and written without the rest of its proof.

    Exit codes: 0 recommended, 2 the input is wrong, 3 no mark can help, the proof failed or its runs were invalid, 130
    interrupted.
    """
    # Imported here, so that the other commands start without the engine.
    import msgspec

    from bench_app.lab.burst import QUICK_RATE, Burst, measure_burst
    from bench_app.lab.hwm import handler_of, mark_for, prove, result_of, situation_of, too_slow
    from bench_app.lab.laboratory import Laboratory, StoppedError

    refuse_unwritable(json_file)
    document = trials.document(preset)
    name = handler_of(document, handler)
    situation = situation_of(document, name, stall_s)
    inputs = {"preset": document.raw, "handler": name, "stall": stall_s, "runs": runs}
    journal = trials.journal("hwm", inputs)
    console = CommandConsole(stderr=json_file == Path("-"))
    burst, proof, interrupted = Burst(None, 0, "not measured"), None, False
    capacity: ConnectionCapacity | None = None
    with CaughtSignals() as caught:
        with TrialProgress(console, trials.quiet) as progress:
            planned = 3 + (0 if too_slow(situation) else 2 * runs)

            def note(text: str) -> None:
                progress.note(text)
                progress.left(format_left(max(0, planned - laboratory.runs) * laboratory.mean_s))

            laboratory = Laboratory(document, journal=journal, choice=trials.choice, caught=caught, on_note=note)
            try:
                progress.left("measuring the capacity ...")
                burst_rate = max(situation.rate, QUICK_RATE)
                capacity = _capacity(document, name, burst_rate, journal)
                if capacity.messages is not None:
                    progress.note(f"capacity now: {capacity.messages:,} messages")
                if capacity.messages and situation.listeners:
                    # The capacity is that of the connection that holds least, so the burst is, too.
                    slowest = next(iter(capacity.listeners), "")
                    guess, step = capacity.messages, capacity.step
                    burst = measure_burst(document, laboratory, name, burst_rate, guess, step, slowest)
                elif not situation.listeners:
                    burst = Burst(None, 0, "the consumer is your own, and the bench cannot stop it")
                else:
                    burst = Burst(None, 0, f"there is no limit: {capacity.reason}")
                if not too_slow(situation) and runs:
                    proof = prove(document, laboratory, situation, mark_for(situation), runs)
            except StoppedError:
                interrupted = True
            finally:
                journal.close()
        messages = None if capacity is None else capacity.messages
        step = 0 if capacity is None else capacity.step
        size = capacity.message_bytes if capacity is not None else 0.0
        result = result_of(document, situation, burst, messages, step, size, proof)
        caught.ignore_rest()
    try:
        write_json(msgspec.json.format(msgspec.json.encode(result), indent=2) + b"\n", json_file)
    finally:
        print_recommendation(console, result, laboratory.invalid)
    if interrupted:
        raise SystemExit(EXIT_INTERRUPTED)
    is_proven = not runs or (result.proof is not None and result.proof.lost == 0)
    raise SystemExit(0 if result.recommended and is_proven else EXIT_FAILED)


def _capacity(document: Document, handler: str, rate: float, journal: Journal) -> ConnectionCapacity:
    """The capacity at the pace of the bursts, from the journal if it was measured before."""
    import msgspec

    from bench_app.capacity.figures import CapacityResult
    from bench_app.engine.running_conditions import this_machine
    from bench_app.lab.burst import quick_capacity
    from bench_app.untrusted.json_reader import JsonReader

    kept = journal.take("capacity")
    if kept is not None:
        return JsonReader(CapacityResult).read(kept).connections[0]
    found = quick_capacity(document, handler, rate)
    whole = CapacityResult(preset=document.name, connections=[found], machine=this_machine())
    journal.keep("capacity", msgspec.json.encode(whole))
    return found


def print_recommendation(console: CommandConsole, result: HwmResult, invalid: list[str]) -> None:
    """Print the settings with their reason, their price and their proof."""
    from bench_app.lab.hwm_text import measured_text, price_text, proof_text
    from bench_app.sweeps.sweep import format_value

    console.print()
    for path, value in result.recommended.items():
        console.print(Text(visible(f"  {path} = {format_value(value)}"), style="bold"), soft_wrap=True)
    for text in (result.reason, price_text(result), proof_text(result)):
        if text:
            console.print(Text(visible(text)), soft_wrap=True)
    if result.proof is None and invalid:
        console.print(
            Text(visible(f"No proof: too many runs were invalid; the last one: {invalid[-1]}")), soft_wrap=True
        )
    if measured := measured_text(result):
        console.print(Text(measured, style="grey62"), soft_wrap=True)
    for note in result.notes:
        console.print(Text(visible(f"note  {note}"), style="grey62"), soft_wrap=True)
