"""The private folder of a run, for counters and control socket: only this user may enter it."""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path

import zmq

from bench_app.errors import EngineError

LONGEST_NAME = "/control"
"""The longest name of a socket in the folder."""


def private_folder() -> Path:
    """Make a folder of mode 0700 with a path short enough for a Unix socket; raises EngineError without a place."""
    for parent in (os.environ.get("XDG_RUNTIME_DIR"), None, "/tmp"):
        with contextlib.suppress(OSError):
            folder = Path(tempfile.mkdtemp(prefix="zmq-bench-", dir=parent))
            if len(os.fsencode(folder)) + len(LONGEST_NAME) <= zmq.IPC_PATH_MAX_LEN:
                return folder
            folder.rmdir()
    raise EngineError(
        "no place for the run's private folder: neither the runtime folder nor the temporary one can be written"
    )
