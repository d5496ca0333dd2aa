"""The library in use: handlers and clients in one's own program."""

from __future__ import annotations

import time
from collections.abc import Callable


def until(is_reached: Callable[[], bool], limit_s: float = 10.0) -> None:
    """Wait for a state, looking often; fails where it does not come."""
    deadline = time.monotonic() + limit_s
    while not is_reached():
        assert time.monotonic() < deadline, "the state was not reached"
        time.sleep(0.005)
