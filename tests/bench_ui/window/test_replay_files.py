"""A file becomes the source of a sink, as its events allow."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from bench_ui.window.main_window import MainWindow
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent

from tests.bench_ui.driving import InWindow, open_preset
from tests.runs import preset, until


def source_of(window: MainWindow) -> dict[str, Any]:
    document = window.bench.editor.document
    assert document is not None
    found: dict[str, Any] = document.raw["bench"]["sources"]["events"]
    return found


def test_a_file_is_replayed_as_its_events_allow(in_window: InWindow, tmp_path: Path) -> None:
    timeless, broken, dropped = tmp_path / "timeless.jsonl", tmp_path / "broken.jsonl", tmp_path / "dropped.csv"
    timeless.write_text('{"id": 1}\nnonsense\n')
    broken.write_text("nonsense\n")
    dropped.write_text("id,sent\n1,2025-01-01T00:00:00\n2,2025-01-01T00:00:01\n")

    async def scenario(window: MainWindow) -> None:
        window.replay_files.use(timeless)
        await until(lambda: "once a preset is open" in window.panels.banner.text())
        open_preset(window, preset({"socket_type": "PUSH"}, rate=300))
        page = window.panels.inspector.source_page
        assert page is not None
        window.replay_files.use(timeless)
        await until(lambda: page.about_file.isVisibleTo(page))
        load = {"shape": "constant", "rate": 300}
        assert source_of(window) == {"kind": "replay", "path": str(timeless), "load": load}
        lines = page.about_file.text().splitlines()
        assert lines[0] == "timeless.jsonl: 1 event" and "does not follow" in lines[2] and "line 2" in lines[4]
        assert lines[3] == '1: {"id": 1}', "the first events are shown"

        mime = QMimeData()
        mime.setUrls([QUrl.fromLocalFile(str(dropped))])
        buttons = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
        window.dropEvent(QDropEvent(QPointF(5, 5), Qt.DropAction.CopyAction, mime, *buttons))
        await until(lambda: page.about_file.text().startswith("dropped.csv: 2 events in 1.0 s"))
        assert "The run ends before, after 0.5 s." in page.about_file.text()
        assert source_of(window)["time_field"] == "sent" and source_of(window)["load"] == {"shape": "recorded"}

        window.replay_files.use(broken)
        await until(lambda: "no usable event" in page.about_file.text())
        window.bench.editor.undo_stack.undo()
        assert page.about_file.text().startswith("dropped.csv"), "the text is of the file that is replayed"

    in_window(scenario)
