"""The kept runs of two settings: archive -> **kept groups** -> comparison. Blocks, so call it in a thread."""

from __future__ import annotations

from typing import Any

from bench_app.archive import Archive
from bench_app.comparison.compare_runs import compare_runs
from bench_app.comparison.comparison import Comparison
from bench_app.engine.result import RunResult
from bench_app.errors import BenchError, InputError

FEWEST = 2


def compare_kept(archive: Archive, baseline: dict[str, Any], current: dict[str, Any]) -> Comparison:
    """Compare all complete kept runs with the preset ``baseline`` with all that have the preset ``current``.

    Raises InputError if there are too few of them.
    """
    groups: tuple[list[RunResult], list[RunResult]] = ([], [])
    for summary in archive.summaries():
        if not summary.complete or summary.interrupted:
            continue
        try:
            preset = archive.settings(summary.id).preset
            for group, wanted in zip(groups, (baseline, current), strict=True):
                if preset == wanted:
                    group.append(archive.load(summary.id).result)
        except BenchError:
            continue
    if baseline == current:
        raise InputError("The open preset has the settings of the baseline: change one, and run it several times.")
    few = [
        f"{len(group):,} with {name}"
        for group, name in zip(groups, ("the settings of the baseline", "the open preset"), strict=True)
        if len(group) < FEWEST
    ]
    if few:
        raise InputError(f"Too few kept runs: {', '.join(few)}. An interval needs several of each.")
    return compare_runs(*groups)[0]
