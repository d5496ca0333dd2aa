"""The session's end of the control channel knows its workers by name, and only they can connect."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
import zmq
from zmq.utils.monitor import recv_monitor_message

from bench_app.engine.control.client import ControlClient
from bench_app.engine.control.messages import Exit, Hello, Ready, Start, ToSession, WorkerSetup
from bench_app.engine.control.server import RECEIVED_AT_ONCE, ControlServer
from bench_app.system.private_folder import private_folder
from tests.engine.units import PLANE

LIMIT_MS = 20_000
HANDSHAKE_ENDS = (
    zmq.EVENT_HANDSHAKE_SUCCEEDED
    | zmq.EVENT_HANDSHAKE_FAILED_NO_DETAIL
    | zmq.EVENT_HANDSHAKE_FAILED_PROTOCOL
    | zmq.EVENT_HANDSHAKE_FAILED_AUTH
    | zmq.EVENT_DISCONNECTED
)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    return private_folder()


class Workers:
    """The other end of the channel: workers without processes, and strangers."""

    def __init__(self) -> None:
        self._context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
        self._clients: list[ControlClient] = []

    def client(self, server: ControlServer, identity: str) -> ControlClient:
        self._clients.append(ControlClient(self._context, server.setup, identity))
        return self._clients[-1]

    def stranger_gets_in(self, server: ControlServer, server_key: str) -> bool:
        """Whether a socket that takes ``server_key`` for the key of the session finishes the handshake."""
        with self._context.socket(zmq.DEALER) as stranger:
            stranger.linger = 0
            monitor = stranger.get_monitor_socket(HANDSHAKE_ENDS)
            if server_key:
                stranger.curve_publickey, stranger.curve_secretkey = zmq.curve_keypair()
                stranger.curve_serverkey = server_key.encode()
            stranger.connect(server.setup.endpoint)
            assert monitor.poll(LIMIT_MS), "the handshake did not end"
            event = recv_monitor_message(monitor)["event"]
            stranger.disable_monitor()
            monitor.close(linger=0)
            return bool(event == zmq.EVENT_HANDSHAKE_SUCCEEDED)

    def close(self) -> None:
        for client in self._clients:
            client.close()
        self._context.destroy(linger=0)


@pytest.fixture
def workers() -> Iterator[Workers]:
    workers = Workers()
    yield workers
    workers.close()


async def received(server: ControlServer, count: int) -> list[tuple[str, ToSession]]:
    """The next messages, at least ``count`` of them."""
    messages: list[tuple[str, ToSession]] = []
    while len(messages) < count:
        some = await server.receive(LIMIT_MS)
        assert some, "the messages did not come"
        messages += some
    return messages


@pytest.mark.parametrize("transport", ["ipc", "tcp"])
def test_messages_go_both_ways_and_come_with_their_sender(transport: str, folder: Path, workers: Workers) -> None:
    async def go() -> None:
        server = ControlServer(folder, transport)
        clients = {name: workers.client(server, name) for name in ("worker-1", "handler-1#0")}
        clients["worker-1"].send(Hello(plane=PLANE))
        clients["handler-1#0"].send(Ready(unit="handler-1"))
        assert dict(await received(server, 2)) == {
            "worker-1": Hello(plane=PLANE),
            "handler-1#0": Ready(unit="handler-1"),
        }
        assert await server.send("handler-1#0", Start(at_ns=7))
        assert await server.send("worker-1", Exit())
        assert clients["handler-1#0"].receive(LIMIT_MS) == Start(at_ns=7)
        assert clients["worker-1"].receive(LIMIT_MS) == Exit()
        server.close()

    asyncio.run(go())


def test_a_message_to_an_unknown_identity_is_refused_at_once(folder: Path) -> None:
    async def go() -> None:
        server = ControlServer(folder)
        assert not await server.send("worker-9", Exit())
        server.close()

    asyncio.run(go())


def test_a_message_after_the_end_is_refused_like_one_to_nobody(folder: Path) -> None:
    async def scenario() -> None:
        server = ControlServer(folder)
        server.close()
        assert await server.send("worker-1", Exit()) is False

    asyncio.run(scenario())


def test_a_backlog_is_received_in_parts_and_completely(folder: Path, workers: Workers) -> None:
    count = 3 * RECEIVED_AT_ONCE

    async def go() -> None:
        server = ControlServer(folder)
        client = workers.client(server, "worker-1")
        for number in range(count):
            client.send(Ready(unit=str(number)))
        units: list[str] = []
        while len(units) < count:
            part = await server.receive(LIMIT_MS)
            assert 0 < len(part) <= RECEIVED_AT_ONCE
            units += [message.unit for _, message in part if isinstance(message, Ready)]
        assert units == [str(number) for number in range(count)]
        server.close()

    asyncio.run(go())


def test_without_messages_nothing_is_received(folder: Path) -> None:
    async def go() -> None:
        server = ControlServer(folder)
        assert await server.receive(0) == []
        server.close()

    asyncio.run(go())


def test_the_setup_for_workers_has_an_endpoint_in_the_private_folder(folder: Path) -> None:
    async def go() -> WorkerSetup:
        server = ControlServer(folder, debug=True)
        server.close()
        return server.setup

    setup = asyncio.run(go())
    assert setup == WorkerSetup(worker="", endpoint=f"ipc://{folder}/control", folder=str(folder), debug=True)


@pytest.mark.parametrize("server_key", ["", zmq.curve_keypair()[0].decode()], ids=["no key", "another key"])
def test_over_tcp_only_a_client_with_the_key_of_the_session_connects(
    server_key: str, folder: Path, workers: Workers
) -> None:
    async def go() -> None:
        server = ControlServer(folder, "tcp")
        assert server.setup.server_key
        assert not workers.stranger_gets_in(server, server_key)
        friend = workers.client(server, "worker-1")
        friend.send(Hello(plane=PLANE))
        assert await received(server, 1) == [("worker-1", Hello(plane=PLANE))]
        server.close()

    asyncio.run(go())


def test_the_key_of_the_session_is_in_the_setup_and_nowhere_else(folder: Path) -> None:
    async def go() -> WorkerSetup:
        server = ControlServer(folder, "tcp")
        server.close()
        return server.setup

    setup = asyncio.run(go())
    assert setup.server_key not in setup.endpoint
    assert msgspec.json.decode(msgspec.json.encode(setup), type=WorkerSetup) == setup
