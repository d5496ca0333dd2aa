"""What a worker process wrote to its standard error: an assertion of libzmq, a traceback; nothing else has its reason.

All of it goes to the log; a sentence for a person has its end.
"""

from __future__ import annotations

import contextlib
from pathlib import Path

LINES_TOLD = 3
LINE_LIMIT = 200
KEPT_BYTES = 64 * 1024
"""Of more than this, the end is kept."""


def written_to(file: Path) -> str:
    """All it holds, without blank space at the end; empty where it cannot be read."""
    with contextlib.suppress(OSError), file.open("rb") as stream:
        size = stream.seek(0, 2)
        stream.seek(max(0, size - KEPT_BYTES))
        return stream.read().decode(errors="replace").rstrip()
    return ""


def last_error_lines(text: str) -> str:
    """Its last lines as one of bounded length, without what would move a terminal's cursor."""
    lines = [line.strip() for line in text.splitlines() if line.strip()][-LINES_TOLD:]
    return " / ".join("".join(filter(str.isprintable, line))[:LINE_LIMIT] for line in lines)
