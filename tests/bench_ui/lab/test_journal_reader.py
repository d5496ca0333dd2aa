"""The window follows a journal while a command writes it."""

from __future__ import annotations

from pathlib import Path

from bench_ui.lab.journal_reader import JournalEntry, JournalReader, count_entries, entry_at

from tests.bench_ui.lab.entries import entries, key, run, work_of


def test_each_entry_comes_once_and_only_when_its_line_is_whole(tmp_path: Path) -> None:
    work = work_of(tmp_path, results={key(10, 100): run(1.0), key(10, 200): run(2.0)})
    whole = work.journal.read_bytes()
    found: list[JournalEntry] = []
    work.journal.write_bytes(whole[:-5])
    reader = JournalReader(work.journal)
    assert not reader.read(60.0, found.append)
    assert [entry.key for entry in found] == [key(10, 100)]
    work.journal.write_bytes(whole)
    reader.read(60.0, found.append)
    reader.read(60.0, found.append)
    assert [entry.key for entry in found] == [key(10, 100), key(10, 200)]
    assert found[1].run == run(2.0)
    assert count_entries(work.journal) == 2


def test_a_long_journal_is_read_in_parts_of_limited_time(tmp_path: Path) -> None:
    work = work_of(tmp_path, results={key(10, rate): run() for rate in range(5)})
    times = iter(range(100))
    reader = JournalReader(work.journal, clock=lambda: float(next(times)))
    found: list[JournalEntry] = []
    assert reader.read(2.5, found.append)
    assert 0 < len(found) < 5
    while reader.read(2.5, found.append):
        pass
    assert len(found) == 5


def test_an_entry_is_read_again_by_its_place(tmp_path: Path) -> None:
    work = work_of(tmp_path, results={key(10, 100): run(1.0), key(10, 200): run(2.0)})
    last = entries(work)[-1]
    assert entry_at(work.journal, last.place) == last


def test_a_journal_that_does_not_exist_has_no_entries(tmp_path: Path) -> None:
    assert not JournalReader(tmp_path / "none").read(1.0, lambda entry: None)
    assert count_entries(tmp_path / "none") == 0
