"""The open document and its run together: panels -> **workbench** -> document editor, run controller.

Panels read the workbench and ask it for changes. It has no widgets.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal

from bench_app.archive.run_file import is_run_file
from bench_app.errors import BenchError, PresetError
from bench_app.preset import documents
from bench_app.preset.documents import Document
from bench_app.system.tasks import spawn
from bench_ui.document.document_editor import DocumentEditor
from bench_ui.document.edits import only_handler
from bench_ui.runs.run_controller import RunController

NOTES_SHOWN = 4
"""A message shows this many notes of a preset."""


class Workbench(QObject):
    """Connects the document and the run: a run starts with the document, and takes over its edits.

    Attributes:
        editor: the open document.
        run: the run under way, or the last one.
        run_refusal: why no run may start now; "" if one may.
    """

    document_read = Signal(object)
    """With a Document that was read from a file and is not open yet."""
    run_file_found = Signal(object)
    """With the Path of a file that was to be opened, and has a kept run instead of a preset."""
    message = Signal(str)
    """A message for the user that is not an event of a run."""
    faults_found = Signal(str, object)
    """With the name of a preset that cannot be used, and all its faults."""
    run_refusal_changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.run_refusal = ""
        self.editor = DocumentEditor(self)
        self.run = RunController(self.start_task, self)
        self.run.message.connect(self.message)
        self.editor.document_changed.connect(self._apply_to_run)

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
        """Read a preset in the background, then emit ``document_read``; for a run file emit ``run_file_found``.

        The open document stays open meanwhile.
        """
        self.start_task(self._open(path_or_name), "open-preset")

    async def _open(self, path_or_name: str | Path) -> None:
        if await asyncio.to_thread(is_run_file, Path(path_or_name)):
            self.run_file_found.emit(Path(path_or_name))
            return
        self.document_read.emit(await asyncio.to_thread(documents.load, path_or_name))

    def set_document(self, document: Document) -> None:
        """Open another document, without undo history and without the result of a run that has ended."""
        self.run.forget()
        self.editor.set_document(document)
        if document.notes:
            # One message for all notes, because a second message would replace the first.
            more = len(document.notes) - NOTES_SHOWN
            rest = [f"and {more:,} more such notes; zmq-bench check lists them all"] if more > 0 else []
            self.message.emit("\n".join([*map(str, document.notes[:NOTES_SHOWN]), *rest]))

    async def save(self, path: Path) -> None:
        """Write the document; raises SaveError."""
        if self.editor.document is None:
            return
        complete = await self.editor.save(path)
        self.message.emit(f"saved as {path}" if complete else f"saved as {path}, without the changes made meanwhile")

    def start(self, only: str | None = None) -> None:
        """Run the document, or only one of its handlers, unless a run is under way."""
        document = self.editor.document
        if self.run_refusal:
            self.message.emit(self.run_refusal)
        elif document is not None and not self.run.running:
            self.run.start(document if only is None else only_handler(document, only))

    def refuse_runs(self, reason: str) -> None:
        """Let no run start for this reason; "" allows it again."""
        if reason != self.run_refusal:
            self.run_refusal = reason
            self.run_refusal_changed.emit()

    def start_or_pause(self) -> None:
        """Run the document; if a run is under way, pause it or let it continue."""
        if self.run.running:
            self.run.pause()
        else:
            self.start()

    def _apply_to_run(self) -> None:
        if self.editor.document is not None:
            self.run.apply(self.editor.document)
