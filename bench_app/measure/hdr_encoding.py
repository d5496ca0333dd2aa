"""A distribution as text for other tools: ledger -> **V2 encoding** -> HdrHistogram log.

The V2 format of HdrHistogram (https://github.com/HdrHistogram/HdrHistogram) holds the counts of the buckets, from the
first bucket to the last one with samples. A run of empty buckets is one negative number: how many they are. Numbers are
ZigZag LEB128, which needs one byte for a small number. Numbers and settings are compressed with zlib and written as
base64.
"""

from __future__ import annotations

import base64
import struct
import zlib

from bench_app.measure.buckets import HIGHEST_NS, SIGNIFICANT_DIGITS
from bench_app.measure.histogram import Histogram

_COMPRESSED_COOKIE = 0x1C849314
"""Marks a compressed V2 histogram."""
_COOKIE = 0x1C849313
"""Marks the V2 histogram within the compressed bytes."""
_ENVELOPE = struct.Struct(">II")
"""Cookie, length of the compressed bytes."""
_SETTINGS = struct.Struct(">IIIIQQd")
"""Cookie, length of the numbers, offset of the first bucket, significant digits, lowest and highest value, ratio."""
_LOWEST_NS = 1
_MOST_BYTES = 9
"""A number has no more bytes. The last one of nine has eight bits of the number, the others have seven."""


def encode_v2(histogram: Histogram) -> bytes:
    """The histogram in HdrHistogram's compressed V2 encoding, as base64."""
    numbers = _numbers(histogram)
    settings = _SETTINGS.pack(_COOKIE, len(numbers), 0, SIGNIFICANT_DIGITS, _LOWEST_NS, HIGHEST_NS, 1.0)
    compressed = zlib.compress(settings + numbers)
    return base64.b64encode(_ENVELOPE.pack(_COMPRESSED_COOKIE, len(compressed)) + compressed)


def _numbers(histogram: Histogram) -> bytes:
    """The counts of the buckets, and in place of each run of empty buckets its negative length."""
    encoded = bytearray()
    expected = 0
    indexes, counts = histogram.recorded()
    for index, count in zip(indexes.tolist(), counts.tolist(), strict=True):
        empty = index - expected
        if empty:
            encoded += zigzag_leb128(-empty)
        encoded += zigzag_leb128(count)
        expected = index + 1
    return bytes(encoded)


def zigzag_leb128(number: int) -> bytes:
    """A signed number of 64 bits in 1 to 9 bytes, the lowest bits first.

    ZigZag puts the sign into the lowest bit: 0, -1, 1, -2 are 0, 1, 2, 3. Each byte but the last has its top bit set.
    """
    rest = 2 * number if number >= 0 else -2 * number - 1
    encoded = bytearray()
    while rest >= 0x80 and len(encoded) < _MOST_BYTES - 1:
        encoded.append(rest & 0x7F | 0x80)
        rest >>= 7
    encoded.append(rest)
    return bytes(encoded)
