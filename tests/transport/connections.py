"""Shared by tests of connections: events as libzmq 4.3.5 gives them, and real sockets with their monitor."""

from __future__ import annotations

import time
from collections.abc import Callable

import zmq

from bench_app.transport.connection import ConnectionTracker
from bench_app.transport.monitor import Monitor

A, B, NAMED, FILE = "tcp://127.0.0.1:5555", "tcp://127.0.0.1:5556", "tcp://work-queue:5555", "ipc:///tmp/unbound.ipc"

Event = tuple[int, int]
Fed = tuple[list[str], list[str]]
"""Messages, and endpoints to disconnect."""
Socket = zmq.Socket[bytes]
LIMIT_S = 30.0

# (event, value), in the order in which they were seen.
REFUSED = [(zmq.EVENT_CONNECT_DELAYED, 115), (zmq.EVENT_CLOSED, 8), (zmq.EVENT_CONNECT_RETRIED, 150)]
UNRESOLVABLE = [(zmq.EVENT_CONNECT_RETRIED, 150)]
UNBOUND_FILE = [(zmq.EVENT_CLOSED, 8), (zmq.EVENT_CONNECT_RETRIED, 150)]
SUCCESS = [(zmq.EVENT_CONNECT_DELAYED, 115), (zmq.EVENT_CONNECTED, 15), (zmq.EVENT_HANDSHAKE_SUCCEEDED, 0)]
HUNG_UP = [(zmq.EVENT_CONNECT_DELAYED, 115), (zmq.EVENT_CONNECTED, 15), (zmq.EVENT_DISCONNECTED, 15)]
LOST = [(zmq.EVENT_DISCONNECTED, 15)]
RETRIED = [(zmq.EVENT_CONNECT_RETRIED, 150)]
KEY_REFUSED = [*SUCCESS[:2], (zmq.EVENT_HANDSHAKE_FAILED_NO_DETAIL, 32), *LOST, *RETRIED]


def connecting(*endpoints: str, limit: int = -1, reconnects: bool = True) -> ConnectionTracker:
    tracker = ConnectionTracker(limit, reconnects)
    for endpoint in endpoints or (A,):
        tracker.connecting(endpoint)
    return tracker


def bound() -> ConnectionTracker:
    tracker = ConnectionTracker()
    tracker.bound(A)
    return tracker


def feed(tracker: ConnectionTracker, events: list[Event], endpoint: str = A, times: int = 1) -> Fed:
    """Feed a sequence ``times`` times; returns all messages and all endpoints to disconnect."""
    messages: list[str] = []
    abandoned: list[str] = []
    for event, value in events * times:
        messages_of_event, gone = tracker.feed(event, value, endpoint)
        messages += messages_of_event
        abandoned += gone
    return messages, abandoned


class Watched:
    """A real PUSH with its monitor."""

    def __init__(
        self,
        context: zmq.Context[Socket],
        endpoint: str,
        limit: int = -1,
        reconnect_ivl: int = 10,
        silence_ms: int = 0,
        prepare: Callable[[Socket], None] | None = None,
    ) -> None:
        self.socket = context.socket(zmq.PUSH)
        self.socket.linger = 0
        self.socket.reconnect_ivl = reconnect_ivl
        self.socket.heartbeat_ivl, self.socket.heartbeat_timeout = silence_ms // 4, silence_ms
        if prepare is not None:
            prepare(self.socket)
        self.tracker = ConnectionTracker(limit, reconnect_ivl > 0, silence_limit_ms=silence_ms)
        self.monitor = Monitor(self.socket, self.tracker)
        self.messages: list[str] = []
        self.tracker.connecting(endpoint)
        self.socket.connect(endpoint)

    def drain_until(self, is_reached: Callable[[], bool]) -> None:
        """Drain the monitor until the tracker has the expected state; events come in the background."""
        give_up_at = time.monotonic() + LIMIT_S
        while not is_reached():
            assert time.monotonic() < give_up_at, self.messages
            self.messages += self.monitor.drain()

    def close(self) -> None:
        self.monitor.close()
        self.socket.close()


def listener(context: zmq.Context[Socket], kind: int = zmq.PULL) -> tuple[Socket, int]:
    socket = context.socket(kind)
    socket.linger = 0
    return socket, socket.bind_to_random_port("tcp://127.0.0.1")


def drain_until(monitor: Monitor, is_reached: Callable[[], bool]) -> None:
    give_up_at = time.monotonic() + LIMIT_S
    while not is_reached():
        assert time.monotonic() < give_up_at
        monitor.drain()
