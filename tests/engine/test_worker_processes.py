"""Worker processes: each gets its name, each end is noticed once, and the ladder at the end leaves none behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from bench_app.data_plane.choice import PlaneChoice
from bench_app.engine import worker_processes
from bench_app.engine.control.messages import WorkerSetup
from bench_app.engine.worker_processes import Pool, WorkerProcess
from bench_app.errors import EngineError
from tests.engine.stage import UseProgram

LIMIT_S = 60.0
IDLE = "exec cat > /dev/null"


@pytest.fixture
def workers(tmp_path: Path) -> Iterator[Pool]:
    setup = WorkerSetup(worker="", endpoint="ipc:///nowhere", folder=str(tmp_path), server_key="key")
    workers = Pool(setup, PlaneChoice(plane="python"))
    yield workers
    for worker in list(workers.workers.values()):
        workers.kill(worker)
    workers.end_all()


def wait_until(is_reached: Callable[[], bool]) -> None:
    deadline = time.monotonic() + LIMIT_S
    while not is_reached():
        assert time.monotonic() < deadline
        os.sched_yield()


def test_a_worker_reads_its_setup_from_standard_input(workers: Pool, use_program: UseProgram, tmp_path: Path) -> None:
    use_program(f'read line; echo "$line" > {tmp_path}/read; echo "$@" > {tmp_path}/arguments')
    worker = workers.start(["handler-1"])
    assert worker.process.wait(LIMIT_S) == 0
    setup = msgspec.json.decode((tmp_path / "read").read_bytes(), type=WorkerSetup)
    assert setup == WorkerSetup(worker="worker-1", endpoint="ipc:///nowhere", folder=str(tmp_path), server_key="key")
    # A command line can be read by all users of the machine. -P: modules in the working directory are not imported.
    assert (tmp_path / "arguments").read_text() == "-P -m bench_app.engine.worker\n"


def test_a_worker_gets_the_choice_of_the_data_plane(workers: Pool, use_program: UseProgram, tmp_path: Path) -> None:
    use_program(f'echo "$ZMQ_BENCH_PLANE" > {tmp_path}/plane')
    assert workers.start(["handler-1"]).process.wait(LIMIT_S) == 0
    assert (tmp_path / "plane").read_text() == "python\n"


def test_no_name_is_given_twice(workers: Pool, use_program: UseProgram) -> None:
    use_program(IDLE)
    first = workers.start(["handler-1"])
    workers.kill(first)
    first.process.wait(LIMIT_S)
    assert workers.take_dead() == [first]
    second = workers.start(["handler-1"])
    assert (first.name, second.name) == ("worker-1", "worker-2")
    assert list(workers.workers) == ["worker-2"]


def test_the_end_of_a_worker_is_returned_once(workers: Pool, use_program: UseProgram) -> None:
    use_program(IDLE)
    dead, alive = workers.start(["a"]), workers.start(["b"])
    assert workers.take_dead() == []
    workers.kill(dead)
    dead.process.wait(LIMIT_S)
    assert workers.take_dead() == [dead]
    assert workers.take_dead() == []
    assert list(workers.workers.values()) == [alive]


def test_the_end_of_a_worker_that_was_asked_to_exit_is_expected(workers: Pool, use_program: UseProgram) -> None:
    use_program("read line; exit 0")
    worker = workers.start(["a"])
    worker.asked_to_exit = True
    worker.process.wait(LIMIT_S)
    assert workers.take_dead() == []


@pytest.mark.parametrize(
    ("program", "ending"),
    [
        ("read line; exit 3", "ended with exit code 3"),
        ("read line; echo one >&2; echo two >&2; exit 3", "ended with exit code 3; its last output: one / two"),
        ("read line; kill -SEGV $$", "was killed by SIGSEGV"),
        ("read line; echo no >&2; kill -ABRT $$", "was killed by SIGABRT; its last output: no"),
    ],
)
def test_how_a_worker_ended(workers: Pool, use_program: UseProgram, program: str, ending: str) -> None:
    use_program(program)
    worker = workers.start(["a"])
    worker.process.wait(LIMIT_S)
    assert worker.ending == ending
    assert worker.exit_status == ending.partition(";")[0]


def test_a_worker_that_is_killed_has_ended_when_the_call_returns(workers: Pool, use_program: UseProgram) -> None:
    use_program(IDLE)
    worker = workers.start(["a"])
    workers.kill_and_wait(worker)
    assert worker.process.poll() == -signal.SIGKILL
    assert workers.take_dead() == [worker]


def test_a_worker_that_runs_has_no_ending(workers: Pool, use_program: UseProgram) -> None:
    use_program(IDLE)
    worker = workers.start(["a"])
    worker.error_file.write_text("only a warning")
    assert (worker.exit_status, worker.ending) == (None, None)


def test_a_signal_without_a_name_has_its_number(workers: Pool, use_program: UseProgram) -> None:
    number = next(number for number in range(signal.SIGRTMIN + 1, signal.SIGRTMAX) if number not in set(signal.Signals))
    use_program(IDLE)
    worker = workers.start(["a"])
    worker.process.send_signal(number)
    worker.process.wait(LIMIT_S)
    assert worker.ending == f"was killed by signal {number}"


def test_a_process_that_cannot_be_started_is_an_error_with_its_cause(
    workers: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", "/no/such/program")
    with pytest.raises(EngineError, match="a worker process could not be started: No such file or directory"):
        workers.start(["a"])
    assert workers.workers == {}


class EndsAtOnce(subprocess.Popen[bytes]):
    """A process that has ended before anybody writes to it."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.wait(LIMIT_S)


def test_a_worker_that_ends_before_it_has_read_its_setup_is_dead_like_any_other(
    workers: Pool, use_program: UseProgram, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker_processes.subprocess, "Popen", EndsAtOnce)
    use_program("echo cannot load >&2; exit 4")
    worker = workers.start(["a"])
    assert worker.ending == "ended with exit code 4; its last output: cannot load"
    assert workers.take_dead() == [worker]
    assert worker.process.stdin is not None and worker.process.stdin.closed


def test_a_worker_that_takes_no_setup_is_killed(workers: Pool, use_program: UseProgram, tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    use_program(f"exec 0<&-; touch {closed}; exec sleep 1000")
    worker = workers.start(["a"])
    wait_until(closed.exists)
    worker_processes._send_setup(worker.process, WorkerSetup(worker="a", endpoint="", folder=""))
    assert worker.process.wait(LIMIT_S) == -signal.SIGKILL


def running(workers: Pool, use_program: UseProgram, tmp_path: Path, program: str) -> WorkerProcess:
    """A worker whose program has come to its last command."""
    ready = tmp_path / "ready"
    use_program(program.format(ready=f"touch {ready}"))
    worker = workers.start(["a"])
    wait_until(ready.exists)
    return worker


def test_a_worker_that_exits_when_it_is_asked_is_not_forced(workers: Pool, use_program: UseProgram) -> None:
    use_program("read line; exit 0")
    worker = workers.start(["a"])
    worker.asked_to_exit = True
    assert workers.end_all() == []
    assert worker.process.returncode == 0
    assert workers.workers == {}


def test_a_worker_that_does_not_exit_is_terminated(
    workers: Pool, use_program: UseProgram, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker_processes, "EXIT_LIMIT_S", 0.0)
    monkeypatch.setattr(worker_processes, "TERMINATE_LIMIT_S", LIMIT_S)
    worker = running(workers, use_program, tmp_path, "{ready}; exec sleep 1000")
    assert workers.end_all() == ["worker-1 did not end in time and was terminated"]
    assert worker.process.returncode == -signal.SIGTERM


def test_a_worker_that_takes_no_notice_is_killed(
    workers: Pool, use_program: UseProgram, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker_processes, "EXIT_LIMIT_S", 0.0)
    monkeypatch.setattr(worker_processes, "TERMINATE_LIMIT_S", 0.05)
    worker = running(workers, use_program, tmp_path, "trap '' TERM; {ready}; exec sleep 1000")
    assert workers.end_all() == [
        "worker-1 did not end in time and was terminated",
        "worker-1 did not end in time and was killed",
    ]
    assert worker.process.wait(LIMIT_S) == -signal.SIGKILL


def test_a_worker_ends_when_the_pipe_of_its_session_closes(
    workers: Pool, use_program: UseProgram, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker_processes, "EXIT_LIMIT_S", 0.0)
    monkeypatch.setattr(worker_processes, "TERMINATE_LIMIT_S", 0.0)
    # It takes notice of no signal but the last one, and that one is held back.
    monkeypatch.setattr(worker_processes.subprocess.Popen, "kill", lambda process: None)
    worker = running(workers, use_program, tmp_path, "trap '' TERM; {ready}; exec cat > /dev/null")
    workers.end_all()
    assert worker.process.wait(LIMIT_S) == 0
