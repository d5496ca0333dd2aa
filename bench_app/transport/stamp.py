"""The wire stamp: handler ~~> listener. It has a message's sender, number, due time and send time.

The text ``1-RRRRRRRR-HHHH-SSSSSSSSSSSSSSSS-IIIIIIIIIIIIIIII-TTTTTTTTTTTTTTTT`` (lower-case hex: format, run, handler,
sequence number, intended and actual send time in ns of ``time.perf_counter_ns``) has a fixed width, so a sender patches
it in place and a listener finds it without parsing JSON.

* ``field``: the first key of the JSON object, ``{"_bench":"<text>", ...}``;
* ``frame``: one more frame at the end of the message;
* ``off``: no stamp; the listener can then measure rates and counts only.
"""

from __future__ import annotations

import re

import msgspec

FIELD = "_bench"
"""The key of a ``field`` stamp in the JSON object of an event."""
KEY = b'{"%b":"' % FIELD.encode()
IDENTITY_LENGTH = len("1-RRRRRRRR-HHHH-")
TIMES_LENGTH = 3 * 16 + 2
TEXT_LENGTH = IDENTITY_LENGTH + TIMES_LENGTH
TIMES_AT = len(KEY) + IDENTITY_LENGTH
"""Where the patched part begins in a body with a ``field`` stamp."""
FIELD_COST = len(KEY) - 1 + TEXT_LENGTH + len('",')
"""Bytes that a ``field`` stamp adds to a JSON object that has other keys."""

_NO_TIMES = b"-".join([b"0" * 16] * 3)
VALID_TIMES = re.compile(rb"[0-7][0-9a-f]{15}-[0-7][0-9a-f]{15}-[0-7][0-9a-f]{15}")
"""What :func:`times` writes. Listeners compute with signed 64-bit numbers, so the top digit stays under 8."""


class Identity(msgspec.Struct, frozen=True):
    """The sender of messages: ``run`` (32 bits, a new random number for every run) and ``handler`` (16 bits)."""

    run: int
    handler: int

    @property
    def text(self) -> bytes:
        """The first part of the stamp, the same in every message."""
        return b"1-%08x-%04x-" % (self.run, self.handler)


def wrap(identity: Identity, event: bytes) -> bytearray:
    """Put a ``field`` stamp with empty times as the first key into a JSON object; its text must begin with ``{``."""
    rest = event[1:].lstrip()
    separator = b'"' if rest.startswith(b"}") else b'",'
    return bytearray(b"".join([KEY, identity.text, _NO_TIMES, separator, rest]))


def frame(identity: Identity) -> bytearray:
    """A stamp with empty times, as a frame of its own."""
    return bytearray(identity.text + _NO_TIMES)


def times(sequence: int, intended_ns: int, sent_ns: int) -> bytes:
    """The part of the stamp that changes from message to message."""
    return b"%016x-%016x-%016x" % (sequence, intended_ns, sent_ns)


def decode_one(text: bytes | bytearray) -> tuple[int, int, int] | None:
    """Read one changing part: sequence number, intended ns, sent ns; None if :func:`times` never writes the text."""
    if VALID_TIMES.fullmatch(text) is None:
        return None
    return int(text[:16], 16), int(text[17:33], 16), int(text[34:], 16)
