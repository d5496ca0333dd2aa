"""Whether the adviser's proposals end the losses of the presets that ship, and whether it is silent in healthy runs.

``python -m benchmarks.advised_runs [--times N] [PRESET...]``: each preset runs N times. If it loses, the proposal is
applied and the preset runs again, until nothing is lost or three proposals were applied. The exit code is 1 if a
proposal does not end the loss that it is about, or if a run without losses has an advice.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from dataclasses import dataclass, field

from rich.console import Console

from bench_app.engine.result import RunResult
from bench_app.engine.run_once import run_once
from bench_app.engine.session import Session
from bench_app.measure.loss_causes import LISTENER_LOSS_CAUSES
from bench_app.preset import documents
from bench_app.preset.documents import Document

TIMES = 20
MOST_PROPOSALS = 3
"""So many handlers of one preset that ships lose events."""

console = Console(highlight=False)


@dataclass
class Tally:
    """What came of the runs of one preset.

    Attributes:
        lossy, healthy: how many first runs lost events, or lost none.
        proposals, ended: how many proposals were applied, and after how many the loss that it was about was gone.
        cured: how many lossy presets lost nothing at last.
        unexplained: losses without an advice.
        noisy: runs without a loss that had an advice.
        failures: what a proposal did not end.
    """

    lossy: int = 0
    healthy: int = 0
    proposals: int = 0
    ended: int = 0
    cured: int = 0
    unexplained: int = 0
    noisy: int = 0
    failures: list[str] = field(default_factory=list)

    @property
    def is_good(self) -> bool:
        """Whether each proposal did what it promised, and each run without a loss had none."""
        return self.ended == self.proposals and not self.noisy and not self.unexplained


def run_document(document: Document) -> RunResult:
    """Run a preset to its end."""
    return asyncio.run(run_once(Session(document))).result


def lost_in(result: RunResult) -> int:
    """All events that a run lost."""
    return sum(handler.dropped for handler in result.handlers.values())


def lost_at(result: RunResult, unit: str) -> int:
    """What one handler lost, or one listener missed."""
    handler, _, listener = unit.partition("/")
    if not listener:
        return result.handlers[handler].dropped
    return sum(result.handlers[handler].listeners[listener].loss(cause) for cause in LISTENER_LOSS_CAUSES)


def try_once(name: str, tally: Tally) -> None:
    """Run a preset, and apply proposals until it loses nothing."""
    document = documents.load(name)
    result = run_document(document)
    if not lost_in(result):
        tally.healthy += 1
        tally.noisy += result.advice is not None
        return
    tally.lossy += 1
    for _ in range(MOST_PROPOSALS):
        advice = result.advice
        if advice is None or not advice.proposal:
            tally.unexplained += 1
            tally.failures.append(f"{lost_in(result):,} lost, and no proposal")
            return
        document = documents.replace_all(document, advice.proposal.items())
        result = run_document(document)
        tally.proposals += 1
        if left := lost_at(result, advice.unit):
            tally.failures.append(f"{advice.unit}: {left:,} still lost with {'  '.join(advice.settings)}")
        else:
            tally.ended += 1
        if not lost_in(result):
            tally.cured += 1
            tally.noisy += result.advice is not None
            return


def main() -> None:
    """Run the presets that the arguments name, or all that ship."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=TIMES)
    parser.add_argument("presets", nargs="*")
    given = parser.parse_args()
    sys.exit(0 if advised_runs(given.presets or [name for name, _ in documents.shipped()], given.times) else 1)


def advised_runs(names: list[str], times: int) -> bool:
    """Run each preset so many times, and print what came of it."""
    good = True
    for name in names:
        tally = Tally()
        for _ in range(times):
            try_once(name, tally)
        console.print(
            f"{name}: {tally.lossy} of {times} runs lost; {tally.ended} of {tally.proposals} proposals ended their "
            f"loss; {tally.cured} of {tally.lossy} lost nothing at last; advice in {tally.noisy} runs without a loss",
            soft_wrap=True,
        )
        for failure in tally.failures:
            console.print(f"    {failure}", soft_wrap=True)
        good = good and tally.is_good
    return good


if __name__ == "__main__":
    main()
