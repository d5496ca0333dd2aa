"""The archive of runs: adds a run when it begins, adds its record when it ends, and returns summaries and records.

Every method blocks, so call it in a thread. A run is written when it begins: if the bench crashes, the run stays in the
list with its settings.
"""

from __future__ import annotations

import os
import sqlite3
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from bench_app.archive.database import errors_as_messages, open_database
from bench_app.archive.key_figures import KeyFigures, key_figures
from bench_app.archive.process_age import is_still_there
from bench_app.archive.records import LabelledRun, RunRecord, RunSummary, Settings
from bench_app.archive.stored_record import StoredRecord
from bench_app.archive.tags import format_tags, tags_of
from bench_app.archive.unpacking import unpack
from bench_app.engine.events import RunEvent
from bench_app.engine.result import Outcome, RunResult
from bench_app.errors import ArchiveError

RUNNING = "running"
"""The verdict of what has not ended."""
KEPT_RUNS = 500
"""The most runs that are kept. When a run begins, the oldest runs above this number are deleted."""
MAX_RECORD_BYTES = 1024 * 1024 * 1024
"""The most memory that a record of the file may take when it is read."""

_S = TypeVar("_S", bound=msgspec.Struct)

_COLUMNS = (
    "id",
    "name",
    "preset",
    "title",
    "started_at",
    "duration_s",
    "verdict",
    "balanced",
    "interrupted",
    "offered",
    "received",
    "dropped",
    "pid",
    "is_baseline",
    "settings",
    "record",
    "note",
    "least_hwm",
    "most_hwm",
    "p50_us",
    "p99_us",
    "tags",
    "work",
)
_ALL_COLUMNS = ", ".join(_COLUMNS)
_IS_BASELINE = _COLUMNS.index("is_baseline")


class Archive:
    """All kept runs. Every method may raise :class:`ArchiveError`; each change is one transaction.

    Make only one archive of a file in a process, because only this object knows the runs of the process under way.

    Attributes:
        file: the SQLite file, which need not exist.
    """

    def __init__(self, file: Path) -> None:
        self.file = file
        self._under_way: set[int] = set()
        """The ids of the runs that this process began and has not ended."""

    def begin(self, settings: Settings, title: str, started_at: str) -> int:
        """Add a run that begins. Returns the id of the run for :meth:`finish`."""
        with open_database(self.file, writing=True) as db:
            run = self._begin(db, settings, settings.preset_name, title, started_at)
        self._under_way.add(run)
        return run

    def finish(self, run: int, record: RunRecord, interrupted: bool) -> None:
        """Add the record of a run that :meth:`begin` added."""
        # First, because the run has ended even if its record cannot be written.
        self.give_up(run)
        with open_database(self.file, writing=True) as db:
            self._finish(db, run, record, interrupted)

    def give_up(self, run: int) -> None:
        """End a run without a record. Its settings stay in the archive."""
        self._under_way.discard(run)

    def add(self, record: RunRecord, *, name: str = "", title: str = "", interrupted: bool = False) -> int:
        """Add a run that has ended. Returns its id. Without a ``name`` the run gets the name of its preset."""
        name = name or record.settings.preset_name
        with open_database(self.file, writing=True) as db:
            run = self._begin(db, record.settings, name, title, record.result.started_at)
            self._finish(db, run, record, interrupted)
            return run

    def take_in(self, run: LabelledRun) -> int:
        """Add a run from elsewhere with its name, note and tags. Returns its id."""
        with open_database(self.file, writing=True) as db:
            number = self._begin(db, run.record.settings, run.name, run.title, run.record.result.started_at)
            self._finish(db, number, run.record, run.interrupted)
            labels = (run.note, format_tags(run.tags), number)
            db.execute("UPDATE run SET note = ?, tags = ? WHERE id = ?", labels)
            return number

    def put_work(self, work: str, settings: Settings, name: str, started_at: str, state: str) -> int:
        """Add a work of the lab to the list, or change its state. Returns the id of its line.

        The line has a name, a note and tags like that of a run, and no record: ``work`` names what the lab keeps of it.
        """
        with open_database(self.file, writing=True) as db:
            row = db.execute("SELECT id FROM run WHERE work = ?", (work,)).fetchone()
            number = int(row[0]) if row else self._begin(db, settings, name, "", started_at)
            now = (work, state, started_at, os.getpid(), number)
            db.execute("UPDATE run SET work = ?, verdict = ?, started_at = ?, pid = ? WHERE id = ?", now)
        if state == RUNNING:
            self._under_way.add(number)
        else:
            self.give_up(number)
        return number

    def labelled(self, run: int) -> LabelledRun:
        """Return a run that has ended with its name, note and tags."""
        record = self.load(run)
        summary = next((one for one in self.summaries() if one.id == run), None)
        if summary is None:
            raise self._run_is_gone(run)
        return LabelledRun(
            record=record,
            name=summary.name,
            title=summary.title,
            interrupted=summary.interrupted,
            note=summary.note,
            tags=summary.tags,
        )

    def summaries(self) -> list[RunSummary]:
        """Return the summaries of all runs, the newest first."""
        with errors_as_messages(self.file):
            if not self.file.exists():
                return []
        with open_database(self.file) as db:
            db.row_factory = sqlite3.Row
            rows = db.execute(
                "SELECT id, name, preset, title, started_at, duration_s, verdict, balanced, interrupted, offered, "
                "received, dropped, is_baseline, record IS NOT NULL AS complete, pid, note, least_hwm, most_hwm, "
                "p50_us, p99_us, tags, work FROM run ORDER BY id DESC"
            ).fetchall()
        return [self._summary(row) for row in rows]

    def settings(self, run: int) -> Settings:
        """Return the settings of a run. Every run has settings, even without a record."""
        with open_database(self.file) as db:
            blob = self._blob(db, run, "settings")
        with self._damage_as_error(run):
            return _unpacked(blob, Settings)

    def load(self, run: int) -> RunRecord:
        """Return the record of a run that has ended."""
        with open_database(self.file) as db:
            blob = self._blob(db, run, "record")
            (listed,) = db.execute("SELECT verdict FROM run WHERE id = ?", (run,)).fetchone()
        with self._damage_as_error(run):
            return _unpacked(blob, StoredRecord).as_record(Outcome(listed))

    def add_event(self, run: int, event: RunEvent) -> None:
        """Add an event to the record of a run that has ended, at its place in time: a note of the user."""
        with open_database(self.file, writing=True) as db:
            blob = self._blob(db, run, "record")
            with self._damage_as_error(run):
                stored = _unpacked(blob, StoredRecord)
            events = sorted((*stored.events, event), key=lambda one: one.at_s)
            record = msgspec.structs.replace(stored, events=tuple(events))
            db.execute("UPDATE run SET record = ? WHERE id = ?", (_pack(record), run))

    def replace_result(self, run: int, result: RunResult) -> None:
        """Replace the result of a run that has ended, such as by one that a consumer's file completes."""
        with open_database(self.file, writing=True) as db:
            blob = self._blob(db, run, "record")
            listed, interrupted = db.execute("SELECT verdict, interrupted FROM run WHERE id = ?", (run,)).fetchone()
            with self._damage_as_error(run):
                record = _unpacked(blob, StoredRecord).as_record(Outcome(listed))
            self._finish(db, run, msgspec.structs.replace(record, result=result), bool(interrupted))

    def rename(self, run: int, name: str) -> None:
        """Rename a run."""
        with open_database(self.file, writing=True) as db:
            if not db.execute("UPDATE run SET name = ? WHERE id = ?", (name, run)).rowcount:
                raise self._run_is_gone(run)

    def set_note(self, run: int, note: str) -> None:
        """Replace what the user wrote about a run."""
        with open_database(self.file, writing=True) as db:
            if not db.execute("UPDATE run SET note = ? WHERE id = ?", (note, run)).rowcount:
                raise self._run_is_gone(run)

    def set_tags(self, run: int, tags: Sequence[str]) -> None:
        """Replace the tags of a run."""
        with open_database(self.file, writing=True) as db:
            if not db.execute("UPDATE run SET tags = ? WHERE id = ?", (format_tags(tags), run)).rowcount:
                raise self._run_is_gone(run)

    def delete(self, runs: Sequence[int]) -> list[tuple[Any, ...]]:
        """Delete runs; returns rows for :meth:`undelete`."""
        marks = ", ".join("?" for _ in runs)
        with open_database(self.file, writing=True) as db:
            open_runs = db.execute(
                f"SELECT id, pid, started_at FROM run WHERE record IS NULL AND id IN ({marks})", tuple(runs)
            ).fetchall()
            if any(self._is_under_way(int(run), int(pid), str(started_at)) for run, pid, started_at in open_runs):
                raise ArchiveError("a run that has not ended yet cannot be deleted; nothing was deleted")
            gone = db.execute(f"SELECT {_ALL_COLUMNS} FROM run WHERE id IN ({marks})", tuple(runs)).fetchall()
            db.execute(f"DELETE FROM run WHERE id IN ({marks})", tuple(runs))
        return gone

    def undelete(self, rows: Sequence[tuple[Any, ...]]) -> None:
        """Bring deleted runs back, with their ids. If another baseline was chosen since, it stays the only baseline."""
        marks = ", ".join("?" for _ in _COLUMNS)
        with open_database(self.file, writing=True) as db:
            if db.execute("SELECT 1 FROM run WHERE is_baseline").fetchone():
                rows = [(*row[:_IS_BASELINE], 0, *row[_IS_BASELINE + 1 :]) for row in rows]
            db.executemany(f"INSERT OR IGNORE INTO run ({_ALL_COLUMNS}) VALUES ({marks})", rows)

    def set_baseline(self, run: int | None) -> None:
        """Make a run with a record the baseline. With None, no run is the baseline."""
        with open_database(self.file, writing=True) as db:
            if run is not None:
                self._blob(db, run, "record")
            db.execute("UPDATE run SET is_baseline = (id IS ?)", (run,))

    def baseline(self) -> int | None:
        """Return the id of the baseline, the run with which others are compared; None without a baseline."""
        return next((summary.id for summary in self.summaries() if summary.is_baseline), None)

    def _begin(self, db: sqlite3.Connection, settings: Settings, name: str, title: str, started_at: str) -> int:
        row = (name, settings.preset_name, title, started_at, os.getpid(), _pack(settings))
        cursor = db.execute(
            "INSERT INTO run (name, preset, title, started_at, verdict, pid, settings) "
            "VALUES (?, ?, ?, ?, 'running', ?, ?)",
            row,
        )
        # The baseline is never deleted, and counts as one of the kept runs.
        db.execute(
            "DELETE FROM run WHERE id NOT IN (SELECT id FROM run ORDER BY is_baseline DESC, id DESC LIMIT ?)",
            (KEPT_RUNS,),
        )
        return int(cursor.lastrowid or 0)

    def _finish(self, db: sqlite3.Connection, run: int, record: RunRecord, interrupted: bool) -> None:
        result = record.result
        handlers = result.handlers.values()
        figures = key_figures(record.settings.preset, result)
        row = (
            result.duration_s,
            record.outcome,
            result.balanced,
            interrupted,
            sum(handler.offered for handler in handlers),
            sum(handler.received for handler in handlers),
            sum(handler.dropped for handler in handlers),
            _pack(StoredRecord.of(record)),
            figures.least_hwm,
            figures.most_hwm,
            figures.p50_us,
            figures.p99_us,
            run,
        )
        cursor = db.execute(
            "UPDATE run SET duration_s = ?, verdict = ?, balanced = ?, interrupted = ?, offered = ?, received = ?, "
            "dropped = ?, record = ?, least_hwm = ?, most_hwm = ?, p50_us = ?, p99_us = ? WHERE id = ?",
            row,
        )
        if not cursor.rowcount:
            raise self._run_is_gone(run)

    def _summary(self, row: sqlite3.Row) -> RunSummary:
        verdict, complete = str(row["verdict"]), bool(row["complete"])
        begun = (int(row["id"]), int(row["pid"]), str(row["started_at"]))
        if not complete and verdict == RUNNING and not self._is_under_way(*begun):
            verdict = "interrupted"
        return RunSummary(
            id=row["id"],
            name=row["name"],
            preset=row["preset"],
            title=row["title"],
            started_at=row["started_at"],
            duration_s=row["duration_s"],
            verdict=verdict,
            balanced=bool(row["balanced"]),
            interrupted=bool(row["interrupted"]) or verdict == "interrupted",
            offered=row["offered"],
            received=row["received"],
            dropped=row["dropped"],
            is_baseline=bool(row["is_baseline"]),
            complete=complete,
            note=row["note"],
            tags=tags_of(row["tags"]),
            figures=KeyFigures(
                least_hwm=row["least_hwm"], most_hwm=row["most_hwm"], p50_us=row["p50_us"], p99_us=row["p99_us"]
            ),
            work=row["work"],
        )

    def _is_under_way(self, run: int, pid: int, started_at: str) -> bool:
        """Whether a run without a record has not ended yet."""
        if pid == os.getpid():
            return run in self._under_way
        return is_still_there(pid, started_at)

    def _run_is_gone(self, run: int) -> ArchiveError:
        return ArchiveError(f"run {run} is no longer in {self.file}")

    def _blob(self, db: sqlite3.Connection, run: int, column: str) -> bytes:
        row = db.execute(f"SELECT {column}, pid, started_at, work FROM run WHERE id = ?", (run,)).fetchone()
        if row is None:
            raise self._run_is_gone(run)
        if row[0] is None and row[3]:
            raise ArchiveError("this is a work of the lab, not a run: open it, and choose one of its runs")
        if row[0] is None and self._is_under_way(run, int(row[1]), str(row[2])):
            raise ArchiveError("this run has not ended yet")
        if row[0] is None:
            raise ArchiveError("the bench ended during this run; only the settings of the run were kept")
        return bytes(row[0])

    @contextmanager
    def _damage_as_error(self, run: int) -> Iterator[None]:
        try:
            yield
        except (zlib.error, msgspec.MsgspecError, ValueError, RecursionError) as error:
            raise ArchiveError(f"run {run} in {self.file} is damaged: {error}") from error


def _pack(record: msgspec.Struct) -> bytes:
    return zlib.compress(msgspec.msgpack.encode(record), 6)


def _unpacked(blob: bytes, kind: type[_S]) -> _S:
    unzip = zlib.decompressobj()
    data = unzip.decompress(blob, MAX_RECORD_BYTES)
    if not unzip.eof:
        raise ValueError(f"it is cut off, or longer than {MAX_RECORD_BYTES:,} bytes")
    return unpack(data, kind)
