"""``make soak``: ten minutes at 20,000 events/s; the workers' memory must stay flat. ``SOAK_S`` shortens it."""

from __future__ import annotations

import asyncio
import os
import statistics
import sys

import psutil

from bench_app.engine.run_once import FinishedRun, run_once
from bench_app.engine.session import Phase, Session
from bench_app.preset import documents
from benchmarks.presets import assert_balanced, one_handler

RATE = 20_000
SECONDS = float(os.environ.get("SOAK_S", "600"))
SETTLE_S = 20.0
EVERY_S = 10.0
GROWTH_BAR = 1.05
"""Highest allowed ratio of a worker's memory at the end to its memory after settling."""


async def watch(session: Session, sizes: dict[int, list[int]]) -> None:
    """Record the resident size of every worker, every EVERY_S seconds of the run."""
    while session.phase in (Phase.IDLE, Phase.OPENING):
        await asyncio.sleep(0.01)
    await asyncio.sleep(min(SETTLE_S, SECONDS / 4))
    while session.phase is Phase.RUNNING and session.elapsed_s < SECONDS - 1:
        for worker in psutil.Process().children():
            sizes.setdefault(worker.pid, []).append(worker.memory_info().rss)
        figures = ", ".join(f"{values[-1] / 1e6:.1f} MB" for values in sizes.values())
        print(f"{session.elapsed_s:6.0f} s  workers: {figures}", flush=True)
        await asyncio.sleep(min(EVERY_S, SECONDS / 10))


async def run_watched(document: documents.Document, sizes: dict[int, list[int]]) -> FinishedRun:
    """Run the document to its end, and watch its workers."""
    session = Session(document)
    finished, _ = await asyncio.gather(run_once(session), watch(session, sizes))
    return finished


def grown(sizes: list[int]) -> float:
    """The median of the last third divided by the median of the first third; single readings vary by a megabyte."""
    third = max(1, len(sizes) // 3)
    return statistics.median(sizes[-third:]) / statistics.median(sizes[:third])


def main() -> None:
    """Run PUB with a fast and a slow subscriber, and PUSH with two workers: both leave gaps in sequence numbers."""
    raw = one_handler({"socket_type": "PUSH"}, rate=RATE / 2, duration_s=SECONDS)
    raw["output"]["handlers"]["p"] = {"uri": "zmq://tcp://*:*", "config": {"socket_type": "PUB", "topic": "t"}}
    raw["bench"]["listeners"] = {
        "h": [{"name": "a"}, {"name": "b"}],
        "p": [{"name": "fast"}, {"name": "slow", "delay_ms": 1}],
    }
    sizes: dict[int, list[int]] = {}
    finished = asyncio.run(run_watched(documents.parse(raw, "soak"), sizes))
    assert_balanced(finished.result)
    growth = max(grown(values) for values in sizes.values())
    print(f"largest growth of a worker: x{growth:.3f} (bar {GROWTH_BAR}); {finished.result.verdict}")
    print("\n".join(finished.result.reasons))
    sys.exit(0 if growth <= GROWTH_BAR else 1)


if __name__ == "__main__":
    main()
