"""A worker process, as ``python -m bench_app.engine.worker`` starts it. Owns sockets for the units a session gives it.

One thread a unit, plain blocking zmq. Its set-up is one line of JSON on standard input; the end of standard input
means the session is gone, however it went, and the worker goes at once and takes the private folder along.
"""

from __future__ import annotations

import os
import shutil
import sys
import threading
import traceback
from collections.abc import Callable
from functools import partial

import msgspec
import zmq

from bench_app.engine.control.client import ControlClient
from bench_app.engine.control.messages import Exit, Hello, OpenHandler, OpenListener, WorkerSetup, unit_identity
from bench_app.engine.worker.contexts import InprocContext, WorkerContext
from bench_app.engine.worker.handler_unit import HandlerUnit
from bench_app.engine.worker.listener_unit import ListenerUnit
from bench_app.engine.worker.pacer import Pacer
from bench_app.system.time_slices import WORKER_SLICE_NS, request_time_slice

UNIT_FAILED_EXIT_CODE = 70
POLL_MS = 200
QUICK_LOOK_MS = 10
"""A unit that has its worker to itself looks this often while it waits for the start, or for the end."""
SLOWEST_LOOK_MS = 50


class Worker:
    """The process: a control line of its own, and a thread for each unit."""

    def __init__(self, setup: WorkerSetup) -> None:
        self._setup = setup
        self._control: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
        # All listeners are in this one, and the pairs of inproc endpoints meet there.
        self._shared: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
        self._inproc = InprocContext(self._shared)
        self._network = WorkerContext()
        self._pacer = Pacer()
        self._threads: list[threading.Thread] = []

    def run(self) -> None:
        """Serve the session until it says Exit."""
        line = ControlClient(self._control, self._setup, self._setup.worker)
        line.send(Hello())
        while True:
            match line.receive(POLL_MS):
                case OpenHandler() as order:
                    self._start(order, partial(self._run_handler, order, self._look_ms()))
                case OpenListener() as order:
                    self._start(order, partial(self._run_listener, order, self._look_ms()))
                case Exit():
                    break
                case _:
                    pass
        for thread in self._threads:
            thread.join()
        line.close()
        self._shared.destroy(linger=0)
        self._control.term()

    def _start(self, order: OpenHandler | OpenListener, run: Callable[[ControlClient], None]) -> None:
        unit = unit_identity(order.unit, order.incarnation)
        thread = threading.Thread(target=self._live, args=(unit, run), name=unit, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _live(self, unit: str, run: Callable[[ControlClient], None]) -> None:
        line = ControlClient(self._control, self._setup, unit)
        run(line)
        line.close()

    def _look_ms(self) -> int:
        """The more units there are, the less often each looks: together they must not wear the processor out."""
        return min(SLOWEST_LOOK_MS, QUICK_LOOK_MS * (1 + len(self._threads)))

    def _run_handler(self, order: OpenHandler, look_ms: int, line: ControlClient) -> None:
        context = self._inproc if order.endpoints[0].startswith("inproc://") else self._network
        HandlerUnit(order, line, context, self._pacer, look_ms).run()

    def _run_listener(self, order: OpenListener, look_ms: int, line: ControlClient) -> None:
        ListenerUnit(order, line, self._shared, look_ms).run()


def _leave_with_session(folder: str) -> None:
    """Wait for the end of standard input, which comes when the session's process ends in whatever way."""
    # Not through sys.stdin: its buffer's lock would be held here while the interpreter wants it to shut down.
    while os.read(sys.stdin.fileno(), 65536):
        pass
    shutil.rmtree(folder, ignore_errors=True)
    os._exit(0)


def _end_process(failure: threading.ExceptHookArgs) -> None:
    """A defect of the bench in a unit's thread: the books are on disk, the session closes them and says so."""
    traceback.print_exception(failure.exc_type, failure.exc_value, failure.exc_traceback)
    sys.stderr.flush()
    os._exit(UNIT_FAILED_EXIT_CODE)


def main() -> None:
    """Read the set-up, serve, and end the process."""
    threading.excepthook = _end_process
    request_time_slice(WORKER_SLICE_NS)
    setup = msgspec.json.decode(sys.stdin.buffer.readline(), type=WorkerSetup)
    threading.Thread(target=_leave_with_session, args=(setup.folder,), name="parent-watch", daemon=True).start()
    Worker(setup).run()
    # All is closed and delivered. Taking the interpreter apart would only make the run's end wait for it.
    sys.stderr.flush()
    os._exit(0)
