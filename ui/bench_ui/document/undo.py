"""A change of the document as one step of the undo history."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtGui import QUndoCommand

from bench_app.preset.documents import Document


class DocumentChange(QUndoCommand):
    """Replaces one document by another, and back.

    Attributes:
        before, after: the documents without and with the change.
        merge_key: changes in a row with the same key, for instance of one slider, become one step; "" merges nothing.
    """

    def __init__(
        self, show: Callable[[Document], None], text: str, before: Document, after: Document, merge_key: str
    ) -> None:
        super().__init__(text)
        self.before, self.after, self.merge_key = before, after, merge_key
        self._show = show

    def id(self) -> int:
        """Qt tries to merge commands of the same id, unless it is -1."""
        return 1 if self.merge_key else -1

    def mergeWith(self, other: QUndoCommand) -> bool:  # noqa: N802 (Qt's name)
        """Take over the result of the next change, if it has the same key."""
        if not isinstance(other, DocumentChange) or other.merge_key != self.merge_key:
            return False
        self.after = other.after
        return True

    def redo(self) -> None:
        """Show the document with the change."""
        self._show(self.after)

    def undo(self) -> None:
        """Show the document without the change."""
        self._show(self.before)
