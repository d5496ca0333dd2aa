"""Finished runs, kept between starts in one SQLite file: run -> **archive** -> list of runs, baseline, export.

No Qt in here, and everything blocks: call it in a thread. A run is written down when it begins, so that what a crash
of the window leaves is a line that says so, with the settings it ran with.
"""

from __future__ import annotations

import csv
import io
import os
import sqlite3
import zlib
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from bench_app.engine.result import RunResult
from bench_app.errors import BenchError
from bench_app.measure.histogram import HistogramDelta

SCHEMA = 1
KEPT_RUNS = 500
BUSY_S = 5.0

_TABLES = """
CREATE TABLE run (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT NOT NULL, preset TEXT NOT NULL, title TEXT NOT NULL, started_at TEXT NOT NULL,
  duration_s REAL NOT NULL DEFAULT 0, verdict TEXT NOT NULL, balanced INTEGER NOT NULL DEFAULT 0,
  interrupted INTEGER NOT NULL DEFAULT 0, offered INTEGER NOT NULL DEFAULT 0, received INTEGER NOT NULL DEFAULT 0,
  dropped INTEGER NOT NULL DEFAULT 0, pid INTEGER NOT NULL DEFAULT 0, is_baseline INTEGER NOT NULL DEFAULT 0,
  settings BLOB NOT NULL, record BLOB
);
"""
_COLUMNS = (
    "name, preset, title, started_at, duration_s, verdict, balanced, interrupted, offered, received, dropped, pid, "
    "is_baseline, settings, record"
)
_DROPS = ("queue_overflow", "send_timeout", "aborted", "request_timeout", "lost")


class ArchiveError(BenchError):
    """The archive of runs cannot be read or written; the sentence names its file."""


class ArchivedEvent(msgspec.Struct, frozen=True):
    """What a person read while the run went on."""

    at_s: float
    source: str
    sentence: str
    marker: bool = False


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """What was run: the preset's JSON, its name, and where its relative paths begin."""

    preset: dict[str, Any]
    preset_name: str
    base_dir: str


class RunRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A finished run. ``history`` is track -> column -> little-endian float64; ``histograms`` are in ns."""

    settings: Settings
    result: RunResult
    events: tuple[ArchivedEvent, ...] = ()
    history: dict[str, dict[str, bytes]] = {}
    histograms: dict[str, HistogramDelta] = {}


class RunSummary(msgspec.Struct, frozen=True, kw_only=True):
    """A line of the list. ``dropped`` counts all causes; ``complete`` is False where only settings were kept."""

    id: int
    name: str
    preset: str
    title: str
    started_at: str
    duration_s: float
    verdict: str
    balanced: bool
    interrupted: bool
    offered: int
    received: int
    dropped: int
    is_baseline: bool
    complete: bool


class Archive:
    """All kept runs. Every method may raise :class:`ArchiveError`; each change is one transaction."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def begin(self, settings: Settings, title: str, started_at: str) -> int:
        """Write down that a run begins; returns its id for :meth:`finish`."""
        with self._open() as db:
            row = (settings.preset_name, settings.preset_name, title, started_at, os.getpid(), _pack(settings))
            cursor = db.execute(
                "INSERT INTO run (name, preset, title, started_at, verdict, pid, settings) "
                "VALUES (?, ?, ?, ?, 'running', ?, ?)",
                row,
            )
            # The oldest go; never the baseline.
            db.execute(
                "DELETE FROM run WHERE is_baseline = 0 AND id NOT IN (SELECT id FROM run ORDER BY id DESC LIMIT ?)",
                (KEPT_RUNS,),
            )
            return int(cursor.lastrowid or 0)

    def finish(self, run: int, record: RunRecord, interrupted: bool) -> None:
        """Keep the whole run in the place that :meth:`begin` made for it."""
        result = record.result
        handlers = result.handlers.values()
        received = sum(
            h.replied if h.socket_type == "REQ" else sum(one.received for one in h.listeners.values()) for h in handlers
        )
        dropped = sum(getattr(h, cause) for h in handlers for cause in _DROPS)
        row = (
            result.duration_s,
            result.verdict,
            result.balanced,
            interrupted,
            sum(h.offered for h in handlers),
            received,
            dropped,
            _pack(record),
            run,
        )
        with self._open() as db:
            db.execute(
                "UPDATE run SET duration_s = ?, verdict = ?, balanced = ?, interrupted = ?, offered = ?, received = ?, "
                "dropped = ?, record = ? WHERE id = ?",
                row,
            )

    def summaries(self) -> list[RunSummary]:
        """All runs, the newest first."""
        if not self.file.exists():
            return []
        with self._open() as db:
            rows = db.execute(
                "SELECT id, name, preset, title, started_at, duration_s, verdict, balanced, interrupted, offered, "
                "received, dropped, is_baseline, record IS NOT NULL, pid FROM run ORDER BY id DESC"
            ).fetchall()
        return [_summary(row) for row in rows]

    def settings(self, run: int) -> Settings:
        """What a run was made with; known of every run."""
        return msgspec.msgpack.decode(self._blob(run, "settings"), type=Settings)

    def load(self, run: int) -> RunRecord:
        """All that was kept of a run."""
        blob = self._blob(run, "record")
        return msgspec.msgpack.decode(blob, type=RunRecord)

    def rename(self, run: int, name: str) -> None:
        """Call a run something else."""
        with self._open() as db:
            db.execute("UPDATE run SET name = ? WHERE id = ?", (name, run))

    def delete(self, runs: Sequence[int]) -> list[tuple[Any, ...]]:
        """Forget runs; what is returned makes :meth:`undelete` bring them back."""
        marks = ", ".join("?" for _ in runs)
        with self._open() as db:
            gone = db.execute(f"SELECT id, {_COLUMNS} FROM run WHERE id IN ({marks})", tuple(runs)).fetchall()
            db.execute(f"DELETE FROM run WHERE id IN ({marks})", tuple(runs))
        return gone

    def undelete(self, rows: Sequence[tuple[Any, ...]]) -> None:
        """Bring deleted runs back."""
        with self._open() as db:
            marks = ", ".join("?" for _ in range(len(_COLUMNS.split(",")) + 1))
            db.executemany(f"INSERT OR IGNORE INTO run (id, {_COLUMNS}) VALUES ({marks})", rows)

    def set_baseline(self, run: int | None) -> None:
        """Make one run the one that others are compared with, or none."""
        with self._open() as db:
            db.execute("UPDATE run SET is_baseline = (id IS ?)", (run,))

    def baseline(self) -> int | None:
        """The run that others are compared with."""
        return next((summary.id for summary in self.summaries() if summary.is_baseline), None)

    def _blob(self, run: int, column: str) -> bytes:
        with self._open() as db:
            row = db.execute(f"SELECT {column} FROM run WHERE id = ?", (run,)).fetchone()
        if row is None:
            raise ArchiveError(f"run {run} is no longer in {self.file}")
        if row[0] is None:
            raise ArchiveError("the bench ended before this run did; only its settings were kept")
        try:
            return zlib.decompress(row[0])
        except zlib.error as error:
            raise ArchiveError(f"run {run} in {self.file} is damaged: {error}") from error

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        try:
            self.file.parent.mkdir(parents=True, exist_ok=True)
            with closing(sqlite3.connect(self.file, timeout=BUSY_S)) as db:
                db.execute("PRAGMA journal_mode = WAL")
                db.execute("PRAGMA synchronous = NORMAL")
                self._prepare(db)
                with db:
                    yield db
        except sqlite3.DatabaseError as error:
            raise ArchiveError(f"the runs in {self.file} cannot be used: {error}") from error
        except OSError as error:
            raise ArchiveError(f"the runs in {self.file} cannot be used: {error.strerror or error}") from error

    def _prepare(self, db: sqlite3.Connection) -> None:
        version = int(db.execute("PRAGMA user_version").fetchone()[0])
        if version > SCHEMA:
            raise ArchiveError(f"the runs in {self.file} were written by a newer version of the bench")
        if version == 0:
            with db:
                db.execute("BEGIN IMMEDIATE")
                if int(db.execute("PRAGMA user_version").fetchone()[0]) == 0:
                    db.execute(_TABLES)
                    db.execute(f"PRAGMA user_version = {SCHEMA}")


def _pack(record: msgspec.Struct) -> bytes:
    return zlib.compress(msgspec.msgpack.encode(record), 6)


def _summary(row: tuple[Any, ...]) -> RunSummary:
    verdict, complete, pid = str(row[6]), bool(row[13]), int(row[14])
    if not complete and not _lives(pid):
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


def _lives(pid: int) -> bool:
    if pid == os.getpid():
        return True
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def result_csv(result: RunResult) -> str:
    """A row for each handler and listener with all its counts and percentiles."""
    rows: list[dict[str, Any]] = []
    for name, handler in result.handlers.items():
        plain = msgspec.to_builtins(handler)
        rows.append({"handler": name, "listener": "", **_flat(plain, without=("listeners",))})
        rows += [{"handler": name, "listener": one, **_flat(books)} for one, books in plain["listeners"].items()]
    columns = list(dict.fromkeys(key for row in rows for key in row))
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def history_csv(record: RunRecord) -> str:
    """A row for each track and sample; a column that a track does not have is empty."""
    columns = list(dict.fromkeys(column for track in record.history.values() for column in track))
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["track", *columns])
    for name, track in record.history.items():
        arrays = {column: np.frombuffer(data, "<f8") for column, data in track.items()}
        for row in range(max((len(array) for array in arrays.values()), default=0)):
            cells = [f"{arrays[c][row]:.10g}" if c in arrays and np.isfinite(arrays[c][row]) else "" for c in columns]
            writer.writerow([name, *cells])
    return text.getvalue()


def _flat(plain: dict[str, Any], without: tuple[str, ...] = ()) -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for key, value in plain.items():
        if key in without:
            continue
        if isinstance(value, dict):
            flat |= {f"{key}.{inner}": number for inner, number in value.items()}
        else:
            flat[key] = value
    return flat
