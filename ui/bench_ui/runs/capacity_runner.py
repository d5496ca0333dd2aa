"""Measures a handler's capacity in a process of its own, so that the window stays responsive. No widgets."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from bench_app.errors import BenchError
from bench_ui.document.document_editor import DocumentEditor
from bench_ui.runs.run_controller import RunController, StartTask

if TYPE_CHECKING:
    from bench_app.capacity.measure_process import MeasureProcess

RUN_STARTED = "Stopped: a run was started, and measuring beside it would disturb it."

REPLACED = "Stopped: another measurement was started."


class CapacityRunner(QObject):
    """Runs at most one measurement at a time. The start of a run stops it."""

    started = Signal(str)
    """With the name of the handler."""
    measured = Signal(object)
    """With the CapacityResult."""
    failed = Signal(str)
    """With the reason why there is no result."""

    def __init__(self, editor: DocumentEditor, run: RunController, start_task: StartTask) -> None:
        super().__init__(run)
        self._editor, self._run, self._start_task = editor, run, start_task
        self._process: MeasureProcess | None = None
        self._task: asyncio.Task[Any] | None = None
        run.started.connect(lambda: self.stop(RUN_STARTED))

    @property
    def busy(self) -> bool:
        """True while a measurement is under way."""
        return self._process is not None

    def measure(self, handler: str) -> None:
        """Measure one handler of the open document. A measurement under way is stopped first."""
        document = self._editor.document
        if document is None or self._run.running:
            return
        self.stop(REPLACED)
        # Imported here, because the window must open soon, and few users measure.
        from bench_app.capacity.measure_process import MeasureProcess

        self._process = MeasureProcess(document, handler)
        self.started.emit(handler)
        self._task = self._start_task(self._measure(self._process), "measure-capacity")

    async def _measure(self, process: MeasureProcess) -> None:
        # A process that was stopped or replaced meanwhile is no longer the current one: ignore its outcome.
        try:
            result = await asyncio.to_thread(process.run)
        except BenchError as error:
            if self._process is process:
                self._process = None
                self.failed.emit(str(error))
            return
        if self._process is process:
            self._process = None
            self.measured.emit(result)

    def stop(self, reason: str) -> None:
        """Stop the measurement under way. Emits ``failed`` with the reason, unless the reason is ""."""
        if self._process is None:
            return
        self._process.stop()
        self._process = None
        if reason:
            self.failed.emit(reason)

    async def finish(self) -> None:
        """Stop the measurement and wait until its process is gone. Called when the window closes."""
        self.stop("")
        if self._task is not None:
            await asyncio.wait({self._task})
