"""Runs of the shipped presets that nothing disturbs: none may be ``invalid``. The verdict must not cry wolf.

``python -m benchmarks.healthy_runs [--count N] [--beside N]``: N runs of presets in turn on the quiet machine, then N
runs of one preset beside a program that uses a whole processor. Beside it, a run may be invalid if one of its
percentiles is more than twice that of the quiet machine. On a virtual machine, look at the steal as well: the
hypervisor also disturbs a run.

Each line ends with the longest waits of the bench that could explain more than a tenth of a percentile. The limits of
the verdict, ``ORDINARY_WAITS_NS``, are above those of a healthy machine.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import cycle, islice
from statistics import median

from rich.console import Console

from bench_app.engine.bent_readings import BENT_SHARE, LEAST_SAMPLES_BEYOND, QUANTILES
from bench_app.engine.outcome import measured_latencies
from bench_app.engine.own_waiting import MeasuredLatency
from bench_app.engine.result import RunResult
from bench_app.engine.run_once import run_once
from bench_app.engine.session import Session
from bench_app.measure.clock import NS_PER_MS
from bench_app.preset.documents import Document, replace
from bench_app.preset.documents.shipped_presets import load_shipped, shipped_documents
from benchmarks.freezing import busy_loops
from benchmarks.presets import assert_balanced

COUNT = 20
BESIDE = 10
BESIDE_PRESET = "basic-publisher"
BESIDE_S = 4.0
BUSY_S = 120.0
QUIET_RUNS = 3
MOST_GROWTH = 2.0
"""Up to so many times their quiet value, percentiles say what they say on the quiet machine."""

console = Console(highlight=False, soft_wrap=True)


@dataclass(frozen=True)
class HealthyRun:
    """A run, with what the bench itself can have added to its readings.

    Attributes:
        result: the result.
        waits_ms: for each percentile, the longest wait that could explain more than a tenth of it.
    """

    result: RunResult
    waits_ms: Mapping[str, float]

    def __str__(self) -> str:
        steal = self.result.machine.steal_pct
        waits = ", ".join(f"{name} {wait_ms:.2f}" for name, wait_ms in self.waits_ms.items())
        known = "not known" if steal is None else f"{steal:.1f} %"
        reasons = self.result.reasons if self.is_invalid else []
        return f"{self.result.verdict}, steal {known}, waits in ms: {waits}" + "".join(f"\n  {one}" for one in reasons)

    @property
    def is_invalid(self) -> bool:
        """Whether the verdict is ``invalid``."""
        return self.result.verdict == "invalid"

    @property
    def readings(self) -> list[float]:
        """p50, p90 and p99 of all latencies of all listeners in us."""
        listeners = [one for handler in self.result.handlers.values() for one in handler.listeners.values()]
        latencies = [latency for one in listeners for latency in (one.service_us, one.response_us) if latency]
        return [value for one in latencies for value in (one.p50, one.p90, one.p99)]


def run(document: Document) -> HealthyRun:
    """Run a preset to its end."""
    session = Session(document)
    result = asyncio.run(run_once(session)).result
    assert_balanced(result)
    latencies = measured_latencies(session)
    return HealthyRun(result, {name: _longest_wait_ms(latencies, percent) for name, percent in QUANTILES.items()})


def _longest_wait_ms(latencies: Iterable[MeasuredLatency], percent: float) -> float:
    waits = [latency.own_ns(percent) for latency in latencies if _is_explained(latency, percent)]
    return max(waits, default=0) / NS_PER_MS


def _is_explained(latency: MeasuredLatency, percent: float) -> bool:
    beyond = latency.histogram.count * (1 - percent / 100)
    is_enough = percent == 100 or beyond >= LEAST_SAMPLES_BEYOND
    return is_enough and latency.own_ns(percent) > BENT_SHARE * latency.at_ns(percent)


def quiet_runs(count: int) -> bool:
    """Whether none of ``count`` runs of the shipped presets in turn is invalid. Demos last too long."""
    presets = [one for one in shipped_documents() if not one.preset.bench.timeline]
    invalid = 0
    for document in islice(cycle(presets), count):
        made = run(document)
        invalid += made.is_invalid
        console.print(f"{document.name}: {made}")
    console.print(f"{count - invalid} of {count} runs on the quiet machine are not invalid")
    return not invalid


def runs_beside_a_program(count: int) -> bool:
    """Whether no run beside a busy program is invalid whose percentiles are at most twice those of quiet runs."""
    document = replace(load_shipped(BESIDE_PRESET), "bench.duration_s", BESIDE_S)
    quiet = [median(values) for values in zip(*(run(document).readings for _ in range(QUIET_RUNS)), strict=True)]
    wrong = 0
    with busy_loops(1, BUSY_S):
        for _ in range(count):
            made = run(document)
            growth = max(value / usual for value, usual in zip(made.readings, quiet, strict=True))
            wrong += made.is_invalid and growth <= MOST_GROWTH
            console.print(f"beside a program: percentiles up to {growth:.1f} times, {made}")
    console.print(f"{count - wrong} of {count} runs beside a busy program have the right verdict")
    return not wrong


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=COUNT)
    parser.add_argument("--beside", type=int, default=BESIDE)
    arguments = parser.parse_args()
    holds = [quiet_runs(arguments.count), runs_beside_a_program(arguments.beside)]
    sys.exit(not all(holds))


if __name__ == "__main__":
    main()
