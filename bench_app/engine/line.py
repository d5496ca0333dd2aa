"""The two ends of the control channel: typed messages over sockets that are private to the user.

ipc inside a folder only the user can enter; where there is no ipc, loopback tcp with CURVE. A unit's end never blocks.
"""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from pathlib import Path

import zmq
import zmq.asyncio

from bench_app.engine.logged import wants_debug
from bench_app.engine.messages import (
    Logged,
    Message,
    ToSession,
    ToWorker,
    WorkerSetup,
    decode_to_session,
    decode_to_worker,
    encode,
)
from bench_app.socket_trace import Field, SocketTrace

CONTROL_LINGER_MS = 2000
RECEIVED_AT_ONCE = 32


def unit_identity(unit: str, incarnation: int) -> str:
    """What a unit is called on the channel; a later incarnation cannot be taken for an earlier one."""
    return f"{unit}#{incarnation}"


class Line:
    """A worker's or unit's end: a DEALER that belongs to the thread that made it."""

    def __init__(self, context: zmq.Context[zmq.Socket[bytes]], setup: WorkerSetup, identity: str) -> None:
        self._worker = setup.worker
        self._debug = setup.debug
        self._socket = context.socket(zmq.DEALER)
        self._socket.linger = CONTROL_LINGER_MS
        # A report must never be lost or make a unit wait, so there is no limit; a dead session ends the worker.
        self._socket.set_hwm(0)
        self._socket.routing_id = identity.encode()
        if setup.server_key:
            public, secret = zmq.curve_keypair()
            self._socket.curve_publickey, self._socket.curve_secretkey = public, secret
            self._socket.curve_serverkey = setup.server_key.encode()
        self._socket.connect(setup.endpoint)

    def send(self, message: Message) -> None:
        """Send, without ever waiting."""
        self._socket.send(encode(message), zmq.NOBLOCK)

    def trace_of(self, unit: str) -> SocketTrace:
        """Tells the session what the unit's socket does, where it wants to know."""
        if not self._debug:
            return SocketTrace(None)
        worker, pid = self._worker, os.getpid()

        def tell(event: str, sentence: str, fields: Mapping[str, Field]) -> None:
            at_ns = time.time_ns()
            self.send(
                Logged(
                    unit=unit,
                    worker=worker,
                    pid=pid,
                    at_ns=at_ns,
                    event=event,
                    sentence=sentence,
                    fields=dict(fields),
                )
            )

        return SocketTrace(tell)

    def receive(self, timeout_ms: int = 0) -> ToWorker | None:
        """The next message, or None where none comes within ``timeout_ms`` (-1: wait for ever)."""
        if timeout_ms and not self._socket.poll(timeout_ms):
            return None
        # Asked for at every look and nearly always empty-handed: an exception would cost several times this question.
        if not int(self._socket.get(zmq.EVENTS)) & zmq.POLLIN:
            return None
        return decode_to_worker(self._socket.recv(zmq.NOBLOCK))

    def close(self) -> None:
        """Close; what was sent is still delivered."""
        self._socket.close()


class Switchboard:
    """The session's end: a ROUTER that knows every worker and unit by its identity."""

    def __init__(self, folder: Path, transport: str = "ipc") -> None:
        self._context: zmq.asyncio.Context = zmq.asyncio.Context()
        self._router = self._context.socket(zmq.ROUTER)
        self._router.set_hwm(0)
        self._router.linger = 0
        self._router.router_mandatory = True
        server_key = ""
        if transport == "ipc" and zmq.has("ipc"):
            self._router.bind(f"ipc://{folder / 'control'}")
        else:
            public, secret = zmq.curve_keypair()
            self._router.curve_server = True
            self._router.curve_publickey, self._router.curve_secretkey = public, secret
            server_key = public.decode()
            self._router.bind("tcp://127.0.0.1:*")
        endpoint = self._router.get(zmq.LAST_ENDPOINT)
        assert isinstance(endpoint, bytes)
        self.setup = WorkerSetup(
            worker="",
            endpoint=endpoint.rstrip(b"\x00").decode(),
            folder=str(folder),
            server_key=server_key,
            debug=wants_debug(),
        )

    async def receive(self, timeout_ms: int) -> list[tuple[str, ToSession]]:
        """Messages that are there, with who sent them; waits up to ``timeout_ms`` for the first."""
        received: list[tuple[str, ToSession]] = []
        if not await self._router.poll(timeout_ms):
            return received
        # Not all of a backlog: a loop that also draws would stand still meanwhile.
        while len(received) < RECEIVED_AT_ONCE and int(self._router.get(zmq.EVENTS)) & zmq.POLLIN:
            identity, data = await self._router.recv_multipart()
            received.append((identity.decode(), decode_to_session(data)))
        return received

    async def send(self, identity: str, message: Message) -> bool:
        """Send to a worker or unit; False where there is none of that name (any more)."""
        try:
            await self._router.send_multipart([identity.encode(), encode(message)])
        except zmq.ZMQError as error:
            if error.errno == zmq.EHOSTUNREACH:
                return False
            raise
        return True

    def close(self) -> None:
        """Close; workers that are left are not told."""
        self._router.close()
        self._context.term()
