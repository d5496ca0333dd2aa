"""A session from its making to its end: what it refuses before, and that nothing is left of it whatever happens."""

from __future__ import annotations

import asyncio
import errno
import os
import re
import signal
from collections.abc import Awaitable, Callable
from pathlib import Path

import psutil
import pytest

from bench_app.cli.exit_codes import EXIT_CODES
from bench_app.engine import session as session_module
from bench_app.engine import starting, stopping, worker_processes
from bench_app.engine.changes import Changes
from bench_app.engine.events import RunEvent
from bench_app.engine.session import Phase, Session
from bench_app.errors import EngineError, UsageError
from bench_app.preset import documents
from tests.engine.stage import UseProgram
from tests.runs import preset, run, until, workers_left

REPLACED = preset({"socket_type": "PUSH"}, uri="zmq://tcp://work-queue:*", duration_s=0.2, rate=100)
"""Its first event comes while it opens: an address was replaced."""


def a_session(on_event: Callable[[RunEvent], None] = lambda event: None) -> Session:
    return Session(documents.parse(REPLACED, "test"), on_event)


ACTIONS: dict[str, Callable[[Session], Awaitable[None]]] = {
    "stop_handler": lambda session: session.stop_handler("h"),
    "send_event": lambda session: session.send_event("h", b"{}"),
    "reconnect_handler": lambda session: session.reconnect_handler("h"),
    "change_handler": lambda session: session.change_handler("h", session.document.preset.output.handlers["h"]),
}


@pytest.mark.parametrize("action", ACTIONS.values(), ids=ACTIONS)
def test_before_the_run_there_is_nothing_to_act_on(action: Callable[[Session], Awaitable[None]]) -> None:
    with pytest.raises(UsageError, match="the session does not run yet"):
        asyncio.run(go(action))


async def go(action: Callable[[Session], Awaitable[None]]) -> None:
    await action(a_session())


def test_before_the_run_all_is_empty() -> None:
    session = a_session()
    assert (session.phase, session.worker_count, session.start_ns) == (Phase.IDLE, 0, None)
    assert (session.handlers, session.listeners, session.units, session.present) == ({}, {}, {}, {})
    assert (session.elapsed_s, session.now_s, session.paused_s) == (0.0, 0.0, 0.0)
    assert (session.paused, session.interrupted, session.sampler, list(session.events)) == (False, False, None, [])


def test_a_pause_before_the_run_does_nothing() -> None:
    session = a_session()
    asyncio.run(session.pause(True))
    assert not session.paused


def test_a_run_begins_with_the_document_that_was_applied_last() -> None:
    session = a_session()
    changed = documents.replace(session.document, "bench.duration_s", 7)
    assert asyncio.run(session.apply(changed)) == Changes()
    assert session.document is changed
    assert session.duration_s == 7


@pytest.mark.parametrize(
    ("error", "raised", "message"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), EngineError, "the engine could not start: .*No space left"),
        (BrokenPipeError("no reader"), BrokenPipeError, "no reader"),
    ],
    ids=["disk full", "no reader of the events"],
)
def test_after_an_error_no_process_and_no_folder_is_left(
    error: OSError, raised: type[Exception], message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(event: RunEvent) -> None:
        raise error

    folder = tmp_path / "run"
    folder.mkdir()
    monkeypatch.setattr(session_module, "private_folder", lambda: folder)
    # Workers with open units do not exit when asked, so there are events about their end, which are refused too.
    monkeypatch.setattr(worker_processes, "EXIT_LIMIT_S", 0.0)
    monkeypatch.setattr(worker_processes, "TERMINATE_LIMIT_S", 60.0)
    session = a_session(refuse)
    with pytest.raises(raised, match=message):
        asyncio.run(session.run())
    assert session.phase is Phase.DONE
    assert not folder.exists()
    assert not workers_left()


@pytest.mark.parametrize("program", ["exit 4", "exec 0<&-; exec sleep 1000", "kill -KILL $$"])
def test_workers_that_end_before_they_have_read_their_setup_make_the_run_invalid(
    program: str, use_program: UseProgram, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A worker whose set-up went into the pipe before it closed its end has everything, and never answers.
    monkeypatch.setattr(starting, "OPEN_LIMIT_S", 1.0)
    use_program(program)
    descriptors = psutil.Process().num_fds()
    finished = run(REPLACED)
    assert (finished.result.verdict, finished.result.balanced) == ("invalid", True)
    # The shell may say that it was killed, in the last output.
    ended = r"its worker (ended with exit code 4|was killed by SIGKILL)(; its last output: .*)?"
    reason = f"({ended}|its worker process did not start within 1 s)"
    blamed = rf"not started, because its listener pull-1 could not be opened: {reason}"
    assert all(re.fullmatch(f"{reason}|{blamed}", unit.failed) for unit in finished.session.units.values())
    assert EXIT_CODES[finished.result.verdict] == 3
    assert psutil.Process().num_fds() == descriptors
    assert not workers_left()


@pytest.mark.parametrize("transport", ["ipc", "tcp"])
def test_a_run_goes_to_its_end_and_leaves_nothing_behind(
    transport: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "run"
    folder.mkdir()
    monkeypatch.setattr(session_module, "private_folder", lambda: folder)
    finished = run(REPLACED, transport=transport)
    session = finished.session
    assert (session.phase, session.worker_count, session.interrupted) == (Phase.DONE, 0, False)
    assert all(unit.finished for unit in session.units.values())
    assert finished.handler().accepted == finished.handler().listeners["pull-1"].received == 20
    # A worker that gets no processor for half of this short run reports nothing that belongs to it. Not all can.
    assert any(worker.cpu_s > 0 and worker.stall_us.max > 0 for worker in finished.result.workers.values())
    assert not folder.exists()


def test_a_handler_that_hangs_does_not_hold_up_the_end_of_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session_module, "OVERTIME_S", 0.0)
    monkeypatch.setattr(stopping, "CLOSE_MARGIN_S", 0.0)
    monkeypatch.setattr(stopping, "QUIET_LIMIT_S", 0.0)

    async def meanwhile(session: Session) -> None:
        await until(lambda: session.phase is Phase.RUNNING and session.handlers["h"].counts.accepted > 0)
        pid = session.pid_of(session.handlers["h"])
        assert pid is not None
        os.kill(pid, signal.SIGSTOP)

    finished = run(preset({"socket_type": "PUSH", "linger": 0}, rate=100), meanwhile)
    assert "h: did not close in 0 s and was ended by force" in finished.messages()
    assert finished.session.handlers["h"].crashed
    assert finished.result.verdict == "invalid"
    assert finished.result.balanced
    assert not workers_left()
