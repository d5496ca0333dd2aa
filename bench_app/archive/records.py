"""What the archive keeps of a run."""

from __future__ import annotations

from typing import Any

import msgspec

from bench_app.engine.events import RunEvent
from bench_app.engine.result import RunResult
from bench_app.measure.histogram import HistogramDelta


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """What was run: the preset's JSON, its name, and where its relative paths begin."""

    preset: dict[str, Any]
    preset_name: str
    base_dir: str


class RunRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A finished run. ``history`` is track -> column -> little-endian float64; ``histograms`` are in ns."""

    settings: Settings
    result: RunResult
    events: tuple[RunEvent, ...] = ()
    history: dict[str, dict[str, bytes]] = {}
    histograms: dict[str, HistogramDelta] = {}


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
