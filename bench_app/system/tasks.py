"""The one place that starts asyncio tasks: each is named and kept, and its error is never lost."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

_T = TypeVar("_T")

_running: set[asyncio.Task[Any]] = set()


def spawn(work: Coroutine[Any, Any, _T], *, name: str, on_error: Callable[[BaseException], None]) -> asyncio.Task[_T]:
    """Start ``work``; the loop itself keeps only a weak reference, so it is kept here until it is done.

    ``on_error`` gets what it raised, unless it was cancelled.
    """
    task = asyncio.get_running_loop().create_task(work, name=name)
    _running.add(task)

    def done(finished: asyncio.Task[_T]) -> None:
        _running.discard(finished)
        if not finished.cancelled() and (error := finished.exception()) is not None:
            on_error(error)

    task.add_done_callback(done)
    return task
