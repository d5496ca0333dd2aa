"""State that handlers of a process share: the context of inproc, and the handlers that a program forgot to close."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest
import zmq

from bench_app.library.process_state import ProcessState
from tests.library.ends import NOWHERE, listening


class Recorded:
    """Records the calls of ``stop`` and ``close``."""

    def __init__(self, asked: list[str], name: str) -> None:
        self.asked, self.name = asked, name

    def stop(self) -> None:
        self.asked.append(f"stop {self.name}")

    def close(self) -> None:
        self.asked.append(f"close {self.name}")


def test_sockets_of_inproc_share_a_context_and_others_have_their_own() -> None:
    state = ProcessState()
    first, second = state.context_for(True), state.context_for(True)
    assert first.context is second.context
    first.end()
    assert not second.context.closed
    own, other = state.context_for(False), state.context_for(False)
    assert own.context is not other.context
    own.end()
    other.end()
    assert own.context.closed and other.context.closed
    second.context.term()


def test_all_handlers_are_stopped_before_the_first_is_closed() -> None:
    asked: list[str] = []
    state = ProcessState()
    ends = [Recorded(asked, "a"), Recorded(asked, "b"), Recorded(asked, "gone")]
    for one in ends:
        state.opened(one)
    state.closed(ends[2])
    state.closed(ends[2])
    state.close_all()
    assert sorted(asked[:2]) == ["stop a", "stop b"]
    assert sorted(asked[2:]) == ["close a", "close b"]


def test_handlers_of_another_process_are_not_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    state, handler = ProcessState(), Recorded(asked, "a")
    here = state.context_for(True)
    state.opened(handler)
    with monkeypatch.context() as patched:
        patched.setattr(os, "getpid", lambda: -1)
        state.close_all()
        there = state.context_for(True)
    assert not asked
    assert there.context is not here.context
    for one in (here, there):
        one.context.term()


FORGETFUL = """
import sys
from bench_app import Output
output = Output("forgetful")
output.add_handler("h", sys.argv[1], "events", {"linger": int(sys.argv[2])})
for number in range(500):
    output.write("events", number)
"""


def test_a_program_that_forgets_to_close_still_sends_and_ends() -> None:
    with listening(zmq.PULL) as (pull, uri):
        finished = subprocess.run([sys.executable, "-c", FORGETFUL, uri, "5000"], timeout=60, check=True)
        assert finished.returncode == 0
        assert [json.loads(pull.recv()) for _ in range(500)] == list(range(500))


def test_a_program_that_forgets_to_close_ends_within_linger_without_a_peer() -> None:
    subprocess.run([sys.executable, "-c", FORGETFUL, NOWHERE, "100"], timeout=60, check=True)
