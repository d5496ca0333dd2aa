"""The session's end of the control channel: typed messages over sockets that are private to the user.

The channel is ipc in a folder that only the user can enter, or loopback tcp with CURVE on systems without ipc. Workers
have the other end, :mod:`bench_app.engine.control.client`: without asyncio they start sooner.
"""

from __future__ import annotations

from pathlib import Path

import zmq
import zmq.asyncio

from bench_app.engine.control.codec import decode_to_session, encode
from bench_app.engine.control.messages import Message, ToSession, WorkerSetup

RECEIVED_AT_ONCE = 32


class ControlServer:
    """The session's end: a ROUTER that knows every worker and unit by its identity.

    ``debug``: whether workers are to send what their sockets do, for the log.
    """

    def __init__(self, folder: Path, transport: str = "ipc", *, debug: bool = False) -> None:
        self._context: zmq.asyncio.Context = zmq.asyncio.Context()
        # A control socket, so transport.open_socket does not open it: it belongs to asyncio and has CURVE keys.
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
            debug=debug,
        )

    async def receive(self, timeout_ms: int) -> list[tuple[str, ToSession]]:
        """The messages that have arrived, each with its sender; waits up to ``timeout_ms`` for the first one."""
        received: list[tuple[str, ToSession]] = []
        if not await self._router.poll(timeout_ms):
            return received
        # Take only a part of a backlog at once, so that a window's loop can draw in between.
        while len(received) < RECEIVED_AT_ONCE and int(self._router.get(zmq.EVENTS)) & zmq.POLLIN:
            try:
                # Without a wait: nobody could say when it ends, and ended workers would not be noticed meanwhile.
                identity, data = await self._router.recv_multipart(zmq.NOBLOCK)
            except zmq.Again:
                break
            received.append((identity.decode(), decode_to_session(data)))
        return received

    async def send(self, identity: str, message: Message) -> bool:
        """Send to a worker or unit; False if no worker or unit of that identity is connected.

        After :meth:`close` nobody is connected: a user may act on a run in the moment in which it ends.
        """
        if self._router.closed:
            return False
        try:
            await self._router.send_multipart([identity.encode(), encode(message)])
        except zmq.ZMQError as error:
            if error.errno in (zmq.EHOSTUNREACH, zmq.ENOTSOCK):
                return False
            raise
        return True

    def close(self) -> None:
        """Close. Workers that still run are not informed."""
        self._router.close()
        self._context.term()
