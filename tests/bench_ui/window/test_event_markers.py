"""Which events the plots mark, and with what text."""

from __future__ import annotations

from bench_ui.plots.board import PlotBoard
from bench_ui.plots.mark import MarkKind
from bench_ui.window.event_markers import kind_of, mark_events, marker_text
from pytestqt.qtbot import QtBot

from bench_app.engine.events import EventKind, RunEvent

CHANGE = RunEvent(2.0, "change", "h: linger 1 -> 2", marker=True, kind=EventKind.CHANGE)
LOSS = RunEvent(3.0, "h/sub-1", "killed by SIGKILL", marker=True, is_error=True)


def test_a_change_names_its_handler_and_other_events_get_their_source() -> None:
    assert kind_of(CHANGE) is MarkKind.CHANGE and marker_text(CHANGE) == "h: linger 1 -> 2"
    assert kind_of(LOSS) is not MarkKind.CHANGE and marker_text(LOSS) == "h/sub-1: killed by SIGKILL"


def test_faults_and_notes_are_kinds_of_their_own() -> None:
    killed = RunEvent(3.0, "h", "its worker was killed by SIGKILL", marker=True, kind=EventKind.FAULT)
    note = RunEvent(3.0, "note", "fan off", marker=True, kind=EventKind.NOTE)
    assert [kind_of(event) for event in (LOSS, killed, note)] == [MarkKind.FAULT, MarkKind.FAULT, MarkKind.NOTE]
    assert kind_of(RunEvent(3.0, "h", "connected", marker=True)) is MarkKind.EVENT
    assert marker_text(note) == "fan off"


def test_only_events_for_the_plots_that_happened_in_the_run_are_marked(qtbot: QtBot) -> None:
    board = PlotBoard()
    qtbot.addWidget(board)
    unmarked = RunEvent(1.0, "h", "connected")
    before_the_start = RunEvent(0.0, "engine", "opening", marker=True)
    mark_events(board, [unmarked, before_the_start, CHANGE, LOSS])
    for plot in board.time_plots:
        marks = plot.timeline.markers.marks
        assert [(mark.at_s, mark.text, mark.kind) for mark in marks] == [
            (2.0, "h: linger 1 -> 2", MarkKind.CHANGE),
            (3.0, "h/sub-1: killed by SIGKILL", MarkKind.FAULT),
        ]
        assert [mark.short for mark in marks] == ["linger 1 -> 2", "killed by SIGKILL"]


def test_a_slider_that_is_dragged_on_moves_its_mark(qtbot: QtBot) -> None:
    board = PlotBoard()
    qtbot.addWidget(board)
    further = RunEvent(2.0, "change", "h: linger 1 -> 9", marker=True, kind=EventKind.FURTHER_CHANGE)
    mark_events(board, [CHANGE, LOSS, further])
    texts = [mark.text for mark in board.drops.timeline.markers.marks]
    assert texts == ["h: linger 1 -> 9", "h/sub-1: killed by SIGKILL"]
