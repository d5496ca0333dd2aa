"""Figures of worker processes, for results of simulated runs."""

from __future__ import annotations

from collections.abc import Sequence

from bench_app.engine.result import StallSummary, WorkerResult, WorkerSecondResult


def worker(units: Sequence[str] = (), shares: Sequence[float] = (), wait_s: float | None = None) -> WorkerResult:
    """A worker with one entry a second; the first one began before the run."""
    seconds = [
        WorkerSecondResult(at_s=0.5 + number, cpu_s=0, run_wait_s=wait_s, stall_max_us=0, busiest=share)
        for number, share in enumerate(shares)
    ]
    return WorkerResult(
        units=list(units),
        cpu_s=0,
        run_wait_s=wait_s,
        stall_us=StallSummary(0, 0, 40_000),
        rss_mb=None,
        switches_voluntary=None,
        switches_involuntary=None,
        page_faults=None,
        per_second=seconds,
    )
