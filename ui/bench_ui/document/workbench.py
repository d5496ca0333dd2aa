"""What the window is about: the open document with its undo history, and the run under way. Panels read and ask it.

document -> **workbench** -> Session -> events and tracks -> panels and plots. No widget in here.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterable
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoCommand, QUndoStack

from bench_app.engine.events import RunEvent
from bench_app.engine.result import RunResult
from bench_app.engine.run_once import run_once
from bench_app.engine.session import Phase, Session
from bench_app.errors import BenchError, Fault, PresetError
from bench_app.preset import documents
from bench_app.preset.documents import Document
from bench_app.system.scheduling_groups import lowered_priority
from bench_app.system.tasks import spawn
from bench_ui.performance.loop_lag import LoopLagMeter

NOTES_TOLD = 4
Assignment = tuple[Any, Any]


class _Edit(QUndoCommand):
    """One change of the document. Changes of the same field in a row are one step."""

    def __init__(self, bench: Workbench, text: str, before: Document, after: Document, merge: str) -> None:
        super().__init__(text)
        self._bench, self.before, self.after, self.merge = bench, before, after, merge

    def id(self) -> int:
        return 1 if self.merge else -1

    def mergeWith(self, other: QUndoCommand) -> bool:  # noqa: N802 (Qt's name)
        if not isinstance(other, _Edit) or other.merge != self.merge:
            return False
        self.after = other.after
        return True

    def redo(self) -> None:
        self._bench.show_document(self.after)

    def undo(self) -> None:
        self._bench.show_document(self.before)


class Workbench(QObject):
    """The open document and its run."""

    document_read = Signal(object)
    """With the Document that a file holds; it is not the open one yet."""
    document_changed = Signal()
    run_started = Signal()
    phase_changed = Signal()
    run_ended = Signal(object, object)
    """With the Session and the FinishedRun. The next run may be under way already."""
    run_failed = Signal(object)
    """With the Session: it ended without a result."""
    event_added = Signal(object)
    """With the RunEvent."""
    message = Signal(str)
    """A message for the user that is not an event of a run."""
    faults_found = Signal(str, object)
    """What was tried, and all faults of it."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.document: Document | None = None
        self.undo_stack = QUndoStack(self)
        self.session: Session | None = None
        self.result: RunResult | None = None
        self.waiting: list[str] = []
        """Changes that the run under way does not take over."""
        self.loop_lag = LoopLagMeter(self)
        self._running: asyncio.Task[Any] | None = None
        self._applying: asyncio.Task[Any] | None = None
        self._wanted: Document | None = None
        self._opening: asyncio.Task[Any] | None = None

    @property
    def running(self) -> bool:
        """True from the start of a run until all its processes are gone."""
        return self._running is not None

    @property
    def modified(self) -> bool:
        """True while there are changes that no file holds."""
        return not self.undo_stack.isClean()

    def start_task(self, work: Coroutine[Any, Any, Any], name: str) -> asyncio.Task[Any]:
        """Do something beside the drawing; what goes wrong is told."""
        return spawn(work, name=name, on_error=self._task_failed)

    def _task_failed(self, error: BaseException) -> None:
        if isinstance(error, PresetError):
            self.faults_found.emit(error.name, error.faults)
        elif isinstance(error, BenchError | OSError):
            self.message.emit(str(error))
        else:
            # A defect of ours: said on screen, and left to the log with all its detail.
            self.message.emit(f"an internal error: {type(error).__name__}: {error}")
            asyncio.get_running_loop().call_exception_handler({"message": "a task failed", "exception": error})

    # The document.

    def open(self, path_or_name: str | Path) -> None:
        """Read a preset in the background; what is open stays, and may be edited or run meanwhile."""
        self._opening = self.start_task(self._open(path_or_name), "open-preset")

    async def _open(self, path_or_name: str | Path) -> None:
        self.document_read.emit(await asyncio.to_thread(documents.load, path_or_name))

    def set_document(self, document: Document) -> None:
        """Show another document, with no history; the figures of a run that is over were those of the one before."""
        if not self.running:
            self.session = self.result = None
        self.undo_stack.clear()
        self.undo_stack.setClean()
        self.show_document(document)
        if document.notes:
            # One message, as the next would take its place.
            more = len(document.notes) - NOTES_TOLD
            rest = [f"and {more:,} more such notes; zmq-bench check lists them all"] if more > 0 else []
            self.message.emit("\n".join([*document.notes[:NOTES_TOLD], *rest]))

    def show_document(self, document: Document) -> None:
        """Make this the open document; a run under way follows as far as it can."""
        self.document = document
        self.document_changed.emit()
        if self.session is not None and self.running:
            self._wanted = document
            if self._applying is None or self._applying.done():
                self._applying = self.start_task(self._apply(), "apply-document")

    async def _apply(self) -> None:
        while self._wanted is not None and self.session is not None:
            document, self._wanted = self._wanted, None
            waiting = (await self.session.apply(document)).waiting
            if waiting and waiting != self.waiting:
                self.message.emit("; ".join(waiting))
            self.waiting = waiting
            # Handlers may have joined or left.
            self.phase_changed.emit()

    def edit(self, assignments: Iterable[Assignment], text: str, merge: str = "") -> list[Fault]:
        """Set values of the document, to be undone as one step; returns the faults, and changes nothing, if any."""
        if self.document is None:
            return []
        try:
            after = documents.replace_all(self.document, assignments)
        except PresetError as error:
            return list(error.faults)
        self._push(text, after, merge)
        return []

    def edit_raw(self, change: Callable[[dict[str, Any]], None], text: str) -> list[Fault]:
        """Like :meth:`edit`, for what is no assignment: ``change`` alters a copy of the JSON in place."""
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
            self.undo_stack.push(_Edit(self, text, self.document, after, merge))

    async def save(self, path: Path) -> None:
        """Write the document; raises SaveError."""
        written = self.document
        if written is None:
            return
        saved = await asyncio.to_thread(documents.save, written, path)
        if self.document is not written:
            # Edited, or another one opened, while the disk was at it: that must not be taken back.
            self.message.emit(f"saved as {path}, without what was changed meanwhile")
            return
        self.document = saved
        self.undo_stack.clear()
        self.undo_stack.setClean()
        self.document_changed.emit()
        self.message.emit(f"saved as {path}")

    # The run.

    def start(self, only: str | None = None) -> None:
        """Run the document, or one of its handlers alone."""
        if self.running or self.document is None:
            return
        document = self.document if only is None else _alone(self.document, only)
        self.waiting = []
        self.result = None
        self.session = Session(document, self._on_event, keep_tracks=True)
        self.loop_lag.reset()
        self._running = self.start_task(self._run(self.session), "run")
        self.run_started.emit()
        self.phase_changed.emit()

    async def _run(self, session: Session) -> None:
        finished = None
        try:
            async with lowered_priority():
                finished = await run_once(session, self.loop_lag.figures)
            self.result = finished.result
        finally:
            # Not before the result is there, and told before anybody can start the next one.
            self._running = None
            if finished is None:
                self.run_failed.emit(session)
            else:
                self.run_ended.emit(session, finished)
            self.phase_changed.emit()

    def start_or_pause(self) -> None:
        """Run the document; or pause the run under way, or let it go on."""
        if self.running:
            self.pause()
        else:
            self.start()

    def pause(self) -> None:
        """Let the sources stand still, or go on."""
        if self.session is not None and self.running:
            self.start_task(self._pause(self.session), "pause")

    async def _pause(self, session: Session) -> None:
        await session.pause(not session.paused)
        self.phase_changed.emit()

    def stop(self) -> None:
        """End the run; a second time: at once."""
        if self.session is None or not self.running:
            return
        if self.session.interrupted:
            self.session.force_stop()
        else:
            self.session.stop()
        self.phase_changed.emit()

    async def finish(self, polite_s: float) -> None:
        """End the run for good, by force after ``polite_s``; for the closing of the window."""
        running = self._running
        if running is None or self.session is None:
            return
        self.session.stop()
        await asyncio.wait({running}, timeout=polite_s)
        if not running.done():
            self.session.force_stop()
            await asyncio.wait({running})

    @property
    def phase(self) -> Phase:
        """Where the run is."""
        return Phase.IDLE if self.session is None else self.session.phase

    def _on_event(self, event: RunEvent) -> None:
        self.event_added.emit(event)


def _alone(document: Document, name: str) -> Document:
    """The document with one handler enabled and no checks, which may name the others."""
    assignments: list[Assignment] = [
        (("output", "handlers", other, "enabled"), other == name) for other in document.preset.output.handlers
    ]
    return documents.replace_all(document, [*assignments, (("bench", "checks"), [])])
