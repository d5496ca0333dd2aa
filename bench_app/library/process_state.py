"""State that the handlers and clients of one process share: the context of ``inproc``, and the handlers to close."""

from __future__ import annotations

import atexit
import os
import weakref
from typing import Protocol

import msgspec
import zmq

Context = zmq.Context[zmq.Socket[bytes]]


class Closable(Protocol):
    """An object that has to be closed before the program ends."""

    def stop(self) -> None:
        """Begin to close, without waiting."""
        ...

    def close(self) -> None:
        """Wait until it is closed."""
        ...


class SocketContext(msgspec.Struct, frozen=True):
    """The context of one handler or client.

    Attributes:
        context: the context itself.
        is_shared: whether it is the context that all sockets of ``inproc`` share.
    """

    context: Context
    is_shared: bool

    def end(self) -> None:
        """End the context if it has no other user; its sockets must be closed."""
        if not self.is_shared:
            self.context.term()


class ProcessState:
    """State that all handlers and clients of a process share. A forked process starts with none of it.

    It is process-wide for two reasons. libzmq connects the two ends of an ``inproc`` endpoint only within one context,
    so a handler and a client that do not know of each other must have the same context. And when the program ends, all
    handlers have to be stopped together, so that their lingers run side by side.
    """

    def __init__(self) -> None:
        self._inproc: dict[int, Context] = {}
        """The shared context, by process: a context does not survive a fork."""
        self._open: weakref.WeakKeyDictionary[Closable, int] = weakref.WeakKeyDictionary()
        """Open handlers, each with the process that made it."""

    def context_for(self, is_inproc: bool) -> SocketContext:
        """The shared context for sockets of ``inproc``, a new one for other transports."""
        return SocketContext(self._inproc_context(), True) if is_inproc else SocketContext(zmq.Context(), False)

    def opened(self, handler: Closable) -> None:
        """Remember to close ``handler`` at the end of the program."""
        self._open[handler] = os.getpid()

    def closed(self, handler: Closable) -> None:
        """Forget a handler that is closed."""
        self._open.pop(handler, None)

    def close_all(self) -> None:
        """Close the handlers that the program did not close. This takes as long as the longest linger at most."""
        # A handler that ends meanwhile leaves the dictionary, so iterate over a copy.
        alive = [handler for reference in self._open.keyrefs() if (handler := reference()) is not None]
        handlers = [handler for handler in alive if self._open.get(handler) == os.getpid()]
        for handler in handlers:
            handler.stop()
        for handler in handlers:
            handler.close()

    def _inproc_context(self) -> Context:
        return self._inproc.get(os.getpid()) or self._inproc.setdefault(os.getpid(), zmq.Context())


PROCESS = ProcessState()
"""The only instance in this process; :class:`ProcessState` says why it is process-wide."""

atexit.register(PROCESS.close_all)
