"""One run with random faults from inside: live changes, kills by hand, pauses. :mod:`.faulted_runs` starts it.

``python -m benchmarks.faulted_run PRESET RESULT SEED`` writes the result and ends with the exit code of
``zmq-bench run``.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import sys
from pathlib import Path

from bench_app.cli.exit_codes import EXIT_CODES, EXIT_INTERRUPTED
from bench_app.engine.result import to_json
from bench_app.engine.run_once import FinishedRun, run_once
from bench_app.engine.session import Phase, Session
from bench_app.errors import EngineError, InputError
from bench_app.preset import documents
from bench_app.system.signals import CaughtSignals


async def change(session: Session, dice: random.Random) -> None:
    """Change a key of the running preset."""
    name = dice.choice(list(session.document.preset.output.handlers))
    config = f"output.handlers.{name}.config"
    path, value = dice.choice(
        [
            (f"{config}.queue_size", dice.choice([1, 10, 1000])),
            (f"{config}.high_water_mark", dice.choice([1, 10, 1000])),
            (f"{config}.send_timeout", dice.choice([0, 1, 50])),
            (f"{config}.linger", dice.choice([0, 100, 1000])),
            (f"output.handlers.{name}.enabled", dice.random() < 0.5),
            ("bench.sources.events.load", {"shape": "constant", "rate": dice.choice([10, 500, 5000])}),
            ("bench.duration_s", dice.choice([2.0, 4.0])),
        ]
    )
    try:
        await session.apply(documents.replace_all(session.document, [(path, value)]))
    except InputError as refused:
        print(f"refused: {path}: {refused}")


async def act(session: Session, dice: random.Random) -> None:
    """Do one thing to the run that a user of the window can do."""
    unit = dice.choice(list(session.units.values()))
    match dice.choice(["change", "change", "change", "kill", "pause", "pause unit", "send"]):
        case "change":
            await change(session, dice)
        case "kill":
            session.kill_unit(unit)
        case "pause":
            await session.pause(True)
            await asyncio.sleep(dice.uniform(0, 0.3))
            await session.pause(False)
        case "pause unit":
            await session.pause_unit(unit, True)
            await asyncio.sleep(dice.uniform(0, 0.3))
            await session.pause_unit(unit, False)
        case _:
            if present := list(session.present):
                # A handler that is not open, or has ended, refuses an event by hand.
                with contextlib.suppress(EngineError):
                    await session.send_event(dice.choice(present), b'{"by": "hand"}')


async def disturb(session: Session, dice: random.Random) -> None:
    """Act at random moments while the run offers events."""
    while session.phase in (Phase.IDLE, Phase.OPENING):
        await asyncio.sleep(0.01)
    while session.phase is Phase.RUNNING:
        await asyncio.sleep(dice.uniform(0.02, 0.6))
        if session.phase is Phase.RUNNING:
            await act(session, dice)


async def run(preset: str, seed: int, caught: CaughtSignals) -> FinishedRun:
    """Run the preset to its end, disturbed."""
    session = Session(documents.load(preset))
    loop = asyncio.get_running_loop()
    caught.pass_to(lambda: loop.call_soon_threadsafe(session.stop))
    finished, _ = await asyncio.gather(run_once(session), disturb(session, random.Random(seed)))
    caught.pass_to(None)
    return finished


def main() -> None:
    """Run, write the result, and end with its exit code."""
    preset, result, seed = sys.argv[1:]
    with CaughtSignals() as caught:
        finished = asyncio.run(run(preset, int(seed), caught))
        Path(result).write_bytes(to_json(finished.result))
        caught.ignore_rest()
    sys.exit(EXIT_INTERRUPTED if finished.interrupted else EXIT_CODES[finished.result.verdict])


if __name__ == "__main__":
    main()
