"""Runs of the shipped presets that nothing disturbs: none may be ``invalid``. The verdict must not cry wolf.

``python -m benchmarks.healthy_runs [--count N] [--beside N]``: N runs of presets in turn on the quiet machine, then N
runs of one preset beside a program that uses a whole processor. Beside it, a run may be invalid if its percentiles are
more than twice those of the quiet machine. On a virtual machine, look at the steal as well: the hypervisor also
disturbs a run.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from itertools import cycle, islice

from rich.console import Console

from bench_app.engine.result import RunResult
from bench_app.engine.run_once import run_once
from bench_app.engine.session import Session
from bench_app.preset.documents import Document, replace
from bench_app.preset.documents.shipped_presets import load_shipped, shipped_documents
from benchmarks.freezing import busy_loops
from benchmarks.presets import assert_balanced

COUNT = 20
BESIDE = 10
BESIDE_PRESET = "basic-publisher"
BESIDE_S = 4.0
BUSY_S = 120.0
MOST_GROWTH = 2.0
"""Up to so many times their quiet value, percentiles say what they say on the quiet machine."""

console = Console(highlight=False, soft_wrap=True)


def run(document: Document) -> RunResult:
    """Run a preset to its end."""
    result = asyncio.run(run_once(Session(document))).result
    assert_balanced(result)
    return result


def p99_ms(result: RunResult) -> float:
    """The highest service p99 of all listeners."""
    listeners = [one for handler in result.handlers.values() for one in handler.listeners.values()]
    return max((one.service_us.p99 for one in listeners if one.service_us), default=0.0) / 1000


def quiet_runs(count: int) -> bool:
    """Whether none of ``count`` runs of the shipped presets in turn is invalid. Demos last too long."""
    presets = [one for one in shipped_documents() if not one.preset.bench.timeline]
    invalid = 0
    for document in islice(cycle(presets), count):
        result = run(document)
        invalid += result.verdict == "invalid"
        console.print(f"{document.name}: {result.verdict}, steal {_steal(result)}{_reasons(result)}")
    console.print(f"{count - invalid} of {count} runs on the quiet machine are not invalid")
    return not invalid


def runs_beside_a_program(count: int) -> bool:
    """Whether no run beside a busy program is invalid whose p99 is at most twice that of the quiet machine."""
    document = replace(load_shipped(BESIDE_PRESET), "bench.duration_s", BESIDE_S)
    quiet_ms = p99_ms(run(document))
    wrong = 0
    with busy_loops(1, BUSY_S):
        for _ in range(count):
            result = run(document)
            growth = p99_ms(result) / quiet_ms
            wrong += result.verdict == "invalid" and growth <= MOST_GROWTH
            console.print(
                f"beside a program: {result.verdict}, p99 {growth:.1f} times, steal {_steal(result)}{_reasons(result)}"
            )
    console.print(f"{count - wrong} of {count} runs beside a busy program have the right verdict")
    return not wrong


def _steal(result: RunResult) -> str:
    return "not known" if result.machine.steal_pct is None else f"{result.machine.steal_pct:.1f} %"


def _reasons(result: RunResult) -> str:
    return "".join(f"\n  {reason}" for reason in result.reasons) if result.verdict == "invalid" else ""


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
