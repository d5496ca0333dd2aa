"""What the archive keeps of a run."""

from __future__ import annotations

from typing import Any

import msgspec

from bench_app.engine.events import RunEvent
from bench_app.engine.result import Outcome, RunResult
from bench_app.engine.unit_key import HistogramKey, UnitKey
from bench_app.measure.histogram import HistogramDelta


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """What was run: the preset's JSON, its name, and where its relative paths begin."""

    preset: dict[str, Any]
    preset_name: str
    base_dir: str


class RunRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A finished run.

    ``handlers`` are those of the result, in its order. ``history`` is the time series of each unit: column ->
    little-endian float64. ``histograms`` are in ns.
    """

    settings: Settings
    result: RunResult
    outcome: Outcome
    events: tuple[RunEvent, ...] = ()
    handlers: tuple[UnitKey, ...] = ()
    history: dict[UnitKey, dict[str, bytes]] = {}
    histograms: dict[HistogramKey, HistogramDelta] = {}

    @property
    def handlers_by_name(self) -> dict[str, UnitKey]:
        """The handlers by their names in the result."""
        return {key.name: key for key in self.handlers}


class RunSummary(msgspec.Struct, frozen=True, kw_only=True):
    """A line of the list. ``dropped`` counts all causes; ``complete`` is False where only settings were kept."""

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
