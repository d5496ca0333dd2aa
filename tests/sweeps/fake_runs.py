"""Runs that take no time: the result follows from the setting."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from bench_app.engine.machine_samples import machine_series
from bench_app.engine.result import Outcome, RunResult
from bench_app.engine.run_once import FinishedRun
from bench_app.engine.unit_key import UnitKey
from bench_app.lab.journal import Journal
from bench_app.lab.laboratory import StoppedError
from bench_app.preset.documents import Document, parse
from bench_app.sweeps.axes import Setting
from bench_app.sweeps.series import Series
from bench_app.system.signals import CaughtSignals
from tests.comparison.results import handler, listener, result


def document() -> Document:
    handlers = {"pub": {"uri": "zmq://tcp://*:0", "sink": "events", "config": {"socket_type": "PUB", "topic": "t"}}}
    return parse({"output": {"handlers": handlers}, "bench": {"version": 1, "duration_s": 1}}, "fake")


class FakeRuns:
    """Runs by a function of the setting.

    Attributes:
        made: the setting of each run that was made.
    """

    def __init__(self, run: Callable[[Setting], RunResult], stop_after: int | None = None) -> None:
        self.made: list[Setting] = []
        self._run, self._stop_after = run, stop_after

    def __call__(
        self, document: Document, setting: Setting, caught: CaughtSignals | None, keep_series: bool
    ) -> FinishedRun:
        if len(self.made) == self._stop_after:
            raise StoppedError(interrupted=True)
        self.made.append(setting)
        return finished(document, self._run(setting))


def finished(document: Document, result: RunResult) -> FinishedRun:
    """A run that ended with a result."""
    return FinishedRun(
        document=document,
        started_at=datetime(2026, 1, 2, tzinfo=UTC),
        interrupted=False,
        result=result,
        outcome=Outcome(result.verdict),
        handlers=tuple(UnitKey(name) for name in result.handlers),
        histograms={},
        series={},
        machine=machine_series(),
        events=(),
    )


def latency_of_threads(setting: Setting) -> RunResult:
    """A run whose latency is its number of I/O threads in ms."""
    threads = dict(setting.assignments).get("bench.io_threads", 1)
    return result(pub=handler(sub=listener(1000.0 * threads)))


def series(runs: FakeRuns, journal: Journal | None = None, told: list[str] | None = None) -> Series:
    kept = journal or Journal(None, "test", {})
    return Series(document(), kept, run=runs, on_progress=(told if told is not None else []).append)
