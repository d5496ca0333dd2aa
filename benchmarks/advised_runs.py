"""Whether the adviser's proposals end the losses that they are about, and whether it is silent in healthy runs.

``python -m benchmarks.advised_runs [--times N] [--at-most S] [PRESET...]``: each preset runs N times. If it loses, the
proposal is applied and the preset runs again, until nothing is lost or three proposals were applied. Without names, all
presets that ship run, except the demos, and those of :mod:`benchmarks.losing_presets`. The steps of a demo set the
values that lose, whatever the preset says. ``--at-most`` shortens the runs of presets that ship.

The exit code is 1 if a proposal does not end the loss that it is about, if a run without losses has an advice, or if a
preset of :mod:`benchmarks.losing_presets` does not lose, or has an advice of another rule.
"""

from __future__ import annotations

import argparse
import asyncio
import math
import sys
from dataclasses import dataclass, field

from rich.console import Console

from bench_app.advice.advice import Advice, Rule
from bench_app.engine.result import Outcome, RunResult
from bench_app.engine.run_once import run_once
from bench_app.engine.session import Session
from bench_app.measure.loss_causes import LISTENER_LOSS_CAUSES
from bench_app.preset import documents
from bench_app.preset.documents import Document
from benchmarks.losing_presets import losing_documents

TIMES = 20
MOST_PROPOSALS = 3
"""So many handlers of one preset that ships lose events."""
NO_REMEDY = {Rule.DEAD_WORKER}
"""Losses that no setting ends."""

console = Console(highlight=False)


@dataclass
class Tally:
    """What came of the runs of one preset.

    Attributes:
        rule: the rule of the first advice that is expected; None if any rule will do.
        runs, invalid: how many runs there were in all, and how many of them had a reading that was not sound.
        lossy, healthy: how many first runs lost events, or lost none.
        proposals, ended: how many proposals were applied, and after how many the loss that it was about was gone.
        cured: how many lossy presets lost nothing at last.
        no_remedy: how many losses were explained by a rule that has no remedy.
        noisy: runs without a loss that had an advice.
        failures: what a proposal did not end, and losses without an advice.
    """

    rule: Rule | None = None
    runs: int = 0
    invalid: int = 0
    lossy: int = 0
    healthy: int = 0
    proposals: int = 0
    ended: int = 0
    cured: int = 0
    no_remedy: int = 0
    noisy: int = 0
    failures: list[str] = field(default_factory=list)

    @property
    def is_good(self) -> bool:
        """Whether each proposal did what it promised, and each run without a loss had none."""
        return not self.failures and not self.noisy and not (self.rule and self.healthy)

    def run(self, document: Document) -> RunResult:
        """Run a preset to its end."""
        result = asyncio.run(run_once(Session(document))).result
        self.runs += 1
        self.invalid += result.verdict == Outcome.INVALID
        return result


def lost_in(result: RunResult) -> int:
    """All events that a run lost."""
    return sum(handler.dropped for handler in result.handlers.values())


def lost_at(result: RunResult, advice: Advice) -> int:
    """What the handler or listener of an advice lost.

    Of a handler that gave up, only what it aborted: the end of its peer loses events, too.
    """
    handler, _, listener = advice.unit.partition("/")
    if listener:
        return sum(result.handlers[handler].listeners[listener].loss(cause) for cause in LISTENER_LOSS_CAUSES)
    return result.handlers[handler].aborted if advice.cause == "aborted" else result.handlers[handler].dropped


def try_once(document: Document, tally: Tally) -> None:
    """Run a preset, and apply proposals until it loses nothing."""
    result = tally.run(document)
    if not lost_in(result):
        tally.healthy += 1
        tally.noisy += result.advice is not None
        return
    tally.lossy += 1
    expected = tally.rule
    for _ in range(MOST_PROPOSALS):
        advice = result.advice
        if advice is not None and expected not in (None, advice.rule):
            tally.failures.append(f"the rule {expected} was expected, not {advice.rule}: {advice.message}")
        expected = None
        if advice is not None and advice.rule in NO_REMEDY:
            tally.no_remedy += 1
            return
        if advice is None or not advice.proposal:
            tally.failures.append(f"{lost_in(result):,} lost, and no proposal")
            return
        document = documents.replace_all(document, advice.proposal.items())
        result = tally.run(document)
        tally.proposals += 1
        if left := lost_at(result, advice):
            tally.failures.append(f"{advice.unit}: {left:,} still lost with {'  '.join(advice.settings)}")
        else:
            tally.ended += 1
        if not lost_in(result):
            tally.cured += 1
            tally.noisy += result.advice is not None
            return


def main() -> None:
    """Run the presets that the arguments name, or all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=TIMES)
    parser.add_argument("--at-most", type=float, default=math.inf, metavar="S", help="longest run of a shipped preset")
    parser.add_argument("presets", nargs="*")
    given = parser.parse_args()
    names = given.presets or [*(name for name, _ in documents.shipped() if _is_no_demo(name)), *losing_documents()]
    sys.exit(0 if advised_runs(names, given.times, given.at_most) else 1)


def _is_no_demo(name: str) -> bool:
    return not documents.load(name).preset.bench.timeline


def _shipped(name: str, at_most_s: float) -> Document:
    document = documents.load(name)
    duration_s = min(at_most_s, document.preset.bench.duration_s)
    return documents.replace_all(document, [(("bench", "duration_s"), duration_s)])


def advised_runs(names: list[str], times: int, at_most_s: float = math.inf) -> bool:
    """Run each preset so many times, and print what came of it."""
    losing, good = losing_documents(), True
    for name in names:
        rule, document = losing[name] if name in losing else (None, _shipped(name, at_most_s))
        tally = Tally(rule)
        for _ in range(times):
            try_once(document, tally)
        console.print(_line(name, tally, times), soft_wrap=True)
        for failure in tally.failures:
            console.print(f"    {failure}", soft_wrap=True)
        good = good and tally.is_good
    return good


def _line(name: str, tally: Tally, times: int) -> str:
    no_remedy = f"; {tally.no_remedy} have no remedy, and are told so" if tally.no_remedy else ""
    return (
        f"{name}: {tally.lossy} of {times} runs lost; {tally.ended} of {tally.proposals} proposals ended their loss; "
        f"{tally.cured} of {tally.lossy} lost nothing at last{no_remedy}; advice in {tally.noisy} of "
        f"{tally.healthy + tally.cured} runs without a loss; {tally.invalid} of {tally.runs} readings invalid"
    )


if __name__ == "__main__":
    main()
