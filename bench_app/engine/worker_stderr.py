"""The standard error of a worker process: an assertion of libzmq or a traceback says why the worker has crashed.

The log gets all of it. A message for the user has the last lines.
"""

from __future__ import annotations

import contextlib
from pathlib import Path

LINES_SHOWN = 3
LINE_LIMIT = 200
KEPT_BYTES = 64 * 1024
"""How many bytes are read from the end of the file."""


def read_stderr(file: Path) -> str:
    """The end of the file, without blank space behind it; "" if it cannot be read."""
    with contextlib.suppress(OSError), file.open("rb") as stream:
        size = stream.seek(0, 2)
        stream.seek(max(0, size - KEPT_BYTES))
        return stream.read().decode(errors="replace").rstrip()
    return ""


def last_error_lines(text: str) -> str:
    """The last lines as one line of bounded length, without characters that move the cursor of a terminal."""
    lines = [line.strip() for line in text.splitlines() if line.strip()][-LINES_SHOWN:]
    return " / ".join("".join(filter(str.isprintable, line))[:LINE_LIMIT] for line in lines)
