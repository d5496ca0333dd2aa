"""How deeply JSON text is nested, measured without parsing it: JSON text -> **depth** -> JSON reader.

The depth must be known before a parser gets the text. A recursive parser stops at a depth that depends on its caller.
A streaming parser such as ijson keeps the path of every open bracket. The path at depth d has about d parts, so all
paths together take memory by the square of the depth: 100 KB of brackets took 24 GB.
"""

from __future__ import annotations

import copy
import re
from itertools import accumulate

MAX_DEPTH = 200
"""JSON from outside may have this many brackets open at the same time. Python itself can nest about 900."""

_STRUCTURE = b'"[]{}'
_CONTENT = bytes(byte for byte in range(256) if byte not in _STRUCTURE)
_TOKENS = re.compile(rb'["\\\[\]{}]')
_OPENING = b"\x01"
_STEPS = bytes.maketrans(b"[{]}", b"\x01\x01\xff\xff")
"""Each bracket as the change of depth that it causes: 1 or -1, as a signed byte."""


class DepthMeter:
    """The depth of JSON text that comes in pieces.

    The depth is right as long as the text is JSON. In text that is not JSON the meter may miscount after the first
    mistake, and a parser stops at this mistake.

    Attributes:
        depth: the number of brackets that are open at the end of the pieces so far.
    """

    def __init__(self) -> None:
        self.depth = 0
        self._in_string = False
        self._in_escape = False

    def feed(self, data: bytes) -> int:
        """Read the next piece. Returns the greatest depth within this piece."""
        brackets = self._brackets(data)
        if not brackets:
            return self.depth
        before, steps = self.depth, brackets.translate(_STEPS)
        self.depth += 2 * steps.count(_OPENING) - len(steps)
        # Not with numpy, whose import would take longer than all messages of most programs.
        return before + max(accumulate(memoryview(steps).cast("b")))

    def feed_and_cut(self, data: bytes, limit: int, substitute: bytes) -> bytes:
        """Read the next piece. Returns it with ``substitute`` in place of each value that is deeper than ``limit``."""
        before = copy.copy(self)
        if self.feed(data) <= limit and before.depth <= limit:
            return data
        return before._cut(data, limit, substitute)

    def _cut(self, data: bytes, limit: int, substitute: bytes) -> bytes:
        kept = bytearray()
        depth, in_string, begin = self.depth, self._in_string, 0
        escaped_at = 0 if self._in_escape else -1
        for found in _TOKENS.finditer(data):
            at = found.start()
            if at == escaped_at:
                continue
            match found[0]:
                case b"\\":
                    escaped_at = at + 1
                case b'"':
                    in_string = not in_string
                case _ if in_string:
                    pass
                case b"[" | b"{":
                    depth += 1
                    if depth == limit + 1:
                        kept += data[begin:at] + substitute
                case _:
                    depth -= 1
                    if depth == limit:
                        begin = at + 1
        return bytes(kept) if depth > limit else bytes(kept + data[begin:])

    def _brackets(self, data: bytes) -> bytes:
        """The brackets outside strings."""
        if not data:
            return b""
        if self._in_escape:
            data = data[1:]
        self._in_escape = bool((len(data) - len(data.rstrip(b"\\"))) % 2)
        if b"\\" in data:
            # In this order: of a row of backslashes before a quote, only an odd last one escapes the quote.
            data = data.replace(b"\\\\", b"").replace(b'\\"', b"")
        # A string without brackets is two quotes by now. Removing them keeps the number of parts small.
        parts = data.translate(None, _CONTENT).replace(b'""', b"").split(b'"')
        outside = b"".join(parts[self._in_string :: 2])
        self._in_string ^= not len(parts) % 2
        return outside


def is_too_deep(data: bytes, limit: int = MAX_DEPTH) -> bool:
    """Whether JSON text is nested more than ``limit`` deep.

    Most messages cost little or nothing: JSON closes each bracket, so a text of ``2 * limit`` bytes cannot be too deep.
    A text with at most ``limit`` brackets is only counted.
    """
    if len(data) <= 2 * limit or data.count(b"[") + data.count(b"{") <= limit:
        return False
    return DepthMeter().feed(data) > limit
