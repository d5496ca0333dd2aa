"""Each work has its files; the same question finds those of a work that was not finished."""

from __future__ import annotations

from pathlib import Path

import pytest
from bench_ui.lab.question import Question
from bench_ui.lab.work_folder import WorkFolder

from bench_app.errors import BenchError
from bench_app.preset import documents
from tests.bench_ui.lab.entries import SWEEP, document


def test_the_same_question_goes_on_until_it_has_a_result(tmp_path: Path) -> None:
    works = WorkFolder(tmp_path / "lab")
    work = works.prepare(document(), SWEEP)
    assert documents.load(work.preset_file).preset == document().preset
    work.journal.write_text("title\n")
    assert works.prepare(document(), SWEEP) == work and work.journal.exists()
    work.result.write_text("{}")
    assert work.is_finished
    again = works.prepare(document(), SWEEP)
    assert again.folder == work.folder and not again.is_finished and not again.journal.exists()


def test_another_preset_or_question_is_another_work(tmp_path: Path) -> None:
    works = WorkFolder(tmp_path)
    first = works.prepare(document(), SWEEP)
    other = works.prepare(document(), Question("sweep", [*SWEEP.options, "--seed", "2"]))
    changed = works.prepare(documents.replace(document(), "bench.duration_s", 7), SWEEP)
    assert len({first.folder, other.folder, changed.folder}) == 3
    assert {work.folder for work in works.all()} == {first.folder, other.folder, changed.folder}
    works.delete(first)
    assert len(works.all()) == 2


def test_a_folder_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    (tmp_path / "lab").write_text("a file")
    works = WorkFolder(tmp_path / "lab")
    assert works.all() == []
    with pytest.raises(BenchError, match="lab"):
        works.prepare(document(), SWEEP)
