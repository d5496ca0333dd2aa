"""The events ``zmq-bench send`` is given on its command line, in a file or on standard input, as checked JSON text."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

import msgspec

from bench_app.errors import InputError

STANDARD_INPUT = "-"


def events_of(text: str, say: Callable[[str], None]) -> Iterator[bytes]:
    """The JSON text of each event.

    What can be read twice (the text itself, a file) is checked as a whole before this returns, so that nothing is sent
    of what has a fault. From a pipe or a terminal each line is checked as it comes; that it is read is told for a
    terminal, where one would wait for nothing. Raises :class:`InputError`.
    """
    if text.lstrip().startswith(("{", "[", '"')):
        return iter([_checked(text.encode(), "the event")])
    if text == STANDARD_INPUT:
        return _of_stream(sys.stdin.buffer, "standard input", say)
    return _of_stream(_opened(Path(text)), text, say)


def _opened(file: Path) -> IO[bytes]:
    try:
        return file.open("rb")
    except OSError as error:
        hint = "" if file.exists() else "; an event itself begins with { or ["
        raise InputError(f"{file} cannot be read: {error.strerror or error}{hint}") from error


def _of_stream(stream: IO[bytes], name: str, say: Callable[[str], None]) -> Iterator[bytes]:
    if stream.isatty():
        say("reading events from the terminal, one JSON value a line; Ctrl+D ends")
    elif stream.seekable():
        start = stream.tell()
        for _ in _lines(stream, name):
            pass
        stream.seek(start)
    return _lines(stream, name, close=True)


def _lines(stream: IO[bytes], name: str, close: bool = False) -> Iterator[bytes]:
    try:
        for number, line in enumerate(stream, start=1):
            if line.strip():
                yield _checked(line, f"{name}, line {number},")
    except OSError as error:
        raise InputError(f"{name} cannot be read: {error.strerror or error}") from error
    finally:
        if close:
            stream.close()


def _checked(text: bytes, where: str) -> bytes:
    try:
        msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise InputError(f"{where} is no JSON: {error}") from error
    return text.strip()
