from __future__ import annotations

import pytest

from bench_app.engine.run_clock import RunClock
from bench_app.measure.clock import NS_PER_S


class Time:
    """A clock that stands still until a test sets it, in seconds."""

    def __init__(self) -> None:
        self.now_s = 100.0

    def __call__(self) -> int:
        return int(self.now_s * NS_PER_S)


def started() -> tuple[RunClock, Time]:
    time = Time()
    clock = RunClock(time)
    clock.start_ns = time()
    return clock, time


def test_before_the_start_all_times_are_0() -> None:
    time = Time()
    clock = RunClock(time)
    assert (clock.elapsed_s, clock.now_s, clock.run_time_s(time())) == (0.0, 0.0, 0.0)


def test_before_a_future_start_the_time_is_0() -> None:
    clock, time = started()
    time.now_s -= 0.05
    assert (clock.elapsed_s, clock.now_s, clock.run_time_s(time())) == (0.0, 0.0, 0.0)


def test_the_run_time_of_a_moment_does_not_depend_on_when_it_is_computed() -> None:
    clock, time = started()
    time.now_s += 9.0
    assert clock.run_time_s(int(102.5 * NS_PER_S)) == 2.5
    assert clock.now_s == 9.0


def test_a_pause_stops_the_time_of_the_load_but_not_the_time_axis() -> None:
    clock, time = started()
    time.now_s += 2.0
    clock.pause()
    time.now_s += 3.0
    assert clock.is_paused
    assert (clock.elapsed_s, clock.now_s, clock.paused_s, clock.pauses_ns) == (2.0, 5.0, 3.0, 0)
    clock.resume()
    time.now_s += 1.0
    assert not clock.is_paused
    assert (clock.elapsed_s, clock.now_s, clock.paused_s, clock.pauses_ns) == (3.0, 6.0, 3.0, 3 * NS_PER_S)


def test_pauses_add_up_and_a_second_pause_does_not_restart_the_first_one() -> None:
    clock, time = started()
    for _ in range(2):
        clock.pause()
        time.now_s += 1.0
        clock.pause()
        time.now_s += 1.0
        clock.resume()
        clock.resume()
    assert (clock.paused_s, clock.elapsed_s) == (4.0, 0.0)


def test_the_run_ends_with_the_last_source() -> None:
    clock, time = started()
    time.now_s += 10.0
    clock.end([int(101.0 * NS_PER_S), int(104.0 * NS_PER_S)])
    assert clock.elapsed_s == 4.0
    time.now_s += 10.0
    assert (clock.elapsed_s, clock.now_s) == (4.0, 20.0)


def test_if_no_source_ended_the_run_ends_now() -> None:
    clock, time = started()
    time.now_s += 10.0
    clock.end([])
    time.now_s += 10.0
    assert clock.elapsed_s == 10.0


def test_a_run_that_ends_in_a_pause_does_not_count_the_pause() -> None:
    clock, time = started()
    time.now_s += 2.0
    clock.pause()
    time.now_s += 5.0
    clock.end([])
    assert not clock.is_paused
    assert (clock.elapsed_s, clock.paused_s) == (2.0, 5.0)


@pytest.mark.parametrize(("ended_s", "elapsed_s"), [(100.5, 0.5), (102.0, 1.0), (107.5, 1.5)])
def test_a_pause_after_the_last_source_ended_takes_nothing_from_the_time_of_offering(
    ended_s: float, elapsed_s: float
) -> None:
    clock, time = started()
    time.now_s += 1.0
    clock.pause()
    time.now_s += 6.0
    clock.resume()
    clock.end([int(ended_s * NS_PER_S)])
    assert clock.elapsed_s == elapsed_s
