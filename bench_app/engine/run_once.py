"""A run from its start to its result: session -> **run_once** -> terminal, window, tests, benchmarks."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from bench_app.engine.events import RunEvent
from bench_app.engine.machine_samples import machine_series
from bench_app.engine.outcome import build_result, histograms_of
from bench_app.engine.result import GuiFigures, Outcome, RunResult, to_json
from bench_app.engine.session import Session
from bench_app.engine.unit_key import HistogramKey, UnitKey
from bench_app.measure.histogram import Histogram
from bench_app.measure.time_series import TimeSeries
from bench_app.preset.documents import Document


@dataclass(frozen=True)
class FinishedRun:
    """Everything that is kept of a finished run.

    Attributes:
        document: the preset as it was last applied.
        started_at: when offering began.
        interrupted: a user stopped the run before its time.
        result: the result.
        outcome: the verdict, or *interrupted*.
        handlers: the handlers of the result, in its order.
        histograms: every distribution of the run.
        series: the time series of the units; empty unless the session kept them.
        machine: the time series of the machine; empty unless the session kept it.
        events: the newest events, oldest first.
    """

    document: Document
    started_at: datetime
    interrupted: bool
    result: RunResult
    outcome: Outcome
    handlers: tuple[UnitKey, ...]
    histograms: dict[HistogramKey, Histogram]
    series: dict[UnitKey, TimeSeries]
    machine: TimeSeries
    events: tuple[RunEvent, ...]

    @property
    def handlers_by_name(self) -> dict[str, UnitKey]:
        """The handlers by their names in the result."""
        return {key.name: key for key in self.handlers}


async def run_once(session: Session, gui_figures: Callable[[], GuiFigures] | None = None) -> FinishedRun:
    """Run a new session to its end and build the result.

    The caller may follow, change and stop the session meanwhile. ``gui_figures`` is called when the run is over and
    before the result is built: it says how well a window kept up. Raises EngineError where the engine cannot work.
    """
    await session.run()
    gui = None if gui_figures is None else gui_figures()
    # A run of many units has many histograms: a window goes on drawing meanwhile.
    return await asyncio.to_thread(_finished, session, gui)


def _finished(session: Session, gui: GuiFigures | None) -> FinishedRun:
    result, outcome = build_result(session, gui)
    session.finish_recording(to_json(result))
    return FinishedRun(
        document=session.document,
        started_at=session.started_at,
        interrupted=session.interrupted,
        result=result,
        outcome=outcome,
        handlers=tuple(handler.key for handler in session.handlers.values()),
        histograms=histograms_of(session),
        series={} if session.sampler is None else session.sampler.series,
        machine=machine_series() if session.sampler is None else session.sampler.machine,
        events=tuple(session.events),
    )
