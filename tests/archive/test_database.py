"""Every failure of the file is a message that names the file, and no change is half written."""

from __future__ import annotations

import os
import sqlite3
import stat
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from bench_app.archive import Archive, database
from bench_app.errors import ArchiveError
from tests.archive.runs import a_record, execute, ids, now, some_settings


def test_many_threads_may_create_and_write_the_file_at_once(tmp_path: Path) -> None:
    failures: list[str] = []
    for attempt in range(10):
        archive = Archive(tmp_path / f"{attempt}.sqlite")
        together = threading.Barrier(6)

        def write(archive: Archive = archive, together: threading.Barrier = together) -> None:
            together.wait()
            try:
                archive.add(a_record())
            except ArchiveError as error:
                failures.append(str(error))

        threads = [threading.Thread(target=write) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(ids(archive)) == 6 - len(failures)
    assert failures == []


def test_a_file_of_a_former_version_gets_the_columns_that_it_lacks(archive: Archive) -> None:
    archive.add(a_record())
    for column in ("note", "least_hwm", "most_hwm", "p50_us", "p99_us", "tags"):
        execute(archive.file, f"ALTER TABLE run DROP COLUMN {column}")
    (summary,) = archive.summaries()
    assert (summary.note, summary.figures.p99_us, summary.complete) == ("", None, True)
    archive.add(a_record())
    assert archive.summaries()[0].figures.p99_us is not None


def every_call(archive: Archive) -> list[Callable[[], object]]:
    return [
        archive.summaries,
        archive.baseline,
        lambda: archive.load(1),
        lambda: archive.add(a_record()),
        lambda: archive.begin(some_settings(), "t", now()),
        lambda: archive.rename(1, "x"),
        lambda: archive.delete([1]),
        lambda: archive.set_baseline(None),
    ]


def test_a_newer_version_is_refused_and_not_changed(archive: Archive) -> None:
    archive.add(a_record())
    execute(archive.file, f"PRAGMA user_version = {database.SCHEMA + 1}")
    before = archive.file.read_bytes()
    for call in every_call(archive):
        with pytest.raises(ArchiveError) as caught:
            call()
        assert str(caught.value) == f"the runs in {archive.file} were written by a newer version of the bench"
    assert archive.file.read_bytes() == before


@pytest.mark.parametrize("damage", ["not a database", "its beginning", "its tables"])
def test_a_damaged_file_is_reported_and_never_overwritten(archive: Archive, damage: str) -> None:
    archive.add(a_record())
    whole = archive.file.read_bytes()
    damaged = {
        "not a database": b"these are my notes\n" * 100,
        "its beginning": b"\xff" * 100 + whole[100:],
        # Page 1 keeps its header with the version, and loses the description of the tables.
        "its tables": whole[:100] + b"\xff" * (len(whole) - 100),
    }[damage]
    archive.file.write_bytes(damaged)
    for call in every_call(archive):
        with pytest.raises(ArchiveError) as caught:
            call()
        assert str(caught.value).startswith(f"{archive.file} is damaged and was not changed")
    assert archive.file.read_bytes() == damaged


def test_a_full_disk_is_reported_and_leaves_no_half_written_change(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = archive.add(a_record())
    connect = sqlite3.connect

    def without_room(*args: Any, **options: Any) -> sqlite3.Connection:
        db = connect(*args, **options)
        db.execute("PRAGMA max_page_count = 1")
        return db

    noise = os.urandom(200_000)
    big = msgspec.structs.replace(a_record(), history={"pub": {"at_s": noise}})
    with monkeypatch.context() as patched:
        patched.setattr(sqlite3, "connect", without_room)
        with pytest.raises(ArchiveError) as caught:
            archive.add(big)
    assert str(caught.value) == f"the disk is full: the runs in {archive.file} are unchanged"
    assert ids(archive) == [run]


def test_a_long_write_by_another_connection_is_reported(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    archive.add(a_record())
    monkeypatch.setattr(database, "BUSY_S", 0.05)
    other = sqlite3.connect(archive.file)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(ArchiveError, match="are in use by another bench"):
        archive.rename(1, "x")
    assert len(archive.summaries()) == 1
    other.rollback()
    other.close()


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may write everywhere")
def test_a_read_only_folder_is_reported(archive: Archive) -> None:
    archive.file.parent.mkdir()
    archive.file.parent.chmod(0o500)
    try:
        with pytest.raises(ArchiveError) as caught:
            archive.add(a_record())
    finally:
        archive.file.parent.chmod(0o700)
    assert str(caught.value) == f"the runs in {archive.file} cannot be written: the file or its folder is not writable"


def test_a_folder_that_cannot_be_created_is_reported(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    archive = Archive(tmp_path / "file" / "runs.sqlite")
    with pytest.raises(ArchiveError, match=r"the runs in .*runs\.sqlite cannot be used: "):
        archive.add(a_record())


def test_a_folder_instead_of_the_file_is_reported(tmp_path: Path) -> None:
    with pytest.raises(ArchiveError, match="cannot be written"):
        Archive(tmp_path).add(a_record())


def modes(archive: Archive) -> dict[str, int]:
    return {file.name: stat.S_IMODE(file.stat().st_mode) for file in archive.file.parent.glob(f"{archive.file.name}*")}


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077])
def test_only_this_user_can_read_the_files(tmp_path: Path, umask: int) -> None:
    before = os.umask(umask)
    try:
        archive = Archive(tmp_path / "runs.sqlite")
        archive.add(a_record())
        with sqlite3.connect(archive.file) as other:
            # While another connection is open, the files of the write-ahead log stay.
            other.execute("SELECT count(*) FROM run").fetchone()
            archive.add(a_record())
            found = modes(archive)
        other.close()
    finally:
        os.umask(before)
    assert set(found) == {"runs.sqlite", "runs.sqlite-wal", "runs.sqlite-shm"}
    assert set(found.values()) == {0o600}


def test_the_files_of_an_older_bench_become_private(tmp_path: Path) -> None:
    archive = Archive(tmp_path / "runs.sqlite")
    archive.add(a_record())
    archive.file.chmod(0o644)
    archive.summaries()
    assert modes(archive)["runs.sqlite"] == 0o600
