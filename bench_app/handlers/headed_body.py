"""Bodies with a head, for messages that differ in topic or frames: replay source -> **body** -> queue -> socket.

A compiled sender copies the head to the place before the bytes of the body. A head consists of bytes and numbers of 64
bits in the byte order of the machine; the last number ends it. The *form* says what they are:

* ``plain``: there is no head. The topic is that of the handler.
* ``paths``: what follows the topic of the handler after a dot, and its size. An event without a path has the size 0.
* ``frames``: the size of each frame, the last frame first, and how many frames there are. The body is all frames.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import Literal

Form = Literal["plain", "paths", "frames"]


class HeadedBody(bytearray):
    """A message body with its head.

    Attributes:
        head: what a compiled sender needs to know of this message.
    """

    head: bytes


class PathBody(HeadedBody):
    """The body of a message with a topic of its own.

    Attributes:
        path: what follows the topic of the handler after a dot; empty if the event has no path.
    """

    path: bytes

    @classmethod
    def of(cls, body: bytes | bytearray, path: bytes) -> PathBody:
        """A body with its path."""
        made = cls(body)
        made.path, made.head = path, text_head(path)
        return made


class FramedBody(HeadedBody):
    """The frames of a message, one after the other.

    Attributes:
        sizes: the size of each frame.
    """

    sizes: tuple[int, ...]

    @classmethod
    def of(cls, frames: Sequence[bytes]) -> FramedBody:
        """A body with these frames."""
        made = cls(b"".join(frames))
        made.sizes = tuple(map(len, frames))
        made.head = struct.pack(f"={len(frames) + 1}q", *reversed(made.sizes), len(frames))
        return made

    @property
    def frames(self) -> list[bytes | bytearray]:
        """The frames."""
        begin = 0
        frames: list[bytes | bytearray] = []
        for size in self.sizes:
            frames.append(self[begin : begin + size])
            begin += size
        return frames


def text_head(text: bytes) -> bytes:
    """The head with a text: a path, or a topic."""
    return text + struct.pack("=q", len(text))
