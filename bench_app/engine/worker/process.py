"""A worker process, as ``python -m bench_app.engine.worker`` starts it: it owns the sockets of a session's units.

Each unit has a thread of its own with plain blocking zmq. The worker's set-up is one line of JSON on standard input.
The end of standard input means that the session's process has ended, in whatever way. Then the worker removes the
private folder and ends at once.
"""

from __future__ import annotations

import os
import sys
import threading
import time
import traceback
from collections.abc import Callable

import zmq

from bench_app.data_plane.plane import active
from bench_app.engine.control.client import ControlClient
from bench_app.engine.control.messages import (
    Exit,
    Hello,
    OpenHandler,
    OpenListener,
    ReportAt,
    ToWorker,
    WorkerSetup,
    unit_identity,
)
from bench_app.engine.worker.contexts import InprocContext, WorkerContext
from bench_app.engine.worker.handler_unit import HandlerUnit
from bench_app.engine.worker.heartbeat import Heartbeat
from bench_app.engine.worker.listener_unit import ListenerUnit, open_listener
from bench_app.engine.worker.pacer import Pacer
from bench_app.engine.worker.spinning import SpinTimes
from bench_app.engine.worker.unit import Unit, UnitChannel, run_unit
from bench_app.engine.worker.worker_reports import WorkerReports
from bench_app.system.freed_memory import keep_freed_memory
from bench_app.system.processors import pin_to
from bench_app.system.time_slices import WORKER_SLICE_NS, request_time_slice
from bench_app.transport.open_socket import Target
from bench_app.untrusted.json_reader import JsonReader

UNIT_FAILED_EXIT_CODE = 70
QUICK_CONTROL_POLL_MS = 10
"""How often a unit that is alone in its worker polls control messages while it waits for the start or for the end."""
SLOWEST_CONTROL_POLL_MS = 50

_clock = time.perf_counter_ns


class Worker:
    """The process: a control channel of its own, and a thread for each unit.

    All handlers that only send share a pacer. Handlers over a network share a context; all listeners are in another
    one, together with the handlers of inproc endpoints, whose two ends must be in one context.

    ``pinning_failure``: why the process could not be pinned to its processor; "" if it was, or was not to be.
    """

    def __init__(self, setup: WorkerSetup, pinning_failure: str = "") -> None:
        self._setup = setup
        self._control: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
        self._shared: zmq.Context[zmq.Socket[bytes]] = zmq.Context(setup.io_threads)
        self._inproc = InprocContext(self._shared)
        self._network = WorkerContext(setup.io_threads)
        self._spin_times = SpinTimes()
        self._pinning_failure = pinning_failure
        self._pacer = Pacer()
        self._threads: list[threading.Thread] = []

    def run(self) -> None:
        """Serve the session until it sends Exit."""
        control = ControlClient(self._control, self._setup, self._setup.worker)
        plane = active()
        control.send(Hello(plane=plane.report, pinning_failure=self._pinning_failure))
        reports = self._reports(is_compiled=plane.functions is not None)
        reports.start()
        # Only an order wakes this thread.
        while self._handle(control.receive(-1), reports):
            pass
        reports.end()
        for thread in self._threads:
            thread.join()
        control.close()
        self._shared.destroy(linger=0)
        self._control.term()

    def _reports(self, is_compiled: bool) -> WorkerReports:
        control = ControlClient(self._control, self._setup, f"{self._setup.worker}-reports")
        heartbeat = Heartbeat(_clock(), is_compiled=is_compiled)
        return WorkerReports(self._setup.worker, control, heartbeat, _clock(), self._spin_times.totals)

    def _handle(self, message: ToWorker | None, reports: WorkerReports) -> bool:
        """Do what the session asks for; returns False if it asks to exit."""
        match message:
            case OpenHandler() as order:
                self._start(order, self._handler_opener(order))
            case OpenListener() as order:
                self._start(order, self._listener_opener(order))
            case ReportAt(at_ns=at_ns):
                reports.request(at_ns)
            case Exit():
                return False
            case _:
                pass
        return True

    def _start(self, order: OpenHandler | OpenListener, open_unit: Callable[[UnitChannel], Unit]) -> None:
        identity = unit_identity(order.unit, order.incarnation)
        thread = threading.Thread(target=self._run, args=(order.unit, identity, open_unit), name=identity, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _run(self, unit: str, identity: str, open_unit: Callable[[UnitChannel], Unit]) -> None:
        """The life of a unit's thread."""
        control = ControlClient(self._control, self._setup, identity)
        run_unit(UnitChannel(control, unit), open_unit)
        control.close()

    def _handler_opener(self, order: OpenHandler) -> Callable[[UnitChannel], HandlerUnit]:
        poll_ms = self._control_poll_ms()

        def open_unit(channel: UnitChannel) -> HandlerUnit:
            context = self._inproc if Target(order.endpoints, order.bind).is_inproc else self._network
            return HandlerUnit(order, channel, context, self._pacer, poll_ms)

        return open_unit

    def _listener_opener(self, order: OpenListener) -> Callable[[UnitChannel], ListenerUnit]:
        poll_ms = self._control_poll_ms()

        def open_unit(channel: UnitChannel) -> ListenerUnit:
            unit = open_listener(order, channel, self._shared, poll_ms)
            if order.spec.wait == "spin":
                self._spin_times.add(unit.core)
            return unit

        return open_unit

    def _control_poll_ms(self) -> int:
        """The interval at which a unit polls. It grows with the number of units, so that all of them together do not
        fill the processor."""
        return min(SLOWEST_CONTROL_POLL_MS, QUICK_CONTROL_POLL_MS * (1 + len(self._threads)))


def _exit_with_session(folder: str) -> None:
    """Wait for the end of standard input, and end the process."""
    # Not with sys.stdin: this thread would hold the lock of its buffer, and the interpreter needs it to shut down.
    while os.read(sys.stdin.fileno(), 65536):
        pass
    # Imported here, so that a worker starts faster: it is needed only when a session's process was killed.
    import shutil

    shutil.rmtree(folder, ignore_errors=True)
    os._exit(0)


def _end_process(failure: threading.ExceptHookArgs) -> None:
    """A unit's thread failed, by a defect of the bench: end the process. The session reads the counters from disk."""
    traceback.print_exception(failure.exc_type, failure.exc_value, failure.exc_traceback)
    sys.stderr.flush()
    os._exit(UNIT_FAILED_EXIT_CODE)


def main() -> None:
    """Read the set-up, serve, and end the process."""
    threading.excepthook = _end_process
    request_time_slice(WORKER_SLICE_NS)
    keep_freed_memory()
    line = sys.stdin.buffer.readline()
    if not line:
        # Its session has ended, or gave it up.
        os._exit(0)
    setup = JsonReader(WorkerSetup).read(line)
    # Before the first thread starts: each thread has the processors of the thread that starts it.
    pinning_failure = "" if setup.processor is None else pin_to(setup.processor)
    threading.Thread(target=_exit_with_session, args=(setup.folder,), name="parent-watch", daemon=True).start()
    Worker(setup, pinning_failure).run()
    # Everything is closed and delivered. Skip the interpreter's own shutdown, because the end of the run waits for it.
    sys.stderr.flush()
    os._exit(0)
