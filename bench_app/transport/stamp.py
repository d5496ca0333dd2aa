"""The wire stamp: handler ~~> listener. It has a message's sender, number, due time and send time.

The text ``1-RRRRRRRR-HHHH-SSSSSSSSSSSSSSSS-IIIIIIIIIIIIIIII-TTTTTTTTTTTTTTTT`` (lower-case hex: format, run, handler,
sequence number, intended and actual send time in ns of ``time.perf_counter_ns``) has a fixed width, so a sender patches
it in place and a listener finds it without parsing JSON.

* ``field``: the first key of the JSON object, ``{"_bench":"<text>", ...}``;
* ``frame``: one more frame at the end of the message;
* ``off``: no stamp; the listener can then measure rates and counts only.
"""

from __future__ import annotations

import binascii
import re
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

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
_INVALID_TIMES = bytes(TIMES_LENGTH)
# Listeners compute with signed 64-bit numbers, so the top digit stays under 8.
_VALID_TIMES = re.compile(rb"[0-7][0-9a-f]{15}-[0-7][0-9a-f]{15}-[0-7][0-9a-f]{15}")


@dataclass(frozen=True)
class Identity:
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
    if _VALID_TIMES.fullmatch(text) is None:
        return None
    return int(text[:16], 16), int(text[17:33], 16), int(text[34:], 16)


def decode_times(texts: list[bytes]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.bool_]]:
    """Read the changing parts of many stamps at once, as :func:`decode_joined` does; other lengths are invalid."""
    return decode_joined(b"".join(text if len(text) == TIMES_LENGTH else _INVALID_TIMES for text in texts))


def decode_joined(joined: bytes) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.bool_]]:
    """Read n texts of TIMES_LENGTH bytes each, joined to one.

    Returns an array of shape (n, 3) with sequence number, intended ns and sent ns, and a mask of shape (n,) that is
    False for a text that is not what :func:`times` writes; its numbers are 0.
    """
    count = len(joined) // TIMES_LENGTH
    numbers = _decode_all_valid(joined, count)
    if numbers is not None:
        return numbers, np.ones(count, np.bool_)
    texts = [joined[at : at + TIMES_LENGTH] for at in range(0, len(joined), TIMES_LENGTH)]
    valid = np.array([_VALID_TIMES.fullmatch(text) is not None for text in texts], np.bool_)
    raw = b"".join(
        binascii.unhexlify(text.replace(b"-", b"")) if is_valid else bytes(24)
        for text, is_valid in zip(texts, valid, strict=True)
    )
    return _numbers(raw), valid


def _decode_all_valid(joined: bytes, count: int) -> npt.NDArray[np.int64] | None:
    """The numbers of ``count`` texts, or None if at least one text is invalid.

    Usually all texts are valid. They are then decoded in few steps over all texts at once, because a listener receives
    nothing while it decodes.
    """
    dashes = b"-" * count
    digits = joined.replace(b"-", b"")
    if joined[16::TIMES_LENGTH] != dashes or joined[33::TIMES_LENGTH] != dashes or digits != digits.lower():
        return None
    try:
        numbers = _numbers(binascii.unhexlify(digits))
    except ValueError:
        return None
    # A top digit of 8 or more gives a negative number. A dash in the place of a digit leaves too few digits.
    return numbers if len(numbers) == count and (numbers >= 0).all() else None


def _numbers(raw: bytes) -> npt.NDArray[np.int64]:
    return np.frombuffer(raw, ">i8").astype(np.int64).reshape(-1, 3)
