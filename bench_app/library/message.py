"""Messages as a program writes and reads them: event -> JSON -> handler's socket ~~> **message**."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import msgspec

from bench_app.library.encoding import encode
from bench_app.untrusted.json_reader import ANY_JSON, BadJsonError

__all__ = ["ClientFraming", "Message", "decode", "encode", "message_of"]

ClientFraming = Literal["auto", "frames", "joined"]
"""Where a subscriber finds topic and body."""


class Message(msgspec.Struct, frozen=True, eq=False):
    """A message that was read. Two messages are equal if topic, value and raw are equal.

    Attributes:
        topic: the topic; "" for a socket type without topics.
        value: the body as Python values, or its bytes if the body is not JSON.
        raw: the bytes of the body.
        frames: all frames as they were received.
        request_id: the number of the request to which this is the reply (REQ); None for other messages. The requests of
            a handler are numbered from 1, in the order in which its queue took them.
    """

    topic: str
    value: Any
    raw: bytes
    frames: tuple[bytes, ...] = ()
    request_id: int | None = None

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Message):
            return NotImplemented
        return (self.topic, self.value, self.raw) == (other.topic, other.value, other.raw)

    def __hash__(self) -> int:
        return hash((self.topic, self.raw))


def decode(body: bytes) -> Any:
    """JSON as Python values; bytes that are not JSON stay as they are."""
    try:
        return ANY_JSON.read(body)
    except BadJsonError:
        return body


def message_of(frames: Sequence[bytes], has_topic: bool, framing: ClientFraming = "auto") -> Message:
    """Make a message from its frames.

    Without topics, the value is in the last frame. With topics, ``framing`` says where topic and value are: in the
    first two frames, or joined by a blank in the first frame. ``auto`` looks whether there is a second frame.
    """
    frames = tuple(frames)
    if not has_topic:
        return Message("", decode(frames[-1]), frames[-1], frames)
    if framing == "frames" or (framing == "auto" and len(frames) > 1):
        topic, body = frames[0], frames[1] if len(frames) > 1 else b""
    else:
        topic, body = _split(frames[0], framing == "joined")
    return Message(topic.decode(errors="replace"), decode(body), body, frames)


def _split(frame: bytes, is_joined: bool) -> tuple[bytes, bytes]:
    """Topic and body of a frame that may have both."""
    head, blank, rest = frame.partition(b" ")
    # JSON with a blank in it is a body without a topic, not a topic.
    if blank and (is_joined or not head.startswith((b"{", b"[", b'"'))):
        return head, rest
    return b"", frame
