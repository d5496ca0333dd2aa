"""How a listener waits for a message that is not there yet: socket ~~> **wait** -> listener core.

The key ``wait`` of a listener chooses. With ``block`` the receive itself waits, so there is no wait here.

The compiled loop reads the same key and waits in the same ways, in :mod:`bench_app.data_plane.receiving`.
"""

from __future__ import annotations

import time
from typing import Protocol

import zmq

from bench_app.measure.clock import NS_PER_MS
from bench_app.model import WaitMode

_clock = time.perf_counter_ns
EVENTS, POLLIN = int(zmq.EVENTS), int(zmq.POLLIN)


class Wait(Protocol):
    """Waits until a message is there.

    Attributes:
        is_before_each: whether to call it also for a message that is already there.
    """

    @property
    def is_before_each(self) -> bool:
        """See above."""
        ...

    def attach(self, socket: zmq.Socket[bytes]) -> None:
        """Wait for the messages of this socket from now on."""
        ...

    def until_message(self, wait_ms: int) -> bool:
        """Wait up to ``wait_ms`` (-1: without limit). Returns whether a message is there."""
        ...


class Poll:
    """Sleeps in zmq_poll before each receive, as a consumer does that watches several sockets."""

    is_before_each = True

    def __init__(self) -> None:
        self._poller = zmq.Poller()

    def attach(self, socket: zmq.Socket[bytes]) -> None:
        """See :class:`Wait`."""
        self._poller = zmq.Poller()
        self._poller.register(socket, zmq.POLLIN)

    def until_message(self, wait_ms: int) -> bool:
        """See :class:`Wait`."""
        return bool(self._poller.poll(wait_ms))


class Spin:
    """Asks the socket again and again without a pause. It sleeps never, so it takes a whole processor.

    Attributes:
        spun_ns: for how long it has asked without finding a message. This is no work, although it takes the processor.
    """

    is_before_each = False

    def __init__(self) -> None:
        self.spun_ns = 0
        self._socket: zmq.Socket[bytes] | None = None

    def attach(self, socket: zmq.Socket[bytes]) -> None:
        """See :class:`Wait`."""
        self._socket = socket

    def until_message(self, wait_ms: int) -> bool:
        """See :class:`Wait`."""
        assert self._socket is not None
        # To ask for the events costs less than a receive that fails, because that raises an exception.
        option = self._socket.getsockopt
        began_ns = now_ns = _clock()
        end_ns = began_ns + wait_ms * NS_PER_MS
        while not (found := int(option(EVENTS)) & POLLIN):
            now_ns = _clock()
            if now_ns >= end_ns and wait_ms >= 0:
                break
        self.spun_ns += now_ns - began_ns
        return bool(found)


def wait_of(mode: WaitMode) -> Poll | Spin | None:
    """The wait of a mode; None if the receive itself waits."""
    match mode:
        case "poll":
            return Poll()
        case "spin":
            return Spin()
        case "block":
            return None
