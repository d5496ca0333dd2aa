"""The processors that this process may use, and pinning it to one of them."""

from __future__ import annotations

import os
from collections.abc import Iterable


def usable_processors() -> int:
    """The processors that the system lets this process run on, which may be fewer than the machine has."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def allowed_processors() -> tuple[int, ...] | None:
    """The numbers of the processors that this process may use; None on a system that pins no process.

    A container or a command such as taskset may allow fewer processors than the machine has.
    """
    return tuple(sorted(os.sched_getaffinity(0))) if hasattr(os, "sched_setaffinity") else None


def pin_to(processor: int) -> str:
    """Let the calling thread, and the threads that it starts, run on this processor alone; "" or why that failed.

    Call it before any other thread is started: the threads that run already are not pinned.
    """
    if not hasattr(os, "sched_setaffinity"):
        return "this system pins no process to a processor"
    try:
        os.sched_setaffinity(0, {processor})
    except (OSError, OverflowError, ValueError) as error:
        return getattr(error, "strerror", None) or str(error)
    return ""


def format_processors(processors: Iterable[int]) -> str:
    """The numbers in the notation of Linux: ``0-3, 8``."""
    spans: list[list[int]] = []
    for number in sorted(set(processors)):
        if spans and number == spans[-1][-1] + 1:
            spans[-1][1:] = [number]
        else:
            spans.append([number])
    return ", ".join("-".join(map(str, span)) for span in spans)
