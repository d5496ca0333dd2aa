"""Reads the monitor of a socket: socket -> **monitor events** -> connection tracker -> report.

It does the IO for :class:`~bench_app.transport.connection.ConnectionTracker`, which does none.
"""

from __future__ import annotations

import errno
import struct
import time
from typing import NamedTuple

import zmq

from bench_app.measure.clock import NS_PER_MS
from bench_app.transport.connection import ConnectionTracker
from bench_app.transport.silent_peer import SilentPeerProbe
from bench_app.transport.socket_trace import SocketTrace

_EVENT = struct.Struct("=Hi")


class MonitorEvent(NamedTuple):
    """One event of a socket's monitor.

    Attributes:
        event: one of ``zmq.EVENT_...``.
        value: a descriptor, an errno or an interval in ms, depending on the event.
        endpoint: the endpoint, as libzmq names it.
    """

    event: int
    value: int
    endpoint: str


def monitor_event(frames: list[bytes]) -> MonitorEvent:
    """Decode a message of a socket's monitor; see zmq_socket_monitor(3).

    pyzmq has such a function, too, but it loads asyncio and TLS, and every worker would wait for that at its start.
    """
    event, value = _EVENT.unpack(frames[0])
    return MonitorEvent(event, value, frames[1].decode(errors="replace"))


class Monitor:
    """Feeds the events of a socket's monitor to a tracker. Make it before bind or connect; close it before the socket.

    Drain it often: a monitor that is not drained stops the whole I/O thread. ``inproc`` has no monitor events.

    Attributes:
        descriptor: the descriptor of the latest connection; -1 before the first.
    """

    def __init__(self, socket: zmq.Socket[bytes], tracker: ConnectionTracker, trace: SocketTrace | None = None) -> None:
        self.descriptor = -1
        self._socket = socket
        self._trace = trace or SocketTrace(None)
        self._tracker = tracker
        self._silence = SilentPeerProbe(tracker.silence_limit_ms)
        self._monitor = socket.get_monitor_socket()
        self._attempts_ns: dict[str, int] = {}
        """The time at which the current attempt to connect began, by endpoint."""

    def drain(self) -> list[str]:
        """Feed all waiting events to the tracker and disconnect the endpoints it gave up; returns its messages."""
        messages: list[str] = []
        while int(self._monitor.get(zmq.EVENTS)) & zmq.POLLIN:
            event, value, endpoint = monitor_event(self._monitor.recv_multipart(zmq.NOBLOCK))
            self._trace.monitored(event, value, endpoint)
            silent_ms, waited_ms = self._silent_ms(event, value), self._waited_ms(event, endpoint)
            new_messages, given_up = self._tracker.feed(event, value, endpoint, silent_ms, waited_ms)
            messages += new_messages
            for given_up_endpoint in given_up:
                self._disconnect(given_up_endpoint)
        return messages

    def close(self) -> None:
        """Stop the monitor."""
        self._silence.close()
        self._socket.disable_monitor()
        self._monitor.close(linger=0)

    def _silent_ms(self, event: int, descriptor: int) -> int:
        if event in (zmq.EVENT_CONNECTED, zmq.EVENT_ACCEPTED):
            self.descriptor = descriptor
            self._silence.opened(descriptor)
        return self._silence.closed(descriptor) if event == zmq.EVENT_DISCONNECTED else 0

    def _waited_ms(self, event: int, endpoint: str) -> int:
        # Events are read some time after they happened. That is exact enough to distinguish a refusal, which takes
        # milliseconds, from an attempt without an answer, which takes seconds.
        if event == zmq.EVENT_CONNECT_DELAYED:
            self._attempts_ns[endpoint] = time.monotonic_ns()
        began_ns = self._attempts_ns.pop(endpoint, 0) if event == zmq.EVENT_CLOSED else 0
        return (time.monotonic_ns() - began_ns) // NS_PER_MS if began_ns else 0

    def _disconnect(self, endpoint: str) -> None:
        try:
            self._socket.disconnect(endpoint)
        except zmq.ZMQError as error:
            # If reconnecting is switched off, libzmq has dropped a lost endpoint by itself.
            if error.errno != errno.ENOENT:
                raise
