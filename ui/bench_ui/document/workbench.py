"""The open document with its undo history, and its run: document -> **workbench** -> session -> events, figures.

Panels read the workbench and ask it for changes. It has no widgets.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterable
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoStack

from bench_app.engine.result import RunResult
from bench_app.engine.run_once import FinishedRun, run_once
from bench_app.engine.session import Phase, Session
from bench_app.errors import BenchError, Fault, PresetError
from bench_app.preset import documents
from bench_app.preset.documents import Document
from bench_app.system.scheduling_groups import lowered_priority
from bench_app.system.tasks import spawn
from bench_ui.document.edits import only_handler
from bench_ui.document.undo import DocumentChange
from bench_ui.performance.loop_lag import LoopLagMeter

NOTES_SHOWN = 4
"""A message shows this many notes of a preset."""
Assignment = tuple[Any, Any]
"""A path in the document's JSON, and the value to set there."""


class Workbench(QObject):
    """The open document and its run.

    Attributes:
        document: the open document; None until one is opened.
        undo_stack: the changes of the document since it was opened or saved.
        session: the run under way or the last one; None if the document has not run.
        finished: what remains of the last run; None while a run is under way.
        waiting_changes: messages about changes that the run under way does not take over.
        loop_lag: measures how well the window keeps up.
    """

    document_read = Signal(object)
    """With a Document that was read from a file and is not open yet."""
    document_changed = Signal()
    run_started = Signal()
    phase_changed = Signal()
    """The run is in another phase, is paused or continues, or handlers joined or left it."""
    run_ended = Signal(object, object)
    """With the Session and the FinishedRun. The next run may be under way already."""
    run_failed = Signal(object)
    """With the Session, which ended without a result."""
    event_added = Signal(object)
    """With the RunEvent."""
    message = Signal(str)
    """A message for the user that is not an event of a run."""
    faults_found = Signal(str, object)
    """With the name of a preset that cannot be used, and all its faults."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.document: Document | None = None
        self.undo_stack = QUndoStack(self)
        self.session: Session | None = None
        self.finished: FinishedRun | None = None
        self.waiting_changes: list[str] = []
        self.loop_lag = LoopLagMeter(self)
        self._run_task: asyncio.Task[Any] | None = None
        self._apply_task: asyncio.Task[Any] | None = None
        self._to_apply: Document | None = None
        """The newest document that is not applied to the run under way yet."""

    @property
    def result(self) -> RunResult | None:
        """The result of the last run; None while a run is under way."""
        return None if self.finished is None else self.finished.result

    @property
    def running(self) -> bool:
        """True from the start of a run until all its processes are gone."""
        return self._run_task is not None

    @property
    def modified(self) -> bool:
        """True while the document has changes that are not in a file."""
        return not self.undo_stack.isClean()

    def start_task(self, work: Coroutine[Any, Any, Any], name: str) -> asyncio.Task[Any]:
        """Run a coroutine; if it fails, the user sees a message."""
        return spawn(work, name=name, on_error=self._task_failed)

    def _task_failed(self, error: BaseException) -> None:
        if isinstance(error, PresetError):
            self.faults_found.emit(error.name, error.faults)
        elif isinstance(error, BenchError | OSError):
            self.message.emit(str(error))
        else:
            # A defect of this program: the user sees that it happened, and the log gets the traceback.
            self.message.emit(f"an internal error: {type(error).__name__}: {error}")
            asyncio.get_running_loop().call_exception_handler({"message": "a task failed", "exception": error})

    def open(self, path_or_name: str | Path) -> None:
        """Read a preset in the background, then emit ``document_read``. The open document stays open meanwhile."""
        self.start_task(self._open(path_or_name), "open-preset")

    async def _open(self, path_or_name: str | Path) -> None:
        self.document_read.emit(await asyncio.to_thread(documents.load, path_or_name))

    def set_document(self, document: Document) -> None:
        """Open another document, without undo history and without the result of a run that has ended."""
        if not self.running:
            self.session = self.finished = None
        self.undo_stack.clear()
        self.undo_stack.setClean()
        self.show_document(document)
        if document.notes:
            # One message for all notes, because a second message would replace the first.
            more = len(document.notes) - NOTES_SHOWN
            rest = [f"and {more:,} more such notes; zmq-bench check lists them all"] if more > 0 else []
            self.message.emit("\n".join([*map(str, document.notes[:NOTES_SHOWN]), *rest]))

    def show_document(self, document: Document) -> None:
        """Make this the open document, and apply it to the run under way."""
        self.document = document
        self.document_changed.emit()
        if self.session is not None and self.running:
            self._to_apply = document
            if self._apply_task is None or self._apply_task.done():
                self._apply_task = self.start_task(self._apply(), "apply-document")

    async def _apply(self) -> None:
        # Applying takes a while. Of the edits made meanwhile, only the newest document is applied next.
        while self._to_apply is not None and self.session is not None:
            document, self._to_apply = self._to_apply, None
            waiting = (await self.session.apply(document)).waiting
            if waiting and waiting != self.waiting_changes:
                self.message.emit("; ".join(waiting))
            self.waiting_changes = waiting
            # Handlers may have joined or left.
            self.phase_changed.emit()

    def edit(self, assignments: Iterable[Assignment], text: str, merge: str = "") -> list[Fault]:
        """Set values of the document as one undo step. Returns the faults; if there are any, nothing is changed.

        Calls in a row with the same ``merge`` become one undo step, unless it is "".
        """
        if self.document is None:
            return []
        try:
            after = documents.replace_all(self.document, assignments)
        except PresetError as error:
            return list(error.faults)
        self._push(text, after, merge)
        return []

    def edit_raw(self, change: Callable[[dict[str, Any]], None], text: str) -> list[Fault]:
        """Like :meth:`edit`, with a function that changes a copy of the document's JSON in place."""
        if self.document is None:
            return []
        raw = documents.copy_of(self.document.raw)
        change(raw)
        try:
            after = documents.with_raw(self.document, raw)
        except PresetError as error:
            return list(error.faults)
        self._push(text, after, "")
        return []

    def _push(self, text: str, after: Document, merge: str) -> None:
        if self.document is not None and after.raw != self.document.raw:
            self.undo_stack.push(DocumentChange(self.show_document, text, self.document, after, merge))

    async def save(self, path: Path) -> None:
        """Write the document; raises SaveError."""
        written = self.document
        if written is None:
            return
        saved = await asyncio.to_thread(documents.save, written, path)
        if self.document is not written:
            # The document was edited or replaced while the file was written. Keep the newer one.
            self.message.emit(f"saved as {path}, without the changes made meanwhile")
            return
        self.document = saved
        self.undo_stack.clear()
        self.undo_stack.setClean()
        self.document_changed.emit()
        self.message.emit(f"saved as {path}")

    def start(self, only: str | None = None) -> None:
        """Run the document, or only one of its handlers."""
        if self.running or self.document is None:
            return
        document = self.document if only is None else only_handler(self.document, only)
        self.waiting_changes = []
        self.finished = None
        self.session = Session(document, self.event_added.emit, keep_series=True)
        self.loop_lag.reset()
        self._run_task = self.start_task(self._run(self.session), "run")
        self.run_started.emit()
        self.phase_changed.emit()

    async def _run(self, session: Session) -> None:
        finished = None
        try:
            async with lowered_priority():
                finished = await run_once(session, self.loop_lag.figures)
            self.finished = finished
        finally:
            # The run counts as ended once it has its result. No other run can start before the signals are emitted.
            self._run_task = None
            if finished is None:
                self.run_failed.emit(session)
            else:
                self.run_ended.emit(session, finished)
            self.phase_changed.emit()

    def start_or_pause(self) -> None:
        """Run the document; if a run is under way, pause it or let it continue."""
        if self.running:
            self.pause()
        else:
            self.start()

    def pause(self) -> None:
        """Pause the sources of the run, or let them continue."""
        if self.session is not None and self.running:
            self.start_task(self._pause(self.session), "pause")

    async def _pause(self, session: Session) -> None:
        await session.pause(not session.paused)
        self.phase_changed.emit()

    def stop(self) -> None:
        """End the run; called a second time, end it at once."""
        if self.session is None or not self.running:
            return
        if self.session.interrupted:
            self.session.force_stop()
        else:
            self.session.stop()
        self.phase_changed.emit()

    async def finish(self, polite_s: float) -> None:
        """End the run and wait for its end, by force after ``polite_s``. Called when the window closes."""
        running = self._run_task
        if running is None or self.session is None:
            return
        self.session.stop()
        await asyncio.wait({running}, timeout=polite_s)
        if not running.done():
            self.session.force_stop()
            await asyncio.wait({running})

    @property
    def phase(self) -> Phase:
        """The phase of the run; ``IDLE`` without one."""
        return Phase.IDLE if self.session is None else self.session.phase
