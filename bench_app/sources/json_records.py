"""Records of a JSON array, one element at a time."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator

import ijson
import msgspec

from bench_app.sources.record import (
    MAX_RECORD_BYTES,
    BadRecord,
    BrokenFileError,
    ByteFile,
    Record,
    SkipReason,
)
from bench_app.untrusted.json_depth import MAX_DEPTH, DepthMeter
from bench_app.untrusted.json_reader import TOO_DEEP

_MAX_DIGITS = sys.get_int_max_str_digits() or 4300
# An integer with more digits than Python converts crashes the C parser of ijson 3.6 (a segmentation fault), so the
# parser must never get such an integer. The look-behind lists the characters that can precede a number in JSON. Digits
# inside a string nearly always follow another character.
_TOO_MANY_DIGITS = re.compile(rb"(?<=[\s:,\[-])[0-9]{%d}" % (_MAX_DIGITS + 1))
# A quick test comes first: only data with digits in several 256th bytes in a row can have such an integer.
_PROBE_STEP = 256
_MANY_DIGITS = re.compile(rb"[0-9]{%d}" % ((_MAX_DIGITS + 1) // _PROBE_STEP))

_ARRAY_DEPTH = 1 + MAX_DEPTH
"""The bracket of the array itself is not part of an element."""


class _MeteredFile:
    """A file that limits the size and the depth of one element, and the digits of a number.

    ijson keeps the path of every open bracket, so its memory grows by the square of the depth.

    Attributes:
        marker: the JSON text in place of a value that is nested too deeply. It is random, so no file can contain it.
        spent: the bytes read since the last element. The reader of the array sets it to 0 after each element.
    """

    def __init__(self, file: ByteFile, first: bytes) -> None:
        self._file = file
        self._first = first
        self._tail = b""
        self._depth = DepthMeter()
        self._has_endless_number = False
        self.marker = b'"%s"' % os.urandom(16).hex().encode()
        self.spent = 0

    def read(self, size: int = -1) -> bytes:
        if self.spent > MAX_RECORD_BYTES:
            raise BrokenFileError(f"an element of the array is longer than {MAX_RECORD_BYTES:,} bytes")
        if self._has_endless_number:
            raise BrokenFileError(f"an element of the array has a number of more than {_MAX_DIGITS:,} digits")
        if not size:  # ijson reads 0 bytes to find out whether the file gives bytes or text
            return b""
        data, self._first = self._first or self._file.read(size), b""
        self.spent += len(data)
        return self._without_deep_parts(self._up_to_endless_number(data))

    def _without_deep_parts(self, data: bytes) -> bytes:
        """The data with the marker in place of each value that is nested too deeply."""
        shallow = self._depth.feed_and_cut(data, _ARRAY_DEPTH, self.marker)
        # A blank, if the whole piece is inside such a value, because no bytes mean the end of the file.
        return shallow or (b" " if data else b"")

    def _up_to_endless_number(self, data: bytes) -> bytes:
        """The data before a number that is too long, so that earlier elements are still read. The next read raises."""
        seen = self._tail + data
        found = _MANY_DIGITS.search(seen[::_PROBE_STEP]) and _TOO_MANY_DIGITS.search(seen)
        if found is None:
            self._tail = seen[-_MAX_DIGITS - 1 :]
            return data
        self._has_endless_number = True
        # At least one byte, because no bytes mean the end of the file. One digit alone is not too long.
        return data[: max(1, found.start() - len(self._tail))]


def read_json_array(file: ByteFile) -> Iterator[Record | BadRecord]:
    """A record for each element of the array. Raises BrokenFileError if the file has no array or an incomplete one."""
    first = b" "
    while first and first in b" \t\r\n":
        first = file.read(1)
    if first and first != b"[":
        raise BrokenFileError('it has no JSON array; for one event on each line set "format" to "jsonl"')
    metered = _MeteredFile(file, first)
    encoder = msgspec.json.Encoder(decimal_format="number")
    number = 0
    try:
        for value in ijson.items(metered, "item") if first else ():
            metered.spent = 0
            number += 1
            try:
                encoded = encoder.encode(value)
            except (RecursionError, ValueError) as error:
                yield BadRecord(number, f"cannot be read: {error}", SkipReason.NOT_JSON)
            else:
                if metered.marker in encoded:
                    yield BadRecord(number, TOO_DEEP, SkipReason.OVER_LIMIT)
                else:
                    yield Record(number, encoded)
    except ArithmeticError as error:
        raise BrokenFileError(f"after element {number} the JSON array has a number that is out of range") from error
    except (ijson.JSONError, ValueError) as error:
        what = error.args[0] if error.args else error
        text = what.decode(errors="replace") if isinstance(what, bytes) else str(what)
        raise BrokenFileError(
            f"after element {number} the JSON array cannot be read: {' '.join(text.split())[:300]}"
        ) from error
