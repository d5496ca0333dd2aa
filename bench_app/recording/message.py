"""One recorded message and its line of JSON: listener -> tap -> **message** -> file -> replay.

A line of a recording is a JSON object with these keys:

* ``received_at``: the time of receipt as text, UTC, to the nanosecond
* ``received_ns``: the same time in ns since 1970. Distances are exact: a clock set during the recording changes none.
* ``endpoint``: where the message was received
* ``source``: the listener that received it, such as ``zmq-publisher/sub-1``; left out by ``zmq-bench listen``
* ``topic``: the topic as text; "" for a message without a topic
* ``frames``: every frame. A frame that is UTF-8 is a text; any other is ``{"base64": "..."}``.
"""

from __future__ import annotations

import functools
from base64 import b64decode, b64encode
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

import msgspec

from bench_app.measure.clock import NS_PER_S
from bench_app.untrusted.json_reader import BadJsonError, JsonReader

TIME_FIELD = "received_ns"
"""The key with the time at which a message was received."""

_encode = msgspec.json.Encoder().encode


class RecordedMessage(NamedTuple):
    """A message as it was received.

    Attributes:
        received_ns: when it was received, in ns since 1970.
        endpoint: where it was received.
        source: the listener that received it; "" for ``zmq-bench listen``.
        topic: its topic as text; "" without a topic.
        frames: all its frames.
    """

    received_ns: int
    endpoint: str
    source: str
    topic: str
    frames: Sequence[bytes]

    def to_line(self) -> bytes:
        """The line of JSON, with its end."""
        try:
            frames: list[Any] = [frame.decode() for frame in self.frames]
        except UnicodeDecodeError:
            frames = [_to_json(frame) for frame in self.frames]
        seconds, rest_ns = divmod(self.received_ns, NS_PER_S)
        return b'{"received_at":"%s.%09dZ","received_ns":%d,%s%s,"frames":%s}\n' % (
            _second(seconds),
            rest_ns,
            self.received_ns,
            _origin(self.endpoint, self.source),
            _topic(self.topic),
            _encode(frames),
        )


@functools.lru_cache(16)
def _second(seconds: int) -> bytes:
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}".encode()


@functools.lru_cache(1024)
def _origin(endpoint: str, source: str) -> bytes:
    """The keys that name where a message was received, up to the key of its topic."""
    source_key = b'"source":%s,' % _encode(source) if source else b""
    return b'"endpoint":%s,%s"topic":' % (_encode(endpoint), source_key)


@functools.lru_cache(1024)
def _topic(topic: str) -> bytes:
    return _encode(topic)


class _Base64(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    base64: str


class _Line(msgspec.Struct, frozen=True):
    received_ns: int
    frames: list[str | _Base64]
    endpoint: str = ""
    source: str = ""
    topic: str = ""


_LINES = JsonReader(_Line)


class RecordedLine(bytes):
    """A line of a recording that was read already, so that it need not be read again.

    Attributes:
        message: the message of the line.
    """

    message: RecordedMessage

    @classmethod
    def of(cls, line: bytes, message: RecordedMessage) -> RecordedLine:
        """A line with its message."""
        made = cls(line)
        made.message = message
        return made


def read_line(line: bytes) -> RecordedMessage:
    """The message of a line; raises :class:`BadJsonError` for a line that is no recorded message."""
    if isinstance(line, RecordedLine):
        return line.message
    found = _LINES.read(line)
    if not found.frames:
        raise BadJsonError("a message has at least one frame")
    try:
        frames = [frame.encode() if isinstance(frame, str) else _from_json(frame) for frame in found.frames]
    except UnicodeEncodeError:
        frames = [_from_json(frame) for frame in found.frames]
    return RecordedMessage(found.received_ns, found.endpoint, found.source, found.topic, frames)


def is_recorded_line(line: bytes) -> bool:
    """Whether a line of JSON is a recorded message."""
    try:
        read_line(line)
    except BadJsonError:
        return False
    return True


def topic_of(frames: Sequence[bytes], has_topic: bool, is_joined: bool = False) -> str:
    """The topic of a message: its first frame if more follow, or, if ``is_joined``, the text before the first blank."""
    if not has_topic:
        return ""
    if len(frames) > 1:
        return frames[0].decode(errors="replace")
    head, blank, _ = frames[0].partition(b" ")
    return head.decode(errors="replace") if is_joined and blank else ""


def _to_json(frame: bytes) -> str | dict[str, str]:
    try:
        return frame.decode()
    except UnicodeDecodeError:
        return {"base64": b64encode(frame).decode()}


def _from_json(frame: str | _Base64) -> bytes:
    if isinstance(frame, str):
        # JSON may contain half of a surrogate pair, which no UTF-8 has.
        return frame.encode(errors="replace")
    try:
        return b64decode(frame.base64, validate=True)
    except ValueError as error:
        raise BadJsonError(f"a frame is no base64: {error}") from error
