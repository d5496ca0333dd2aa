"""Handlers and listeners are added, renamed, copied and removed."""

from __future__ import annotations

from bench_ui.window.main_window import MainWindow
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from tests.bench_ui.driving import (
    InWindow,
)


def test_handlers_are_added_renamed_duplicated_removed_and_brought_back(in_window: InWindow) -> None:
    def names(window: MainWindow) -> list[str]:
        document = window.bench.editor.document
        return [] if document is None else list(document.preset.output.handlers)

    async def scenario(window: MainWindow) -> None:
        window.document_files.new()
        window.document_editing.add_handler("PUSH")
        window.document_editing.add_handler("REQ")
        assert names(window) == ["zmq-publisher", "zmq-push", "zmq-req"]
        window.document_editing.add_listener("zmq-push")
        window.document_editing.rename("zmq-push", "", "worker")
        window.document_editing.duplicate("worker")
        assert names(window) == ["zmq-publisher", "worker", "zmq-req", "worker-2"]
        document = window.bench.editor.document
        assert document is not None and len(document.preset.bench.listeners["worker-2"]) == 2
        window.document_editing.rename("worker", "", "zmq-req")
        assert names(window) == ["zmq-publisher", "worker", "zmq-req", "worker-2"], (
            "a name that another handler has is refused"
        )
        window.document_editing.rename("worker", "listener", "second")
        window.document_editing.enable(["zmq-req"], False)
        window.panels.handlers.tree.selectAll()
        QTest.keyClick(window.panels.handlers.tree, Qt.Key.Key_Delete)
        assert len(names(window)) == 4, "a preset without a handler is refused, and nothing is removed"
        window.panels.handlers.tree.clearSelection()
        window.panels.handlers.select("worker-2")
        window.panels.handlers.remove_selected()
        assert names(window) == ["zmq-publisher", "worker", "zmq-req"]
        window.bench.editor.undo_stack.undo()
        assert "worker-2" in names(window)

    in_window(scenario)
