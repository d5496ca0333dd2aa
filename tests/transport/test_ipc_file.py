"""The file of an ipc endpoint: one process binds it, and it is removed with its socket."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
import zmq

from bench_app.errors import SocketSetupError
from bench_app.transport.bind import bind_socket
from bench_app.transport.ipc_file import LOCK_SUFFIX, BoundFile, bind_lock, path_of

pytestmark = pytest.mark.skipif(not zmq.has("ipc"), reason="no ipc here")

ROUNDS = 20
RACERS = 4
_RACER = """
import sys, zmq
from bench_app.transport.bind import bind_socket
from bench_app.errors import SocketSetupError
socket = zmq.Context().socket(zmq.PULL)
print("ready", flush=True)
for endpoint in sys.stdin:
    try:
        bind_socket(socket, endpoint.strip())
        print("bound", flush=True)
    except SocketSetupError as error:
        print(error, flush=True)
"""


@contextmanager
def racer() -> Iterator[subprocess.Popen[str]]:
    """A process that binds each endpoint on its standard input, and prints ``bound`` or the error."""
    command = [sys.executable, "-c", _RACER]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert answer(process) == "ready"
            yield process
        finally:
            process.kill()


def answer(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def send_to(process: subprocess.Popen[str], endpoint: str) -> None:
    assert process.stdin is not None
    process.stdin.write(f"{endpoint}\n")
    process.stdin.flush()


def test_one_of_several_processes_that_bind_at_the_same_moment_wins(tmp_path: Path) -> None:
    with ExitStack() as stack:
        racers = [stack.enter_context(racer()) for _ in range(RACERS)]
        for number in range(ROUNDS):
            endpoint = f"ipc://{tmp_path}/{number}"
            for process in racers:
                send_to(process, endpoint)
            answers = [answer(process) for process in racers]
            assert answers.count("bound") == 1, answers
            winner = racers[answers.index("bound")]
            for reply in answers:
                assert reply == "bound" or reply.startswith(f"cannot bind {endpoint}: address already in use: ")
                if reply != "bound" and sys.platform.startswith("linux"):
                    assert reply.endswith(f"(process {winner.pid}) listens there")
    assert {path.name for path in tmp_path.iterdir()} == {str(number) for number in range(ROUNDS)}


def test_the_file_of_a_process_that_was_killed_is_taken_over(tmp_path: Path) -> None:
    endpoint = f"ipc://{tmp_path}/x"
    with racer() as process:
        send_to(process, endpoint)
        assert answer(process) == "bound"
        process.kill()
        process.wait()
        assert (tmp_path / "x").is_socket()
    with zmq.Context() as context, context.socket(zmq.PULL) as socket:
        assert bind_socket(socket, endpoint) == endpoint


def test_remove_leaves_a_file_that_another_socket_made(tmp_path: Path) -> None:
    endpoint = f"ipc://{tmp_path}/x"
    with zmq.Context() as context, context.socket(zmq.PULL) as first, context.socket(zmq.PULL) as thief:
        bind_socket(first, endpoint)
        file = BoundFile.at(endpoint)
        assert file is not None
        # Plain libzmq takes the path over.
        thief.bind(endpoint)
        file.remove()
        assert (tmp_path / "x").is_socket()
        own = BoundFile.at(endpoint)
        assert own is not None
        own.remove()
        own.remove()
    assert list(tmp_path.iterdir()) == []


def test_a_lock_held_too_long_is_an_error(tmp_path: Path) -> None:
    endpoint = f"ipc://{tmp_path}/x"
    with bind_lock(endpoint):
        assert (tmp_path / f"x{LOCK_SUFFIX}").exists()
        too_long = pytest.raises(SocketSetupError, match="another process has been binding it")
        with too_long, bind_lock(endpoint, limit_s=0.0):
            pass
        # The lock of another path is free.
        with bind_lock(f"{endpoint}2", limit_s=0.0):
            pass
    with bind_lock(endpoint, limit_s=0.0):
        pass
    assert list(tmp_path.iterdir()) == []


def test_bind_in_a_missing_folder_names_the_reason(tmp_path: Path) -> None:
    says_why = pytest.raises(SocketSetupError, match="the folder does not exist")
    with zmq.Context() as context, context.socket(zmq.PULL) as socket, says_why:
        bind_socket(socket, f"ipc://{tmp_path}/no/such")


@pytest.mark.parametrize(
    ("endpoint", "path"),
    [
        ("ipc:///tmp/x", "/tmp/x"),
        ("ipc://x", "x"),
        ("ipc://@x", None),
        ("ipc://*", None),
        ("ipc://", None),
        ("tcp://127.0.0.1:1", None),
        ("inproc://x", None),
    ],
)
def test_which_endpoints_have_a_file(endpoint: str, path: str | None) -> None:
    assert path_of(endpoint) == path
