"""A change of the document is one step of the undo history; changes with the same key in a row become one."""

from __future__ import annotations

from bench_ui.document.undo import DocumentChange
from PySide6.QtGui import QUndoStack

from bench_app.preset import documents
from bench_app.preset.documents import Document
from tests.runs import preset


def document(duration_s: float) -> Document:
    return documents.parse(preset({"socket_type": "PUSH"}, duration_s=duration_s), "test")


def change(shown: list[float], before_s: float, after_s: float, merge_key: str) -> DocumentChange:
    def show(shown_document: Document) -> None:
        shown.append(shown_document.preset.bench.duration_s)

    return DocumentChange(show, "duration", document(before_s), document(after_s), merge_key)


def test_a_change_shows_the_document_after_it_and_undoing_the_one_before() -> None:
    shown: list[float] = []
    stack = QUndoStack()
    stack.push(change(shown, 1, 2, ""))
    stack.undo()
    stack.redo()
    assert shown == [2, 1, 2]


def test_changes_with_the_same_key_are_undone_together_and_others_are_not() -> None:
    shown: list[float] = []
    stack = QUndoStack()
    for before_s, after_s, key in ((1, 2, "duration"), (2, 3, "duration"), (3, 4, "other"), (4, 5, ""), (5, 6, "")):
        stack.push(change(shown, before_s, after_s, key))
    assert stack.count() == 4
    shown.clear()
    while stack.canUndo():
        stack.undo()
    assert shown == [5, 4, 3, 1]
