"""Worker processes: started, watched, and ended in three steps: asked to exit, terminated, killed.

A worker reads its set-up from standard input and then waits for the end of standard input. The pipe closes when the
process of the session ends, in whatever way; then the worker exits. So no worker outlives its session.
"""

from __future__ import annotations

import contextlib
import logging
import signal
import subprocess
import time
from dataclasses import dataclass, field
from operator import methodcaller
from pathlib import Path
from typing import IO

import msgspec

from bench_app.data_plane.choice import PlaneChoice
from bench_app.engine.control.messages import WorkerSetup
from bench_app.engine.worker_command import worker_process
from bench_app.engine.worker_stderr import last_error_lines, read_stderr
from bench_app.engine.worker_template import ForkedWorker, WorkerTemplate
from bench_app.errors import EngineError

EXIT_LIMIT_S = 2.0
"""How long a worker may take to exit when it is asked to."""
TERMINATE_LIMIT_S = 1.0
"""How long a worker may take to end after a signal."""
_log = logging.getLogger("zmq_bench.run")


@dataclass
class WorkerProcess:
    """One worker process.

    Attributes:
        name: its name on the control channel, such as ``worker-1``.
        process: the process.
        error_file: the file with its standard error.
        is_up: it has reported that it is ready.
        asked_to_exit: the session has asked it to exit, so its end is expected.
        units: the units that live in it.
        processor: the processor that it is to be pinned to; None if it is not.
    """

    name: str
    process: subprocess.Popen[bytes] | ForkedWorker
    error_file: Path
    is_up: bool = False
    asked_to_exit: bool = False
    units: list[str] = field(default_factory=list)
    processor: int | None = None

    @property
    def exit_status(self) -> str | None:
        """How it ended, to follow a name in a message (``was killed by SIGKILL``); None while it runs."""
        code = self.process.poll()
        if code is None or code >= 0:
            return None if code is None else f"ended with exit code {code}"
        with contextlib.suppress(ValueError):
            return f"was killed by {signal.Signals(-code).name}"
        return f"was killed by signal {-code}"

    @property
    def ending(self) -> str | None:
        """How it ended, with the last lines of its standard error, if any; None while it runs."""
        last_lines = last_error_lines(read_stderr(self.error_file))
        status = self.exit_status
        return f"{status}; its last output: {last_lines}" if status and last_lines else status


class Pool:
    """The worker processes of one session. Not thread-safe. Only :meth:`end_all` and :meth:`wait_ready` wait.

    Attributes:
        workers: the processes that run, or whose end has not been noticed yet, by name.
    """

    def __init__(self, setup: WorkerSetup, choice: PlaneChoice, template: WorkerTemplate | None = None) -> None:
        """``template``: forks the workers; a choice of the data plane needs workers that are started afresh."""
        self._setup = setup
        self._environment = choice.environment
        self._template = None if self._environment else template
        if self._template is not None:
            self._template.start()
        self._folder = Path(setup.folder)
        self.workers: dict[str, WorkerProcess] = {}
        self._count = 0

    def start(self, units: list[str], processor: int | None = None) -> WorkerProcess:
        """Start a worker that will own ``units``; raises EngineError where the system refuses.

        ``processor``: the processor that the worker pins itself to; None: any. A worker that ends before it has read
        its set-up is returned as well, and :meth:`take_dead` returns it.
        """
        self._count += 1
        name = f"worker-{self._count}"
        error_file = self._folder / f"{name}.stderr"
        setup = msgspec.structs.replace(self._setup, worker=name, processor=processor)
        try:
            with error_file.open("wb") as errors:
                process = self._fork(errors) or worker_process(errors, self._environment)
        except OSError as error:
            raise EngineError(f"a worker process could not be started: {error.strerror or error}") from error
        _send_setup(process, setup)
        worker = WorkerProcess(name, process, error_file, units=list(units), processor=processor)
        self.workers[name] = worker
        extra = {"event": "worker_started", "worker": name, "worker_pid": process.pid, "units": units}
        _log.debug("%s started as process %d for %s", name, process.pid, ", ".join(units), extra=extra)
        return worker

    def _fork(self, errors: IO[bytes]) -> ForkedWorker | None:
        return None if self._template is None else self._template.fork(errors)

    def wait_ready(self) -> None:
        """Wait until workers can be started; call it off the event loop. The first :meth:`start` would wait as well."""
        if self._template is not None:
            self._template.wait_ready()

    def take_dead(self) -> list[WorkerProcess]:
        """Workers that ended without being asked to; each is returned once."""
        dead = [w for w in self.workers.values() if not w.asked_to_exit and w.process.poll() is not None]
        for worker in dead:
            self._forget(worker)
        return dead

    def end_all(self) -> list[str]:
        """End all workers, which were asked to exit: wait, then terminate, then kill them.

        Returns a message for each worker that did not exit when asked. Blocks for up to EXIT_LIMIT_S + 2 *
        TERMINATE_LIMIT_S: call it off the event loop.
        """
        messages = []
        _wait_for(self._running, EXIT_LIMIT_S)
        for end, ended in ((methodcaller("terminate"), "terminated"), (methodcaller("kill"), "killed")):
            running = self._running
            for worker in running:
                messages.append(f"{worker.name} did not end in time and was {ended}")
                end(worker.process)
            _wait_for(running, TERMINATE_LIMIT_S)
        for worker in list(self.workers.values()):
            self._forget(worker)
        return messages

    def kill(self, worker: WorkerProcess) -> None:
        """Kill one worker. :meth:`take_dead` will return it, unless it was asked to exit."""
        worker.process.kill()

    def kill_and_wait(self, worker: WorkerProcess) -> None:
        """Kill one worker, and wait for its end, for up to TERMINATE_LIMIT_S: the system may not let it end."""
        self.kill(worker)
        _wait_for([worker], TERMINATE_LIMIT_S)

    @property
    def _running(self) -> list[WorkerProcess]:
        return [worker for worker in self.workers.values() if worker.process.poll() is None]

    def _forget(self, worker: WorkerProcess) -> None:
        if worker.process.stdin is not None:
            # Closing flushes the pipe, and the pipe to a dead worker is broken.
            with contextlib.suppress(OSError):
                worker.process.stdin.close()
        self.workers.pop(worker.name, None)
        status = worker.exit_status or "is left running"
        _log.debug("%s %s", worker.name, status, extra={"event": "worker_ended", "worker": worker.name})
        if errors := read_stderr(worker.error_file):
            extra = {"event": "worker_stderr", "worker": worker.name, "worker_pid": worker.process.pid}
            _log.info("%s wrote to standard error: %s", worker.name, errors, extra=extra)


def _send_setup(process: subprocess.Popen[bytes] | ForkedWorker, setup: WorkerSetup) -> None:
    """Send a worker its set-up. The end of a worker that does not take it is noticed like that of any other."""
    assert process.stdin is not None
    try:
        process.stdin.write(msgspec.json.encode(setup) + b"\n")
        process.stdin.flush()
    except OSError:
        # It has ended, or it has closed its standard input and would never learn when the session ends.
        process.kill()


def _wait_for(workers: list[WorkerProcess], limit_s: float) -> None:
    """Wait until these workers have ended, for up to ``limit_s`` in total."""
    deadline = time.monotonic() + limit_s
    for worker in workers:
        with contextlib.suppress(subprocess.TimeoutExpired):
            worker.process.wait(max(0.0, deadline - time.monotonic()))
