"""The name of a thread as the system's tools show it (``top -H``, ``htop``, ``perf``)."""

from __future__ import annotations

import contextlib
import threading
from pathlib import Path


def name_this_thread(name: str) -> None:
    """Give the calling thread a name of at most 15 characters. Does nothing where the system has no place for it."""
    with contextlib.suppress(OSError):
        Path(f"/proc/self/task/{threading.get_native_id()}/comm").write_text(name)
