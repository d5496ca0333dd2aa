"""The journal of a search: what a crash leaves, and what the same search gets back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bench_app.archive.records import record_of
from bench_app.archive.run_file import read_run_file
from bench_app.errors import BenchError, InputError
from bench_app.lab.journal import Journal, fingerprint, run_file_at, runs_folder
from tests.comparison.results import result
from tests.sweeps.fake_runs import document, finished

INPUTS = {"preset": {"a": 1}}


def kept(file: Path, *entries: tuple[str, bytes]) -> None:
    journal = Journal(file, "find", INPUTS)
    for key, value in entries:
        journal.keep(key, value)
    journal.close()


def test_results_come_back_in_their_order(tmp_path: Path) -> None:
    file = tmp_path / "j"
    kept(file, ("x", b'{"n":1}'), ("y", b"2"), ("x", b'{"n":3}'))
    again = Journal(file, "find", INPUTS)
    assert again.resumed == 3
    assert [again.take("x"), again.take("x"), again.take("x"), again.take("y")] == [b'{"n":1}', b'{"n":3}', None, b"2"]
    again.close()


@pytest.mark.parametrize("cut", [1, 5, 20])
def test_a_line_that_was_cut_by_a_crash_is_left_out(tmp_path: Path, cut: int) -> None:
    file = tmp_path / "j"
    kept(file, ("x", b"1"), ("x", b"2"))
    file.write_bytes(file.read_bytes()[:-cut])
    kept(file, ("x", b"3"))
    again = Journal(file, "find", INPUTS)
    again.close()
    assert [again.take("x"), again.take("x"), again.take("x")] == [b"1", b"3", None]


def test_without_a_file_nothing_is_kept() -> None:
    journal = Journal(None, "find", INPUTS)
    journal.keep("x", b"1")
    assert journal.take("x") is None
    journal.close()


def test_a_file_of_something_else_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "j"
    kept(file, ("x", b"1"))
    with pytest.raises(InputError, match="belongs to “find”"):
        Journal(file, "hwm", INPUTS)
    with pytest.raises(InputError, match="other settings"):
        Journal(file, "find", {"preset": {"a": 2}})
    (tmp_path / "text").write_text("hello")
    with pytest.raises(InputError, match="no file of --resume"):
        Journal(tmp_path / "text", "find", INPUTS)
    with pytest.raises(InputError, match="cannot be used"):
        Journal(tmp_path, "find", INPUTS)
    with pytest.raises(InputError, match="cannot be used"):
        Journal(tmp_path / "no" / "j", "find", INPUTS)


def test_a_file_that_another_command_has_is_refused_and_stays_as_it_is(tmp_path: Path) -> None:
    file = tmp_path / "j"
    first = Journal(file, "find", INPUTS)
    first.keep("x", b"1")
    written = file.read_bytes()
    with pytest.raises(InputError, match="in use by another command"):
        Journal(file, "find", INPUTS)
    assert file.read_bytes() == written
    first.keep("x", b"2")
    first.close()
    again = Journal(file, "find", INPUTS)
    assert again.resumed == 2
    again.close()


def test_a_full_disk_is_told_with_the_file_and_costs_nothing_that_was_kept(tmp_path: Path) -> None:
    file = tmp_path / "j"
    journal = Journal(file, "find", INPUTS)
    journal.keep("x", b"1")
    with largest_file(file.stat().st_size + 10), pytest.raises(BenchError, match="j could not be written: File too"):
        try:
            journal.keep("x", b"2" * 1000)
        finally:
            # The command closes it while the disk is still full.
            journal.close()
    again = Journal(file, "find", INPUTS)
    assert (again.take("x"), again.take("x")) == (b"1", None)
    again.close()


@contextmanager
def largest_file(size: int) -> Iterator[None]:
    """Let no file of this process grow above a size."""
    resource = pytest.importorskip("resource")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_an_empty_file_is_begun(tmp_path: Path) -> None:
    file = tmp_path / "j"
    file.touch()
    kept(file, ("x", b"1"))
    again = Journal(file, "find", INPUTS)
    assert again.take("x") == b"1"
    again.close()


def test_the_order_of_keys_does_not_matter() -> None:
    assert fingerprint({"a": 1, "b": 2}) == fingerprint({"b": 2, "a": 1})
    assert fingerprint({"a": 1}) != fingerprint({"a": 2})


def test_runs_are_kept_with_their_curves_beside_the_journal(tmp_path: Path) -> None:
    file = tmp_path / "j"
    journal = Journal(file, "sweep", INPUTS, keeps_runs=True)
    journal.keep_run("a", ended := finished(document(), result()))
    place = file.stat().st_size
    journal.keep_run("a", ended)
    journal.close()
    assert len(list(runs_folder(file).iterdir())) == 2
    kept_run = read_run_file(run_file_at(file, place))
    assert (kept_run.name, kept_run.record) == ("fake", record_of(ended))
    with file.open("rb") as opened:
        opened.seek(place)
        assert b'"key":"a"' in opened.readline()


def test_without_a_file_no_runs_are_kept(tmp_path: Path) -> None:
    journal = Journal(None, "sweep", INPUTS, keeps_runs=True)
    assert not journal.keeps_runs
    journal.keep_run("a", finished(document(), result()))
    assert list(tmp_path.iterdir()) == []
