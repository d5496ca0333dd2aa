"""Workers beside the loops: whether their memory stays flat at full load, and how long they need to start.

``python -m benchmarks.workers [memory] [start]`` prints the figures; ``make bench`` runs both parts.
"""

from __future__ import annotations

import asyncio
import os
import resource
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

import psutil

from bench_app.data_plane.choice import PLANE_VARIABLE, PlaneName
from bench_app.engine.session import Phase, Session
from benchmarks.freezing import run_with
from benchmarks.presets import assert_balanced, one_handler
from benchmarks.soak import grown

RATE = 500_000.0
SIZE = 128
MEMORY_S = float(os.environ.get("MEMORY_S", "60"))
SETTLE_S = 5.0
"""Queues and histograms have reached their size by then."""
GROWTH_BAR = 1.02
STARTS = 7
START_BAR = 1.1
"""Two medians of the same program differ by some percent."""


def memory() -> bool:
    """Resident memory of the workers at 500,000 events a second."""
    load: dict[str, Any] = {"shape": "constant", "rate": RATE}
    source = {"kind": "synthetic", "event": "minimal", "size": SIZE, "load": load}
    sizes: dict[int, list[int]] = {}

    async def watch(session: Session) -> None:
        while session.phase in (Phase.IDLE, Phase.OPENING):
            await asyncio.sleep(0.01)
        await asyncio.sleep(min(SETTLE_S, MEMORY_S / 4))
        while session.phase is Phase.RUNNING and session.elapsed_s < MEMORY_S - 1:
            for worker in psutil.Process().children():
                sizes.setdefault(worker.pid, []).append(worker.memory_info().rss)
            await asyncio.sleep(MEMORY_S / 60)

    result = run_with(one_handler({"socket_type": "PUSH"}, source=source, duration_s=MEMORY_S), watch).result
    assert_balanced(result)
    rate = sum(one.received for one in result.handlers["h"].listeners.values()) / result.duration_s
    growth = max(grown(values) for values in sizes.values())
    ends = ", ".join(f"{values[0] / 1e6:.1f} to {values[-1] / 1e6:.1f} MB" for values in sizes.values())
    print(f"memory of the workers, {MEMORY_S:.0f} s at {rate:,.0f} events/s: {ends}; x{growth:.3f} (bar {GROWTH_BAR})")
    return growth <= GROWTH_BAR


def start() -> bool:
    """From the start of a run to its first event, on both planes in turns."""
    ready_s: dict[PlaneName, list[float]] = {"python": [], "compiled": []}
    cpu_s: dict[PlaneName, list[float]] = {"python": [], "compiled": []}
    before = os.environ.get(PLANE_VARIABLE)
    try:
        for _ in range(STARTS):
            for plane in ready_s:
                os.environ[PLANE_VARIABLE] = plane
                ready, cpu = _start_once()
                ready_s[plane].append(ready)
                cpu_s[plane].append(cpu)
    finally:
        os.environ.pop(PLANE_VARIABLE)
        if before is not None:
            os.environ[PLANE_VARIABLE] = before
    python, compiled = (statistics.median(ready_s[plane]) for plane in ready_s)
    cpu_python, cpu_compiled = (statistics.median(cpu_s[plane]) for plane in cpu_s)
    print(
        f"start of a run until events are offered: in Python {python * 1000:.0f} ms, "
        f"compiled {compiled * 1000:.0f} ms: ratio {compiled / python:.2f} (bar {START_BAR}); "
        f"processor time of the workers {cpu_python * 1000:.0f} and {cpu_compiled * 1000:.0f} ms"
    )
    return compiled / python <= START_BAR


def _start_once() -> tuple[float, float]:
    """Seconds until a run offers events, and the processor time of its workers."""
    ready: list[float] = []
    began_s, used_s = time.monotonic(), _children_s()

    async def watch(session: Session) -> None:
        while session.phase in (Phase.IDLE, Phase.OPENING):
            await asyncio.sleep(0.001)
        ready.append(time.monotonic() - began_s)

    run_with(one_handler({"socket_type": "PUSH"}, rate=10, duration_s=0.1), watch)
    return ready[0], _children_s() - used_s


def _children_s() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


PARTS: dict[str, Callable[[], bool]] = {"memory": memory, "start": start}


def main() -> None:
    """Run the parts that the arguments name, or both; exit code 1 if one misses its bar."""
    passed = [PARTS[name]() for name in sys.argv[1:] or PARTS]
    sys.exit(0 if all(passed) else 1)


if __name__ == "__main__":
    main()
