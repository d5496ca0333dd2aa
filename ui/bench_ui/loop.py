"""The one event loop of the window: asyncio on the event loop of Qt."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

import qasync
from PySide6.QtWidgets import QApplication

from bench_app.system.time_slices import WINDOW_SLICE_NS, request_time_slice


class Loop(qasync.QEventLoop):  # type: ignore[misc]
    """The loop of qasync. The application owns its timer: a timer that is deleted later crashes the exit."""

    def __init__(self, app: QApplication) -> None:
        super().__init__(app)
        self._timer.setParent(app)


def run(app: QApplication, main: Coroutine[Any, Any, int]) -> int:
    """Run ``main`` to its end on the loop of Qt; returns its exit code."""
    request_time_slice(WINDOW_SLICE_NS)
    with asyncio.Runner(loop_factory=lambda: Loop(app)) as runner:
        return runner.run(main)
