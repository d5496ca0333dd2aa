"""The data types of the archive: settings, record and summary of a run."""

from __future__ import annotations

from typing import Any

import msgspec

from bench_app.archive.key_figures import KeyFigures
from bench_app.engine.events import RunEvent
from bench_app.engine.result import Outcome, RunResult
from bench_app.engine.run_once import FinishedRun
from bench_app.engine.unit_key import HistogramKey, UnitKey
from bench_app.measure.histogram_delta import HistogramDelta
from bench_app.preset.documents import Document


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """The settings of a run.

    Attributes:
        preset: the JSON of the preset.
        preset_name: the name of the preset.
        base_dir: the folder to which the preset's paths are relative.
    """

    preset: dict[str, Any]
    preset_name: str
    base_dir: str


class RunRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A finished run.

    Attributes:
        settings: the preset that was run.
        result: the result of the run.
        outcome: the verdict, or how the run ended without one.
        events: the events of the run.
        handlers: the keys of the handlers, in the order of the result.
        history: the time series of each unit: little-endian float64, by column.
        machine: the time series of the machine, by column; empty in runs of former versions.
        histograms: the distribution of each measure of each unit, in ns.
    """

    settings: Settings
    result: RunResult
    outcome: Outcome
    events: tuple[RunEvent, ...] = ()
    handlers: tuple[UnitKey, ...] = ()
    history: dict[UnitKey, dict[str, bytes]] = {}
    machine: dict[str, bytes] = {}
    histograms: dict[HistogramKey, HistogramDelta] = {}

    @property
    def handlers_by_name(self) -> dict[str, UnitKey]:
        """The handlers by their names in the result."""
        return {key.name: key for key in self.handlers}


def settings_of(document: Document) -> Settings:
    """The settings of a run of a document."""
    return Settings(preset=document.raw, preset_name=document.name, base_dir=str(document.base_dir))


def record_of(finished: FinishedRun) -> RunRecord:
    """The record of a run that has just ended, with its time series if the session kept them."""
    return RunRecord(
        settings=settings_of(finished.document),
        result=finished.result,
        outcome=finished.outcome,
        events=finished.events,
        handlers=finished.handlers,
        history={unit: series.as_bytes() for unit, series in finished.series.items()},
        machine=finished.machine.as_bytes(),
        histograms={key: histogram.as_delta() for key, histogram in finished.histograms.items()},
    )


class LabelledRun(msgspec.Struct, frozen=True, kw_only=True):
    """A run with what the user calls it: what leaves an archive, and what another archive takes.

    Attributes:
        record: the run.
        name: the name that the user gave the run.
        title: the title of the preset.
        interrupted: whether the run ended before its time.
        note: what the user wrote about the run.
        tags: the words that the user gave the run.
    """

    record: RunRecord
    name: str
    title: str = ""
    interrupted: bool = False
    note: str = ""
    tags: tuple[str, ...] = ()


class RunSummary(msgspec.Struct, frozen=True, kw_only=True):
    """A line in the list of runs.

    Attributes:
        id: the number of the run in the archive.
        name: the name that the user gave the run, at first that of the preset.
        preset: the name of the preset.
        title: the title of the preset.
        started_at: when the run started, in ISO 8601.
        duration_s: how long events were offered.
        verdict: the outcome, or ``running``.
        balanced: whether the ledger balances.
        interrupted: whether the run ended before its time.
        offered, received: the sums over all handlers.
        dropped: the events lost, by all causes together.
        is_baseline: whether the run is the baseline.
        complete: False if only the settings of the run were kept.
        note: what the user wrote about the run.
        tags: the words that the user gave the run, to find it among others.
        figures: the figures by which runs are compared; none in runs of former versions.
        work: the name of a work of the lab, such as a sweep, whose line this is; "" for a run.
    """

    id: int
    name: str
    preset: str
    title: str
    started_at: str
    duration_s: float
    verdict: str
    balanced: bool
    interrupted: bool
    offered: int
    received: int
    dropped: int
    is_baseline: bool
    complete: bool
    note: str = ""
    tags: tuple[str, ...] = ()
    figures: KeyFigures = KeyFigures()
    work: str = ""
