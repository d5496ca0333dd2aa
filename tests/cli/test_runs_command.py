from __future__ import annotations

from pathlib import Path

import msgspec

from bench_app.archive import Archive
from tests.archive.runs import a_handler, a_record
from tests.cli.command import bench_inside


def test_kept_runs_are_listed_tagged_exported_imported_and_compared(tmp_path: Path) -> None:
    archive, file = Archive(tmp_path / "runs.sqlite"), tmp_path / "mine.zmqrun"

    def runs(*arguments: str, of: Archive = archive) -> str:
        finished = bench_inside("runs", *arguments, "--archive", str(of.file))
        assert finished.returncode == 0, finished.stderr
        return finished.stdout

    assert "no runs in" in runs()
    first = archive.add(a_record(pub=a_handler(left=40)), name="before")
    more = msgspec.structs.replace(a_handler(left=40), send_timeout=50)
    second = archive.add(a_record(pub=more), name="after")
    runs(str(first), "--set-tags", "night tcp")
    assert "before" in runs("--tag", "night") and "after" not in runs("--tag", "night")
    runs(str(first), "--export", str(file))
    other = Archive(tmp_path / "other.sqlite")
    assert "is now run 1" in runs(str(file), "--import", of=other)
    assert other.summaries()[0].tags == ("night", "tcp")
    page = tmp_path / "page.html"
    assert "A: before and 1 more" in runs(str(file), str(second), "--html", str(page))
    assert "Runs side by side" in page.read_text()


def test_what_is_no_run_is_refused(tmp_path: Path) -> None:
    def message(*arguments: str) -> str:
        finished = bench_inside("runs", *arguments, "--archive", str(tmp_path / "runs.sqlite"))
        assert finished.returncode in (2, 3)
        return finished.stderr

    assert "cannot be read" in message("no.zmqrun")
    assert "the number of a kept run was expected" in message("x", "--set-tags", "a")
    assert "is no longer in" in message("7", "--set-tags", "a")
    assert "--export writes one run" in message("1", "2", "--export", str(tmp_path / "a"))
