"""The one loop of the window: asyncio on Qt's event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

import qasync
from PySide6.QtWidgets import QApplication

from bench_app.system.time_slices import WINDOW_SLICE_NS, request_time_slice


class Loop(qasync.QEventLoop):  # type: ignore[misc]
    """qasync's loop whose timer object dies with the application and not after it, which crashes at exit."""

    def __init__(self, app: QApplication) -> None:
        super().__init__(app)
        self._timer.setParent(app)


def run(app: QApplication, main: Coroutine[Any, Any, int]) -> int:
    """Run ``main`` to its end on Qt's loop; returns its exit code."""
    request_time_slice(WINDOW_SLICE_NS)
    with asyncio.Runner(loop_factory=lambda: Loop(app)) as runner:
        return runner.run(main)
