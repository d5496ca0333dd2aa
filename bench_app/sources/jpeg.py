"""A valid JPEG of any length: random bytes -> **picture** -> crop event.

A viewer shows a grey square. JPEG comments, which decoders skip, make the file as large as wanted.
"""

from __future__ import annotations

from random import Random

_TABLE = bytes(15)
_HEAD = b"\xff\xd8"
_BODY = b"".join(
    [
        b"\xff\xdb\x00\x43\x00" + b"\x01" * 64,  # one table for quantization
        b"\xff\xc0\x00\x0b\x08\x00\x08\x00\x08\x01\x01\x11\x00",  # 8 x 8 pixels, one component
        b"\xff\xc4\x00\x14\x00\x01" + _TABLE + b"\x00",  # DC code 0: no difference
        b"\xff\xc4\x00\x14\x10\x01" + _TABLE + b"\x00",  # AC code 0: end of block
        b"\xff\xda\x00\x08\x01\x01\x00\x00\x3f\x00\x3f",  # the only block: 00, padded with ones
        b"\xff\xd9",
    ]
)
_COMMENT_MAX = 4 + 65_533
_COMMENT_MIN = 4


def grey_jpeg(size: int, random: Random) -> bytes:
    """A picture of ``size`` bytes or up to 5 fewer, always a multiple of 3; at least 141 bytes."""
    room = (size - len(_HEAD) - len(_BODY)) // 3 * 3
    parts = [_HEAD]
    while room >= _COMMENT_MIN:
        length = min(room, _COMMENT_MAX)
        if 0 < room - length < _COMMENT_MIN:
            length -= _COMMENT_MIN
        parts.append(b"\xff\xfe" + (length - 2).to_bytes(2, "big") + random.randbytes(length - 4))
        room -= length
    return b"".join([*parts, _BODY])
