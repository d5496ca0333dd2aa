"""The bench beside plain libzmq in C: ``python -m benchmarks.against_libzmq [--pairs N] [--seconds S] [PART ...]``.

Both are measured in turns on the same libzmq, and the medians are compared. The exit code is 1 if a bar is missed.
Run nothing else meanwhile. With ``ZMQ_BENCH_PLANE=python`` in the environment the loops of the bench run in Python.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Sequence

from rich.console import Console

from bench_app.engine.running_conditions import machine_of
from bench_app.system.machine_usage import machine_usage
from bench_app.system.scheduling_groups import leave_shared_session
from benchmarks import bench_runs
from benchmarks.libzmq_bars import PARTS, Sides
from benchmarks.plain_libzmq import NoPlainLibzmqError, PlainLibzmq, build
from benchmarks.side_by_side import measure, print_table

PAIRS = 5
SECONDS = 3.0
TABLE_WIDTH = 150
"""A pipe has no width, and a table that is cut off there would tell nothing."""

console = Console(highlight=False, markup=False, soft_wrap=True, width=max(Console().width, TABLE_WIDTH))


def compare(parts: Sequence[str], pairs: int = PAIRS, seconds: float = SECONDS) -> bool:
    """Measure and print the named parts; whether all bars are met.

    Where the C program cannot be built, this is printed in one sentence, and no bar is missed.
    """
    try:
        plain = build()
        _print_conditions(plain, pairs, seconds)
        met = [_compare_part(part, Sides(plain, seconds), pairs) for part in parts]
        return all(met)
    except NoPlainLibzmqError as error:
        console.print(f"not compared with libzmq in C: {error}")
        return True


def _compare_part(part: str, sides: Sides, pairs: int) -> bool:
    columns, comparisons_of = PARTS[part]
    usage_before, began_s = machine_usage(), time.monotonic()
    outcomes = []
    for comparison in comparisons_of(sides):
        console.print(f"  measuring: {comparison.bars[0].title}")
        outcomes.append(measure(comparison, pairs))
    print_table(console, f"\n{part}, medians of {pairs} (lowest - highest)", columns, outcomes)
    machine = machine_of(usage_before, machine_usage(), time.monotonic() - began_s)
    if machine.steal_pct is not None:
        console.print(f"taken by the hypervisor meanwhile: {machine.steal_pct} % of the processor time\n")
    return all(outcome.is_met(bar) for outcome in outcomes for bar in outcome.comparison.bars)


def _print_conditions(plain: PlainLibzmq, pairs: int, seconds: float) -> None:
    console.print(f"C: libzmq {plain.version}, {plain.library}")
    machine = bench_runs.machine()
    console.print(f"bench: libzmq {machine.libzmq}, {machine.libzmq_path}; loops: {machine.data_plane or 'python'}")
    console.print(f"pyzmq {machine.pyzmq}, Python {machine.python}")
    load = ", ".join(f"{one:.2f}" for one in os.getloadavg())
    console.print(f"{pairs} pairs of runs of {seconds:g} s, in turns; {machine.cpus} processors, load before: {load}")


def main() -> None:
    """Compare the parts that the arguments name, or all."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.against_libzmq")
    parser.add_argument("parts", nargs="*", metavar="PART", help=", ".join(PARTS))
    parser.add_argument("--pairs", type=int, default=PAIRS, help="runs of each side (default: %(default)s)")
    parser.add_argument("--seconds", type=float, default=SECONDS, help="length of a run (default: %(default)s)")
    arguments = parser.parse_args()
    if unknown := [name for name in arguments.parts if name not in PARTS]:
        parser.error(f"no part {', '.join(unknown)}; parts: {', '.join(PARTS)}")
    # The window does the same at its start, so that both run under the same scheduling.
    leave_shared_session()
    sys.exit(0 if compare(arguments.parts or list(PARTS), arguments.pairs, arguments.seconds) else 1)


if __name__ == "__main__":
    main()
