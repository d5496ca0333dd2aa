"""Values one after the other on a line that is too long to hold: piece after piece -> **long line** -> records.

A file of concatenated objects may be one line, however large the file is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from bench_app.sources import record
from bench_app.sources.record import BadRecord, ByteFile, Record, SkipReason

PIECE_BYTES = 1024 * 1024
"""A line is read in pieces of this size."""
BLANKS = b" \t\r\n\v\f\x1e"
"""What may stand between two values, with the separator that JSON text sequences (RFC 7464) have before each value."""
_QUOTE = ord('"')
_TOKENS = re.compile(rb'"(?:[^"\\]|\\.)*(?P<end>")?|[{}\[\]]', re.S)


def piece_bytes() -> int:
    """So many bytes of a line are read at once."""
    return min(PIECE_BYTES, record.MAX_RECORD_BYTES)


class LongLine:
    """A line that is longer than its first piece, ``head``, and begins with an object or an array.

    Either :meth:`whole` or :meth:`values` must be called, and reads the rest of the line from the file.
    """

    def __init__(self, number: int, head: bytes, file: ByteFile) -> None:
        self._number = number
        self._head = head
        self._file = file
        self._is_ended = False

    def whole(self) -> Record | BadRecord:
        """The line as one record."""
        pieces, size = [self._head], len(self._head)
        while not self._is_ended and size <= record.MAX_RECORD_BYTES:
            pieces.append(self._next_piece())
            size += len(pieces[-1])
        if size > record.MAX_RECORD_BYTES:
            return self._skip(self._too_long())
        return Record(self._number, b"".join(pieces))

    def values(self) -> Iterator[Record | BadRecord]:
        """A record for each object and each array. Behind anything else, the rest of the line is skipped."""
        text = self._head
        depth = begin = scanned = 0
        while True:
            for token in _TOKENS.finditer(text, scanned):
                mark = text[token.start()]
                if not depth:
                    if mark not in b"{[" or text[begin : token.start()].strip(BLANKS):
                        yield self._skip(self._no_value())
                        return
                    begin = token.start()
                if mark == _QUOTE and token["end"] is None:
                    # The string goes on in the next piece.
                    break
                scanned = token.end()
                if mark in b"{[":
                    depth += 1
                elif mark in b"}]":
                    depth -= 1
                    if not depth:
                        is_kept = scanned - begin <= record.MAX_RECORD_BYTES
                        yield Record(self._number, text[begin:scanned]) if is_kept else self._too_long()
                        begin = scanned
            if self._is_ended:
                break
            text, scanned, begin = text[begin:] + self._next_piece(), scanned - begin, 0
            if len(text) > record.MAX_RECORD_BYTES + piece_bytes():
                yield self._skip(self._too_long())
                return
        if rest := text[begin:].strip(BLANKS):
            yield Record(self._number, rest)

    def _next_piece(self) -> bytes:
        piece = self._file.readline(piece_bytes())
        self._is_ended = len(piece) < piece_bytes() or piece.endswith(b"\n")
        return piece

    def _skip(self, bad: BadRecord) -> BadRecord:
        while not self._is_ended:
            self._next_piece()
        return bad

    def _no_value(self) -> BadRecord:
        return BadRecord(self._number, "not JSON: there is something beside objects and arrays", SkipReason.NOT_JSON)

    def _too_long(self) -> BadRecord:
        return BadRecord(self._number, f"longer than {record.MAX_RECORD_BYTES:,} bytes", SkipReason.OVER_LIMIT)
