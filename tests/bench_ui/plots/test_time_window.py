"""The seconds that all time plots show."""

from __future__ import annotations

import pytest
from bench_ui.plots.time_window import LEAST_S, MOST_S, SHOWN_S, TimeWindow
from pytestqt.qtbot import QtBot

pytestmark = pytest.mark.usefixtures("qapp")


def span(window: TimeWindow) -> tuple[float, float]:
    return window.start_s, window.end_s


def test_the_newest_moment_is_at_the_right_edge() -> None:
    window = TimeWindow()
    window.follow(100.0)
    assert span(window) == (100.0 - SHOWN_S, 100.0)
    window.follow(5.0)
    assert span(window) == (0.0, SHOWN_S), "a young run begins at the left"


def test_the_window_grows_with_a_young_run_and_fits_a_short_one() -> None:
    window = TimeWindow()
    window.show_length(600.0)
    lengths = []
    for now_s in (1, 15, 25, 40, 55, 90):
        window.follow(now_s)
        lengths.append(window.end_s - window.start_s)
    assert lengths == [10, 20, 30, 45, 60, 60]
    window.show_length(12.0)
    window.follow(11.0)
    assert span(window) == (0.0, pytest.approx(12.6))


def test_a_run_that_lasts_longer_than_its_duration_is_shown_whole_up_to_the_usual_length() -> None:
    time = TimeWindow()
    time.show_length(12)
    for now_s, start_s in ((12, 0.0), (27, 0.0), (SHOWN_S + 5, 5.0)):
        time.follow(now_s)
        assert time.start_s == start_s


def test_a_run_that_is_extended_gets_a_longer_window_unless_the_user_has_zoomed() -> None:
    window = TimeWindow()
    window.show_length(12.0)
    window.change_run_length(300.0)
    window.follow(50.0)
    assert span(window) == (0.0, SHOWN_S)
    window.zoom(0.5, 0.0)
    before = window.length_s
    window.change_run_length(12.0)
    window.follow(100.0)
    assert window.end_s - window.start_s == before


def test_looking_back_stops_following_until_the_user_goes_live(qtbot: QtBot) -> None:
    window = TimeWindow()
    with qtbot.waitSignal(window.changed):
        window.look_at(3.0, 4.5)
    assert span(window) == (3.0, 4.5) and not window.following
    window.look_at(3.0, 3.1)
    assert span(window) == (3.0, 3.0 + LEAST_S)
    with qtbot.waitSignal(window.changed):
        window.go_live()
    assert window.following


def test_shifting_keeps_the_length() -> None:
    window = TimeWindow()
    window.look_at(10.0, 20.0)
    window.shift(-2.5)
    assert span(window) == (7.5, 17.5)


def test_zoom_keeps_the_moment_under_the_pointer() -> None:
    window = TimeWindow()
    window.look_at(10.0, 20.0)
    window.zoom(0.5, 12.0)
    assert span(window) == (11.0, 16.0)


def test_zoom_while_following_changes_the_length_within_limits() -> None:
    window = TimeWindow()
    window.show_length(600.0)
    window.zoom(0.5, 0.0)
    assert window.following and window.length_s == SHOWN_S / 2
    window.follow(1.0)
    assert window.end_s - window.start_s == SHOWN_S / 2, "a zoomed window no longer grows"
    for _ in range(50):
        window.zoom(0.5, 0.0)
    assert window.length_s == LEAST_S
    for _ in range(50):
        window.zoom(2.0, 0.0)
    assert window.length_s == MOST_S


def test_the_whole_run_and_back_to_live_fit_the_heights_again(qtbot: QtBot) -> None:
    window = TimeWindow()
    window.newest_s = 50.0
    with qtbot.waitSignal(window.heights_released):
        window.show_all()
    assert span(window) == (0.0, 51.0) and not window.following
    with qtbot.waitSignal(window.heights_released):
        window.back_to_live()
    assert window.following


def test_a_third_cursor_replaces_the_others(qtbot: QtBot) -> None:
    window = TimeWindow()
    with qtbot.waitSignal(window.cursors_changed):
        window.place_cursor(5.0)
    window.place_cursor(-1.0)
    assert window.cursors == (5.0, 0.0)
    window.move_cursor(2.0)
    assert window.cursors == (5.0, 2.0), "the last one moves"
    window.place_cursor(7.0)
    assert window.cursors == (7.0,)
    window.remove_cursors()
    window.move_cursor(1.0)
    assert window.cursors == ()


def test_the_window_remembers_where_the_pointer_is() -> None:
    window = TimeWindow()
    window.cursor_moved.emit(3.5)
    assert window.pointer_s == 3.5
    window.cursor_moved.emit(None)
    assert window.pointer_s is None
