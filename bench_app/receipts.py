"""Tells the bench what your own consumer received: your consumer -> **receipts** ~~> bench -> ledger, latencies.

This file needs Python's standard library and pyzmq only, so you may copy it into the project of your consumer::

    from bench_app import Receipts          # or: from receipts import Receipts

    with Receipts("tcp://127.0.0.1:5599") as receipts:
        while True:
            topic, body = socket.recv_multipart()
            receipts.seen(body)

The address is that of the key ``receipts`` in the preset. A receipt is the stamp of a message, the time at which the
message arrived, and its size. The receipts of 50 ms travel together, in a thread of their own, so that your consumer
never waits for the bench.
"""

from __future__ import annotations

import atexit
import os
import platform
import re
import threading
import time
from collections import deque
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

import zmq

STAMP = re.compile(rb"1-[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{16}-[0-9a-f]{16}-[0-9a-f]{16}")
FORMAT = b"zmq-bench-receipts/1"
"""Begins the first frame of a message with receipts: ``FORMAT CLOCK CONSUMER DROPPED``. The second frame has a line for
each receipt: ``STAMP ARRIVED_NS SIZE``."""
FLUSH_S = 0.05
MOST_TOGETHER = 10_000
MOST_SENT_AHEAD = 10
MOST_KEPT = 1_000_000
CLOSE_WAIT_MS = 2_000


def clock_name() -> str:
    """The name of the clock that :func:`time.perf_counter_ns` reads: two processes with the same name share a clock."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        return platform.node().replace(" ", "_") or "-"


class Receipts:
    """Sends a receipt for each message that your consumer received.

    All methods may be called from any thread. An object is used in the process that made it, not in a fork of it.

    Args:
        endpoint: the address of the key ``receipts`` in the preset.
        most_kept: how many receipts wait at most while the bench does not read them.

    Attributes:
        sent: how many receipts were given to the socket.
        dropped: how many receipts were dropped because too many waited. The bench learns this number, and calls the
            run invalid if it is above 0.
        unstamped: how many messages had no stamp of the bench, so that there was nothing to send.
    """

    def __init__(self, endpoint: str, *, most_kept: int = MOST_KEPT) -> None:
        self.sent = 0
        self.dropped = 0
        self.unstamped = 0
        self._most_kept = most_kept
        self._lines: deque[bytes] = deque()
        self._closing = threading.Event()
        self._context = zmq.Context()
        self._socket = self._context.socket(zmq.PUSH)
        self._socket.linger = CLOSE_WAIT_MS
        self._socket.sndhwm = MOST_SENT_AHEAD
        self._socket.sndtimeo = int(FLUSH_S * 1000)
        # The bench may be started later, or restarted: ask for it often.
        self._socket.reconnect_ivl = 50
        self._socket.reconnect_ivl_max = 500
        # Without this, receipts would wait in a connection that is not there yet, and could not be dropped.
        self._socket.immediate = True
        try:
            self._socket.connect(endpoint)
        except zmq.ZMQError as error:
            self._context.destroy(linger=0)
            raise ValueError(f"{endpoint}: {error}") from error
        self._head = b"%s %s %d-%s" % (FORMAT, clock_name().encode(), os.getpid(), os.urandom(4).hex().encode())
        self._thread = threading.Thread(target=self._send_until_closed, name="receipts", daemon=True)
        self._thread.start()
        atexit.register(self.close)

    def seen(self, message: object) -> bool:
        """Send a receipt for a message, soon. Returns False if the message has no stamp of the bench.

        ``message`` is the body as it arrived (bytes, a memoryview or a string), the list of all frames, the JSON object
        that was read from the body, or ``zmq.Frame``. Call it as soon as the message has arrived: the time of the call
        is the time of arrival.
        """
        now_ns = time.perf_counter_ns()
        stamp, size = _stamp_of(message)
        if stamp is None:
            self.unstamped += 1
            return False
        if len(self._lines) >= self._most_kept:
            self.dropped += 1
            return True
        self._lines.append(b"%s %d %d" % (stamp, now_ns, size))
        return True

    def close(self) -> None:
        """Send what waits, for 2 s at most, and close the socket. A second call does nothing."""
        if self._closing.is_set():
            return
        self._closing.set()
        atexit.unregister(self.close)
        self._thread.join()
        self._socket.close()
        self._context.term()

    def __enter__(self) -> Receipts:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _send_until_closed(self) -> None:
        while not self._closing.wait(FLUSH_S):
            while self._lines and self._send_some():
                pass
        end_s = time.monotonic() + CLOSE_WAIT_MS / 1000
        while self._lines and time.monotonic() < end_s:
            self._send_some()

    def _send_some(self) -> bool:
        """Send the oldest receipts in one message. Returns False if the bench does not read now."""
        # They stay in the line until they are sent, so that they count as kept. Other threads only append.
        lines = [self._lines[at] for at in range(min(len(self._lines), MOST_TOGETHER))]
        try:
            self._socket.send_multipart([b"%s %d" % (self._head, self.dropped), b"\n".join(lines)])
        except zmq.Again:
            return False
        for _ in lines:
            self._lines.popleft()
        self.sent += len(lines)
        return True


def _stamp_of(message: object) -> tuple[bytes | None, int]:
    """The stamp in a message, and the size of the message in bytes."""
    if isinstance(message, Mapping):
        value = message.get("_bench")
        found = STAMP.fullmatch(value.encode("ascii", "replace")) if isinstance(value, str) else None
        return (found[0] if found else None), 0
    frames: Sequence[Any] = message if isinstance(message, list | tuple) else (message,)
    size, stamp = 0, None
    # The stamp is at the beginning of the body, or in a frame of its own at the end.
    for frame in reversed(frames):
        data = frame.encode() if isinstance(frame, str) else memoryview(frame)
        size += len(data)
        if stamp is None and (found := STAMP.search(data)):
            stamp = found[0]
    return stamp, size
