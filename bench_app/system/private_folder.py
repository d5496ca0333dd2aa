"""The private folder of a run: books and control socket, where nobody but this user can enter."""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path

import zmq

from bench_app.errors import EngineError

LONGEST_NAME = "/control"


def private_folder() -> Path:
    """Make a folder of mode 0700, short enough for the path of a Unix socket; raises EngineError where none can be."""
    for parent in (os.environ.get("XDG_RUNTIME_DIR"), None, "/tmp"):
        with contextlib.suppress(OSError):
            folder = Path(tempfile.mkdtemp(prefix="zmq-bench-", dir=parent))
            if len(os.fsencode(folder)) + len(LONGEST_NAME) <= zmq.IPC_PATH_MAX_LEN:
                return folder
            folder.rmdir()
    raise EngineError("no room for the run's books: neither the runtime folder nor the temporary one can be written")
