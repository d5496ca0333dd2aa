"""A measurement in its own process, for the window: no message passes the window's process, and stopping is immediate.

``python -m bench_app.capacity.measure_process`` reads one request, a line of JSON, from standard input and writes its
answer to standard output. The end of standard input ends the measurement, because it means that the parent is gone.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
from typing import Any

import msgspec

from bench_app.capacity.figures import CapacityResult
from bench_app.capacity.measure import measure
from bench_app.errors import BenchError, EngineError
from bench_app.preset import documents
from bench_app.preset.documents import Document
from bench_app.untrusted.json_reader import BadJsonError, JsonReader

_MODULE = "bench_app.capacity.measure_process"
FIRM_S = 2.0


class Request(msgspec.Struct, frozen=True):
    """A request to measure one handler of a preset. The preset may be unsaved."""

    preset: dict[str, Any]
    name: str
    base_dir: str
    handler: str


class Answer(msgspec.Struct, frozen=True):
    """The answer: a result, or None with the error message in ``failure``."""

    result: CapacityResult | None
    failure: str = ""


class MeasureProcess:
    """One measurement. :meth:`run` blocks until the measurement ends; :meth:`stop` may be called from any thread."""

    def __init__(self, document: Document, handler: str) -> None:
        self._request = Request(document.raw, document.name, str(document.base_dir), handler)
        self._process: subprocess.Popen[bytes] | None = None
        self._lock = threading.Lock()
        self._stopped = threading.Event()

    def run(self) -> CapacityResult | None:
        """Measure; returns None if :meth:`stop` was called. Raises EngineError if the measurement failed."""
        with self._lock:
            if self._stopped.is_set():
                return None
            process = self._process = self._start()
        assert process.stdin is not None and process.stdout is not None
        with process, contextlib.suppress(BrokenPipeError):
            process.stdin.write(msgspec.json.encode(self._request) + b"\n")
            process.stdin.flush()
            text = process.stdout.read()
        if self._stopped.is_set():
            return None
        try:
            answer = JsonReader(Answer).read(text)
        except BadJsonError as error:
            raise EngineError("the capacity could not be measured: its process ended early") from error
        if answer.result is None:
            raise EngineError(answer.failure)
        return answer.result

    def stop(self) -> None:
        """Stop the measurement: terminate its process, and kill it after FIRM_S."""
        with self._lock:
            self._stopped.set()
            process = self._process
        if process is None or process.poll() is not None:
            return
        process.terminate()
        killing = threading.Timer(FIRM_S, process.kill)
        killing.daemon = True
        killing.start()

    def _start(self) -> subprocess.Popen[bytes]:
        try:
            return subprocess.Popen(
                # -P: import nothing from the working directory, where users have modules of any name.
                [sys.executable, "-P", "-m", _MODULE],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        except OSError as error:
            raise EngineError(f"the measurement could not be started: {error.strerror or error}") from error


def main() -> None:
    """Read one request and write one answer, in the measuring process."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    request = JsonReader(Request).read(sys.stdin.buffer.readline())
    threading.Thread(target=_exit_with_parent, daemon=True).start()
    try:
        document = documents.parse(request.preset, request.name, request.base_dir)
        answer = Answer(measure(document, request.handler))
    except BenchError as error:
        answer = Answer(None, str(error))
    except KeyboardInterrupt:
        # Stopped. The sockets are closed and the folder is removed already.
        return
    sys.stdout.buffer.write(msgspec.json.encode(answer))
    sys.stdout.flush()


def _exit_with_parent() -> None:
    # os.read and not sys.stdin: a thread that reads sys.stdin holds its lock, and the process could not end.
    while os.read(0, 1):
        pass
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    main()
