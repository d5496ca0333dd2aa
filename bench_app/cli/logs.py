"""Where the bench's log goes when the command line or the window runs it: standard error, or JSON Lines in a file.

The library itself never sets logging up; this is the one place that does, and only for ``zmq-bench``.
"""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from bench_app.errors import InputError

LOGGER = "zmq_bench"
_OF_EVERY_RECORD = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "taskName"}


class JsonLines(logging.Formatter):
    """A record as a JSON object on one line: what every record has first, then its own fields."""

    def format(self, record: logging.LogRecord) -> str:
        """``time`` is ISO 8601 with zone, ``process`` the id of the process it happened in."""
        entry: dict[str, Any] = {
            "time": _time(record).isoformat(timespec="microseconds"),
            "level": record.levelname,
            "logger": record.name,
            "process": record.process,
            **_fields(record),
            "message": record.getMessage(),
        }
        if record.exc_info:
            entry["exception"] = self.formatException(record.exc_info)
        # Half a surrogate pair (a file's name may have one) becomes JSON's escape of it when the line is encoded.
        return json.dumps(entry, ensure_ascii=False, default=str, separators=(",", ":"))


class Readable(logging.Formatter):
    """A record as a line for a person."""

    def format(self, record: logging.LogRecord) -> str:
        """Time of day, level, message, and which worker it is from."""
        worker = _fields(record).get("worker")
        where = f"  [{worker}, process {record.process}]" if worker and worker == record.processName else ""
        time = _time(record).isoformat(sep=" ", timespec="milliseconds")[11:23]
        line = f"{time} {record.levelname:7} {record.getMessage()}{where}"
        return f"{line}\n{self.formatException(record.exc_info)}" if record.exc_info else line


class _Lines(logging.Handler):
    """Writes a line a record; the first that cannot be written ends it, with a word to ``failed``."""

    def __init__(self, write: Callable[[bytes], int | None], failed: Callable[[OSError], None]) -> None:
        super().__init__()
        self._write = write
        self._failed = failed
        self._over = False

    def emit(self, record: logging.LogRecord) -> None:
        """Write the record; never raises for what the place it goes to does."""
        if self._over:
            return
        line = f"{self.format(record)}\n".encode(errors="backslashreplace")
        try:
            written = self._write(line)
            if written is not None and written < len(line):
                raise OSError(None, "no more room")
        except (OSError, ValueError) as error:
            self._over = True
            self._failed(error if isinstance(error, OSError) else OSError(None, str(error)))


class StandardErrorLog(_Lines):
    """The log as a person reads it."""

    def __init__(self) -> None:
        # Whoever read standard error has gone: there is nobody left to tell.
        super().__init__(_write_to_standard_error, lambda error: None)
        self.setFormatter(Readable())


def to_standard_error() -> bool:
    """True where the log goes to standard error, which events need not be printed beside."""
    return any(isinstance(handler, StandardErrorLog) for handler in logging.getLogger(LOGGER).handlers)


@contextmanager
def logging_to(file: Path | None, debug: bool, say: Callable[[str], None]) -> Iterator[None]:
    """Log to ``file``, or with ``debug`` and no file to standard error, until the end of the context.

    Without ``debug`` the file gets what a person is told, with it also what each socket does. Raises
    :class:`InputError` for a file that cannot be opened; where it cannot be written any more later on, that is told in
    a sentence, and what is logged goes on without it.
    """
    handler = _handler(file, debug, say)
    if handler is None:
        yield
        return
    logger = logging.getLogger(LOGGER)
    before = logger.level
    logger.setLevel(logging.DEBUG if debug else logging.INFO)
    logger.addHandler(handler)
    try:
        yield
    finally:
        logger.removeHandler(handler)
        logger.setLevel(before)
        handler.close()


def _handler(file: Path | None, debug: bool, say: Callable[[str], None]) -> logging.Handler | None:
    if file is None:
        return StandardErrorLog() if debug else None

    def failed(error: OSError) -> None:
        say(f"the log file {file} cannot be written: {error.strerror or error}; it goes on without a log")

    try:
        # Unbuffered: a line is in the file when the record is made, also when the process is killed after it.
        stream = file.open("ab", buffering=0)
    except OSError as error:
        raise InputError(f"the log file {file} cannot be written: {error.strerror or error}") from error
    handler = _File(stream, failed)
    handler.setFormatter(JsonLines())
    return handler


class _File(_Lines):
    def __init__(self, stream: Any, failed: Callable[[OSError], None]) -> None:
        super().__init__(stream.write, failed)
        self._stream = stream

    def close(self) -> None:
        """Close the file, too."""
        self._stream.close()
        super().close()


def _write_to_standard_error(line: bytes) -> None:
    sys.stderr.write(line.decode())
    sys.stderr.flush()


def _time(record: logging.LogRecord) -> datetime:
    return datetime.fromtimestamp(record.created).astimezone()


def _fields(record: logging.LogRecord) -> dict[str, Any]:
    return {key: value for key, value in record.__dict__.items() if key not in _OF_EVERY_RECORD}
