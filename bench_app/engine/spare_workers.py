"""Worker processes that are started before a run needs them: idle window -> **spare workers** -> pool of the next run.

A worker loads for some tenths of a second before it reads its set-up from standard input. A spare worker has loaded and
waits for the set-up. It has opened nothing and belongs to no run. Like any other worker it ends when its standard input
closes, so no spare worker outlives the process that started it.
"""

from __future__ import annotations

import contextlib
import logging
import subprocess

from bench_app.engine.worker_command import worker_process
from bench_app.errors import EngineError

_log = logging.getLogger("zmq_bench.run")


class SpareWorkers:
    """Processes that any run may take which wants the data plane as it is installed. Not thread-safe."""

    def __init__(self) -> None:
        self._processes: list[subprocess.Popen[bytes]] = []
        self._has_ended = False

    def __len__(self) -> int:
        for process in [one for one in self._processes if one.poll() is not None]:
            self._processes.remove(process)
            _close(process)
        return len(self._processes)

    def start_one(self) -> bool:
        """Start a process; returns False after :meth:`end`, or if the system refuses, which the next run explains."""
        if self._has_ended:
            return False
        try:
            # Its standard error is lost until it is taken: one that ends before is not taken, and the one that is
            # started in its place ends in the same way, and its message is kept.
            self._processes.append(worker_process(subprocess.DEVNULL))
        except EngineError as error:
            _log.debug("no spare worker: %s", error)
            return False
        return True

    def take(self) -> subprocess.Popen[bytes] | None:
        """The process that was started first, which may still load; None if there is none."""
        while self._processes:
            process = self._processes.pop(0)
            if process.poll() is None:
                return process
            _close(process)
        return None

    def end(self) -> None:
        """End all processes that were not taken, and start no more."""
        self._has_ended = True
        processes, self._processes = self._processes, []
        for process in processes:
            # It has nothing to lose.
            process.kill()
        for process in processes:
            process.wait()
            _close(process)


def _close(process: subprocess.Popen[bytes]) -> None:
    if process.stdin is not None:
        with contextlib.suppress(OSError):
            process.stdin.close()
