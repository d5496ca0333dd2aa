"""Notes about moments of a run: marked at once, and kept with the run, also after its end."""

from __future__ import annotations

from bench_ui.window.main_window import MainWindow
from bench_ui.window.note_taking import NO_RUN
from PySide6.QtWidgets import QInputDialog

from bench_app.engine.events import EventKind
from tests.bench_ui.driving import InWindow, open_preset, short_run, until_ended, until_running
from tests.runs import until


def notes(window: MainWindow) -> list[str]:
    """The notes that the plots mark."""
    marks = window.panels.board.latency.timeline.markers.marks
    return [mark.text for mark in marks if mark.kind.name == "NOTE"]


def answer(window: MainWindow, text: str) -> str:
    """Answer the question for a note; returns the question."""
    (dialog,) = window.findChildren(QInputDialog)
    question = dialog.labelText()
    dialog.textValueSelected.emit(text)
    dialog.close()
    dialog.setParent(None)
    return question


def test_notes_of_a_run_of_a_finished_run_and_of_a_kept_run_are_kept(in_window: InWindow) -> None:
    async def scenario(window: MainWindow) -> None:
        board = window.panels.board
        board.time.note_wanted.emit(1.0)
        assert window.panels.banner.text() == NO_RUN and not window.findChildren(QInputDialog)
        open_preset(window, short_run(1000))
        window.bench.start()
        await until_running(window)
        board.time.note_wanted.emit(0.1)
        assert answer(window, " fan off ") == "Note at 00:00.1"
        assert notes(window) == ["fan off"] and "fan off" in window.panels.events.messages
        await until_ended(window)
        window.note_taking.keep(0.2, "")
        window.note_taking.keep(0.2, "fan on")
        assert notes(window) == ["fan off", "fan on"]
        await window.run_store.flush()
        await until(lambda: bool(window.panels.runs.summaries))
        run = window.panels.runs.summaries[0].id

        async def kept(count: int) -> list[str]:
            """The notes of the kept run, once there are so many."""
            found: list[str] = []
            while len(found) < count:
                events = (await window.run_store.load(run)).record.events
                found = [event.message for event in events if event.kind is EventKind.NOTE]
            return found

        assert await kept(2) == ["fan off", "fan on"]
        await window.run_actions.show(run)
        assert notes(window) == ["fan off", "fan on"]
        window.note_taking.keep(0.05, "door open")
        assert notes(window) == ["fan off", "fan on", "door open"]
        assert await kept(3) == ["door open", "fan off", "fan on"]

    in_window(scenario)
