"""The open document: edits, undo and saving."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from bench_ui.document.document_editor import DocumentEditor
from PySide6.QtWidgets import QApplication

from bench_app.preset import documents
from tests.runs import preset


@pytest.fixture
def editor(qapp: QApplication) -> Iterator[DocumentEditor]:
    editor = DocumentEditor()
    editor.set_document(documents.parse(preset({"socket_type": "PUSH"}, duration_s=5), "test"))
    yield editor
    editor.deleteLater()


def duration_s(editor: DocumentEditor) -> float:
    assert editor.document is not None
    return editor.document.preset.bench.duration_s


def set_duration(editor: DocumentEditor, seconds: float, merge: str = "") -> list[str]:
    """Edit the duration; returns the paths of the faults."""
    return [fault.path for fault in editor.edit([(("bench", "duration_s"), seconds)], "duration", merge)]


def test_an_edit_can_be_undone_and_a_wrong_one_changes_nothing(editor: DocumentEditor) -> None:
    changes: list[float] = []
    editor.document_changed.connect(lambda: changes.append(duration_s(editor)))
    assert not editor.modified
    assert set_duration(editor, 7) == []
    assert editor.modified and duration_s(editor) == 7
    assert set_duration(editor, -1) == ["bench.duration_s"] and duration_s(editor) == 7
    faults = editor.edit_raw(lambda raw: raw["output"]["handlers"].clear(), "remove all")
    assert faults and duration_s(editor) == 7
    assert set_duration(editor, 7) == [] and editor.undo_stack.count() == 1
    editor.undo_stack.undo()
    assert not editor.modified and changes == [7, 5]


def test_edits_of_one_slider_are_undone_together(editor: DocumentEditor) -> None:
    for seconds in (6, 7, 8):
        set_duration(editor, seconds, "duration")
    editor.undo_stack.undo()
    assert duration_s(editor) == 5


def test_another_document_has_no_history(editor: DocumentEditor) -> None:
    set_duration(editor, 7)
    editor.set_document(documents.parse(preset({"socket_type": "PUSH"}), "other"))
    assert not editor.modified and not editor.undo_stack.canUndo()


def test_without_a_document_nothing_is_edited(qapp: QApplication) -> None:
    editor = DocumentEditor()
    assert set_duration(editor, 7) == []
    assert editor.edit_raw(lambda raw: raw.clear(), "all") == []
    assert editor.document is None and not editor.modified
    editor.deleteLater()


def test_a_saved_document_has_the_name_of_its_file_and_no_changes(editor: DocumentEditor, tmp_path: Path) -> None:
    signals: list[str] = []
    editor.document_changed.connect(lambda: signals.append("changed"))
    editor.document_saved.connect(lambda: signals.append("saved"))
    set_duration(editor, 7)
    assert asyncio.run(editor.save(tmp_path / "mine.json"))
    assert editor.document is not None and editor.document.name == "mine"
    assert not editor.modified and duration_s(editor) == 7
    assert signals == ["changed", "saved"]


def test_an_edit_while_a_save_is_under_way_is_kept(editor: DocumentEditor, tmp_path: Path) -> None:
    async def edit() -> None:
        set_duration(editor, 77)

    async def edit_in_a_save() -> bool:
        # The edit is made once a thread writes the file.
        complete, _ = await asyncio.gather(editor.save(tmp_path / "a.json"), edit())
        return complete

    assert not asyncio.run(edit_in_a_save())
    assert json.loads((tmp_path / "a.json").read_bytes())["bench"]["duration_s"] == 5
    assert duration_s(editor) == 77 and editor.modified
