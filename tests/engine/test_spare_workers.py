"""Spare workers: a run takes them in place of new processes, and none of them outlives its owner."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench_app.data_plane.choice import PlaneChoice
from bench_app.engine.control.messages import WorkerSetup
from bench_app.engine.run_once import run_once
from bench_app.engine.session import Session
from bench_app.engine.spare_workers import SpareWorkers
from bench_app.engine.worker_processes import Pool
from bench_app.preset import documents
from tests.engine.stage import UseProgram
from tests.runs import preset

LIMIT_S = 60.0
IDLE = "exec cat > /dev/null"


@pytest.fixture
def spares() -> Iterator[SpareWorkers]:
    spares = SpareWorkers()
    yield spares
    spares.end()
    assert len(spares) == 0


def pool(folder: Path, choice: PlaneChoice, spares: SpareWorkers) -> Pool:
    return Pool(WorkerSetup(worker="", endpoint="ipc:///nowhere", folder=str(folder)), choice, spares)


def end(workers: Pool) -> None:
    for worker in list(workers.workers.values()):
        workers.kill(worker)
    workers.end_all()


def test_the_first_spare_worker_is_taken_first_and_a_dead_one_not_at_all(
    spares: SpareWorkers, use_program: UseProgram
) -> None:
    use_program(IDLE)
    assert spares.take() is None
    assert [spares.start_one() for _ in range(3)] == [True, True, True]
    first = spares.take()
    assert first is not None and first.stdin is not None and len(spares) == 2
    first.stdin.close()
    assert first.wait(LIMIT_S) == 0
    use_program("exit 3")
    last = SpareWorkers()
    assert last.start_one()
    while len(last):
        pass
    assert last.take() is None


def test_after_the_end_no_spare_worker_is_started(use_program: UseProgram) -> None:
    use_program(IDLE)
    spares = SpareWorkers()
    assert spares.start_one()
    spares.end()
    assert len(spares) == 0 and not spares.start_one() and spares.take() is None


def test_a_system_that_refuses_gives_no_spare_worker(
    spares: SpareWorkers, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "missing"))
    assert not spares.start_one()


def test_a_pool_takes_spare_workers_unless_a_data_plane_was_chosen(
    spares: SpareWorkers, use_program: UseProgram, tmp_path: Path
) -> None:
    use_program(IDLE)
    spares.start_one()
    chosen = pool(tmp_path, PlaneChoice(plane="python"), spares)
    chosen.start(["a"])
    assert len(spares) == 1, "a spare worker has the plane as it is installed"
    installed = pool(tmp_path, PlaneChoice(), spares)
    installed.start(["a"])
    assert len(spares) == 0
    installed.start(["b"])
    assert len(installed.workers) == 2, "a pool starts what it does not find"
    for workers in (chosen, installed):
        end(workers)


def test_a_spare_worker_that_no_run_takes_ends_with_its_standard_input() -> None:
    spares = SpareWorkers()
    assert spares.start_one()
    process = spares.take()
    assert process is not None and process.stdin is not None
    process.stdin.close()
    assert process.wait(LIMIT_S) == 0


def test_a_spare_worker_writes_its_errors_where_its_run_reads_them(spares: SpareWorkers, tmp_path: Path) -> None:
    spares.start_one()
    # libzmq refuses the endpoint, and Python writes the traceback.
    setup = WorkerSetup(worker="", endpoint="no endpoint", folder=str(tmp_path))
    workers = Pool(setup, PlaneChoice(), spares)
    worker = workers.start(["a"])
    assert worker.process.wait(LIMIT_S) != 0
    assert "ZMQError" in (worker.ending or "")
    end(workers)


def test_a_run_with_spare_workers_is_a_run_like_any_other(spares: SpareWorkers) -> None:
    for _ in range(2):
        assert spares.start_one()
    text = preset({"socket_type": "PUSH"}, rate=500, duration_s=0.3, listeners=[{"name": "a"}])
    finished = asyncio.run(run_once(Session(documents.parse(text, "test"), spares=spares)))
    (handler,) = finished.result.handlers.values()
    assert handler.accepted == handler.offered == 150
    assert len(spares) == 0, "the run took both"
