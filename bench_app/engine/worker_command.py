"""How the process of a worker is started: its command, its environment, and its standard input."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from typing import IO

from bench_app.errors import EngineError

_MODULE = "bench_app.engine.worker"
_ENVIRONMENT = {"OPENBLAS_NUM_THREADS": "1"}
"""Without it numpy starts a thread for each processor, for linear algebra that no worker does."""


def worker_process(errors: int | IO[bytes], environment: Mapping[str, str] | None = None) -> subprocess.Popen[bytes]:
    """Start a worker, which loads and then waits for its set-up; raises EngineError where the system refuses.

    ``errors``: where its standard error goes. ``environment``: variables for it alone.
    """
    try:
        return subprocess.Popen(
            # -P: import nothing from the working directory, where users have modules of any name.
            [sys.executable, "-P", "-m", _MODULE],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=errors,
            env={**os.environ, **_ENVIRONMENT, **(environment or {})},
            # Ctrl+C in a terminal goes to a whole process group. Workers are stopped by the session.
            start_new_session=True,
        )
    except OSError as error:
        raise EngineError(f"a worker process could not be started: {error.strerror or error}") from error
