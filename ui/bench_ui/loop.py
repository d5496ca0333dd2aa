"""The one event loop of the window: asyncio on the event loop of Qt."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Coroutine
from typing import Any

import qasync
from PySide6.QtCore import qInstallMessageHandler
from PySide6.QtWidgets import QApplication

from bench_app.system.time_slices import WINDOW_SLICE_NS, request_time_slice

CLEAN_UP_S = 10.0
"""How long the main coroutine may clean up after the display is gone."""
_PAUSE_S = 0.002


class Loop(qasync.QEventLoop):
    """The loop of qasync. The application owns its timer: a timer that is deleted later crashes the exit."""

    def __init__(self, app: QApplication) -> None:
        super().__init__(app)
        self._timer.setParent(app)


class DisplayLostError(Exception):
    """Qt ended its loop by itself, because the display is gone.

    Attributes:
        is_cleaned_up: whether the main coroutine had the time to clean up.
    """

    def __init__(self, is_cleaned_up: bool) -> None:
        super().__init__("the display is gone")
        self.is_cleaned_up = is_cleaned_up


def run(app: QApplication, main: Coroutine[Any, Any, int]) -> int:
    """Run ``main`` to its end on the loop of Qt; returns its exit code.

    Raises DisplayLostError if Qt ends its loop before. Then ``main`` is cancelled, and has :data:`CLEAN_UP_S` to clean
    up, for example to end a run and keep it. After that the process can only exit: Qt cannot close the loop.
    """
    request_time_slice(WINDOW_SLICE_NS)
    runner = asyncio.Runner(loop_factory=lambda: Loop(app))
    loop = runner.get_loop()
    task = loop.create_task(main)
    try:
        code = loop.run_until_complete(task)
    except RuntimeError as error:
        if not task.done():
            raise DisplayLostError(_clean_up(app, loop, task)) from error
        runner.close()
        raise
    except BaseException:
        runner.close()
        raise
    runner.close()
    return code


def _clean_up(app: QApplication, loop: asyncio.AbstractEventLoop, task: asyncio.Task[int]) -> bool:
    """Cancel ``task`` and let it end, on a loop that ends at once each time; returns whether it ended."""
    # Qt would tell of the lost display each time.
    qInstallMessageHandler(lambda *_: None)
    end_s = time.monotonic() + CLEAN_UP_S
    asyncio.events._set_running_loop(loop)
    try:
        task.cancel()
        while not task.done() and time.monotonic() < end_s:
            app.processEvents()
            time.sleep(_PAUSE_S)
    finally:
        asyncio.events._set_running_loop(None)
    return task.done()
