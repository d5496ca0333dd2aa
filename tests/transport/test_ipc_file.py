"""The path of an ipc endpoint: one binds it, others are told who has it, and it is gone with who bound it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
import zmq

from bench_app.errors import SocketSetupError
from bench_app.transport import bind
from bench_app.transport.ipc_file import LOCK_SUFFIX, BoundFile, one_at_a_time, path_of
from tests.runs import preset, run

pytestmark = pytest.mark.skipif(not zmq.has("ipc"), reason="no ipc here")

ROUNDS = 20
RACERS = 4
_RACER = """
import sys, zmq
from bench_app.transport import bind
from bench_app.errors import SocketSetupError
socket = zmq.Context().socket(zmq.PULL)
print("ready", flush=True)
for endpoint in sys.stdin:
    try:
        bind.bind(socket, endpoint.strip())
        print("bound", flush=True)
    except SocketSetupError as error:
        print(error, flush=True)
"""


@contextmanager
def racer() -> Iterator[subprocess.Popen[str]]:
    """A process that binds where its standard input says, and answers what became of it."""
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


def test_of_processes_that_bind_at_the_same_moment_one_wins(tmp_path: Path) -> None:
    with ExitStack() as stack:
        racers = [stack.enter_context(racer()) for _ in range(RACERS)]
        for number in range(ROUNDS):
            endpoint = f"ipc://{tmp_path}/{number}"
            for process in racers:
                send_to(process, endpoint)
            answers = [answer(process) for process in racers]
            assert answers.count("bound") == 1, answers
            winner = racers[answers.index("bound")]
            for told in answers:
                assert told == "bound" or told.startswith(f"cannot bind {endpoint}: address already in use: ")
                if told != "bound" and sys.platform.startswith("linux"):
                    assert told.endswith(f"(process {winner.pid}) listens there")
    assert {path.name for path in tmp_path.iterdir()} == {str(number) for number in range(ROUNDS)}


def test_two_handlers_of_a_run_at_one_path(tmp_path: Path) -> None:
    raw = preset({"socket_type": "PUB", "topic": "t"}, uri=f"zmq://ipc://{tmp_path}/x", listeners=[{"name": "l"}])
    handlers = raw["output"]["handlers"]
    handlers["other"] = handlers["h"]
    raw["bench"]["listeners"]["other"] = [{"name": "l"}]
    result = run(raw).result
    accepted = {name: handler.accepted for name, handler in result.handlers.items()}
    winners = [name for name, count in accepted.items() if count]
    assert len(winners) == 1, accepted
    (loser,) = set(accepted) - set(winners)
    assert [reason for reason in result.reasons if reason.startswith(f"{loser}: cannot bind ")] != []
    assert "address already in use" in str(result.reasons)
    assert result.handlers[winners[0]].listeners["l"].received == accepted[winners[0]]
    assert list(tmp_path.iterdir()) == []


def test_the_file_of_a_process_that_was_killed_is_taken_over(tmp_path: Path) -> None:
    endpoint = f"ipc://{tmp_path}/x"
    with racer() as process:
        send_to(process, endpoint)
        assert answer(process) == "bound"
        process.kill()
        process.wait()
        assert (tmp_path / "x").is_socket()
    with zmq.Context() as context, context.socket(zmq.PULL) as socket:
        assert bind.bind(socket, endpoint) == endpoint


@pytest.mark.parametrize("socket_type", ["PUB", "PUSH", "REQ"])
def test_nothing_is_left_at_the_path_after_a_run(socket_type: str, tmp_path: Path) -> None:
    """A PUB binds itself; the others' listeners do."""
    result = run(preset({"socket_type": socket_type, "topic": "t"}, uri=f"zmq://ipc://{tmp_path}/x")).result
    assert result.handlers["h"].accepted > 0
    assert list(tmp_path.iterdir()) == []


def test_a_path_that_somebody_else_has_by_now_stays(tmp_path: Path) -> None:
    endpoint = f"ipc://{tmp_path}/x"
    with zmq.Context() as context, context.socket(zmq.PULL) as first, context.socket(zmq.PULL) as thief:
        bind.bind(first, endpoint)
        file = BoundFile.at(endpoint)
        assert file is not None
        # Plain libzmq: it takes what is there.
        thief.bind(endpoint)
        file.remove()
        assert (tmp_path / "x").is_socket()
        own = BoundFile.at(endpoint)
        assert own is not None
        own.remove()
        own.remove()
    assert list(tmp_path.iterdir()) == []


def test_who_stays_too_long_at_a_path_is_told_of(tmp_path: Path) -> None:
    endpoint = f"ipc://{tmp_path}/x"
    with one_at_a_time(endpoint):
        assert (tmp_path / f"x{LOCK_SUFFIX}").exists()
        too_long = pytest.raises(SocketSetupError, match="another process has been binding it")
        with too_long, one_at_a_time(endpoint, limit_s=0.0):
            pass
        # Not of another path.
        with one_at_a_time(f"{endpoint}2", limit_s=0.0):
            pass
    with one_at_a_time(endpoint, limit_s=0.0):
        pass
    assert list(tmp_path.iterdir()) == []


def test_where_there_can_be_no_lock_binding_says_why(tmp_path: Path) -> None:
    says_why = pytest.raises(SocketSetupError, match="the folder does not exist")
    with zmq.Context() as context, context.socket(zmq.PULL) as socket, says_why:
        bind.bind(socket, f"ipc://{tmp_path}/no/such")


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
