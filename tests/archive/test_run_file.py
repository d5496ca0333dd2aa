from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from bench_app.archive import Archive, LabelledRun
from bench_app.archive.run_file import FORMAT, is_run_file, read_run_file, run_file_bytes
from bench_app.errors import InputError
from tests.archive.runs import a_handler, a_record


def test_a_run_goes_from_one_archive_into_another_with_all_that_belongs_to_it(archive: Archive, tmp_path: Path) -> None:
    run = archive.add(a_record(pub=a_handler(left=40)), name="mine", title="Fan-out", interrupted=True)
    archive.set_note(run, "before the switch")
    archive.set_tags(run, ["night", "tcp"])
    file = tmp_path / "mine.zmqrun"
    file.write_bytes(run_file_bytes(archive.labelled(run)))
    assert is_run_file(file)
    other = Archive(tmp_path / "other.sqlite")
    taken = other.take_in(read_run_file(file))
    assert other.load(taken) == archive.load(run)
    (here,), (there,) = archive.summaries(), other.summaries()
    assert msgspec.structs.replace(there, id=here.id) == here
    assert (there.name, there.note, there.tags) == ("mine", "before the switch", ("night", "tcp"))


@pytest.mark.parametrize("damage", ["cut", "other", "noise"])
def test_a_damaged_file_is_refused_with_its_name(tmp_path: Path, damage: str) -> None:
    whole = run_file_bytes(LabelledRun(record=a_record(), name="mine"))
    file = tmp_path / "run.zmqrun"
    file.write_bytes({"cut": whole[:-9], "other": b"{}", "noise": FORMAT + b"x" * 99}[damage])
    with pytest.raises(InputError, match=r"run\.zmqrun"):
        read_run_file(file)


def test_a_missing_file_is_no_run_file(tmp_path: Path) -> None:
    assert not is_run_file(tmp_path / "none")
    with pytest.raises(InputError, match="cannot be read"):
        read_run_file(tmp_path / "none")
