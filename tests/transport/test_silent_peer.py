"""A lost connection is distinguished from one that was dropped because its peer was silent."""

from __future__ import annotations

import contextlib
import signal
import socket as unix
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bench_app.transport.connection import ConnectionState
from bench_app.transport.silent_peer import SilentPeerProbe
from tests.transport.connections import Watched

_PEER = """
import sys, zmq
socket = zmq.Context().socket(zmq.PULL)
socket.bind(sys.argv[1])
print(socket.last_endpoint.decode(), flush=True)
sys.stdin.read()
"""


@contextlib.contextmanager
def peer_process(place: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A process with a PULL, to be stopped or killed; yields the process and its endpoint."""
    command = [sys.executable, "-c", _PEER, place]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield process, process.stdout.readline().strip()
        finally:
            process.kill()


linux_only = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux shows how a connection ended")


@linux_only
@pytest.mark.parametrize("transport", ["tcp", "ipc"])
def test_a_stopped_peer_is_silent(watch: Callable[..., Watched], transport: str, tmp_path: Path) -> None:
    with peer_process("tcp://127.0.0.1:*" if transport == "tcp" else f"ipc://{tmp_path}/peer") as (process, endpoint):
        watched = watch(endpoint, silence_ms=80)
        watched.drain_until(lambda: watched.tracker.state is ConnectionState.CONNECTED)
        process.send_signal(signal.SIGSTOP)
        watched.drain_until(lambda: watched.tracker.label == "peer silent")
        assert any(message.startswith("peer silent for ") for message in watched.messages)
        process.send_signal(signal.SIGCONT)
        watched.drain_until(lambda: watched.tracker.state is ConnectionState.CONNECTED)


@linux_only
def test_a_killed_peer_is_lost_and_not_silent(watch: Callable[..., Watched]) -> None:
    with peer_process("tcp://127.0.0.1:*") as (process, endpoint):
        # Much longer than the time in which a kill is noticed.
        watched = watch(endpoint, silence_ms=20_000)
        watched.drain_until(lambda: watched.tracker.state is ConnectionState.CONNECTED)
        process.kill()
        watched.drain_until(lambda: watched.tracker.state is ConnectionState.RETRYING)
    assert watched.messages[1] == f"lost the connection to {endpoint}"


@linux_only
def test_the_probe_leaves_no_descriptor_open() -> None:
    watch = SilentPeerProbe(1)
    before = len(list(Path("/proc/self/fd").iterdir()))
    for _ in range(20):
        here, there = unix.socketpair()
        descriptor = here.fileno()
        watch.opened(descriptor)
        there.close()
        here.close()
        assert watch.closed(descriptor) == 0
    here, there = unix.socketpair()
    watch.opened(here.fileno())
    watch.close()
    here.close()
    there.close()
    assert len(list(Path("/proc/self/fd").iterdir())) == before


@linux_only
def test_a_peer_that_sent_data_a_moment_ago_was_not_silent() -> None:
    """So it is when libzmq closes a connection because of a message that is too large."""
    watch = SilentPeerProbe(10_000)
    with unix.create_server(("127.0.0.1", 0)) as server, unix.create_connection(server.getsockname()) as here:
        there, _ = server.accept()
        there.sendall(b"x")
        assert here.recv(1) == b"x"
        watch.opened(here.fileno())
        assert watch.closed(here.fileno()) == 0
        there.close()


def test_a_connection_that_was_never_seen_was_not_silent() -> None:
    watch = SilentPeerProbe(1)
    watch.opened(-1)
    assert (watch.closed(-1), watch.closed(12345)) == (0, 0)
