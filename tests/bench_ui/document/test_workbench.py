"""The open document with its undo history, and its run."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from bench_ui.document.workbench import NOTES_SHOWN, Workbench
from bench_ui.window.main_window import MainWindow
from PySide6.QtWidgets import QApplication

from bench_app.engine.session import Phase
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


def duration_s(bench: Workbench) -> float:
    assert bench.document is not None
    return bench.document.preset.bench.duration_s


def test_an_edit_can_be_undone_and_a_wrong_one_changes_nothing(bench: Workbench) -> None:
    changes: list[float] = []
    bench.document_changed.connect(lambda: changes.append(duration_s(bench)))
    assert not bench.modified
    assert bench.edit([(("bench", "duration_s"), 7)], "duration") == []
    assert bench.modified and duration_s(bench) == 7
    (fault,) = bench.edit([(("bench", "duration_s"), -1)], "duration")
    assert fault.path == "bench.duration_s" and duration_s(bench) == 7
    faults = bench.edit_raw(lambda raw: raw["output"]["handlers"].clear(), "remove all")
    assert faults and duration_s(bench) == 7
    assert bench.edit([(("bench", "duration_s"), 7)], "the same") == [] and bench.undo_stack.count() == 1
    bench.undo_stack.undo()
    assert not bench.modified and changes == [7, 5]


def test_edits_of_one_slider_are_undone_together(bench: Workbench) -> None:
    for seconds in (6, 7, 8):
        bench.edit([(("bench", "duration_s"), seconds)], "duration", "duration")
    bench.undo_stack.undo()
    assert duration_s(bench) == 5


def test_another_document_has_no_history_and_its_first_notes_are_shown_in_one_message(bench: Workbench) -> None:
    messages: list[str] = []
    bench.message.connect(messages.append)
    bench.edit([(("bench", "duration_s"), 7)], "duration")
    unknown = {f"other-{number}": {"uri": "mqtt://somewhere"} for number in range(6)}
    raw = preset({"socket_type": "PUSH"})
    raw["output"]["handlers"] |= unknown
    document = documents.parse(raw, "noted")
    assert len(document.notes) > NOTES_SHOWN
    bench.set_document(document)
    assert not bench.modified and not bench.undo_stack.canUndo()
    (message,) = messages
    assert message.splitlines()[:NOTES_SHOWN] == [str(note) for note in document.notes[:NOTES_SHOWN]]
    assert message.splitlines()[-1].startswith(f"and {len(document.notes) - NOTES_SHOWN} more such notes")


def test_without_a_document_nothing_is_edited_started_or_stopped(qapp: QApplication) -> None:
    bench = Workbench()
    assert bench.edit([(("bench", "duration_s"), 7)], "duration") == []
    assert bench.edit_raw(lambda raw: raw.clear(), "all") == []
    bench.start()
    bench.pause()
    bench.stop()
    assert not bench.running and bench.session is None and bench.phase is Phase.IDLE
    bench.deleteLater()


def test_start_or_pause_starts_pauses_and_continues(in_window: InWindow) -> None:
    async def scenario(window: MainWindow) -> None:
        bench = window.bench
        open_preset(window, preset({"socket_type": "PUSH"}, rate=300, duration_s=30))
        bench.start_or_pause()
        await until_running(window)
        session = bench.session
        assert session is not None
        bench.start_or_pause()
        await until(lambda: session.paused)
        bench.start_or_pause()
        await until(lambda: not session.paused)
        bench.stop()
        assert session.interrupted
        await until_ended(window)

    in_window(scenario)


def test_a_handler_alone_runs_without_the_others_and_without_checks(in_window: InWindow) -> None:
    async def scenario(window: MainWindow) -> None:
        open_preset(window, three_patterns(duration_s=0.3, checks=["h: received > 0"]))
        window.bench.start(only="push")
        await until_ended(window)
        result = window.bench.result
        assert result is not None and list(result.handlers) == ["push"] and not result.checks
        assert window.bench.document is not None and len(window.bench.document.preset.output.handlers) == 3

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


def test_an_edit_while_a_save_is_under_way_is_kept(in_window: InWindow, tmp_path: Path) -> None:
    async def scenario(window: MainWindow) -> None:
        open_preset(window, preset({"socket_type": "PUSH"}, duration_s=5))
        saving = window.bench.start_task(window.bench.save(tmp_path / "a.json"), "save")
        # After one turn of the loop a thread writes the file.
        await asyncio.sleep(0)
        window.bench.edit([(("bench", "duration_s"), 77)], "change the duration")
        await saving
        assert json.loads((tmp_path / "a.json").read_bytes())["bench"]["duration_s"] == 5
        assert window.bench.document is not None
        assert window.bench.document.preset.bench.duration_s == 77
        assert window.bench.modified

    in_window(scenario)
