"""Tests of the library: handlers and clients in a user program."""

from __future__ import annotations

import time
from collections.abc import Callable


def until(is_reached: Callable[[], bool], limit_s: float = 60.0) -> None:
    """Wait until ``is_reached`` is true; fails after ``limit_s``."""
    deadline = time.monotonic() + limit_s
    while not is_reached():
        assert time.monotonic() < deadline, "the state was not reached"
        time.sleep(0.005)
