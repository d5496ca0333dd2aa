"""Items from a thread for an asyncio loop: handler's or client's thread -> **arrivals** -> coroutine."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections import deque
from collections.abc import AsyncIterator
from typing import Generic, TypeVar

MAX_WITHOUT_PAUSE = 100
"""After this many items in a row without a wait, the reader lets the loop do its other work. Otherwise a fast sender
would freeze a window."""

Item = TypeVar("Item")


class Arrivals(Generic[Item]):
    """Items from other threads, in the order of their arrival, for the loop that runs when the object is made.

    At most ``room`` items wait (0: no limit). Iterate over the object, or take one item with :meth:`get`. The loop is
    woken with ``call_soon_threadsafe``, which every loop has, qasync's included.
    """

    def __init__(self, room: int) -> None:
        self._loop = asyncio.get_running_loop()
        self._room = room
        self._items: deque[Item] = deque()
        self._changed = threading.Condition()
        """Guards every attribute that threads share; notified when there is room, or at the end."""
        self._has_ended = False
        self._wake_is_scheduled = False
        self._may_have_items = asyncio.Event()
        self._taken_without_pause = 0

    def __len__(self) -> int:
        """How many items wait."""
        return len(self._items)

    def waiting(self) -> tuple[Item, ...]:
        """The items that wait, oldest first; they stay here."""
        with self._changed:
            return tuple(self._items)

    def put(self, item: Item) -> None:
        """Add an item, from a thread that may wait until there is room."""
        with self._changed:
            self._changed.wait_for(lambda: self._has_ended or not self._is_full)
            self._add(item)

    def put_newest(self, item: Item) -> None:
        """Add an item, from a thread that must not wait: without room, the oldest item is dropped."""
        with self._changed:
            if self._is_full:
                self._items.popleft()
            self._add(item)

    def end(self) -> None:
        """Take no more items; the waiting items can still be read."""
        with self._changed:
            self._has_ended = True
            self._changed.notify_all()
            self._schedule_wake()

    async def get(self, timeout: float | None = None) -> Item | None:
        """The next item; None if no item comes within ``timeout`` seconds, or after the end."""
        try:
            async with asyncio.timeout(timeout):
                return await anext(self)
        except (TimeoutError, StopAsyncIteration):
            return None

    def __aiter__(self) -> AsyncIterator[Item]:
        return self

    async def __anext__(self) -> Item:
        self._taken_without_pause += 1
        if self._taken_without_pause >= MAX_WITHOUT_PAUSE:
            self._taken_without_pause = 0
            await asyncio.sleep(0)
        while True:
            with self._changed:
                if self._items:
                    self._changed.notify()
                    return self._items.popleft()
                if self._has_ended:
                    raise StopAsyncIteration
            self._taken_without_pause = 0
            self._may_have_items.clear()
            await self._may_have_items.wait()

    @property
    def _is_full(self) -> bool:
        return 0 < self._room <= len(self._items)

    def _add(self, item: Item) -> None:
        if not self._has_ended:
            self._items.append(item)
            self._schedule_wake()

    def _schedule_wake(self) -> None:
        """Wake the loop once for all items that arrive before its next turn; the caller holds the lock."""
        if not self._wake_is_scheduled:
            self._wake_is_scheduled = True
            # The loop may be closed already. Then no coroutine reads any more.
            with contextlib.suppress(RuntimeError):
                self._loop.call_soon_threadsafe(self._wake)

    def _wake(self) -> None:
        with self._changed:
            self._wake_is_scheduled = False
        self._may_have_items.set()
