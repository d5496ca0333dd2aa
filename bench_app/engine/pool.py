"""The worker processes of a session: started, watched, and ended politely, then firmly, then by force.

A worker gets its set-up over standard input, which it also watches: when the session's process ends in whatever way,
the pipe closes and the worker leaves. So no worker outlives its session.
"""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from bench_app.engine.control.messages import WorkerSetup
from bench_app.engine.worker_stderr import last_error_lines, written_to
from bench_app.errors import EngineError

POLITE_S = 2.0
FIRM_S = 1.0
_log = logging.getLogger("zmq_bench.run")
_MODULE = "bench_app.engine.worker"
_ENVIRONMENT = {"OPENBLAS_NUM_THREADS": "1"}
"""numpy else starts a thread for each processor, in each worker, for linear algebra that none has."""


@dataclass
class WorkerProcess:
    """One process and what is known of its end."""

    name: str
    process: subprocess.Popen[bytes]
    error_file: Path
    is_up: bool = False
    told_to_exit: bool = False
    units: list[str] = field(default_factory=list)

    @property
    def manner(self) -> str | None:
        """How it ended, as a sentence's end (``was killed by SIGKILL``); None while it runs."""
        code = self.process.poll()
        if code is None or code >= 0:
            return None if code is None else f"ended with exit code {code}"
        with contextlib.suppress(ValueError):
            return f"was killed by {signal.Signals(-code).name}"
        return f"was killed by signal {-code}"

    @property
    def ending(self) -> str | None:
        """How it ended, with the last it wrote to its standard error, where it did; None while it runs."""
        words = last_error_lines(written_to(self.error_file))
        return f"{self.manner}; its last words: {words}" if self.manner and words else self.manner


class Pool:
    """All workers of one session. Not thread-safe; nothing in here waits except :meth:`end_all`."""

    def __init__(self, setup: WorkerSetup) -> None:
        self._setup = setup
        self._folder = Path(setup.folder)
        self.workers: dict[str, WorkerProcess] = {}
        self._count = 0

    def start(self, units: list[str]) -> WorkerProcess:
        """Start a worker that will own ``units``; raises EngineError where the system refuses."""
        self._count += 1
        name = f"worker-{self._count}"
        error_file = self._folder / f"{name}.stderr"
        try:
            with error_file.open("wb") as errors:
                process = subprocess.Popen(
                    [sys.executable, "-m", _MODULE],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.DEVNULL,
                    stderr=errors,
                    env=os.environ | _ENVIRONMENT,
                    # Ctrl+C in a terminal goes to the whole group; it is the session that stops its workers.
                    start_new_session=True,
                )
            assert process.stdin is not None
            process.stdin.write(msgspec.json.encode(msgspec.structs.replace(self._setup, worker=name)) + b"\n")
            process.stdin.flush()
        except OSError as error:
            raise EngineError(f"a worker process could not be started: {error.strerror or error}") from error
        worker = WorkerProcess(name, process, error_file, units=list(units))
        self.workers[name] = worker
        extra = {"event": "worker_started", "worker": name, "worker_pid": process.pid, "units": units}
        _log.debug("%s started as process %d for %s", name, process.pid, ", ".join(units), extra=extra)
        return worker

    def take_dead(self) -> list[WorkerProcess]:
        """Workers that ended without being told to, each returned once."""
        dead = [w for w in self.workers.values() if not w.told_to_exit and w.process.poll() is not None]
        for worker in dead:
            self._forget(worker)
        return dead

    def end_all(self) -> list[str]:
        """End every worker: wait (they were told to exit), terminate, kill. Returns a sentence for each that had to
        be forced. Blocks up to POLITE_S + 2 * FIRM_S; call it off the event loop."""
        sentences = []
        for limit_s, force in ((POLITE_S, None), (FIRM_S, "terminated"), (FIRM_S, "killed")):
            running = [w for w in self.workers.values() if w.process.poll() is None]
            if force is not None:
                for worker in running:
                    sentences.append(f"{worker.name} did not end in time and was {force}")
                    worker.process.terminate() if force == "terminated" else worker.process.kill()
            deadline = time.monotonic() + limit_s
            for worker in running:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    worker.process.wait(max(0.0, deadline - time.monotonic()))
        for worker in list(self.workers.values()):
            self._forget(worker)
        return sentences

    def kill(self, worker: WorkerProcess) -> None:
        """End one worker by force; :meth:`take_dead` will return it."""
        worker.process.kill()

    def _forget(self, worker: WorkerProcess) -> None:
        if worker.process.stdin is not None:
            # A dead worker's pipe is broken, and closing flushes it.
            with contextlib.suppress(OSError):
                worker.process.stdin.close()
        self.workers.pop(worker.name, None)
        ending = worker.manner or "is left running"
        _log.debug("%s %s", worker.name, ending, extra={"event": "worker_ended", "worker": worker.name})
        if errors := written_to(worker.error_file):
            extra = {"event": "worker_stderr", "worker": worker.name, "worker_pid": worker.process.pid}
            _log.info("%s wrote to standard error: %s", worker.name, errors, extra=extra)
