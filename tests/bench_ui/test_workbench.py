"""The open document and its run together."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from bench_ui.window.main_window import MainWindow
from bench_ui.workbench import NOTES_SHOWN, Workbench
from PySide6.QtWidgets import QApplication

from bench_app.preset import documents
from tests.bench_ui.driving import InWindow, open_preset, three_patterns, until_ended, until_running
from tests.runs import preset, until


@pytest.fixture
def bench(qapp: QApplication) -> Iterator[Workbench]:
    """A workbench with a document, without a window."""
    bench = Workbench()
    bench.set_document(documents.parse(preset({"socket_type": "PUSH"}, duration_s=5), "test"))
    yield bench
    bench.deleteLater()


def test_the_first_notes_of_a_document_are_shown_in_one_message(bench: Workbench) -> None:
    messages: list[str] = []
    bench.message.connect(messages.append)
    unknown = {f"other-{number}": {"uri": "mqtt://somewhere"} for number in range(6)}
    raw = preset({"socket_type": "PUSH"})
    raw["output"]["handlers"] |= unknown
    document = documents.parse(raw, "noted")
    assert len(document.notes) > NOTES_SHOWN
    bench.set_document(document)
    (message,) = messages
    assert message.splitlines()[:NOTES_SHOWN] == [str(note) for note in document.notes[:NOTES_SHOWN]]
    assert message.splitlines()[-1].startswith(f"and {len(document.notes) - NOTES_SHOWN} more such notes")


def test_without_a_document_nothing_is_started(qapp: QApplication) -> None:
    bench = Workbench()
    bench.start()
    bench.start_or_pause()
    assert not bench.run.running and bench.run.session is None
    bench.deleteLater()


def test_start_or_pause_starts_pauses_and_continues(in_window: InWindow) -> None:
    async def scenario(window: MainWindow) -> None:
        bench = window.bench
        open_preset(window, preset({"socket_type": "PUSH"}, rate=300, duration_s=30))
        bench.start_or_pause()
        await until_running(window)
        session = bench.run.session
        assert session is not None
        bench.start_or_pause()
        await until(lambda: session.paused)
        bench.start_or_pause()
        await until(lambda: not session.paused)
        bench.run.stop()
        assert session.interrupted
        await until_ended(window)

    in_window(scenario)


def test_a_handler_alone_runs_without_the_others_and_without_checks(in_window: InWindow) -> None:
    async def scenario(window: MainWindow) -> None:
        open_preset(window, three_patterns(duration_s=0.3, checks=["h: received > 0"]))
        window.bench.start(only="push")
        await until_ended(window)
        result = window.bench.run.result
        assert result is not None and list(result.handlers) == ["push"] and not result.checks
        assert (
            window.bench.editor.document is not None and len(window.bench.editor.document.preset.output.handlers) == 3
        )

    in_window(scenario)


def test_a_defect_is_shown_and_logged(in_window: InWindow, caplog: pytest.LogCaptureFixture) -> None:
    async def defect() -> None:
        raise ZeroDivisionError("by zero")

    async def scenario(window: MainWindow) -> None:
        messages: list[str] = []
        window.bench.message.connect(messages.append)
        window.bench.start_task(defect(), "defect")
        await until(lambda: bool(messages))
        assert messages == ["an internal error: ZeroDivisionError: by zero"]

    in_window(scenario)
    assert "a task failed" in caplog.text


def test_a_save_is_confirmed_and_says_when_an_edit_came_too_late(in_window: InWindow, tmp_path: Path) -> None:
    async def scenario(window: MainWindow) -> None:
        bench = window.bench
        open_preset(window, preset({"socket_type": "PUSH"}, duration_s=5))
        messages: list[str] = []
        bench.message.connect(messages.append)
        await bench.save(tmp_path / "a.json")
        assert window.windowTitle().startswith("a –")
        saving = bench.start_task(bench.save(tmp_path / "b.json"), "save")
        # After one turn of the loop a thread writes the file.
        await asyncio.sleep(0)
        bench.editor.edit([(("bench", "duration_s"), 77)], "change the duration")
        await saving
        assert json.loads((tmp_path / "b.json").read_bytes())["bench"]["duration_s"] == 5
        assert bench.editor.document is not None and bench.editor.document.preset.bench.duration_s == 77
        assert bench.editor.modified
        assert messages == [
            f"saved as {tmp_path / 'a.json'}",
            f"saved as {tmp_path / 'b.json'}, without the changes made meanwhile",
        ]

    in_window(scenario)
