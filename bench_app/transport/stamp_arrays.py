"""Many stamps decoded at once, with numpy: socket ~~> listener -> **stamps** -> sequence numbers and latencies.

Only listeners need it. :mod:`bench_app.transport.stamp` writes stamps, and reads a single one without numpy.
"""

from __future__ import annotations

import binascii

import numpy as np
import numpy.typing as npt

from bench_app.transport.stamp import TIMES_LENGTH, VALID_TIMES

_INVALID_TIMES = bytes(TIMES_LENGTH)


def decode_times(texts: list[bytes]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.bool_]]:
    """Read the changing parts of many stamps at once, as :func:`decode_joined` does; other lengths are invalid."""
    return decode_joined(b"".join(text if len(text) == TIMES_LENGTH else _INVALID_TIMES for text in texts))


def decode_joined(joined: bytes) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.bool_]]:
    """Read n texts of TIMES_LENGTH bytes each, joined to one.

    Returns an array of shape (n, 3) with sequence number, intended ns and sent ns, and a mask of shape (n,) that is
    False for a text that is not what :func:`~bench_app.transport.stamp.times` writes; its numbers are 0.
    """
    count = len(joined) // TIMES_LENGTH
    numbers = _decode_all_valid(joined, count)
    if numbers is not None:
        return numbers, np.ones(count, np.bool_)
    texts = [joined[at : at + TIMES_LENGTH] for at in range(0, len(joined), TIMES_LENGTH)]
    valid = np.array([VALID_TIMES.fullmatch(text) is not None for text in texts], np.bool_)
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
