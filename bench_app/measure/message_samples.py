"""A few messages kept for the user to read: listener -> **message samples** -> report -> window."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from bench_app.measure.clock import NS_PER_MS

SAMPLE_INTERVAL_NS = 250 * NS_PER_MS
SAMPLE_BYTES = 16 * 1024
"""A sample keeps this many bytes of each frame, so that a sample of a large message costs little."""


class MessageSample(msgspec.Struct, frozen=True, array_like=True):
    """One message that a listener received.

    Attributes:
        at_ns: the arrival time, as ``perf_counter_ns``.
        size: the size of all frames in bytes.
        frames: the first SAMPLE_BYTES of each frame.
    """

    at_ns: int
    size: int
    frames: tuple[bytes, ...]


class MessageSampler:
    """Keeps the first message that arrives at or after ``due_ns``, and then one message in SAMPLE_INTERVAL_NS.

    Attributes:
        due_ns: the time from which the next message is kept. The receiving loop compares the arrival with this time
            before it calls :meth:`keep`, because a comparison costs less than a call.
    """

    def __init__(self) -> None:
        self.due_ns = 0
        self._samples: list[MessageSample] = []

    def keep(self, frames: Sequence[bytes], now_ns: int) -> None:
        """Keep a message that arrived at ``now_ns``."""
        cut = tuple(bytes(frame[:SAMPLE_BYTES]) for frame in frames)
        self.keep_sample(MessageSample(now_ns, sum(map(len, frames)), cut))

    def keep_sample(self, sample: MessageSample) -> None:
        """Keep a message whose frames were cut already."""
        self.due_ns = sample.at_ns + SAMPLE_INTERVAL_NS
        self._samples.append(sample)

    def take(self) -> tuple[MessageSample, ...]:
        """The samples since the last call."""
        samples, self._samples = tuple(self._samples), []
        return samples
