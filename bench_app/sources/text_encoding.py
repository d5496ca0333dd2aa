"""The encoding of a text file, recognised by its first bytes: plain bytes -> **UTF-8** -> records."""

from __future__ import annotations

import codecs
import io
from typing import Any

from bench_app.sources.record import BrokenFileError

# UTF-32 comes first: its mark for little-endian begins with that of UTF-16.
_MARKS = (
    (codecs.BOM_UTF8, "UTF-8", "utf-8"),
    (codecs.BOM_UTF32_LE, "UTF-32", "utf-32-le"),
    (codecs.BOM_UTF32_BE, "UTF-32", "utf-32-be"),
    (codecs.BOM_UTF16_LE, "UTF-16", "utf-16-le"),
    (codecs.BOM_UTF16_BE, "UTF-16", "utf-16-be"),
)
_CHUNK_BYTES = 64 * 1024


class _Utf8(io.RawIOBase):
    """A text in another encoding as UTF-8. A lone surrogate becomes bytes that are not UTF-8: its line is skipped."""

    def __init__(self, file: io.BufferedReader[Any], name: str, codec: str) -> None:
        self._file = file
        self._name = name
        self._decoder = codecs.getincrementaldecoder(codec)("surrogatepass")
        self._pending = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._pending:
            # Not read(), which waits until a pipe has sent as many bytes.
            data = self._file.read1(_CHUNK_BYTES)
            try:
                text = self._decoder.decode(data, final=not data)
            except UnicodeDecodeError as error:
                raise BrokenFileError(f"its {self._name.split()[0]} text is broken: {error.reason}") from error
            self._pending = text.encode("utf-8", "surrogatepass")
            if not data:
                break
        size = min(len(buffer), len(self._pending))
        buffer[:size], self._pending = self._pending[:size], self._pending[size:]
        return size


def as_utf8(file: io.BufferedReader[Any]) -> tuple[io.BufferedReader[Any], str]:
    """The text of a file as UTF-8 without a byte order mark, and the name of its encoding.

    A text without a mark is UTF-16 if every second of its first bytes is 0, as in JSON and CSV, which begin with ASCII.
    """
    head = file.peek(8)[:8]
    for mark, name, codec in _MARKS:
        if head.startswith(mark):
            file.read(len(mark))
            name = f"{name} with a byte order mark"
            return (file, name) if codec == "utf-8" else (_open(file, name, codec), name)
    guessed = _without_mark(head)
    return (file, "UTF-8") if guessed is None else (_open(file, "UTF-16", guessed), "UTF-16")


def _without_mark(head: bytes) -> str | None:
    if len(head) < 4 or head.count(0) != len(head) // 2:
        return None
    if not any(head[1::2]):
        return "utf-16-le"
    return None if any(head[::2]) else "utf-16-be"


def _open(file: io.BufferedReader[Any], name: str, codec: str) -> io.BufferedReader[Any]:
    return io.BufferedReader(_Utf8(file, name, codec), _CHUNK_BYTES)
