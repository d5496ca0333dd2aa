"""Gives each received message to the spool of a recording: listener -> **tap** -> spool -> writer process.

A thread of the tap writes the spool, and the tap never waits for it. While more than ``BUDGET_BYTES`` are under way,
the tap gives it no message, so the memory is bounded. A disk that is too slow costs messages of the recording and not
time of the run. What is not in the recording is offered less written.

A compiled loop makes whole blocks and sends them through :attr:`Tap.socket` without a copy. It sends one that is not
full only when no other is under way. Messages of a Python loop are collected for a short time.
"""

from __future__ import annotations

import contextlib
import threading
from collections import deque
from collections.abc import Sequence
from pathlib import Path

import msgspec
import zmq

from bench_app.measure.counters import MappedCounters
from bench_app.recording.spool import SPOOLED_BYTES, SpoolWriter, TapSlot, count_in, packed, to_block
from bench_app.system.thread_name import name_this_thread

BUDGET_BYTES = 64 * 1024 * 1024
"""The most bytes of one tap that are under way to the disk. One message may exceed it."""
CLOSE_S = 5.0
"""How long a tap that is closed waits for the disk."""
_COLLECT_S = 0.02
_BLOCK_BYTES = 1024 * 1024
_WAKE = b""
_ENDPOINT = "inproc://spool"

OFFERED, SKIPPED, QUEUED_BYTES = int(TapSlot.OFFERED), int(TapSlot.SKIPPED), int(TapSlot.QUEUED_BYTES)


class TapOrder(msgspec.Struct, frozen=True):
    """What a tap needs.

    Attributes:
        folder: the folder of the spool.
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
    def path(self) -> Path:
        """The path of the spool, without the numbers of its segments."""
        return Path(self.folder, f"tap-{self.number}")

    @property
    def counters_file(self) -> Path:
        """The counters of the tap."""
        return self.path.with_suffix(".counters")

    @property
    def description_file(self) -> Path:
        """What the writer needs to know about the messages of the tap, as JSON."""
        return self.path.with_suffix(".json")


class TapDescription(msgspec.Struct, frozen=True):
    """The tap as the writer sees it: its order and where its messages were received."""

    order: TapOrder
    endpoint: str


class Tap:
    """The end of one listener. Raises :class:`EngineError` if its counters cannot be made, OSError on a full disk.

    Attributes:
        slots: the counters, see :class:`~bench_app.recording.spool.TapSlot`.
        socket: takes the blocks of a compiled loop.
    """

    def __init__(self, order: TapOrder, endpoint: str) -> None:
        is_new = not order.counters_file.exists()
        self._counters = MappedCounters(order.counters_file, TapSlot, create=is_new)
        self.slots = self._counters.slots
        # What a killed worker had under way was lost with it.
        self.slots[QUEUED_BYTES] = self.slots[SPOOLED_BYTES]
        order.description_file.write_bytes(msgspec.json.encode(TapDescription(order, endpoint)))
        self._collected: deque[bytes] = deque()
        self._is_closing = threading.Event()
        self._context: zmq.Context[zmq.Socket[bytes]] = zmq.Context(io_threads=0)
        self._taken = _pair_end(self._context, zmq.PULL)
        self._taken.bind(_ENDPOINT)
        self.socket = _pair_end(self._context, zmq.PUSH)
        self.socket.connect(_ENDPOINT)
        self._thread = threading.Thread(target=self._spool, args=(SpoolWriter(order.path, self.slots),), daemon=True)
        self._thread.start()

    def send(self, frames: Sequence[bytes], received_ns: int) -> None:
        """Record a message that was received at ``received_ns`` (``perf_counter_ns``), if the disk keeps up."""
        slots = self.slots
        slots[OFFERED] += 1
        if slots[QUEUED_BYTES] - slots[SPOOLED_BYTES] >= BUDGET_BYTES:
            slots[SKIPPED] += 1
            return
        message = packed(frames, received_ns)
        slots[QUEUED_BYTES] += len(message)
        is_first = not self._collected
        self._collected.append(message)
        if is_first:
            self.socket.send(_WAKE)

    def close(self) -> None:
        """Write what is under way, and close. After CLOSE_S without an end of it, a second call may try again."""
        if not self._is_closing.is_set():
            self._is_closing.set()
            # A thread that was just collecting is gone by now.
            with contextlib.suppress(zmq.Again):
                self.socket.send(_WAKE, zmq.NOBLOCK)
        self._thread.join(CLOSE_S)
        if self._thread.is_alive():
            # The thread still uses all of it, and ends with the process.
            return
        self.socket.close()
        self._context.term()
        self._counters.close()

    def _spool(self, spool: SpoolWriter) -> None:
        """Write until the tap is closed."""
        name_this_thread("zb-spool")
        is_over = False
        while not is_over:
            message = self._taken.recv(copy=False)
            block = message.buffer
            if len(block):
                spool.write(block, count_in(block))
                self.slots[SPOOLED_BYTES] += len(block)
            else:
                # Blocks that were sent before the tap was closed came before.
                is_over = self._is_closing.wait(_COLLECT_S)
                self._spool_collected(spool)
            del block, message
        spool.close()
        self._taken.close()

    def _spool_collected(self, spool: SpoolWriter) -> None:
        collected = self._collected
        while collected:
            messages, size = [], 0
            while collected and size < _BLOCK_BYTES:
                messages.append(collected.popleft())
                size += len(messages[-1])
            spool.write(memoryview(to_block(messages)), len(messages))
            self.slots[SPOOLED_BYTES] += size


def _pair_end(context: zmq.Context[zmq.Socket[bytes]], kind: int) -> zmq.Socket[bytes]:
    """One end of the way from a loop to its thread, on which nothing is refused or lost."""
    socket = context.socket(kind)
    # The budget of bytes limits what waits, so the number of messages need not.
    socket.sndhwm = socket.rcvhwm = 0
    socket.linger = 0
    return socket
