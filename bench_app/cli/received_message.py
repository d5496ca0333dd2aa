"""A message as ``zmq-bench listen`` reads it: socket -> **topic and frames** -> lines on the terminal, summary."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, NamedTuple

from bench_app.library.message import decode
from bench_app.recording.message import topic_of
from bench_app.transport import stamp
from bench_app.untrusted.visible_text import visible

SHOWN_CHARACTERS = 200
SHOWN_FRAMES = 16
_STAMP_FRAME = re.compile(rb"1-[0-9a-f]{8}-[0-9a-f]{4}-" + stamp.VALID_TIMES.pattern)
_BETWEEN_FRAMES = " | "


class ReceivedMessage(NamedTuple):
    """The topic of a message and its other frames.

    Attributes:
        topic: the topic; "" without one.
        frames: all frames but the topic.
        topic_size: the bytes of the topic's frame; 0 without one.
    """

    topic: str
    frames: Sequence[bytes]
    topic_size: int = 0

    @property
    def size(self) -> int:
        """The bytes of all frames but the topic."""
        return sum(map(len, self.frames))

    @property
    def frame_sizes(self) -> tuple[int, ...]:
        """The bytes of each frame, the topic's included."""
        sizes = tuple(map(len, self.frames))
        return (self.topic_size, *sizes) if self.topic_size else sizes

    @property
    def sent_ns(self) -> int:
        """The time of sending in the bench's own stamp, wherever it is; 0 without a valid stamp."""
        for frame in self.frames:
            if (times := _stamp_times(frame)) is not None:
                return times[2]
        return 0

    @property
    def event(self) -> Any:
        """The event as Python values. Of several JSON objects it has the keys of all; a later one has precedence."""
        values = [decode(frame) for frame in self.frames if not _STAMP_FRAME.fullmatch(frame)]
        objects = [value for value in values if isinstance(value, dict)]
        if not objects:
            known = [value for value in values if not isinstance(value, bytes)]
            return (known or values or [b""])[-1]
        return objects[0] if len(objects) == 1 else {key: item for value in objects for key, item in value.items()}


def received_message(frames: Sequence[bytes], has_topic: bool, is_joined: bool = False) -> ReceivedMessage:
    """Find the topic. ``is_joined``: topic and body are in one frame, with a blank between."""
    topic = topic_of(frames, has_topic, is_joined)
    if has_topic and len(frames) > 1:
        return ReceivedMessage(topic, frames[1:], len(frames[0]))
    if has_topic and is_joined and b" " in frames[0]:
        return ReceivedMessage(topic, (frames[0].partition(b" ")[2],))
    return ReceivedMessage(topic, frames)


def format_message(message: ReceivedMessage) -> str:
    """A message as one line: its topic, if it has one, and the beginning of each other frame."""
    shown = [_format_frame(frame) for frame in message.frames[:SHOWN_FRAMES]]
    if len(message.frames) > SHOWN_FRAMES:
        shown.append(f"{len(message.frames) - SHOWN_FRAMES} more frames")
    text = _BETWEEN_FRAMES.join(shown)
    return visible(f"{message.topic}  {text}" if message.topic else text)


class FrameSizes:
    """The sizes of the frames of messages, by the place of the frame.

    Attributes:
        fewest: the smallest number of frames of a message.
        most: the largest.
    """

    def __init__(self) -> None:
        self.fewest = 0
        self.most = 0
        self._ranges: list[tuple[int, int]] = []

    def add(self, sizes: Sequence[int]) -> None:
        """Count a message."""
        self.fewest = min(self.fewest, len(sizes)) if self.most else len(sizes)
        self.most = max(self.most, len(sizes))
        for place, size in enumerate(sizes[:SHOWN_FRAMES]):
            if place == len(self._ranges):
                self._ranges.append((size, size))
            low, high = self._ranges[place]
            self._ranges[place] = min(low, size), max(high, size)

    def lines(self) -> list[str]:
        """A line of the sizes, if a message has more frames than topic and body."""
        if self.most <= 2:
            return []
        count = f"{self.most:,}" if self.fewest == self.most else f"{self.fewest:,} to {self.most:,}"
        ranges = ", ".join(f"{low:,}" if low == high else f"{low:,} to {high:,}" for low, high in self._ranges)
        return [f"{count} frames a message, of {ranges}{' ...' if self.most > SHOWN_FRAMES else ''} bytes"]


def _format_frame(frame: bytes) -> str:
    text = frame[: SHOWN_CHARACTERS + 1].decode(errors="backslashreplace")
    return f"{text[:SHOWN_CHARACTERS]}…" if len(text) > SHOWN_CHARACTERS else text


def _stamp_times(frame: bytes) -> tuple[int, int, int] | None:
    """The times of the stamp in a frame: at the beginning of the body, after a joined topic, or the whole frame."""
    if len(frame) == stamp.TEXT_LENGTH and _STAMP_FRAME.fullmatch(frame):
        return stamp.decode_one(frame[stamp.IDENTITY_LENGTH :])
    at = 0 if frame.startswith(stamp.KEY) else frame.find(b" " + stamp.KEY) + 1
    if not at and not frame.startswith(stamp.KEY):
        return None
    return stamp.decode_one(frame[at + stamp.TIMES_AT : at + stamp.TIMES_AT + stamp.TIMES_LENGTH])
