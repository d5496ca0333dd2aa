"""A worker process: it sends Hello, runs its units, and ends on Exit or when its session is gone."""

from __future__ import annotations

import subprocess
import sys
import time
from collections import defaultdict, deque
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
import zmq

from bench_app.engine.control.codec import decode_to_session, encode
from bench_app.engine.control.messages import (
    Close,
    Drain,
    Drained,
    Exit,
    Finished,
    Hello,
    ListenerReport,
    Message,
    Opened,
    OpenListener,
    SourceEnded,
    Start,
    StopSource,
    ToSession,
    WorkerSetup,
    unit_identity,
)
from bench_app.engine.worker.process import UNIT_FAILED_EXIT_CODE
from bench_app.measure.clock import NS_PER_S
from bench_app.measure.counters import ListenerSlot, MappedCounters
from bench_app.model import HandlerBench, ListenerSpec
from tests.engine.worker.handler_bench import handler_order

LIMIT_S = 60


class Worker:
    """A worker process, and the session's end of its control channel."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "private"
        self.folder.mkdir()
        self._said: defaultdict[str, deque[ToSession]] = defaultdict(deque)
        self._context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
        self._socket = self._context.socket(zmq.ROUTER)
        endpoint = f"ipc://{folder}/control"
        self._socket.bind(endpoint)
        command = [sys.executable, "-m", "bench_app.engine.worker"]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.PIPE)
        setup = WorkerSetup(worker="w", endpoint=endpoint, folder=str(self.folder))
        assert self.process.stdin is not None
        self.process.stdin.write(msgspec.json.encode(setup) + b"\n")
        self.process.stdin.flush()

    def send(self, to: str, message: Message) -> None:
        self._socket.send_multipart([to.encode(), encode(message)])

    def wait_for(self, kind: type[Message], unit: str = "w") -> ToSession:
        """The next message of this kind that comes from this unit."""
        limit_s = time.monotonic() + LIMIT_S
        while time.monotonic() < limit_s:
            while self._said[unit]:
                message = self._said[unit].popleft()
                if isinstance(message, kind):
                    return message
            if self._socket.poll(1000):
                sender, data = self._socket.recv_multipart()
                self._said[sender.decode()].append(decode_to_session(data))
        raise AssertionError(f"no {kind.__name__} came from {unit}")

    def ended(self) -> int:
        return self.process.wait(LIMIT_S)

    def close(self) -> None:
        self.process.kill()
        self.process.communicate()
        self._socket.close(linger=0)
        self._context.term()


@pytest.fixture
def worker(tmp_path: Path) -> Iterator[Worker]:
    worker = Worker(tmp_path)
    yield worker
    worker.close()


def listener_order(folder: Path, endpoint: str) -> OpenListener:
    file = folder / "listener.counters"
    MappedCounters(file, ListenerSlot, create=True).close()
    return OpenListener(
        unit="listener",
        listener_type="PULL",
        spec=ListenerSpec(),
        bench=HandlerBench(),
        endpoint=endpoint,
        bind=False,
        run=7,
        handler=1,
        join_token=b"token",
        warmup_ns=0,
        counters_file=str(file),
        seed=1,
    )


def test_it_sends_hello_and_ends_on_exit(worker: Worker) -> None:
    assert isinstance(worker.wait_for(Hello), Hello)
    worker.send("w", Exit())
    assert worker.ended() == 0


@pytest.mark.parametrize("endpoint", ["tcp://127.0.0.1:*", "inproc://both"])
def test_a_handler_and_a_listener_run_in_it(worker: Worker, tmp_path: Path, endpoint: str) -> None:
    handler, listener = unit_identity("h", 0), unit_identity("listener", 0)
    worker.wait_for(Hello)
    order = handler_order(tmp_path, unit="h", endpoints=(endpoint,), duration_ns=NS_PER_S // 5)
    worker.send("w", order)
    opened = worker.wait_for(Opened, handler)
    assert isinstance(opened, Opened)
    worker.send("w", listener_order(tmp_path, opened.endpoint))
    worker.wait_for(Opened, listener)
    start = Start(at_ns=time.perf_counter_ns())
    for unit in (handler, listener):
        worker.send(unit, start)
    worker.wait_for(SourceEnded, handler)
    worker.wait_for(Drained, handler)
    worker.send(listener, Drain())
    received = 0
    while received < 20:
        report = worker.wait_for(ListenerReport, listener)
        assert isinstance(report, ListenerReport)
        received = report.counts.received
    for unit in (handler, listener):
        worker.send(unit, Close())
        worker.wait_for(Finished, unit)
    worker.send("w", Exit())
    assert worker.ended() == 0


def test_it_removes_its_folder_and_ends_when_its_session_is_gone(worker: Worker) -> None:
    worker.wait_for(Hello)
    assert worker.process.stdin is not None
    worker.process.stdin.close()
    worker.process.stdin = None
    assert worker.ended() == 0
    assert not worker.folder.exists()


def test_a_defect_in_a_unit_ends_the_process_with_its_own_exit_code(worker: Worker, tmp_path: Path) -> None:
    worker.wait_for(Hello)
    # No session sends an order without an endpoint.
    worker.send("w", handler_order(tmp_path, unit="h", endpoints=()))
    assert worker.ended() == UNIT_FAILED_EXIT_CODE
    assert worker.process.stderr is not None
    assert b"Traceback" in worker.process.stderr.read()


def test_a_message_reaches_a_unit_by_its_name(worker: Worker, tmp_path: Path) -> None:
    worker.wait_for(Hello)
    worker.send("w", handler_order(tmp_path, unit="h", incarnation=3))
    unit = unit_identity("h", 3)
    worker.wait_for(Opened, unit)
    worker.send(unit, StopSource())
    worker.wait_for(Finished, unit)
    worker.send("w", Exit())
    assert worker.ended() == 0
