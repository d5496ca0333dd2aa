"""Runs trials one after the other: settings -> **laboratory** -> result, from a run or from the journal."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, Protocol

import msgspec

from bench_app.data_plane.choice import AS_INSTALLED, PlaneChoice
from bench_app.engine.result import RunResult
from bench_app.lab.journal import Journal
from bench_app.lab.reading import broken
from bench_app.lab.trial import run_trial
from bench_app.model.json_path import JsonPath, format_path
from bench_app.preset.documents import Document
from bench_app.system.signals import CaughtSignals
from bench_app.untrusted.json_reader import JsonReader

_RESULTS: JsonReader[RunResult] = JsonReader(RunResult)
Values = list[tuple[JsonPath, Any]]
TRIAL_LINGER_MS = 500
"""The longest linger of a trial. A run waits for lost messages for as long as its linger."""
MOST_TRIES = 3
"""How often a trial that must be valid is run."""


class StoppedError(Exception):
    """The user ended the work, or its time is over. What is known until then counts."""

    def __init__(self, interrupted: bool) -> None:
        super().__init__("stopped")
        self.interrupted = interrupted


class Trials(Protocol):
    """What the parts of the lab need: a run with changed values. Tests simulate it."""

    def run(self, values: Values) -> RunResult:
        """The result of a run. Raises StoppedError if the work ends."""
        ...

    def note(self, text: str) -> None:
        """Report what is done now, and what it showed."""
        ...


class Laboratory:
    """Runs trials of a document.

    Attributes:
        document: the preset.
        invalid: why trials were invalid, one reason for each.
        runs: how many runs were made here, those from the journal not counted.
    """

    def __init__(
        self,
        document: Document,
        *,
        journal: Journal | None = None,
        choice: PlaneChoice = AS_INSTALLED,
        caught: CaughtSignals | None = None,
        max_time_s: float | None = None,
        on_note: Callable[[str], None] = lambda text: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.document = document
        self.invalid: list[str] = []
        self.runs = 0
        self._journal = journal or Journal(None, "", {})
        self._choice, self._caught = choice, caught
        self._on_note, self._clock = on_note, clock
        self._began_s = clock()
        self._max_time_s = max_time_s
        self._spent_s = 0.0
        self._longest_s = 0.0

    @property
    def elapsed_s(self) -> float:
        """How long the work has taken so far."""
        return self._clock() - self._began_s

    @property
    def mean_s(self) -> float:
        """How long a run took on average, its start and end included; a guess before the first."""
        return self._spent_s / self.runs if self.runs else 3.0

    def run(self, values: Values) -> RunResult:
        """The result of a run with changed values, from the journal if it was made before a crash."""
        key = _key_of(values)
        while (kept := self._journal.take(key)) is not None:
            result = _RESULTS.read(kept)
            # What kept a run from measuring, such as a port in use, may be over now.
            if not broken(result):
                return self._judged(result)
        if self._caught is not None and self._caught.waiting:
            raise StoppedError(interrupted=True)
        if self._max_time_s is not None and self.runs and self.elapsed_s + self._longest_s > self._max_time_s:
            raise StoppedError(interrupted=False)
        began_s = self._clock()
        finished = run_trial(
            self.document,
            values,
            choice=self._choice,
            caught=self._caught,
            keep_series=self._journal.keeps_runs,
        )
        if finished.interrupted:
            raise StoppedError(interrupted=True)
        self.runs += 1
        took_s = self._clock() - began_s
        self._spent_s += took_s
        self._longest_s = max(self._longest_s, took_s)
        self._journal.keep_run(key, finished)
        return self._judged(finished.result)

    def note(self, text: str) -> None:
        """Report what is done now, and what it showed."""
        self._on_note(text)

    def _judged(self, result: RunResult) -> RunResult:
        if result.verdict == "invalid":
            self.invalid.append(result.reasons[0] if result.reasons else "no reason given")
        return result


def run_valid(trials: Trials, values: Values, most: int = MOST_TRIES) -> RunResult | str:
    """The first valid result of up to ``most`` runs; if all were invalid, a text with the reason of the last one."""
    reason = ""
    for _ in range(most):
        result = trials.run(values)
        if result.verdict != "invalid":
            return result
        reason = result.reasons[0] if result.reasons else "no reason given"
        trials.note(f"invalid, tried again: {reason}")
    return f"{most:,} runs were invalid; the last one: {reason}"


def trial_values(document: Document, duration_s: float, reads_latency: bool, checks: tuple[str, ...] = ()) -> Values:
    """The values that every trial sets: its length, its checks, a short linger, no timeline.

    A trial that reads no latency leaves its latencies out: a bent latency would make the trial invalid, although nobody
    looks at it.
    """
    warmup_s = 0.1 * duration_s if reads_latency else duration_s * (1 - 1e-6)
    values: Values = [
        (("bench", "duration_s"), duration_s),
        (("bench", "warmup_s"), warmup_s),
        (("bench", "checks"), list(checks)),
    ]
    if document.preset.bench.timeline:
        values.append((("bench", "timeline"), []))
    for name, handler in document.preset.output.handlers.items():
        if not 0 <= handler.config.linger <= TRIAL_LINGER_MS:
            values.append((("output", "handlers", name, "config", "linger"), TRIAL_LINGER_MS))
    return values


def _key_of(values: Values) -> str:
    pairs = [[format_path(path), value] for path, value in values]
    return msgspec.json.encode(pairs).decode()
