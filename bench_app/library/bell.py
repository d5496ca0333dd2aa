"""Wakes a handler's thread that polls its socket: writer's thread -> **bell** -> handler's thread."""

from __future__ import annotations

from uuid import uuid4

import zmq


class Bell:
    """Two sockets by which one thread wakes another. They carry no data, so nothing monitors or traces them.

    Both threads call the methods under one lock. The thread that waits calls :meth:`expect`, releases the lock, polls
    :attr:`socket` with its other sockets, takes the lock, and calls :meth:`answer`.

    Attributes:
        socket: becomes readable when the bell rings.
    """

    def __init__(self, context: zmq.Context[zmq.Socket[bytes]]) -> None:
        self.socket, self._other_end = context.socket(zmq.PAIR), context.socket(zmq.PAIR)
        self._is_expected = False
        # Every bell has a new name, because libzmq frees the name of a closed socket only in the background.
        name = f"inproc://zmq-bench-bell-{uuid4()}"
        self.socket.bind(name)
        self._other_end.connect(name)

    def expect(self) -> None:
        """Let the next ring wake this thread, which is about to wait."""
        self._is_expected = True

    def ring(self) -> None:
        """Wake the thread if it waits; several rings in one wait count as one."""
        if self._is_expected:
            self._is_expected = False
            self._other_end.send(b"")

    def answer(self) -> None:
        """Stop expecting a ring, after the wait. Takes the ring out of the socket if the bell rang."""
        self._is_expected = False
        while int(self.socket.get(zmq.EVENTS)) & zmq.POLLIN:
            self.socket.recv(zmq.NOBLOCK)

    def close(self) -> None:
        """Close both sockets."""
        self._other_end.close(0)
        self.socket.close(0)
