"""A template of workers: its forks are workers like any other, and none outlives its owner."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import psutil
import pytest

from bench_app.data_plane.choice import PlaneChoice
from bench_app.engine.control.messages import WorkerSetup
from bench_app.engine.run_once import run_once
from bench_app.engine.session import Session
from bench_app.engine.worker_processes import Pool
from bench_app.engine.worker_template import ForkedWorker, WorkerTemplate
from bench_app.preset import documents
from tests.engine.stage import UseProgram
from tests.runs import assert_balanced, preset

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="other systems start each worker afresh")
LIMIT_S = 60.0


@pytest.fixture(scope="module")
def kept() -> Iterator[WorkerTemplate]:
    """A template that several tests use, because it loads for a while."""
    template = WorkerTemplate()
    yield template
    template.end()


@pytest.fixture
def own() -> Iterator[WorkerTemplate]:
    """A template that a test may end."""
    template = WorkerTemplate()
    yield template
    template.end()


@pytest.fixture
def errors(tmp_path: Path) -> Iterator[BinaryIO]:
    with (tmp_path / "errors").open("wb") as file:
        yield file


def forked(template: WorkerTemplate, errors: BinaryIO) -> ForkedWorker:
    worker = template.fork(errors)
    assert worker is not None
    return worker


def close_input(worker: ForkedWorker) -> None:
    assert worker.stdin is not None
    worker.stdin.close()


def test_a_fork_is_a_process_in_a_session_of_its_own(kept: WorkerTemplate, errors: BinaryIO) -> None:
    worker = forked(kept, errors)
    assert worker.poll() is None
    while os.getsid(worker.pid) != worker.pid:
        os.sched_yield()
    assert psutil.Process(worker.pid).ppid() == kept.pid
    with pytest.raises(subprocess.TimeoutExpired):
        worker.wait(0.0)
    close_input(worker)
    # Without a set-up it has nothing to do.
    assert worker.wait(LIMIT_S) == worker.poll() == worker.returncode == 0


def test_the_signal_that_ended_a_fork_is_known(kept: WorkerTemplate, errors: BinaryIO) -> None:
    for end, number in ((ForkedWorker.terminate, signal.SIGTERM), (ForkedWorker.kill, signal.SIGKILL)):
        worker = forked(kept, errors)
        end(worker)
        assert worker.wait(LIMIT_S) == -number
        worker.kill()
        close_input(worker)


def test_a_fork_leaves_no_descriptor_behind(kept: WorkerTemplate, errors: BinaryIO) -> None:
    first = forked(kept, errors)
    template = psutil.Process(kept.pid)
    close_input(first)
    first.wait(LIMIT_S)
    before = psutil.Process().num_fds()
    for _ in range(3):
        worker = forked(kept, errors)
        close_input(worker)
        worker.wait(LIMIT_S)
    assert psutil.Process().num_fds() == before
    # The template closes its last descriptors after it has told the exit code. It keeps three, and its socket.
    deadline = time.monotonic() + LIMIT_S
    while template.num_fds() > 4 and time.monotonic() < deadline:
        os.sched_yield()
    assert template.num_fds() == 4


def test_a_template_that_was_killed_takes_its_workers_along_and_is_replaced(
    own: WorkerTemplate, errors: BinaryIO
) -> None:
    worker = forked(own, errors)
    assert own.pid is not None
    first = own.pid
    os.kill(first, signal.SIGKILL)
    assert worker.wait(LIMIT_S) == -signal.SIGKILL
    close_input(worker)
    # The kernel closes its socket before its parent can know of its end.
    psutil.wait_procs([psutil.Process(first)] if psutil.pid_exists(first) else [], timeout=LIMIT_S)
    another = own.fork(errors)
    if another is None:
        # The request went into the socket of the dead one.
        another = forked(own, errors)
    assert own.pid not in (None, first)
    close_input(another)
    assert another.wait(LIMIT_S) == 0


def test_a_template_that_was_let_go_stays_until_its_worker_has_ended(own: WorkerTemplate, errors: BinaryIO) -> None:
    worker = forked(own, errors)
    process = psutil.Process(own.pid)
    own.end()
    assert own.pid is None and process.is_running() and worker.poll() is None
    close_input(worker)
    assert worker.wait(LIMIT_S) == 0
    process.wait(LIMIT_S)


def test_a_template_ends_with_the_process_of_its_owner() -> None:
    program = (
        "import sys; from bench_app.engine.worker_template import WorkerTemplate; template = WorkerTemplate()\n"
        "worker = template.fork(sys.stderr.buffer); print(template.pid, worker.pid, flush=True); sys.stdin.read()"
    )
    command = [sys.executable, "-c", program]
    owner = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    assert owner.stdout is not None
    processes = [psutil.Process(int(word)) for word in owner.stdout.readline().split()]
    owner.kill()
    owner.communicate()
    assert psutil.wait_procs(processes, timeout=LIMIT_S)[1] == []


def test_only_what_acts_while_a_process_loads_needs_another_template(
    own: WorkerTemplate, errors: BinaryIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    close_input(forked(own, errors))
    first = own.pid
    monkeypatch.setenv("OTHER", "value")
    close_input(forked(own, errors))
    assert own.pid == first
    monkeypatch.setenv("ZMQ_BENCH_PLANE", "python")
    close_input(forked(own, errors))
    assert own.pid != first


def test_a_system_that_cannot_do_it_gets_no_forks(
    own: WorkerTemplate, errors: BinaryIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    assert own.fork(errors) is None and own.pid is None


def test_a_program_that_cannot_be_started_or_ends_at_once_gets_no_forks(
    own: WorkerTemplate, errors: BinaryIO, use_program: UseProgram, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    use_program("exit 3")
    assert own.fork(errors) is None
    monkeypatch.setattr(sys, "executable", str(tmp_path / "missing"))
    assert own.fork(errors) is None and own.pid is None


def test_an_environment_longer_than_a_packet_gets_no_fork(
    own: WorkerTemplate, errors: BinaryIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    close_input(forked(own, errors))
    monkeypatch.setenv("LONG", "x" * 1_000_000)
    assert own.fork(errors) is None


def pool(folder: Path, choice: PlaneChoice, template: WorkerTemplate) -> Pool:
    return Pool(WorkerSetup(worker="", endpoint="no endpoint", folder=str(folder)), choice, template)


def test_a_pool_forks_its_workers_unless_a_data_plane_was_chosen(kept: WorkerTemplate, tmp_path: Path) -> None:
    for choice, kind in ((PlaneChoice(), ForkedWorker), (PlaneChoice(plane="python"), subprocess.Popen)):
        workers = pool(tmp_path, choice, kept)
        workers.wait_ready()
        worker = workers.start(["a"])
        assert isinstance(worker.process, kind)
        # libzmq refuses the endpoint, and Python writes the traceback.
        assert worker.process.wait(LIMIT_S) == 1
        assert "ZMQError" in (worker.ending or "")
        assert workers.take_dead() == [worker]


def test_a_run_replaces_a_forked_worker_that_was_killed(own: WorkerTemplate) -> None:
    text = preset({"socket_type": "PUSH"}, rate=500, duration_s=60.0, listeners=[{"name": "a"}])
    session = Session(documents.parse(text, "test"), template=own)

    async def kill() -> None:
        while not (session.handlers and session.handlers["h"].counts.accepted > 50):
            await asyncio.sleep(0.01)
        pid = session.pid_of(session.listeners_of(session.handlers["h"])[0])
        assert pid is not None and psutil.Process(pid).ppid() == own.pid
        os.kill(pid, signal.SIGKILL)
        before = session.handlers["h"].counts.accepted
        while not any(listener.restarts for listener in session.listeners.values()):
            await asyncio.sleep(0.01)
        while session.handlers["h"].counts.accepted < before + 50:
            await asyncio.sleep(0.01)
        session.stop()

    async def both() -> None:
        finished, _ = await asyncio.gather(run_once(session), kill())
        assert_balanced(finished.result)
        assert finished.result.handlers["h"].listeners["a"].received > 0
        assert any("was killed by SIGKILL" in event.message for event in session.events)

    asyncio.run(both())
