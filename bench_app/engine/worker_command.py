"""How the process of a worker, or of a template of workers, is started: its command, environment and standard input."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from typing import IO

from bench_app.errors import EngineError

TEMPLATE_OPTION = "--template"
"""The option that makes a template of workers, with the number of the descriptor of its socket."""
_MODULE = "bench_app.engine.worker"
_ENVIRONMENT = {"OPENBLAS_NUM_THREADS": "1"}
"""Without it numpy starts a thread for each processor, for linear algebra that no worker does."""


def worker_process(errors: int | IO[bytes], environment: Mapping[str, str] | None = None) -> subprocess.Popen[bytes]:
    """Start a worker, which loads and then waits for its set-up; raises EngineError where the system refuses.

    ``errors``: where its standard error goes. ``environment``: variables for it alone.
    """
    return _process([], subprocess.PIPE, errors, environment or {})


def template_process(descriptor: int) -> subprocess.Popen[bytes]:
    """Start a template of workers whose socket is ``descriptor``; raises EngineError where the system refuses."""
    # What it says when it cannot load, a worker that is started afresh says as well.
    nowhere = subprocess.DEVNULL
    return _process([TEMPLATE_OPTION, str(descriptor)], nowhere, nowhere, {}, (descriptor,))


def _process(
    arguments: list[str],
    standard_input: int,
    errors: int | IO[bytes],
    environment: Mapping[str, str],
    passed: tuple[int, ...] = (),
) -> subprocess.Popen[bytes]:
    try:
        return subprocess.Popen(
            # -P: import nothing from the working directory, where users have modules of any name.
            [sys.executable, "-P", "-m", _MODULE, *arguments],
            stdin=standard_input,
            stdout=subprocess.DEVNULL,
            stderr=errors,
            env={**os.environ, **_ENVIRONMENT, **environment},
            # Ctrl+C in a terminal goes to a whole process group. Workers are stopped by the session.
            start_new_session=True,
            pass_fds=passed,
        )
    except OSError as error:
        raise EngineError(f"a worker process could not be started: {error.strerror or error}") from error
