"""A template that forks processes of a test: what a fork has of its owner, and what it has given up."""

from __future__ import annotations

import json
import os
import socket
import struct
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from bench_app.engine.control.fork_messages import EXIT_CODE, MOST_BYTES, Forked, ForkWorker

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="other systems have no template")
LIMIT_S = 60.0
SERVE = """
import json, os, sys
from bench_app.engine.worker.template import run_template
def serve():
    line = sys.stdin.readline().strip()
    if line == "fail":
        raise ValueError("no such set-up")
    names = sorted(int(name) for name in os.listdir("/proc/self/fd"))
    print(json.dumps([line, os.getcwd(), dict(os.environ), names]), file=sys.stderr, flush=True)
    os._exit(7)
"""
RUN = "run_template(int(sys.argv[1]), serve)"
REFUSE = "import errno\ndef refuse(): raise OSError(errno.EAGAIN, 'no more processes')\nos.fork = refuse\n"


class Owner:
    """The other end of a template's socket."""

    def __init__(self, program: str) -> None:
        self._socket, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._socket.settimeout(LIMIT_S)
        command = [sys.executable, "-c", program, str(theirs.fileno())]
        self.process = subprocess.Popen(command, pass_fds=[theirs.fileno()])
        theirs.close()
        self.said()

    def said(self) -> tuple[Forked, list[int]]:
        data, descriptors, _, _ = socket.recv_fds(self._socket, MOST_BYTES, 2)
        return msgspec.json.decode(data, type=Forked), list(descriptors)

    def send(self, request: ForkWorker, descriptors: list[int]) -> None:
        socket.send_fds(self._socket, [msgspec.json.encode(request)], descriptors)

    def ask(self, folder: Path, line: str = "", environment: dict[str, str] | None = None) -> tuple[Forked, list[int]]:
        """Ask for a fork that reads ``line``; returns the answer with its descriptors."""
        reading, writing = os.pipe()
        with (folder / "errors").open("wb") as errors:
            self.send(ForkWorker(str(folder), environment or {}), [reading, errors.fileno()])
        os.close(reading)
        answer = self.said()
        if answer[0].pid:
            os.write(writing, f"{line}\n".encode())
        os.close(writing)
        return answer

    def close(self) -> None:
        self._socket.close()
        assert self.process.wait(LIMIT_S) == 0


def exit_code(descriptors: list[int]) -> int:
    """Wait for the exit code of a fork, and close its descriptors."""
    process, pipe = descriptors
    code: int = struct.unpack(EXIT_CODE, os.read(pipe, 4))[0]
    os.close(process)
    os.close(pipe)
    return code


@pytest.fixture
def owner() -> Iterator[Owner]:
    owner = Owner(SERVE + RUN)
    yield owner
    owner.close()


def test_a_fork_has_what_was_asked_for_and_nothing_of_its_template(owner: Owner, tmp_path: Path) -> None:
    for number in range(2):
        answer, descriptors = owner.ask(tmp_path, f"set-up {number}", {"ONLY": "this"})
        assert answer.pid > 0 and answer.error == ""
        assert exit_code(descriptors) == 7
        line, folder, environment, names = json.loads((tmp_path / "errors").read_text())
        assert (line, folder, environment) == (f"set-up {number}", str(tmp_path), {"ONLY": "this"})
        # The fourth one is that of the folder it reads them from.
        assert names == [0, 1, 2, 3]


def test_a_fork_that_fails_says_why(owner: Owner, tmp_path: Path) -> None:
    _, descriptors = owner.ask(tmp_path, "fail")
    assert exit_code(descriptors) == 1
    assert (tmp_path / "errors").read_text().endswith("ValueError: no such set-up\n")


def test_a_folder_that_is_gone_is_an_error_of_the_fork(owner: Owner, tmp_path: Path) -> None:
    reading, writing = os.pipe()
    with (tmp_path / "errors").open("wb") as errors:
        owner.send(ForkWorker(str(tmp_path / "nowhere"), {}), [reading, errors.fileno()])
    os.close(reading)
    _, descriptors = owner.said()
    assert exit_code(descriptors) == 1
    assert "FileNotFoundError" in (tmp_path / "errors").read_text()
    os.close(writing)


def test_a_system_without_room_for_a_process_is_told(tmp_path: Path) -> None:
    owner = Owner(SERVE + REFUSE + RUN)
    for _ in range(2):
        answer, descriptors = owner.ask(tmp_path)
        assert (answer.pid, answer.error, descriptors) == (0, "no more processes", [])
    owner.close()
