"""The SQLite file of the archive: its table, transactions, and errors as messages for the user."""

from __future__ import annotations

import sqlite3
import stat
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from bench_app.errors import ArchiveError

SCHEMA = 1
PRIVATE_MODE = 0o600
BUSY_S = 5.0
"""The longest wait for another connection that writes."""

_TABLES = """
CREATE TABLE run (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT NOT NULL, preset TEXT NOT NULL, title TEXT NOT NULL, started_at TEXT NOT NULL,
  duration_s REAL NOT NULL DEFAULT 0, verdict TEXT NOT NULL, balanced INTEGER NOT NULL DEFAULT 0,
  interrupted INTEGER NOT NULL DEFAULT 0, offered INTEGER NOT NULL DEFAULT 0, received INTEGER NOT NULL DEFAULT 0,
  dropped INTEGER NOT NULL DEFAULT 0, pid INTEGER NOT NULL DEFAULT 0, is_baseline INTEGER NOT NULL DEFAULT 0,
  settings BLOB NOT NULL, record BLOB,
  note TEXT NOT NULL DEFAULT '', least_hwm INTEGER, most_hwm INTEGER, p50_us REAL, p99_us REAL,
  tags TEXT NOT NULL DEFAULT '', work TEXT NOT NULL DEFAULT ''
);
"""
_ADDED = {
    "note": "TEXT NOT NULL DEFAULT ''",
    "least_hwm": "INTEGER",
    "most_hwm": "INTEGER",
    "p50_us": "REAL",
    "p99_us": "REAL",
    "tags": "TEXT NOT NULL DEFAULT ''",
    "work": "TEXT NOT NULL DEFAULT ''",
}
"""Columns that files of former versions do not have. Those versions can use a file that has them."""


@contextmanager
def open_database(file: Path, *, writing: bool = False) -> Iterator[sqlite3.Connection]:
    """Open a connection for one transaction. Creates a missing file. Raises ArchiveError."""
    with errors_as_messages(file):
        file.parent.mkdir(parents=True, exist_ok=True)
        _make_private(file)
        with closing(sqlite3.connect(file, timeout=BUSY_S)) as db:
            version = int(db.execute("PRAGMA user_version").fetchone()[0])
            if version > SCHEMA:
                raise ArchiveError(f"the runs in {file} were written by a newer version of the bench")
            _write_ahead(db)
            db.execute("PRAGMA synchronous = NORMAL")
            if version == 0:
                _create(db)
            else:
                _add_missing_columns(db)
            with db:
                if writing:
                    # Lock before reading, so that no other connection changes the data between reading and writing.
                    db.execute("BEGIN IMMEDIATE")
                yield db


@contextmanager
def errors_as_messages(file: Path) -> Iterator[None]:
    """Turn errors of SQLite and of the file system into an ArchiveError with a message for the user."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        raise ArchiveError(_message(file, error)) from error
    except OSError as error:
        raise ArchiveError(f"the runs in {file} cannot be used: {error.strerror or error}") from error


def _make_private(file: Path) -> None:
    """Create a missing file, and let only this user read and write it: presets and messages may be confidential.

    SQLite gives the files ``-wal`` and ``-shm`` the mode of the file. Those of an older bench are changed here.
    """
    file.touch(PRIVATE_MODE)
    for each in (file, *(file.with_name(file.name + ending) for ending in ("-wal", "-shm"))):
        # The file may belong to another user, who then decides about its mode; or it was removed meanwhile.
        with suppress(OSError):
            if stat.S_IMODE(each.stat().st_mode) != PRIVATE_MODE:
                each.chmod(PRIVATE_MODE)


def _create(db: sqlite3.Connection) -> None:
    with db:
        db.execute("BEGIN IMMEDIATE")
        # Another thread or process may have created the table meanwhile.
        if int(db.execute("PRAGMA user_version").fetchone()[0]):
            return
        db.execute(_TABLES)
        db.execute(f"PRAGMA user_version = {SCHEMA}")


def _add_missing_columns(db: sqlite3.Connection) -> None:
    if not _missing_columns(db):
        return
    with db:
        db.execute("BEGIN IMMEDIATE")
        # Another thread or process may have added them meanwhile.
        for name in _missing_columns(db):
            db.execute(f"ALTER TABLE run ADD COLUMN {name} {_ADDED[name]}")


def _missing_columns(db: sqlite3.Connection) -> list[str]:
    there = {str(row[1]) for row in db.execute("PRAGMA table_info(run)")}
    return [name for name in _ADDED if name not in there]


def _write_ahead(db: sqlite3.Connection) -> None:
    """Switch to write-ahead logging.

    SQLite itself does not wait if another connection switches the same new file at the same time, so this loop waits.
    """
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
    """The error code of SQLite without its extension; 0 if the Python module raised the error."""
    return int(getattr(error, "sqlite_errorcode", 0)) & 0xFF


def _message(file: Path, error: sqlite3.DatabaseError) -> str:
    code = _primary_code(error)
    if code == sqlite3.SQLITE_FULL:
        return f"the disk is full: the runs in {file} are unchanged"
    if code in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN):
        return f"the runs in {file} cannot be written: the file or its folder is not writable"
    if code in (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT):
        return f"{file} is damaged and was not changed; move it away, and the bench creates a new file"
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return f"the runs in {file} are in use by another bench; try again"
    return f"the runs in {file} cannot be used: {error}"
