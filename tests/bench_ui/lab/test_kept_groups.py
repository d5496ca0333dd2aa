"""The kept runs of the baseline and of the open preset."""

from __future__ import annotations

from pathlib import Path

import pytest
from bench_ui.lab.kept_groups import compare_kept

from bench_app.archive import Archive, RunRecord, Settings
from bench_app.engine.result import Outcome
from bench_app.errors import InputError
from tests.bench_ui.lab.entries import P50, run

BASE, CHANGED = {"a": 1}, {"a": 2}


def archive_of(folder: Path, base: int, changed: int) -> Archive:
    archive = Archive(folder / "runs.sqlite")
    for preset, count, p50_ms in ((BASE, base, 1.0), (CHANGED, changed, 2.0)):
        settings = Settings(preset=preset, preset_name="p", base_dir="")
        for number in range(count):
            archive.add(RunRecord(settings=settings, result=run(p50_ms + number / 100), outcome=Outcome.PASS))
    return archive


def test_runs_of_the_same_settings_are_a_group(tmp_path: Path) -> None:
    comparison = compare_kept(archive_of(tmp_path, 8, 8), BASE, CHANGED)
    assert (comparison.runs_a, comparison.runs_b, comparison.paired) == (8, 8, False)
    assert comparison.metrics[P50].shown and comparison.metrics[P50].low is not None


def test_too_few_runs_are_named(tmp_path: Path) -> None:
    archive = archive_of(tmp_path, 3, 1)
    with pytest.raises(InputError, match="1 with the open preset"):
        compare_kept(archive, BASE, CHANGED)
    with pytest.raises(InputError, match="has the settings of the baseline"):
        compare_kept(archive, BASE, BASE)
