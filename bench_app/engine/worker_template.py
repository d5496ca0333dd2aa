"""Workers that start at once: run -> **template of workers** -> worker, forked from a process that has loaded it.

A worker loads for 0.3 s of processor time. A run of eight on two processors waits for more than a second. A template
loads once, and a fork of it takes some milliseconds. Who makes many runs, or has a user who waits, keeps a template.
A worker that was forked is like any other: only its parent process is the template, and not the process of the session.
"""

from __future__ import annotations

import contextlib
import math
import os
import select
import signal
import socket
import struct
import subprocess
import sys
import threading
from pathlib import Path
from typing import IO

import msgspec

from bench_app.engine.control.fork_messages import EXIT_CODE, MOST_BYTES, Forked, ForkWorker
from bench_app.engine.worker_command import template_process
from bench_app.errors import EngineError
from bench_app.untrusted.json_reader import JsonReader

_ANSWERS = JsonReader(Forked)
LOAD_LIMIT_S = 30.0
"""How long a template may take to load. A run that needs it earlier waits."""
ANSWER_LIMIT_S = 2.0
"""How long a fork may take. A run that gets none by then starts the worker afresh."""
END_LIMIT_S = 0.5
"""How long :meth:`WorkerTemplate.end` waits for the end of the process."""
LOADED_BY = ("LD_", "PYTHON", "MALLOC_", "GLIBC_", "OPENBLAS_", "ZMQ_BENCH_")
"""Variables whose names begin so work while a process loads. Their change has no effect on a fork."""


class ForkedWorker:
    """A worker that a template has forked, with what :class:`subprocess.Popen` has: the number of its process, its
    standard input, its end. Not thread-safe."""

    def __init__(self, pid: int, process: int, exit_code: int, stdin: IO[bytes]) -> None:
        self.pid = pid
        self.stdin: IO[bytes] | None = stdin
        self.returncode: int | None = None
        self._process = process
        self._exit_code = exit_code

    def poll(self) -> int | None:
        """Its exit code, or the number of the signal that ended it, below 0; None while it runs."""
        return self._poll(0)

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end; raises TimeoutExpired after ``timeout`` seconds."""
        code = self._poll(None if timeout is None else math.ceil(timeout * 1000))
        if code is None:
            raise subprocess.TimeoutExpired("worker", timeout or 0.0)
        return code

    def _poll(self, timeout_ms: int | None) -> int | None:
        if self.returncode is None:
            waiting = select.poll()
            waiting.register(self._exit_code, select.POLLIN)
            if waiting.poll(timeout_ms):
                data = os.read(self._exit_code, struct.calcsize(EXIT_CODE))
                # Without its template a worker is killed at once, and nobody has its exit code.
                self.returncode = struct.unpack(EXIT_CODE, data)[0] if data else -signal.SIGKILL
                os.close(self._exit_code)
                os.close(self._process)
        return self.returncode

    def send_signal(self, number: int) -> None:
        """Send it a signal, unless it has ended."""
        if self.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                signal.pidfd_send_signal(self._process, number)

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it."""
        self.send_signal(signal.SIGKILL)


class WorkerTemplate:
    """A process that forks workers. It is started when it is first needed, and again after it has ended.

    Only :meth:`wait_ready` may be called from another thread. Where a system cannot do this, it forks none, and runs
    start their workers afresh.
    """

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._socket: socket.socket | None = None
        self._is_ready = False
        self._loaded_with: tuple[str, dict[str, str]] | None = None
        self._lock = threading.Lock()

    @property
    def pid(self) -> int | None:
        """The number of its process; None if there is none."""
        return None if self._process is None else self._process.pid

    def start(self) -> None:
        """Begin to load, if it has not; returns at once."""
        if not _is_possible() or self._serves():
            return
        self.end()
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        try:
            self._process = template_process(theirs.fileno())
        except EngineError:
            # The run that needs a worker says why there is none.
            ours.close()
        else:
            self._socket, self._loaded_with = ours, _loaded_with()
        finally:
            theirs.close()

    def wait_ready(self) -> bool:
        """Wait until it has loaded; returns False if it never will."""
        with self._lock:
            if self._socket is not None and not self._is_ready:
                self._socket.settimeout(LOAD_LIMIT_S)
                try:
                    self._is_ready = bool(self._socket.recv(MOST_BYTES))
                except OSError:
                    self._is_ready = False
            return self._is_ready

    def fork(self, errors: IO[bytes]) -> ForkedWorker | None:
        """A worker whose standard error goes to ``errors``; None if it must be started afresh.

        Raises EngineError if the system refuses a process. Waits until the template has loaded: call
        :meth:`wait_ready` first, off the event loop.
        """
        self.start()
        if not self.wait_ready() or self._socket is None:
            self.end()
            return None
        reading, writing = os.pipe()
        stdin = os.fdopen(writing, "wb")
        try:
            request = msgspec.json.encode(ForkWorker(str(Path.cwd()), dict(os.environ)))
            self._socket.settimeout(ANSWER_LIMIT_S)
            socket.send_fds(self._socket, [request], [reading, errors.fileno()])
            data, descriptors, _, _ = socket.recv_fds(self._socket, MOST_BYTES, 2)
            answer = _ANSWERS.read(data)
        except (OSError, ValueError):
            # It has ended or hangs, or the environment is longer than a packet.
            stdin.close()
            self.end()
            return None
        finally:
            os.close(reading)
        if answer.error:
            stdin.close()
            raise EngineError(f"a worker process could not be started: {answer.error}")
        process, exit_code = descriptors
        return ForkedWorker(answer.pid, process, exit_code, stdin)

    def end(self) -> None:
        """Let it go: it ends when its last worker has ended. Forks no more until it is started again."""
        process, self._process = self._process, None
        if self._socket is not None:
            # A thread that waits until it is ready waits no longer.
            with contextlib.suppress(OSError):
                self._socket.shutdown(socket.SHUT_RDWR)
            self._socket.close()
            self._socket = None
        self._is_ready = False
        if process is not None:
            waiting = threading.Thread(target=process.wait, name="template-end", daemon=True)
            waiting.start()
            waiting.join(END_LIMIT_S)

    def _serves(self) -> bool:
        """Whether there is a process, and what it has loaded is what a new worker would load."""
        return self._process is not None and self._process.poll() is None and self._loaded_with == _loaded_with()


def _is_possible() -> bool:
    return sys.platform == "linux" and hasattr(os, "pidfd_open")


def _loaded_with() -> tuple[str, dict[str, str]]:
    return sys.executable, {name: value for name, value in os.environ.items() if name.startswith(LOADED_BY)}
