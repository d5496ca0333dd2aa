"""Gives each received message to the writer process: listener ~~> **tap** -> writer -> file. It never waits.

A tap and the writer share counters in a mapped file. The writer counts the bytes that it has taken, and the tap sends
no message while more than ``BUDGET_BYTES`` are under way. So the memory is bounded. A writer that is too slow, hangs or
was killed costs messages of the recording and not time of the run. What was not written is offered less written.

Messages go to the writer in blocks, because one message of libzmq costs both sides more than its bytes. A block is the
Messages go to the writer in blocks, because one message of libzmq costs both sides more than its bytes. A block is the
its bytes, and 1 more if a frame follows.

The socket is in a context of its own, so that its I/O thread is not the one of the data.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from enum import IntEnum
from pathlib import Path

import msgspec
import zmq

from bench_app.measure.counters import MappedCounters

BUDGET_BYTES = 32 * 1024 * 1024
"""The most bytes of one tap that are under way to the writer. One message may exceed it."""
MESSAGE_COST = 256
"""Bytes that a message is counted in addition to its frames, for what libzmq needs for it."""
LINGER_MS = 2000
SOCKET_NAME = "record"
BLOCK_HEAD = struct.Struct("=I")
_TIME = struct.Struct("=q")
_LENGTH = struct.Struct("=Q")


class TapSlot(IntEnum):
    """The counters of a tap.

    The tap writes OFFERED (messages received), SENT and SENT_BYTES. The writer writes TAKEN, TAKEN_BYTES (with
    MESSAGE_COST for each message) and WRITTEN (messages that are in a file).
    """

    OFFERED = 0
    SENT = 1
    SENT_BYTES = 2
    TAKEN = 3
    TAKEN_BYTES = 4
    WRITTEN = 5


OFFERED, SENT, SENT_BYTES = int(TapSlot.OFFERED), int(TapSlot.SENT), int(TapSlot.SENT_BYTES)
TAKEN_BYTES = int(TapSlot.TAKEN_BYTES)


class TapOrder(msgspec.Struct, frozen=True):
    """What a tap needs.

    Attributes:
        folder: the private folder of the run.
        number: the number of the tap, unique in the folder.
        source: the listener, as in its messages; "" for ``zmq-bench listen``.
        has_topic: whether the first frame of a message is its topic.
        is_joined: whether topic and body are in one frame, with a blank between.
    """

    folder: str
    number: int
    source: str = ""
    has_topic: bool = False
    is_joined: bool = False

    @property
    def counters_file(self) -> Path:
        """The counters of the tap."""
        return Path(self.folder, f"tap-{self.number}.counters")

    @property
    def description_file(self) -> Path:
        """What the writer needs to know about the messages of the tap, as JSON."""
        return Path(self.folder, f"tap-{self.number}.json")


class TapDescription(msgspec.Struct, frozen=True):
    """The tap as the writer sees it: its order and where its messages were received."""

    order: TapOrder
    endpoint: str


class Tap:
    """The sending end. Raises :class:`EngineError` if its counters cannot be made.

    Attributes:
        slots: the counters, see :class:`TapSlot`.
        socket: the socket to the writer.
        number: its number.
    """

    def __init__(self, order: TapOrder, endpoint: str) -> None:
        is_new = not order.counters_file.exists()
        self._counters = MappedCounters(order.counters_file, TapSlot, create=is_new)
        self.slots = self._counters.slots
        self.number = order.number
        # What a killed worker had under way was lost with it.
        self.slots[SENT_BYTES] = self.slots[TAKEN_BYTES]
        self.slots[SENT] = self.slots[TapSlot.TAKEN]
        order.description_file.write_bytes(msgspec.json.encode(TapDescription(order, endpoint)))
        self._context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
        self.socket = self._context.socket(zmq.PUSH)
        # The budget of bytes limits what waits, so the number of messages need not.
        self.socket.sndhwm = 0
        self.socket.linger = LINGER_MS
        self.socket.connect(f"ipc://{order.folder}/{SOCKET_NAME}")

    def send(self, frames: Sequence[bytes], received_ns: int) -> None:
        """Give a message that was received at ``received_ns`` (``perf_counter_ns``) to the writer, if it keeps up."""
        slots = self.slots
        slots[OFFERED] += 1
        if slots[SENT_BYTES] - slots[TAKEN_BYTES] >= BUDGET_BYTES:
            return
        try:
            self.socket.send(to_block(self.number, frames, received_ns), zmq.NOBLOCK)
        except zmq.Again:
            return
        slots[SENT_BYTES] += MESSAGE_COST + sum(map(len, frames))
        slots[SENT] += 1

    def close(self) -> None:
        """Close the socket; libzmq sends what waits for up to LINGER_MS."""
        self.socket.close()
        self._context.term()
        self._counters.close()


def to_block(number: int, frames: Sequence[bytes], received_ns: int) -> bytes:
    """A block with one message."""
    parts = [BLOCK_HEAD.pack(number), _TIME.pack(received_ns)]
    last = len(frames) - 1
    for place, frame in enumerate(frames):
        parts += (_LENGTH.pack(2 * len(frame) + (place < last)), frame)
    return b"".join(parts)


def messages_of(block: bytes) -> list[tuple[int, list[bytes]]]:
    """The messages of a block: when each was received (``perf_counter_ns``), and its frames."""
    read_time, read_length = _TIME.unpack_from, _LENGTH.unpack_from
    messages: list[tuple[int, list[bytes]]] = []
    at, end = BLOCK_HEAD.size, len(block)
    while at < end:
        (received_ns,) = read_time(block, at)
        at += _TIME.size
        frames: list[bytes] = []
        has_more = True
        while has_more:
            (length,) = read_length(block, at)
            begin = at + _LENGTH.size
            at = begin + (length >> 1)
            frames.append(block[begin:at])
            has_more = length & 1
        messages.append((received_ns, frames))
    return messages
