"""Which events the plots mark, and with what text."""

from __future__ import annotations

from bench_ui.plots.board import PlotBoard
from bench_ui.window.event_markers import is_change, mark_events, marker_text
from pytestqt.qtbot import QtBot

from bench_app.engine.events import EventKind, RunEvent

CHANGE = RunEvent(2.0, "change", "h: linger 1 -> 2", marker=True, kind=EventKind.CHANGE)
LOSS = RunEvent(3.0, "h/sub-1", "killed by SIGKILL", marker=True, is_error=True)


def test_a_change_names_its_handler_and_other_events_get_their_source() -> None:
    assert is_change(CHANGE) and marker_text(CHANGE) == "h: linger 1 -> 2"
    assert not is_change(LOSS) and marker_text(LOSS) == "h/sub-1: killed by SIGKILL"


def test_only_events_for_the_plots_that_happened_in_the_run_are_marked(qtbot: QtBot) -> None:
    board = PlotBoard()
    qtbot.addWidget(board)
    unmarked = RunEvent(1.0, "h", "connected")
    before_the_start = RunEvent(0.0, "engine", "opening", marker=True)
    mark_events(board, [unmarked, before_the_start, CHANGE, LOSS])
    for plot in board.time_plots:
        marks = [(mark.at_s, mark.text, mark.is_action) for mark in plot.timeline.markers.marks]
        assert marks == [(2.0, "h: linger 1 -> 2", True), (3.0, "h/sub-1: killed by SIGKILL", False)]
