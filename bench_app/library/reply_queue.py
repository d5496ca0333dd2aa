"""Replies and failures that wait to be read: REQ handler -> **replies** -> client."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable

from bench_app.errors import RequestError
from bench_app.library.message import Message

POLL_S = 0.02
"""How often a waiting reader checks whether more replies can come."""


class ReplyQueue:
    """The newest ``size`` unread replies and failures of requests (0: all of them). Any thread may use it."""

    def __init__(self, size: int) -> None:
        self._replies: deque[Message | RequestError] = deque(maxlen=size or None)
        self._has_more = threading.Condition()

    def put(self, reply: Message | RequestError) -> None:
        """Keep a reply, or the failure of a request; without room, the oldest one is dropped."""
        with self._has_more:
            self._replies.append(reply)
            self._has_more.notify()

    def take(self, timeout_s: float | None, is_over: Callable[[], bool]) -> Message | None:
        """The oldest reply; None if none comes within ``timeout_s`` (None: no limit), or if ``is_over()``.

        Raises the failure if the oldest request got no reply.
        """
        deadline = None if timeout_s is None else time.monotonic() + timeout_s
        with self._has_more:
            while not self._replies:
                left_s = POLL_S if deadline is None else deadline - time.monotonic()
                if is_over() or left_s <= 0:
                    return None
                self._has_more.wait(min(left_s, POLL_S))
            oldest = self._replies.popleft()
        if isinstance(oldest, RequestError):
            raise oldest
        return oldest

    def waiting(self) -> tuple[Message, ...]:
        """All unread replies, oldest first; they stay in the queue."""
        with self._has_more:
            return tuple(reply for reply in self._replies if isinstance(reply, Message))
