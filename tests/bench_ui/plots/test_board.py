"""The board: one plot per frame, nothing invisible, one selection and one time window."""

from __future__ import annotations

import pytest
from bench_ui.plots.board import PlotBoard, board_column
from bench_ui.plots.mark import Mark, MarkKind
from bench_ui.plots.plot import Plot
from bench_ui.plots.run_totals import RunTotals
from bench_ui.scope import Scope
from bench_ui.widgets.theme import DARK, LIGHT
from PySide6.QtWidgets import QApplication, QComboBox, QLabel, QToolButton
from pytestqt.qtbot import QtBot

from bench_app.engine.machine_samples import machine_series
from tests.bench_ui.plots.series import pub_and_req, recorded

PUB = Scope(("pub",))
TOTALS = RunTotals({"service": {"p99": 70_000.0}}, {"offered": 150.0}, {"lost": 2.0})


@pytest.fixture
def board(qtbot: QtBot) -> PlotBoard:
    found = PlotBoard()
    qtbot.addWidget(found)
    found.set_theme(LIGHT)
    found.resize(1000, 600)
    found.show()
    return found


def draw_all(board: PlotBoard, now_s: float | None = None) -> int:
    """Turn the clock until all is drawn; returns the number of turns."""
    turns = 0
    while not board.settled:
        board.frame(now_s, fresh=False)
        turns += 1
    return turns


def value(board: PlotBoard, plot: str, curve: str) -> str:
    return str(getattr(board, plot).legend.entries[curve].value)


def test_a_turn_draws_one_visible_plot(board: PlotBoard) -> None:
    draw_all(board)
    board.show_series(pub_and_req(), PUB)
    assert draw_all(board) == 1 + 4, "the queue is not visible"
    assert value(board, "throughput", "offered") == "200/s"
    assert not board.queue.data


def test_the_fourth_place_shows_distribution_or_queue(board: PlotBoard) -> None:
    board.show_series(pub_and_req(), PUB)
    board.show_fourth("queue")
    draw_all(board)
    assert board.queue.isVisible() and not board.distribution.isVisible()
    assert value(board, "queue", "queued") == "3"
    assert [combo.currentData() for combo in board.queue.findChildren(QComboBox)] == ["queue"]


def test_the_distribution_is_drawn_when_it_is_visible_again(board: PlotBoard) -> None:
    board.show_fourth("queue")
    board.draw_distribution({"service": recorded(2_000)}, {})
    assert value(board, "distribution", "service") == ""
    board.show_fourth("distribution")
    draw_all(board)
    board.frame(None, fresh=False)
    assert value(board, "distribution", "service") == "2.00 µs"


def test_totals_replace_the_newest_values_until_the_next_run(board: PlotBoard) -> None:
    board.show_series(pub_and_req(), PUB)
    board.show_totals(TOTALS, TOTALS)
    draw_all(board)
    assert value(board, "throughput", "offered") == "150/s"
    assert value(board, "latency", "p99") == "70.0 µs"
    assert board.drops.legend.entries["lost"].baseline == "2.0/s"
    board.latency.choose("response")
    draw_all(board)
    assert value(board, "latency", "p99") == ""
    board.show_totals(None)
    draw_all(board)
    assert value(board, "throughput", "offered") == "200/s"


def test_the_machine_lane_is_exactly_below_the_latency_and_has_the_machine_of_the_shown_run(board: PlotBoard) -> None:
    draw_all(board)
    lane, latency = board.machine, board.latency
    assert lane.geometry().top() > board.drops.geometry().bottom()
    assert (lane.geometry().left(), lane.geometry().right()) == (latency.geometry().left(), latency.geometry().right())
    left = [plot.view.getViewBox().sceneBoundingRect().left() for plot in (lane, latency)]
    assert left[0] == left[1]
    machine = machine_series()
    board.show_series(pub_and_req(), PUB, machine)
    assert board.machine.machine is machine
    board.show_series(pub_and_req(), PUB)
    assert board.machine.machine is not machine


def test_the_totals_of_a_kept_run_are_there_with_its_first_drawing(board: PlotBoard) -> None:
    board.show_series(pub_and_req(), PUB)
    board.show_totals(TOTALS)
    draw_all(board)
    assert value(board, "machine", "stall") == "0 ns"


def test_another_unit_is_drawn_at_once_after_the_run(board: PlotBoard) -> None:
    board.show_series(pub_and_req(), PUB)
    draw_all(board)
    combo = board.throughput.findChild(QComboBox)
    combo.setCurrentIndex(combo.findData("bytes"))
    assert draw_all(board) > 0
    assert value(board, "throughput", "received") == "16.00 MB/s"


def test_a_baseline_has_room_in_every_legend(board: PlotBoard) -> None:
    height = board.latency.legend.entries["p99"].sizeHint().height()
    board.show_baseline(pub_and_req())
    assert board.latency.legend.entries["p99"].sizeHint().height() > height
    board.show_baseline({})
    assert board.latency.legend.entries["p99"].sizeHint().height() == height


def test_marks_are_in_every_time_plot(board: PlotBoard) -> None:
    board.mark(Mark(1.0, "delay 1 -> 2", MarkKind.CHANGE))
    assert [len(plot.timeline.markers.marks) for plot in board.time_plots] == [1, 1, 1, 1, 1]
    board.mark(Mark(1.0, "delay 1 -> 4", MarkKind.CHANGE), extends_last=True)
    assert [[mark.text for mark in plot.timeline.markers.marks] for plot in board.time_plots] == [["delay 1 -> 4"]] * 5
    board.clear_markers()
    assert not any(plot.timeline.markers.marks for plot in board.time_plots)


def test_back_to_live_is_offered_while_a_run_goes_on_and_the_user_looks_back(board: PlotBoard) -> None:
    board.frame(30.0, fresh=True)
    assert board.live.isHidden()
    board.time.look_at(1.0, 2.0)
    assert not board.live.isHidden()
    board.live.click()
    assert board.live.isHidden() and board.time.following
    board.time.look_at(1.0, 2.0)
    board.show_totals(TOTALS)
    assert board.live.isHidden()


def test_without_a_run_the_right_edge_stays(board: PlotBoard) -> None:
    board.frame(90.0, fresh=False)
    board.frame(None, fresh=False)
    assert board.time.end_s == 90.0
    board.show_series(pub_and_req(), PUB)
    board.frame(None, fresh=False)
    assert board.time.end_s == board.time.length_s, "a kept run has its own end"


def test_themes_and_sizes_reach_every_plot(board: PlotBoard) -> None:
    board.set_theme(DARK)
    assert all(plot.theme is DARK for plot in board.plots)
    before = [plot.heading.font().pointSizeF() for plot in board.plots]
    board.set_large(True)
    assert all(plot.heading.font().pointSizeF() > old for plot, old in zip(board.plots, before, strict=True))


def test_a_page_has_other_widgets_above_the_board(qtbot: QtBot) -> None:
    board, above = PlotBoard(), QLabel("above")
    page = board_column(board, above)
    qtbot.addWidget(page)
    page.resize(800, 600)
    page.show()
    assert above.geometry().bottom() < board.geometry().top()


@pytest.mark.parametrize("name", ["latency", "throughput", "drops", "distribution", "queue", "machine"])
def test_one_plot_alone_has_the_whole_width(board: PlotBoard, name: str) -> None:
    board.show_only([name])
    QApplication.processEvents()
    assert [plot for plot in board.plots if plot.isVisible()] == [getattr(board, name)]
    assert getattr(board, name).width() > 0.9 * board.width()
    board.show_only([])
    assert sum(plot.isVisible() for plot in board.plots) == 5


def test_a_plot_stays_alone_when_the_window_grows(board: PlotBoard) -> None:
    board.show_only(["throughput"])
    board.resize(1800, 1400)
    QApplication.processEvents()
    assert [plot for plot in board.plots if plot.isVisible()] == [board.throughput]
    board.show_only(())
    QApplication.processEvents()
    assert board.machine.isVisible()


def test_several_chosen_plots_are_beside_each_other_and_leave_no_room_empty(board: PlotBoard) -> None:
    board.show_only(["throughput", "drops"])
    QApplication.processEvents()
    chosen = [board.throughput.geometry(), board.drops.geometry()]
    assert chosen[0].top() == chosen[1].top() and chosen[0].height() == chosen[1].height() == board.height()
    assert sum(one.width() for one in chosen) > 0.9 * board.width()
    board.show_only(())
    QApplication.processEvents()
    assert board.latency.geometry().bottom() < board.drops.geometry().top() < board.machine.geometry().top()
    assert board.latency.geometry().right() < board.throughput.geometry().left()


def shown(board: PlotBoard) -> list[Plot]:
    QApplication.processEvents()
    return [plot for plot in board.plots if plot.isVisible()]


def foot(board: PlotBoard, plot: Plot) -> int:
    return plot.mapTo(board, plot.rect().bottomLeft()).y()


def resize(board: PlotBoard, characters: float, lines: float) -> None:
    assert board.plots, "they are made now, if they were not"
    metrics = board.fontMetrics()
    board.resize(round(characters * metrics.averageCharWidth()), round(lines * metrics.height()))
    QApplication.processEvents()


def test_a_low_and_narrow_board_shows_one_plot_a_page_and_each_has_the_room_for_its_curves(board: PlotBoard) -> None:
    board.show_baseline(pub_and_req())
    metrics = board.fontMetrics()
    resize(board, 80, 15)
    for number, (title, plot) in enumerate(
        (
            ("Latency", board.latency),
            ("Throughput", board.throughput),
            ("Drops", board.drops),
            ("Distribution", board.distribution),
        )
    ):
        board.tabs.setCurrentIndex(number)
        assert shown(board) == [plot] and board.tabs.tabText(number) == title and board.tabs.isVisible()
        assert plot.width() > 0.95 * board.width() and plot.view.height() > 5 * metrics.height()
    board.show_fourth("queue")
    assert shown(board) == [board.queue] and board.tabs.tabText(3) == "Queue"


def test_a_low_board_shows_two_plots_beside_each_other_and_a_high_one_all_again(board: PlotBoard) -> None:
    resize(board, 200, 16)
    board.tabs.setCurrentIndex(1)
    assert shown(board) == [board.drops, board.distribution] and board.tabs.tabText(0) == "Latency, throughput"
    assert foot(board, board.drops) == foot(board, board.distribution)
    resize(board, 60, 30)
    assert board.drops in shown(board), "the plot that was seen stays in sight"
    resize(board, 166, 43)
    assert len(shown(board)) == 5 and not board.tabs.isVisible()


def test_a_page_is_drawn_when_it_is_chosen_and_the_presentation_has_no_pages(board: PlotBoard) -> None:
    resize(board, 60, 15)
    board.show_series(pub_and_req(), PUB)
    draw_all(board)
    assert not board.throughput.data
    board.tabs.setCurrentIndex(1)
    draw_all(board)
    assert value(board, "throughput", "offered") == "200/s"
    board.show_only(("drops", "latency"))
    assert shown(board) == [board.latency, board.drops] and not board.tabs.isVisible()
    board.show_only(())
    assert shown(board) == [board.throughput] and board.tabs.isVisible()


def test_back_to_live_is_in_sight_on_each_page(board: PlotBoard) -> None:
    resize(board, 60, 15)
    board.frame(30.0, fresh=True)
    board.time.look_at(1.0, 2.0)
    for page in range(4):
        board.tabs.setCurrentIndex(page)
        assert board.live in board.findChildren(QToolButton) and shown(board) and board.live.isVisible()
    resize(board, 166, 43)
    assert board.live.isVisible() and board.live.geometry().top() < 60


def test_a_held_board_makes_no_plots_and_then_shows_what_was_asked_of_it(qtbot: QtBot) -> None:
    board = PlotBoard()
    qtbot.addWidget(board)
    board.resize(900, 600)
    board.hold()
    board.show()
    board.set_theme(DARK)
    board.set_large(True)
    board.show_baseline(pub_and_req())
    board.frame(0.1, fresh=True)
    assert not board.has_plots and not board.findChildren(Plot)
    board.release()
    assert all(plot.theme is DARK and plot.is_large for plot in board.plots)
    draw_all(board, 0.2)
    assert board.latency.isVisible() and board.distribution.isVisible() and board.settled


def test_a_resized_presentation_shows_no_machine_lane_that_was_not_chosen(board: PlotBoard) -> None:
    board.show_only(("drops",))
    board.resize(1200, 900)
    assert board.machine.isHidden()
