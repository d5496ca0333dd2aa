"""The monitor of real sockets: what libzmq 4.3.5 reports of each end of a connection."""

from __future__ import annotations

import contextlib
import socket as unix
import time
from collections.abc import Callable

import pytest
import zmq

from bench_app.transport.connection import ConnectionState, ConnectionTracker
from bench_app.transport.monitor import Monitor
from tests.transport.connections import LIMIT_S, Socket, Watched, drain_until, listener


def test_a_peer_that_never_answers_is_not_reported_as_refusing(watch: Callable[..., Watched]) -> None:
    # A full backlog drops further connections, as a firewall does. The system would try for two minutes.
    with unix.socket() as deaf, unix.socket() as first:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen(0)
        first.connect(deaf.getsockname())
        endpoint = f"tcp://127.0.0.1:{deaf.getsockname()[1]}"
        watched = watch(endpoint, prepare=lambda socket: setattr(socket, "connect_timeout", 1100))
        watched.drain_until(lambda: watched.tracker.state is ConnectionState.RETRYING)
        (messages,) = watched.messages
        assert messages.startswith(f"{endpoint}: retrying 1, next in ")
        assert messages.endswith("(no answer: the host is away, or packets to it are dropped)")


def test_a_refusal_is_reported_once_and_given_up_once(watch: Callable[..., Watched], closed_port: int) -> None:
    watched = watch(f"tcp://127.0.0.1:{closed_port}", 25, reconnect_ivl=1)
    watched.drain_until(lambda: watched.tracker.gave_up)
    first, last = watched.messages
    assert "retrying 1 of 25" in first
    assert "the limit of 25 attempts is reached" in last


@pytest.mark.parametrize("limit", [0, 2])
def test_a_closed_port_is_given_up(watch: Callable[..., Watched], closed_port: int, limit: int) -> None:
    endpoint = f"tcp://127.0.0.1:{closed_port}"
    watched = watch(endpoint, limit)
    watched.drain_until(lambda: watched.tracker.gave_up)
    assert watched.messages[-1] == (
        f"gave up on {endpoint} (the limit of {limit} attempts is reached; connection refused: nothing listens there)"
    )
    # The endpoint is disconnected: libzmq no longer knows it, and there is no pipe to send into.
    with pytest.raises(zmq.ZMQError, match="No such file"):
        watched.socket.disconnect(endpoint)
    with pytest.raises(zmq.Again):
        watched.socket.send(b"", zmq.NOBLOCK)


def test_a_closed_port_without_reconnecting_is_given_up(watch: Callable[..., Watched], closed_port: int) -> None:
    watched = watch(f"tcp://127.0.0.1:{closed_port}", reconnect_ivl=-1)
    watched.drain_until(lambda: watched.tracker.gave_up)
    assert "reconnecting is switched off; connection refused" in watched.messages[-1]


def test_a_name_that_does_not_resolve_is_given_up(watch: Callable[..., Watched]) -> None:
    watched = watch("tcp://no-such-host.invalid:5555", 3)
    watched.drain_until(lambda: watched.tracker.gave_up)
    first, last = watched.messages
    assert "retrying 1 of 3" in first
    assert last == (
        "gave up on tcp://no-such-host.invalid:5555 "
        "(the limit of 3 attempts is reached; the name no-such-host.invalid does not resolve)"
    )


def test_an_ipc_path_without_a_listener_is_given_up(watch: Callable[..., Watched]) -> None:
    watched = watch("ipc://@zmq-bench-unbound", 1)
    watched.drain_until(lambda: watched.tracker.gave_up)
    assert "connection refused: nothing listens there" in watched.messages[-1]


def test_a_peer_of_another_type_is_reported(watch: Callable[..., Watched], context: zmq.Context[Socket]) -> None:
    subscriber, port = listener(context, zmq.SUB)
    with subscriber:
        watched = watch(f"tcp://127.0.0.1:{port}", 2)
        watched.drain_until(lambda: bool(watched.messages))
    assert watched.messages[-1].startswith("turned away by ")
    assert watched.tracker.state is ConnectionState.FAILED


def test_a_server_that_hangs_up_is_given_up(watch: Callable[..., Watched]) -> None:
    with unix.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)

        def gave_up_while_hanging_up() -> bool:
            with contextlib.suppress(BlockingIOError):
                server.accept()[0].close()
            return watched.tracker.gave_up

        watched = watch(f"tcp://127.0.0.1:{server.getsockname()[1]}", 2)
        watched.drain_until(gave_up_while_hanging_up)
    # Which error libzmq sees depends on how far its greeting got.
    assert "the limit of 2 attempts is reached; the handshake failed: " in watched.messages[-1]
    assert not watched.tracker.ever_connected


def test_connected_lost_and_connected_again(watch: Callable[..., Watched], context: zmq.Context[Socket]) -> None:
    pull, port = listener(context)
    endpoint = f"tcp://127.0.0.1:{port}"
    watched = watch(endpoint)
    watched.drain_until(lambda: watched.tracker.state is ConnectionState.CONNECTED)
    pull.close()
    watched.drain_until(lambda: watched.tracker.state is ConnectionState.RETRYING)
    assert watched.tracker.peers == 0
    with context.socket(zmq.PULL) as again:
        again.linger = 0
        bind_when_free(again, endpoint)
        watched.drain_until(lambda: watched.tracker.state is ConnectionState.CONNECTED)
    assert watched.messages[:2] == [f"connected to {endpoint}", f"lost the connection to {endpoint}"]
    assert watched.messages[-1].startswith(f"connected to {endpoint} again after ")


def bind_when_free(socket: Socket, endpoint: str) -> None:
    """libzmq frees the address of a closed socket in the background."""
    give_up_at = time.monotonic() + LIMIT_S
    while True:
        try:
            socket.bind(endpoint)
        except zmq.ZMQError:
            assert time.monotonic() < give_up_at
        else:
            return


def test_a_lost_connection_counts_up_to_the_limit(watch: Callable[..., Watched], context: zmq.Context[Socket]) -> None:
    pull, port = listener(context)
    watched = watch(f"tcp://127.0.0.1:{port}", 2)
    watched.drain_until(lambda: watched.tracker.state is ConnectionState.CONNECTED)
    pull.close()
    watched.drain_until(lambda: watched.tracker.gave_up)
    assert "the limit of 2 attempts is reached; the connection was lost" in watched.messages[-1]


def test_a_lost_connection_to_a_name_counts_up_to_the_limit(
    watch: Callable[..., Watched], context: zmq.Context[Socket]
) -> None:
    pull, port = listener(context)
    watched = watch(f"tcp://localhost:{port}", 2)
    watched.drain_until(lambda: watched.tracker.state is ConnectionState.CONNECTED)
    pull.close()
    watched.drain_until(lambda: watched.tracker.gave_up)


def test_a_lost_connection_without_reconnecting_is_given_up(
    watch: Callable[..., Watched], context: zmq.Context[Socket]
) -> None:
    pull, port = listener(context)
    watched = watch(f"tcp://127.0.0.1:{port}", reconnect_ivl=-1)
    watched.drain_until(lambda: watched.tracker.state is ConnectionState.CONNECTED)
    pull.close()
    watched.drain_until(lambda: watched.tracker.gave_up)
    assert "reconnecting is switched off; the connection was lost" in watched.messages[-1]


def test_a_bound_socket_counts_its_peers(context: zmq.Context[Socket]) -> None:
    with context.socket(zmq.PULL) as pull:
        pull.linger = 0
        tracker = ConnectionTracker()
        monitor = Monitor(pull, tracker)
        port = pull.bind_to_random_port("tcp://127.0.0.1")
        tracker.bound(f"tcp://127.0.0.1:{port}")
        peers = [context.socket(zmq.PUSH) for _ in range(3)]
        for peer in peers:
            peer.linger = 0
            peer.connect(f"tcp://127.0.0.1:{port}")
        drain_until(monitor, lambda: tracker.peers == 3)
        peers.pop().close()
        drain_until(monitor, lambda: tracker.peers == 2)
        for peer in peers:
            peer.close()
        drain_until(monitor, lambda: tracker.state is ConnectionState.BOUND)
        monitor.close()
