"""Opening, replacing and saving presets: faults are listed, unsaved changes are kept."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from bench_ui.window.main_window import MainWindow
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QListWidget, QMessageBox

from tests.bench_ui.driving import (
    InWindow,
    open_preset,
    short_run,
    until_ended,
    until_running,
)
from tests.runs import preset, until


def test_a_broken_preset_lists_all_faults_and_the_open_one_stays(in_window: InWindow, tmp_path: Path) -> None:
    broken = tmp_path / "broken.json"
    broken.write_text(json.dumps({"output": {"handlers": {"h": {"uri": "tcp://x", "config": {"linger": "long"}}}}}))

    async def scenario(window: MainWindow) -> None:
        open_preset(window, preset({"socket_type": "PUSH"}))
        before = window.bench.editor.document
        mime = QMimeData()
        mime.setUrls([QUrl.fromLocalFile(str(broken))])
        drop = QDropEvent(
            QPointF(5, 5), Qt.DropAction.CopyAction, mime, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
        )
        window.dropEvent(drop)
        await until(lambda: bool(window.findChildren(QListWidget)))
        shown = window.findChildren(QListWidget)[0]
        assert [shown.item(row).text().partition(":")[0] for row in range(shown.count())] == [
            "output.handlers.h.uri",
            "output.handlers.h.config.linger",
        ]
        assert window.bench.editor.document is before

    in_window(scenario)


@pytest.mark.parametrize("name", ["missing.json", "folder"])
def test_a_file_that_cannot_be_opened_or_saved_is_named_in_a_message(
    in_window: InWindow, tmp_path: Path, name: str
) -> None:
    (tmp_path / "folder").mkdir()

    async def scenario(window: MainWindow) -> None:
        open_preset(window, preset({"socket_type": "PUSH"}))
        window.bench.open(tmp_path / name)
        await until(lambda: window.panels.banner.isVisibleTo(window) and name in window.panels.banner.text())
        window.bench.start_task(window.bench.save(tmp_path / "no" / "where.json"), "save")
        await until(lambda: "where.json" in window.panels.banner.text())

    in_window(scenario)


def test_a_preset_deleted_while_open_can_be_saved_again(in_window: InWindow, tmp_path: Path) -> None:
    file = tmp_path / "mine.json"
    file.write_text(json.dumps(preset({"socket_type": "PUSH"}, duration_s=0.3)))

    async def scenario(window: MainWindow) -> None:
        window.bench.open(file)
        await until(lambda: window.bench.editor.document is not None)
        file.unlink()
        window.bench.start()
        await until_ended(window)
        window.document_files.save()
        await until(file.exists)

    in_window(scenario)


def test_a_preset_read_from_a_file_replaces_neither_a_run_nor_unsaved_edits(
    in_window: InWindow, tmp_path: Path
) -> None:
    file = tmp_path / "other.json"
    file.write_text(json.dumps(short_run(100)))

    async def scenario(window: MainWindow) -> None:
        open_preset(window, preset({"socket_type": "PUSH"}, duration_s=20))
        window.bench.open(file)
        window.bench.start()
        await until(lambda: "under way" in window.panels.banner.text())
        assert window.bench.editor.document is not None and window.bench.editor.document.name == "test"
        await until_running(window)
        window.bench.run.stop()
        await until_ended(window)

        window.bench.editor.edit([(("bench", "duration_s"), 3)], "duration")
        window.bench.open(file)
        await until(lambda: bool(window.findChildren(QMessageBox)))
        assert window.bench.editor.document.preset.bench.duration_s == 3
        box = window.findChildren(QMessageBox)[0]
        box.button(QMessageBox.StandardButton.Discard).click()
        assert window.bench.editor.document.name == "other"

    in_window(scenario)


def test_a_missing_file_is_reported_without_a_question_about_unsaved_changes(
    in_window: InWindow, tmp_path: Path
) -> None:
    async def scenario(window: MainWindow) -> None:
        open_preset(window, short_run(100))
        window.bench.editor.edit([(("bench", "duration_s"), 3)], "duration")
        window.bench.open(tmp_path / "missing.json")
        await until(lambda: "missing.json" in window.panels.banner.text())
        assert not window.findChildren(QMessageBox)

    in_window(scenario)
