"""Many trials in a chosen order: planned trials -> **series** -> result of each, from a run or from the journal."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bench_app.engine.result import RunResult
from bench_app.engine.run_once import FinishedRun
from bench_app.lab.journal import Journal
from bench_app.lab.laboratory import StoppedError
from bench_app.lab.reading import broken
from bench_app.lab.trial import run_trial
from bench_app.preset.documents import Document
from bench_app.sweeps.axes import Setting
from bench_app.system.signals import CaughtSignals
from bench_app.untrusted.json_reader import JsonReader

_RESULTS: JsonReader[RunResult] = JsonReader(RunResult)
_GUESSED_START_S = 1.0
"""How long the start and the end of a run take, until one has been measured."""


@dataclass(frozen=True)
class PlannedTrial:
    """A run to be made.

    Attributes:
        key: what makes it this trial, as text; the journal keeps its result under this key.
        label: what it is for the user.
        setting: what the run changes.
    """

    key: str
    label: str
    setting: Setting


RunTrial = Callable[[Document, Setting, CaughtSignals | None, bool], FinishedRun]
"""Runs one trial, and keeps its curves if the last argument says so."""


def run_setting(document: Document, setting: Setting, caught: CaughtSignals | None, keep_series: bool) -> FinishedRun:
    """Run a document with a setting."""
    return run_trial(document, setting.assignments, choice=setting.choice, caught=caught, keep_series=keep_series)


class Series:
    """Runs planned trials one by one.

    Attributes:
        runs: how many runs were made here, those from the journal not counted.
        resumed: how many results came from the journal.
        spent_s: how long the runs took, their starts and ends included.
    """

    def __init__(
        self,
        document: Document,
        journal: Journal,
        *,
        caught: CaughtSignals | None = None,
        on_progress: Callable[[str], None] = lambda text: None,
        on_left: Callable[[float], None] = lambda seconds: None,
        run: RunTrial = run_setting,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.runs = self.resumed = 0
        self._document, self._journal, self._caught = document, journal, caught
        self._on_progress, self._on_left = on_progress, on_left
        self._run, self._clock = run, clock
        self.spent_s = 0.0

    @property
    def mean_s(self) -> float:
        """How long a run takes, its start and end included; a guess before the first."""
        return self.spent_s / self.runs if self.runs else self._document.preset.bench.duration_s + _GUESSED_START_S

    def run_all(self, planned: Sequence[PlannedTrial]) -> list[RunResult]:
        """The results of planned trials, in their order. A trial that was invalid is tried once more at the end.

        At the end, because whatever kept the machine busy is more likely to be over then; for the same reason, a series
        that is repeated tries once more what stayed invalid. Raises StoppedError if a user ends the series; the results
        so far are in the journal.
        """
        results = [
            self._one(trial, f"{number:,} of {len(planned):,}", len(planned) - number)
            for number, trial in enumerate(planned, start=1)
        ]
        again = [place for place, result in enumerate(results) if result.verdict == "invalid"]
        for number, place in enumerate(again, start=1):
            title = f"again {number:,} of {len(again):,}"
            results[place] = self._one(planned[place], title, len(again) - number, tried="again ")
        return results

    def _one(self, trial: PlannedTrial, title: str, left: int, tried: str = "") -> RunResult:
        self._on_left((left + 1) * self.mean_s)
        key = f"{tried}{trial.key}"
        while (kept := self._journal.take(key)) is not None:
            result = _RESULTS.read(kept)
            if not broken(result) and not (tried and result.verdict == "invalid"):
                self.resumed += 1
                return result
        if self._caught is not None and self._caught.waiting:
            raise StoppedError(interrupted=True)
        began_s = self._clock()
        finished = self._run(self._document, trial.setting, self._caught, self._journal.keeps_runs)
        if finished.interrupted:
            raise StoppedError(interrupted=True)
        result = finished.result
        self.runs += 1
        self.spent_s += self._clock() - began_s
        self._journal.keep_run(key, finished)
        reason = f" ({result.reasons[0]})" if result.verdict != "pass" and result.reasons else ""
        self._on_progress(f"{title}: {trial.label}: {result.verdict}{reason}")
        return result
