"""What a search has measured so far, in a file: trials -> **journal** -> the same search again, after a crash.

The lab decides by what it has measured, and by nothing else. So a search that gets its old readings again goes on where
it was. The journal is a text file with a line of JSON for its title, and one for each entry. Each line is on the disk
before the search goes on.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any

import msgspec

from bench_app.engine.run_once import FinishedRun
from bench_app.errors import BenchError, InputError
from bench_app.system.files import write_out
from bench_app.untrusted.json_reader import BadJsonError, JsonReader

FORMAT = "zmq-bench-journal/1"


class Entry(msgspec.Struct, frozen=True):
    """One measurement: what was measured, and its result as JSON."""

    key: str
    value: msgspec.Raw


class _Title(msgspec.Struct, frozen=True):
    format: str
    command: str
    inputs: str


_TITLES: JsonReader[_Title] = JsonReader(_Title)
_ENTRIES: JsonReader[Entry] = JsonReader(Entry)


class Journal:
    """The entries of one search. Without a file it keeps nothing.

    The same measurement may be made several times. Its results come out in the order in which they were made.

    Attributes:
        keeps_runs: whether :meth:`keep_run` keeps the curves of a run.
        resumed: how many entries the file had.
    """

    def __init__(self, file: Path | None, command: str, inputs: Mapping[str, Any], keeps_runs: bool = False) -> None:
        """Open a file, or begin it.

        Raises InputError if the file is of another search, is no journal, or if another process works with it.
        """
        self._file = file
        self.keeps_runs = keeps_runs and file is not None
        self._entries: dict[str, list[bytes]] = {}
        self._out: IO[bytes] | None = None
        self.resumed = 0
        if file is None:
            return
        title = _Title(FORMAT, command, fingerprint(inputs))
        try:
            self._out = file.open("ab")
            # First, because what another process writes now looks like a line that a crash cut.
            _lock(self._out, file)
            if file.stat().st_size:
                self._read(file, title)
            if self.keeps_runs:
                runs_folder(file).mkdir(exist_ok=True, mode=0o700)
            if not file.stat().st_size:
                self._append(msgspec.json.encode(title))
        except OSError as error:
            self.close()
            raise InputError(f"{file} cannot be used: {error.strerror or error}") from error
        except BenchError:
            self.close()
            raise

    def take(self, key: str) -> bytes | None:
        """The result of a measurement that was made before the crash, as JSON; None if it must be made."""
        waiting = self._entries.get(key)
        return waiting.pop(0) if waiting else None

    def keep(self, key: str, value: bytes) -> None:
        """Write a result to the disk. Raises BenchError if that fails."""
        if self._out is not None:
            self._append(msgspec.json.encode(Entry(key, msgspec.Raw(value))))

    def keep_run(self, key: str, finished: FinishedRun) -> None:
        """Write the result of a run to the disk, and its curves where they are wanted. Raises BenchError."""
        if self.keeps_runs and self._file is not None and self._out is not None:
            # First, so that after a crash no line is without its run.
            file = run_file_at(self._file, self._file.stat().st_size)
            try:
                write_out(file, _run_file(finished))
            except OSError as error:
                raise BenchError(f"{file} could not be written: {error.strerror or error}") from error
        self.keep(key, msgspec.json.encode(finished.result))

    def close(self) -> None:
        """Close the file."""
        if self._out is not None:
            # A line that could not be written is tried once more by this, and fails again.
            with contextlib.suppress(OSError):
                self._out.close()
            self._out = None

    def _append(self, line: bytes) -> None:
        assert self._out is not None
        try:
            self._out.write(line + b"\n")
            self._out.flush()
            os.fsync(self._out.fileno())
        except OSError as error:
            raise BenchError(f"{self._file} could not be written: {error.strerror or error}") from error

    def _read(self, file: Path, title: _Title) -> None:
        lines = file.read_bytes().split(b"\n")
        try:
            found = _TITLES.read(lines[0])
        except BadJsonError as error:
            raise InputError(f"{file} is no file of --resume; choose another name") from error
        if found.format != FORMAT or found.command != title.command:
            raise InputError(f"{file} belongs to “{found.command}”, not to “{title.command}”; choose another name")
        if found.inputs != title.inputs:
            raise InputError(f"{file} belongs to other settings or another preset; choose another name, or delete it")
        whole = len(lines[0]) + 1
        # The text after the last line feed is a line that a crash cut.
        for line in lines[1:-1]:
            try:
                entry = _ENTRIES.read(line)
            except BadJsonError:
                break
            whole += len(line) + 1
            self._entries.setdefault(entry.key, []).append(bytes(entry.value))
            self.resumed += 1
        with file.open("r+b") as writable:
            writable.truncate(min(whole, file.stat().st_size))


def _lock(out: IO[bytes], file: Path) -> None:
    """Keep other processes away until the file is closed. Raises InputError if another one has it."""
    try:
        import fcntl
    except ImportError:
        return
    try:
        fcntl.flock(out, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise InputError(f"{file} is in use by another command; wait for its end, or choose another name") from error
    except OSError:
        # A file system without locks.
        return


def runs_folder(journal: Path) -> Path:
    """The folder of the runs that a journal keeps."""
    return journal.with_name(f"{journal.name}.runs")


def run_file_at(journal: Path, place: int) -> Path:
    """The file of the run whose line begins at a place of the journal."""
    return runs_folder(journal) / f"{place}.zmqrun"


def _run_file(finished: FinishedRun) -> bytes:
    # Imported here, because most searches keep no runs.
    from bench_app.archive.records import LabelledRun, record_of
    from bench_app.archive.run_file import run_file_bytes

    title = finished.document.preset.bench.title
    return run_file_bytes(LabelledRun(record=record_of(finished), name=finished.document.name, title=title))


def fingerprint(inputs: Mapping[str, Any]) -> str:
    """A short text that differs if one of the inputs does."""
    text = json.dumps(inputs, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:16]
