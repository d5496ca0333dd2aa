"""Reads ahead of the run: file -> records -> **read-ahead** -> feed. A thread keeps a bounded queue full."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Generator, Iterator
from typing import Generic, TypeVar

from bench_app.errors import SourceError

Item = TypeVar("Item")

MAX_ITEMS = 4096
MAX_BYTES = 16 * 1024 * 1024
_BLOCK_ITEMS = 256
_BLOCK_BYTES = 1024 * 1024
_ITEM_COST_BYTES = 200
"""Counted for each item in addition to its text, for the Python objects around it and the work to make it."""
# A computing thread keeps the interpreter lock for up to 5 ms, which would make the sending thread late. So the reader
# sleeps after every small portion while enough items are ahead.
_PORTION_BYTES = 24 * 1024
_REST_S = 50e-6


class ReadAhead(Generic[Item]):
    """Runs a generator of (item, its bytes) in a thread, at most MAX_ITEMS and MAX_BYTES ahead of :meth:`take`.

    Items are handed over in blocks, so that the two threads synchronize once for a few hundred items. An item larger
    than MAX_BYTES is handed over alone. A ``SourceError`` of the generator ends the read-ahead; :meth:`take` still
    returns the items before it.

    Attributes:
        most_bytes: the highest number of bytes that were ahead at any time.
        ended: whether ``take`` has returned the last item.
    """

    def __init__(self, items: Generator[tuple[Item, int], None, None], name: str) -> None:
        self._items = items
        self._name = name
        self._blocks: deque[tuple[list[Item], int] | None] = deque()
        self._current: Iterator[Item] = iter(())
        self._changed = threading.Condition()
        self._filled = threading.Event()
        self._closing = False
        self._is_unlimited = False
        self._ahead_items = 0
        self._ahead_bytes = 0
        self._failure = ""
        self.most_bytes = 0
        self.ended = False
        self._thread = threading.Thread(target=self._run, name="read-ahead", daemon=True)
        self._thread.start()

    @property
    def failure(self) -> str:
        """The message of the error that ended the items too early; "" before ``take`` has returned the last item."""
        return self._failure if self.ended else ""

    def wait_filled(self) -> str:
        """Wait until the queue is full for the first time, or all items are read; returns the error message or ""."""
        self._filled.wait()
        return self._failure

    def take(self) -> Item | None:
        """The next item; None if no item is ready, or if the read-ahead has ended."""
        for item in self._current:
            return item
        return self._next_block()

    @property
    def is_running(self) -> bool:
        """Whether the thread still runs the generator."""
        return self._thread.is_alive()

    def lift_limits(self) -> None:
        """Let the generator go on to its end, however many items are ahead. It should yield none any more."""
        with self._changed:
            self._is_unlimited = True
            self._changed.notify_all()

    def close(self) -> None:
        """End the thread."""
        with self._changed:
            self._closing = True
            self._changed.notify_all()
        self._thread.join()

    def _next_block(self) -> Item | None:
        with self._changed:
            if self.ended or not self._blocks:
                return None
            block = self._blocks.popleft()
            if block is None:
                self.ended = True
                return None
            self._ahead_items -= len(block[0])
            self._ahead_bytes -= block[1]
            self._changed.notify_all()
        self._current = iter(block[0])
        return next(self._current)

    def _run(self) -> None:
        failure = f"{self._name}: the reader stopped unexpectedly"
        try:
            self._fill()
            failure = ""
        except SourceError as error:
            failure = str(error)
        finally:
            self._items.close()
            with self._changed:
                self._failure = failure
                self._blocks.append(None)
            self._filled.set()

    def _fill(self) -> None:
        block: list[Item] = []
        size = portion = 0
        try:
            for item, item_bytes in self._items:
                if self._closing:
                    return
                block.append(item)
                size += item_bytes + _ITEM_COST_BYTES
                portion += item_bytes + _ITEM_COST_BYTES
                if len(block) >= _BLOCK_ITEMS or size >= _BLOCK_BYTES:
                    self._put(block, size)
                    block, size = [], 0
                if portion >= _PORTION_BYTES:
                    self._yield_interpreter()
                    portion = 0
        finally:
            # Also after an error, because the items before the error are valid.
            if block:
                self._put(block, size)

    def _put(self, block: list[Item], size: int) -> None:
        with self._changed:
            while self._blocks and not self._closing and not self._has_room(len(block), size):
                self._filled.set()
                self._changed.wait()
            self._blocks.append((block, size))
            self._ahead_items += len(block)
            self._ahead_bytes += size
            self.most_bytes = max(self.most_bytes, self._ahead_bytes)

    def _has_room(self, items: int, size: int) -> bool:
        return self._is_unlimited or (self._ahead_items + items <= MAX_ITEMS and self._ahead_bytes + size <= MAX_BYTES)

    def _yield_interpreter(self) -> None:
        enough = self._ahead_items * 4 > MAX_ITEMS or self._ahead_bytes * 4 > MAX_BYTES
        if enough and self._filled.is_set():
            time.sleep(_REST_S)
