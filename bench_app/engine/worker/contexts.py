"""The ZeroMQ contexts of a worker's handlers: **context** -> its I/O threads -> the network.

A handler that is alone in its worker has a context of its own, as in production. Handlers that share a worker share a
context, because each context has I/O threads of its own: with 200 handlers, 200 I/O threads would starve the others.
"""

from __future__ import annotations

import threading
from typing import Protocol

import zmq


class HandlerContext(Protocol):
    """Gives handlers the context for their sockets, and knows how many of them use it."""

    def enter(self) -> zmq.Context[zmq.Socket[bytes]]:
        """The context, for one more handler. The handler must call :meth:`leave` at its end."""
        ...

    def leave(self) -> bool:
        """A handler has closed its socket, or never had one.

        The last handler to leave waits until the unsent messages of all closed sockets are sent, or their linger is
        over. Returns True if no other handler used the context, so that the wait was only for this handler's messages.
        """
        ...


class WorkerContext:
    """One context for all handlers of a worker. The first handler creates it, and the last one terminates it.

    ``io_threads``: how many I/O threads the context has.
    """

    def __init__(self, io_threads: int = 1) -> None:
        self._io_threads = io_threads
        self._lock = threading.Lock()
        self._context: zmq.Context[zmq.Socket[bytes]] | None = None
        self._inside = 0
        self._is_shared = False

    def enter(self) -> zmq.Context[zmq.Socket[bytes]]:
        """See :class:`HandlerContext`."""
        with self._lock:
            if self._context is None:
                self._context, self._is_shared = zmq.Context(self._io_threads), False
            self._inside += 1
            self._is_shared = self._is_shared or self._inside > 1
            return self._context

    def leave(self) -> bool:
        """See :class:`HandlerContext`."""
        with self._lock:
            self._inside -= 1
            context, alone = self._context, not self._is_shared
            if self._inside:
                return alone
            self._context = None
        assert context is not None
        context.term()
        return alone


class InprocContext:
    """The context that both ends of inproc endpoints must share. It outlives the handlers, so nothing is counted."""

    def __init__(self, context: zmq.Context[zmq.Socket[bytes]]) -> None:
        self._context = context

    def enter(self) -> zmq.Context[zmq.Socket[bytes]]:
        """See :class:`HandlerContext`."""
        return self._context

    def leave(self) -> bool:
        """See :class:`HandlerContext`."""
        return False
