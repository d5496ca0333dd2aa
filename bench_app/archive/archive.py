"""The archive: runs in, summaries and records out.

Everything blocks: call it in a thread. A run is written down when it begins. When the bench crashes, the run stays in
the list with the settings it ran with.
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
from bench_app.archive.process_age import is_still_there
from bench_app.archive.records import RunRecord, RunSummary, Settings
from bench_app.archive.stored_record import StoredRecord
from bench_app.engine.result import Outcome
from bench_app.errors import ArchiveError

KEPT_RUNS = 500

_S = TypeVar("_S", bound=msgspec.Struct)

_COLUMNS = (
    "name, preset, title, started_at, duration_s, verdict, balanced, interrupted, offered, received, dropped, pid, "
    "is_baseline, settings, record"
)
_IS_BASELINE = 1 + _COLUMNS.split(", ").index("is_baseline")


class Archive:
    """All kept runs. Every method may raise :class:`ArchiveError`; each change is one transaction.

    ``file`` is the SQLite file; it need not exist. ``_under_way`` has the runs that this archive has begun and not
    ended: make one archive of a file in a process.
    """

    def __init__(self, file: Path) -> None:
        self.file = file
        self._under_way: set[int] = set()

    def begin(self, settings: Settings, title: str, started_at: str) -> int:
        """Write down that a run begins; returns its id for :meth:`finish`."""
        with open_database(self.file, writing=True) as db:
            run = self._begin(db, settings, settings.preset_name, title, started_at)
        self._under_way.add(run)
        return run

    def finish(self, run: int, record: RunRecord, interrupted: bool) -> None:
        """Keep the whole run in the place that :meth:`begin` made for it."""
        # Whether it can be kept or not, it is over.
        self.give_up(run)
        with open_database(self.file, writing=True) as db:
            self._finish(db, run, record, interrupted)

    def give_up(self, run: int) -> None:
        """A run of this process has ended, and there will be nothing to keep of it; its settings stay."""
        self._under_way.discard(run)

    def add(self, record: RunRecord, *, name: str = "", title: str = "", interrupted: bool = False) -> int:
        """Keep a run that is over already; returns its id. ``name`` is that of the preset where none is given."""
        name = name or record.settings.preset_name
        with open_database(self.file, writing=True) as db:
            run = self._begin(db, record.settings, name, title, record.result.started_at)
            self._finish(db, run, record, interrupted)
            return run

    def summaries(self) -> list[RunSummary]:
        """All runs, the newest first."""
        with errors_as_messages(self.file):
            if not self.file.exists():
                return []
        with open_database(self.file) as db:
            rows = db.execute(
                "SELECT id, name, preset, title, started_at, duration_s, verdict, balanced, interrupted, offered, "
                "received, dropped, is_baseline, record IS NOT NULL, pid FROM run ORDER BY id DESC"
            ).fetchall()
        return [self._summary(row) for row in rows]

    def settings(self, run: int) -> Settings:
        """What a run was made with; known of every run."""
        with open_database(self.file) as db:
            blob = self._blob(db, run, "settings")
        with self._damage_as_error(run):
            return _unpacked(blob, Settings)

    def load(self, run: int) -> RunRecord:
        """All that was kept of a run."""
        with open_database(self.file) as db:
            blob = self._blob(db, run, "record")
            (listed,) = db.execute("SELECT verdict FROM run WHERE id = ?", (run,)).fetchone()
        with self._damage_as_error(run):
            return _unpacked(blob, StoredRecord).as_record(Outcome(listed))

    def rename(self, run: int, name: str) -> None:
        """Call a run something else."""
        with open_database(self.file, writing=True) as db:
            if not db.execute("UPDATE run SET name = ? WHERE id = ?", (name, run)).rowcount:
                raise self._gone(run)

    def delete(self, runs: Sequence[int]) -> list[tuple[Any, ...]]:
        """Forget runs; what is returned makes :meth:`undelete` bring them back."""
        marks = ", ".join("?" for _ in runs)
        with open_database(self.file, writing=True) as db:
            open_runs = db.execute(
                f"SELECT id, pid, started_at FROM run WHERE record IS NULL AND id IN ({marks})", tuple(runs)
            ).fetchall()
            if any(self._goes_on(int(run), int(pid), str(started_at)) for run, pid, started_at in open_runs):
                raise ArchiveError("a run that has not ended yet cannot be deleted; nothing was deleted")
            gone = db.execute(f"SELECT id, {_COLUMNS} FROM run WHERE id IN ({marks})", tuple(runs)).fetchall()
            db.execute(f"DELETE FROM run WHERE id IN ({marks})", tuple(runs))
        return gone

    def undelete(self, rows: Sequence[tuple[Any, ...]]) -> None:
        """Bring deleted runs back, with their ids. A baseline that was chosen in between stays the only one."""
        marks = ", ".join("?" for _ in range(len(_COLUMNS.split(",")) + 1))
        with open_database(self.file, writing=True) as db:
            if db.execute("SELECT 1 FROM run WHERE is_baseline").fetchone():
                rows = [(*row[:_IS_BASELINE], 0, *row[_IS_BASELINE + 1 :]) for row in rows]
            db.executemany(f"INSERT OR IGNORE INTO run (id, {_COLUMNS}) VALUES ({marks})", rows)

    def set_baseline(self, run: int | None) -> None:
        """Make one run the one that others are compared with, or none; it must have been kept whole."""
        with open_database(self.file, writing=True) as db:
            if run is not None:
                self._blob(db, run, "record")
            db.execute("UPDATE run SET is_baseline = (id IS ?)", (run,))

    def baseline(self) -> int | None:
        """The run that others are compared with."""
        return next((summary.id for summary in self.summaries() if summary.is_baseline), None)

    def _begin(self, db: sqlite3.Connection, settings: Settings, name: str, title: str, started_at: str) -> int:
        row = (name, settings.preset_name, title, started_at, os.getpid(), _pack(settings))
        cursor = db.execute(
            "INSERT INTO run (name, preset, title, started_at, verdict, pid, settings) "
            "VALUES (?, ?, ?, ?, 'running', ?, ?)",
            row,
        )
        # The oldest go; never the baseline, which counts as one of those kept.
        db.execute(
            "DELETE FROM run WHERE id NOT IN (SELECT id FROM run ORDER BY is_baseline DESC, id DESC LIMIT ?)",
            (KEPT_RUNS,),
        )
        return int(cursor.lastrowid or 0)

    def _finish(self, db: sqlite3.Connection, run: int, record: RunRecord, interrupted: bool) -> None:
        result = record.result
        handlers = result.handlers.values()
        row = (
            result.duration_s,
            record.outcome,
            result.balanced,
            interrupted,
            sum(handler.offered for handler in handlers),
            sum(handler.received for handler in handlers),
            sum(handler.dropped for handler in handlers),
            _pack(StoredRecord.of(record)),
            run,
        )
        cursor = db.execute(
            "UPDATE run SET duration_s = ?, verdict = ?, balanced = ?, interrupted = ?, offered = ?, received = ?, "
            "dropped = ?, record = ? WHERE id = ?",
            row,
        )
        if not cursor.rowcount:
            raise self._gone(run)

    def _summary(self, row: tuple[Any, ...]) -> RunSummary:
        verdict, complete, pid = str(row[6]), bool(row[13]), int(row[14])
        if not complete and not self._goes_on(int(row[0]), pid, str(row[4])):
            verdict = "interrupted"
        return RunSummary(
            id=row[0],
            name=row[1],
            preset=row[2],
            title=row[3],
            started_at=row[4],
            duration_s=row[5],
            verdict=verdict,
            balanced=bool(row[7]),
            interrupted=bool(row[8]) or verdict == "interrupted",
            offered=row[9],
            received=row[10],
            dropped=row[11],
            is_baseline=bool(row[12]),
            complete=complete,
        )

    def _goes_on(self, run: int, pid: int, started_at: str) -> bool:
        """Whether a run of which only the beginning was written is still under way."""
        if pid == os.getpid():
            return run in self._under_way
        return is_still_there(pid, started_at)

    def _gone(self, run: int) -> ArchiveError:
        return ArchiveError(f"run {run} is no longer in {self.file}")

    def _blob(self, db: sqlite3.Connection, run: int, column: str) -> bytes:
        row = db.execute(f"SELECT {column}, pid, started_at FROM run WHERE id = ?", (run,)).fetchone()
        if row is None:
            raise self._gone(run)
        if row[0] is None and self._goes_on(run, int(row[1]), str(row[2])):
            raise ArchiveError("this run has not ended yet")
        if row[0] is None:
            raise ArchiveError("the bench ended before this run did; only its settings were kept")
        return bytes(row[0])

    @contextmanager
    def _damage_as_error(self, run: int) -> Iterator[None]:
        try:
            yield
        except (zlib.error, msgspec.MsgspecError, ValueError) as error:
            raise ArchiveError(f"run {run} in {self.file} is damaged: {error}") from error


def _pack(record: msgspec.Struct) -> bytes:
    return zlib.compress(msgspec.msgpack.encode(record), 6)


def _unpacked(blob: bytes, kind: type[_S]) -> _S:
    return msgspec.msgpack.decode(zlib.decompress(blob), type=kind)
