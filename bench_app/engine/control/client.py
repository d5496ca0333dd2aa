"""The worker's end of the control channel. Sending never blocks. The session's end is :mod:`.server`."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping

import zmq

from bench_app.engine.control.codec import decode_to_worker, encode
from bench_app.engine.control.messages import (
    Logged,
    Message,
    ToWorker,
    WorkerSetup,
)
from bench_app.transport.socket_trace import Field, SocketTrace

CONTROL_LINGER_MS = 2000


class ControlClient:
    """The end of a worker or of a unit: a DEALER that belongs to the thread that made it."""

    def __init__(self, context: zmq.Context[zmq.Socket[bytes]], setup: WorkerSetup, identity: str) -> None:
        self._worker = setup.worker
        self._debug = setup.debug
        # A control socket, so transport.open_socket does not open it: it has CURVE keys and needs no monitor.
        self._socket = context.socket(zmq.DEALER)
        self._socket.linger = CONTROL_LINGER_MS
        # No high-water mark: a report must never be lost or block a unit. Memory cannot grow for long without a reader,
        # because a worker ends when its session dies.
        self._socket.set_hwm(0)
        self._socket.routing_id = identity.encode()
        if setup.server_key:
            public, secret = zmq.curve_keypair()
            self._socket.curve_publickey, self._socket.curve_secretkey = public, secret
            self._socket.curve_serverkey = setup.server_key.encode()
        self._socket.connect(setup.endpoint)

    def send(self, message: Message) -> None:
        """Send without waiting."""
        self._socket.send(encode(message), zmq.NOBLOCK)

    def trace_of(self, unit: str) -> SocketTrace:
        """A trace that sends what the unit's socket does to the session, if the session's log records it."""
        if not self._debug:
            return SocketTrace(None)
        worker, pid = self._worker, os.getpid()

        def send_logged(event: str, message: str, fields: Mapping[str, Field]) -> None:
            at_ns = time.time_ns()
            self.send(
                Logged(
                    unit=unit,
                    worker=worker,
                    pid=pid,
                    at_ns=at_ns,
                    event=event,
                    message=message,
                    fields=dict(fields),
                )
            )

        return SocketTrace(send_logged)

    def receive(self, timeout_ms: int = 0) -> ToWorker | None:
        """The next message, or None if none comes within ``timeout_ms`` (-1: wait for ever)."""
        if timeout_ms and not self._socket.poll(timeout_ms):
            return None
        # Called often, mostly without a message. Checking the flag costs a fraction of raising zmq.Again.
        if not int(self._socket.get(zmq.EVENTS)) & zmq.POLLIN:
            return None
        return decode_to_worker(self._socket.recv(zmq.NOBLOCK))

    def close(self) -> None:
        """Close; what was sent is still delivered."""
        self._socket.close()
