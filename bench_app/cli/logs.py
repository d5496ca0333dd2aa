"""The log of ``zmq-bench``: log record -> **line** -> standard error, or JSON Lines in a file.

This is the only place that sets up logging, and only for ``zmq-bench``: the library leaves logging to its program.
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
from bench_app.untrusted.visible_text import visible_lines

LOGGER = "zmq_bench"
_STANDARD_FIELDS = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "taskName"}


class JsonLines(logging.Formatter):
    """A record as a JSON object on one line: the fields that every record has, and the extra fields of this record."""

    def format(self, record: logging.LogRecord) -> str:
        """``time`` is ISO 8601 with zone; ``process`` is the id of the process that the record is about."""
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
        # Half a surrogate pair, as a file name may have, becomes an escape when the line is encoded.
        return json.dumps(entry, ensure_ascii=False, default=str, separators=(",", ":"))


class PlainText(logging.Formatter):
    """A record as a line of plain text."""

    def format(self, record: logging.LogRecord) -> str:
        """Time of day, level, message, and the worker that it comes from."""
        worker = _fields(record).get("worker")
        where = f"  [{worker}, process {record.process}]" if worker and worker == record.processName else ""
        time = _time(record).isoformat(sep=" ", timespec="milliseconds")[11:23]
        line = f"{time} {record.levelname:7} {record.getMessage()}{where}"
        return f"{line}\n{self.formatException(record.exc_info)}" if record.exc_info else line


class _LineHandler(logging.Handler):
    """Writes one line for each record. After a failed write it calls ``failed`` and writes no more."""

    def __init__(self, write: Callable[[bytes], int | None], failed: Callable[[OSError], None]) -> None:
        super().__init__()
        self._write = write
        self._failed = failed
        self._has_failed = False

    def emit(self, record: logging.LogRecord) -> None:
        """Write the record; a failed write never raises."""
        if self._has_failed:
            return
        line = f"{self.format(record)}\n".encode(errors="backslashreplace")
        try:
            written = self._write(line)
            if written is not None and written < len(line):
                raise OSError(None, "no more room")
        except (OSError, ValueError) as error:
            self._has_failed = True
            self._failed(error if isinstance(error, OSError) else OSError(None, str(error)))


class StandardErrorLog(_LineHandler):
    """The log on standard error, as lines of plain text."""

    def __init__(self) -> None:
        # If standard error cannot be written, a message about it could not be written either.
        super().__init__(_write_to_standard_error, lambda error: None)
        self.setFormatter(PlainText())


def to_standard_error() -> bool:
    """Whether the log goes to standard error. Then the log has the events, and they need not be printed."""
    return any(isinstance(handler, StandardErrorLog) for handler in logging.getLogger(LOGGER).handlers)


@contextmanager
def logging_to(file: Path | None, debug: bool, emit: Callable[[str], None]) -> Iterator[None]:
    """Log to ``file``, or with ``debug`` and no file to standard error, until the end of the context.

    Without ``debug`` the file gets the events that the terminal shows; with ``debug`` also what each socket does.
    Raises :class:`InputError` if the file cannot be opened. If a later write fails, ``emit`` gets a message, and the
    program goes on without a log.
    """
    handler = _handler(file, debug, emit)
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


def _handler(file: Path | None, debug: bool, emit: Callable[[str], None]) -> logging.Handler | None:
    if file is None:
        return StandardErrorLog() if debug else None

    def failed(error: OSError) -> None:
        emit(f"the log file {file} cannot be written: {error.strerror or error}; it goes on without a log")

    try:
        # Unbuffered, so that every line is in the file even if the process is killed.
        stream = file.open("ab", buffering=0)
    except OSError as error:
        raise InputError(f"the log file {file} cannot be written: {error.strerror or error}") from error
    handler = _FileHandler(stream, failed)
    handler.setFormatter(JsonLines())
    return handler


class _FileHandler(_LineHandler):
    def __init__(self, stream: Any, failed: Callable[[OSError], None]) -> None:
        super().__init__(stream.write, failed)
        self._stream = stream

    def close(self) -> None:
        """Close the file as well."""
        self._stream.close()
        super().close()


def _write_to_standard_error(line: bytes) -> None:
    sys.stderr.write(visible_lines(line.decode()))
    sys.stderr.flush()


def _time(record: logging.LogRecord) -> datetime:
    return datetime.fromtimestamp(record.created).astimezone()


def _fields(record: logging.LogRecord) -> dict[str, Any]:
    return {key: value for key, value in record.__dict__.items() if key not in _STANDARD_FIELDS}
