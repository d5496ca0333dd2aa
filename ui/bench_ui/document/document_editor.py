"""The open document with its undo history: forms, handlers panel -> **document editor** -> document. No widgets."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoStack

from bench_app.errors import Fault, PresetError
from bench_app.preset import documents
from bench_app.preset.documents import Document
from bench_ui.document.undo import DocumentChange

Assignment = tuple[Any, Any]
"""A path in the document's JSON, and the value to set there."""


class DocumentEditor(QObject):
    """The open document. Every change of it is one undo step.

    Attributes:
        document: the open document; None until one is opened.
        undo_stack: the changes of the document since it was opened or saved.
    """

    document_opened = Signal(str)
    """Another document, with this name, is about to replace the open one."""
    document_changed = Signal()
    """The document was edited, or another one was opened."""
    document_saved = Signal()
    """The content is the same, but the document has the name and folder of its file now."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.document: Document | None = None
        self.undo_stack = QUndoStack(self)

    @property
    def modified(self) -> bool:
        """True while the document has changes that are not in a file."""
        return not self.undo_stack.isClean()

    def set_document(self, document: Document) -> None:
        """Open another document, without undo history."""
        self._forget_changes()
        self.document_opened.emit(document.name)
        self._show(document)

    def edit(self, assignments: Iterable[Assignment], text: str, merge: str = "") -> list[Fault]:
        """Set values of the document as one undo step. Returns the faults; if there are any, nothing is changed.

        Calls in a row with the same ``merge`` become one undo step, unless it is "".
        """
        return self._replace(lambda document: documents.replace_all(document, assignments), text, merge)

    def edit_raw(self, change: Callable[[dict[str, Any]], None], text: str) -> list[Fault]:
        """Like :meth:`edit`, with a function that changes a copy of the document's JSON in place."""

        def changed(document: Document) -> Document:
            raw = documents.copy_of(document.raw)
            change(raw)
            return documents.with_raw(document, raw)

        return self._replace(changed, text, "")

    async def save(self, path: Path) -> bool:
        """Write the document; raises SaveError.

        Returns False if the document was edited or replaced while the file was written; the newer one stays open.
        """
        written = self.document
        assert written is not None
        saved = await asyncio.to_thread(documents.save, written, path)
        if self.document is not written:
            return False
        self.document = saved
        self._forget_changes()
        self.document_saved.emit()
        return True

    def _replace(self, changed: Callable[[Document], Document], text: str, merge: str) -> list[Fault]:
        before = self.document
        if before is None:
            return []
        try:
            after = changed(before)
        except PresetError as error:
            return list(error.faults)
        if after.raw != before.raw:
            self.undo_stack.push(DocumentChange(self._show, text, before, after, merge))
        return []

    def _show(self, document: Document) -> None:
        self.document = document
        self.document_changed.emit()

    def _forget_changes(self) -> None:
        self.undo_stack.clear()
        self.undo_stack.setClean()
