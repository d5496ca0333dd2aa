"""Measuring a handler's capacity beside the drawing: window -> **process** -> figures. No widget."""

from __future__ import annotations

import asyncio
from typing import Any

from PySide6.QtCore import QObject, Signal

from bench_app.capacity.measure_process import MeasureProcess
from bench_app.errors import BenchError
from bench_ui.window.workbench import Workbench

RUN_STARTED = "Stopped: a run was started, and measuring beside it would disturb it."

REPLACED = "Stopped: another measurement was started."


class CapacityDesk(QObject):
    """At most one measurement at a time; a run that starts ends it."""

    started = Signal(str)
    """With the handler's name."""
    measured = Signal(object)
    """With the CapacityResult."""
    failed = Signal(str)
    """Why there is none."""

    def __init__(self, bench: Workbench) -> None:
        super().__init__(bench)
        self._bench = bench
        self._apart: MeasureProcess | None = None
        self._task: asyncio.Task[Any] | None = None
        bench.run_started.connect(lambda: self.stop(RUN_STARTED))

    @property
    def busy(self) -> bool:
        """True while one is under way."""
        return self._apart is not None

    def measure(self, handler: str) -> None:
        """Measure one handler of the open document as it stands; what was under way is given up."""
        document = self._bench.document
        if document is None or self._bench.running:
            return
        self.stop(REPLACED)
        self._apart = MeasureProcess(document, handler)
        self.started.emit(handler)
        self._task = self._bench.start_task(self._measure(self._apart), "measure-capacity")

    async def _measure(self, apart: MeasureProcess) -> None:
        try:
            result = await asyncio.to_thread(apart.run)
        except BenchError as error:
            if self._apart is apart:
                self._apart = None
                self.failed.emit(str(error))
            return
        if self._apart is apart:
            self._apart = None
            self.measured.emit(result)

    def stop(self, why: str) -> None:
        """Give up what is under way; ``why`` is told, unless it is ""."""
        if self._apart is None:
            return
        self._apart.stop()
        self._apart = None
        if why:
            self.failed.emit(why)

    async def finish(self) -> None:
        """For the closing of the window: give it up, and wait until its process is gone."""
        self.stop("")
        if self._task is not None:
            await asyncio.wait({self._task})
