"""The events of ``zmq-bench send``, as checked JSON text: from the command line, a file or standard input."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any, cast

from bench_app.cli.reading_progress import ReadingProgress
from bench_app.errors import InputError, SourceError
from bench_app.recording.message import is_recorded_line
from bench_app.sources.record import BadRecord, Record
from bench_app.sources.records import ReadOptions, open_stream
from bench_app.untrusted.json_reader import ANY_JSON, BadJsonError

STANDARD_INPUT = "-"
_OPTIONS = ReadOptions(otherwise="jsonl")
"""A pipe has no name, and any JSON may be an event. So text that shows no format is read as JSON."""
_PROGRESS_RECORDS = 2_000


def events_of(text: str, emit: Callable[[str], None]) -> Iterator[bytes]:
    """The JSON text of each event; raises :class:`InputError` for text that is no JSON.

    Files are read as those of a replay, in all formats. Input that can be read twice (the text itself, a file) is
    checked as a whole before this returns, so that nothing is sent from input with a fault. Lines of a pipe or a
    terminal are checked one by one as they come. If events are read from a terminal, ``emit`` gets a message: otherwise
    the user might not know that the program waits for input.
    """
    if text.lstrip().startswith(("{", "[", '"')):
        return iter([_checked(text.encode(), "the event")])
    if text == STANDARD_INPUT:
        return _from_stream(sys.stdin.buffer, "standard input", "", emit)
    return _from_stream(_open(Path(text)), text, Path(text).name, emit)


def _open(file: Path) -> IO[bytes]:
    try:
        return file.open("rb")
    except OSError as error:
        hint = "" if file.exists() else "; an event itself begins with { or ["
        raise InputError(f"{file} cannot be read: {error.strerror or error}{hint}") from error


def _from_stream(stream: IO[bytes], name: str, file_name: str, emit: Callable[[str], None]) -> Iterator[bytes]:
    if stream.isatty():
        emit("reading events from the terminal, one JSON value a line; Ctrl+D ends")
        return _lines(stream, name)
    if stream.seekable():
        start = stream.tell()
        try:
            with ReadingProgress(name) as progress:
                for _ in _events(stream, name, file_name, on_progress=progress.show):
                    pass
        except InputError:
            stream.close()
            raise
        stream.seek(start)
    return _events(stream, name, file_name, close=True)


def _lines(stream: IO[bytes], name: str) -> Iterator[bytes]:
    for number, line in enumerate(stream, start=1):
        if line.strip():
            yield _checked(line, f"{name}, line {number},")


def _events(
    stream: IO[bytes],
    name: str,
    file_name: str,
    close: bool = False,
    on_progress: Callable[[int, int], None] = lambda *_: None,
) -> Iterator[bytes]:
    buffered = cast("io.BufferedReader[Any]", stream)
    try:
        with open_stream(buffered, name, file_name, _OPTIONS) as file:
            for count, record in enumerate(file.records):
                if count % _PROGRESS_RECORDS == 0:
                    on_progress(file.bytes_read(), file.size)
                if not count and isinstance(record, Record) and is_recorded_line(record.text):
                    # Sent as events, its lines would be other messages than those that were recorded.
                    raise InputError(f"{name} is a recording of messages: a replay in a preset sends them as they were")
                where = f"{name}, {file.unit} {record.number},"
                if isinstance(record, BadRecord):
                    raise InputError(f"{where} is no event: {record.message}")
                yield _checked(record.text, where)
    except SourceError as error:
        raise InputError(str(error)) from error
    finally:
        if close:
            stream.close()


def _checked(text: bytes, where: str) -> bytes:
    try:
        ANY_JSON.read(text)
    except BadJsonError as error:
        raise InputError(f"{where} is no JSON: {error}") from error
    return text.strip()
