"""Finished runs, kept between starts in one SQLite file: run -> **archive** -> list of runs, baseline, export.

No Qt in here, and everything blocks: call it in a thread. A run is written down when it begins, so that what a crash
of the window leaves is a line that says so, with the settings it ran with.
"""

from __future__ import annotations

import csv
import io
import os
import sqlite3
import time
import zlib
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import numpy as np
import numpy.typing as npt

from bench_app.engine.events import RunEvent
from bench_app.engine.result import HandlerResult, RunResult, outcome_word
from bench_app.errors import ArchiveError
from bench_app.measure.histogram import HistogramDelta

SCHEMA = 1
RECORD_VERSION = 2
"""2: a handler has its seconds."""
KEPT_RUNS = 500
BUSY_S = 5.0
CLOCK_SLACK_S = 5.0
"""A process may seem to begin this much after a run of its own: both clocks are cut to seconds."""

_S = TypeVar("_S", bound=msgspec.Struct)

_UNDER_WAY: set[tuple[Path, int]] = set()
"""File and id of the runs that this process has begun and not ended."""

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
_IS_BASELINE = 1 + _COLUMNS.split(", ").index("is_baseline")


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """What was run: the preset's JSON, its name, and where its relative paths begin."""

    preset: dict[str, Any]
    preset_name: str
    base_dir: str


class RunRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A finished run. ``history`` is track -> column -> little-endian float64; ``histograms`` are in ns."""

    settings: Settings
    result: RunResult
    events: tuple[RunEvent, ...] = ()
    history: dict[str, dict[str, bytes]] = {}
    histograms: dict[str, HistogramDelta] = {}


class _StoredRecord(RunRecord, frozen=True, kw_only=True):
    """A record as it is in the file. Records of version 1 do not say their version."""

    version: int = 1

    @classmethod
    def of(cls, record: RunRecord) -> _StoredRecord:
        """The record in the current form."""
        return cls(version=RECORD_VERSION, **msgspec.structs.asdict(record))

    def as_record(self) -> RunRecord:
        """The record, with what its version did not have."""
        fields = {name: getattr(self, name) for name in RunRecord.__struct_fields__}
        if self.version < 2:
            fields["result"] = _with_seconds(self.result)
        return RunRecord(**fields)


def _with_seconds(result: RunResult) -> RunResult:
    """Version 1 had no seconds. Where the rate is above the mean of the run, the handler took part for less time."""

    def seconds(handler: HandlerResult) -> float:
        if result.duration_s <= 0 or handler.rate <= handler.accepted / result.duration_s + 0.1:
            return result.duration_s
        return round(handler.accepted / handler.rate, 3)

    handlers = {name: msgspec.structs.replace(one, seconds=seconds(one)) for name, one in result.handlers.items()}
    return msgspec.structs.replace(result, handlers=handlers)


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
        with self._open(writing=True) as db:
            run = self._begin(db, settings, settings.preset_name, title, started_at)
        _UNDER_WAY.add((self.file, run))
        return run

    def finish(self, run: int, record: RunRecord, interrupted: bool) -> None:
        """Keep the whole run in the place that :meth:`begin` made for it."""
        # Whether it can be kept or not, it is over.
        self.give_up(run)
        with self._open(writing=True) as db:
            self._finish(db, run, record, interrupted)

    def give_up(self, run: int) -> None:
        """A run of this process has ended, and there will be nothing to keep of it; its settings stay."""
        _UNDER_WAY.discard((self.file, run))

    def add(self, record: RunRecord, *, name: str = "", title: str = "", interrupted: bool = False) -> int:
        """Keep a run that is over already; returns its id. ``name`` is that of the preset where none is given."""
        name = name or record.settings.preset_name
        with self._open(writing=True) as db:
            run = self._begin(db, record.settings, name, title, record.result.started_at)
            self._finish(db, run, record, interrupted)
            return run

    def summaries(self) -> list[RunSummary]:
        """All runs, the newest first."""
        with self._telling():
            if not self.file.exists():
                return []
        with self._open() as db:
            rows = db.execute(
                "SELECT id, name, preset, title, started_at, duration_s, verdict, balanced, interrupted, offered, "
                "received, dropped, is_baseline, record IS NOT NULL, pid FROM run ORDER BY id DESC"
            ).fetchall()
        return [self._summary(row) for row in rows]

    def settings(self, run: int) -> Settings:
        """What a run was made with; known of every run."""
        return self._unpack(run, "settings", Settings)

    def load(self, run: int) -> RunRecord:
        """All that was kept of a run."""
        return self._unpack(run, "record", _StoredRecord).as_record()

    def rename(self, run: int, name: str) -> None:
        """Call a run something else."""
        with self._open(writing=True) as db:
            if not db.execute("UPDATE run SET name = ? WHERE id = ?", (name, run)).rowcount:
                raise self._gone(run)

    def delete(self, runs: Sequence[int]) -> list[tuple[Any, ...]]:
        """Forget runs; what is returned makes :meth:`undelete` bring them back."""
        marks = ", ".join("?" for _ in runs)
        with self._open(writing=True) as db:
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
        with self._open(writing=True) as db:
            if db.execute("SELECT 1 FROM run WHERE is_baseline").fetchone():
                rows = [(*row[:_IS_BASELINE], 0, *row[_IS_BASELINE + 1 :]) for row in rows]
            db.executemany(f"INSERT OR IGNORE INTO run (id, {_COLUMNS}) VALUES ({marks})", rows)

    def set_baseline(self, run: int | None) -> None:
        """Make one run the one that others are compared with, or none; it must have been kept whole."""
        with self._open(writing=True) as db:
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
            outcome_word(result),
            result.balanced,
            interrupted,
            sum(handler.offered for handler in handlers),
            sum(handler.received for handler in handlers),
            sum(handler.dropped for handler in handlers),
            _pack(_StoredRecord.of(record)),
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
            return (self.file, run) in _UNDER_WAY
        return _lives(pid, started_at)

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

    def _unpack(self, run: int, column: str, kind: type[_S]) -> _S:
        with self._open() as db:
            blob = self._blob(db, run, column)
        try:
            return msgspec.msgpack.decode(zlib.decompress(blob), type=kind)
        except (zlib.error, msgspec.MsgspecError, UnicodeDecodeError) as error:
            raise ArchiveError(f"run {run} in {self.file} is damaged: {error}") from error

    @contextmanager
    def _telling(self) -> Iterator[None]:
        """Errors of SQLite and of the file system become sentences."""
        try:
            yield
        except sqlite3.DatabaseError as error:
            raise ArchiveError(_sentence(self.file, error)) from error
        except OSError as error:
            raise ArchiveError(f"the runs in {self.file} cannot be used: {error.strerror or error}") from error

    @contextmanager
    def _open(self, *, writing: bool = False) -> Iterator[sqlite3.Connection]:
        with self._telling():
            self.file.parent.mkdir(parents=True, exist_ok=True)
            with closing(sqlite3.connect(self.file, timeout=BUSY_S)) as db:
                version = int(db.execute("PRAGMA user_version").fetchone()[0])
                if version > SCHEMA:
                    raise ArchiveError(f"the runs in {self.file} were written by a newer version of the bench")
                _write_ahead(db)
                db.execute("PRAGMA synchronous = NORMAL")
                if version == 0:
                    self._create(db)
                with db:
                    if writing:
                        # What is read before a change must still hold when it is made.
                        db.execute("BEGIN IMMEDIATE")
                    yield db

    def _create(self, db: sqlite3.Connection) -> None:
        with db:
            db.execute("BEGIN IMMEDIATE")
            # Another thread or process may have been faster.
            if int(db.execute("PRAGMA user_version").fetchone()[0]):
                return
            db.execute(_TABLES)
            db.execute(f"PRAGMA user_version = {SCHEMA}")


def _write_ahead(db: sqlite3.Connection) -> None:
    """Switch to WAL; SQLite does not wait for others that switch a new file at the same time, so this does."""
    give_up_at = time.monotonic() + BUSY_S
    while True:
        try:
            db.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if _primary_code(error) != sqlite3.SQLITE_BUSY or time.monotonic() > give_up_at:
                raise
            time.sleep(0.01)


def _primary_code(error: sqlite3.DatabaseError) -> int:
    """SQLite's own code without its extension; 0 where the module itself raised."""
    return int(getattr(error, "sqlite_errorcode", 0)) & 0xFF


def _sentence(file: Path, error: sqlite3.DatabaseError) -> str:
    code = _primary_code(error)
    if code == sqlite3.SQLITE_FULL:
        return f"the disk is full: the runs in {file} stay as they were"
    if code in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN):
        return f"the runs in {file} cannot be written: the file or its folder is not writable"
    if code in (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT):
        return f"{file} is damaged and was left as it is; move it away and the bench begins a new one"
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return f"the runs in {file} are in use by another bench; try again"
    return f"the runs in {file} cannot be used: {error}"


def _pack(record: msgspec.Struct) -> bytes:
    return zlib.compress(msgspec.msgpack.encode(record), 6)


def _lives(pid: int, run_started_at: str) -> bool:
    """Whether the process that began a run is still there, and not another one that got its number since."""
    if os.name != "posix":
        # os.kill would end the process there.
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        # It is there, and belongs to someone else.
        pass
    born_s, begun_s = _born_s(pid), _epoch_s(run_started_at)
    return born_s is None or begun_s is None or born_s <= begun_s + CLOCK_SLACK_S


def _born_s(pid: int) -> float | None:
    """When a process was started, in seconds of the wall clock; None where there is no ``/proc`` (see proc(5))."""
    try:
        # The name of the process comes before, in brackets, and may have blanks.
        ticks = int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19])
        boot = next(line for line in Path("/proc/stat").read_text().splitlines() if line.startswith("btime "))
        return int(boot.split()[1]) + ticks / os.sysconf("SC_CLK_TCK")
    except (OSError, ValueError, IndexError, StopIteration):
        return None


def _epoch_s(iso: str) -> float | None:
    try:
        return datetime.fromisoformat(iso).timestamp()
    except (ValueError, OverflowError, OSError):
        return None


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
            writer.writerow([name, *(_cell(arrays.get(column), row) for column in columns)])
    return text.getvalue()


def _cell(array: npt.NDArray[np.float64] | None, row: int) -> str:
    if array is None or row >= len(array) or not np.isfinite(array[row]):
        return ""
    return f"{array[row]:.10g}"


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
