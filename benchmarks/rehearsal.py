"""Rehearses the demos that ship: each step comes as soon as its conditions hold, so each caption is true when it comes.

``python -m benchmarks.rehearsal [--count N] [--speed N] [DEMO...]``. ``make rehearsal`` does so once for all demos.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import time

from bench_app.engine.result import RunResult
from bench_app.engine.run_once import run_once
from bench_app.engine.session import Session
from bench_app.preset.demos import load_demo, shipped_demos, short_name
from bench_app.preset.documents import Document

AT_ONCE = 1000.0
"""The speed at which only conditions hold a step back."""


def rehearse(document: Document, speed: float = AT_ONCE) -> RunResult:
    """Run a demo to its end."""
    return asyncio.run(run_once(Session(document, speed=speed))).result


def problems_of(document: Document, result: RunResult) -> list[str]:
    """What did not come as the demo tells it."""
    steps = result.timeline if isinstance(result.timeline, list) else []
    found = [
        f"step {one.step} did not come: {'; '.join(f'{check.check} (is {check.value})' for check in one.checks)}"
        for one in steps
        if one.at_s is None
    ]
    found += [
        f"step {one.step}: {check.check} is false"
        for one in steps
        if one.at_s is not None
        for check in one.checks
        if not check.passed
    ]
    if len(steps) != len(document.preset.bench.timeline):
        found.append(f"{len(steps)} of {len(document.preset.bench.timeline)} steps are in the result")
    if not result.balanced:
        found.append("the ledger does not balance")
    return found + [f"check failed: {check.check} (is {check.value})" for check in result.checks if not check.passed]


def main() -> int:
    """Rehearse, print a line for each demo, and return 1 if a step of one did not come."""
    parser = argparse.ArgumentParser(description="Rehearse the demos that ship.")
    parser.add_argument("demos", nargs="*", metavar="DEMO")
    parser.add_argument("--count", type=int, default=1, help="how often each demo is rehearsed")
    parser.add_argument("--speed", type=float, default=AT_ONCE, help="1: as an audience sees it")
    parser.add_argument("--captions", action="store_true", help="print the captions")
    options = parser.parse_args()
    documents = [load_demo(name) for name in options.demos] or shipped_demos()
    failed = 0
    for document in documents:
        for number in range(1, options.count + 1):
            began = time.monotonic()
            result = rehearse(document, options.speed)
            problems = problems_of(document, result)
            failed += bool(problems)
            late = [one.late_ms for one in result.timeline or [] if one.late_ms is not None]
            print(
                f"{short_name(document):14} {number:3} of {options.count}  {time.monotonic() - began:6.1f} s  "
                f"latest step {max(late, default=0):6.1f} ms  {'; '.join(problems) or 'good'}",
                flush=True,
            )
            if options.captions:
                for one in result.timeline or []:
                    print(f"    {'-' if one.at_s is None else f'{one.at_s:7.2f}'}  {one.caption}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
