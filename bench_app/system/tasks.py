"""The only place that starts asyncio tasks: every task has a name, is kept until its end, and reports its error.

``_running`` is a module global on purpose. The event loop has only weak references to tasks, so a task without another
reference could be collected while it runs. The set refers to every task until the task ends.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

_T = TypeVar("_T")

_running: set[asyncio.Task[Any]] = set()


def spawn(work: Coroutine[Any, Any, _T], *, name: str, on_error: Callable[[BaseException], None]) -> asyncio.Task[_T]:
    """Start ``work`` as a task. ``on_error`` gets the exception that it raises, unless the task is cancelled."""
    task = asyncio.get_running_loop().create_task(work, name=name)
    _running.add(task)

    def done(finished: asyncio.Task[_T]) -> None:
        _running.discard(finished)
        if not finished.cancelled() and (error := finished.exception()) is not None:
            on_error(error)

    task.add_done_callback(done)
    return task
