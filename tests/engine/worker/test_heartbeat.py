from __future__ import annotations

import threading
import time

import pytest

from bench_app.engine.worker.heartbeat import IN_TIME_NS, KEPT_BEATS, PERIOD_NS, Heartbeat
from bench_app.measure.clock import NS_PER_MS, NS_PER_S
from bench_app.measure.histogram import Histogram


def taken(heart: Heartbeat) -> Histogram:
    histogram = Histogram()
    histogram.merge(heart.take())
    return histogram


def beats_in_time(heart: Heartbeat, number: int, late_ns: int = 0) -> None:
    for _ in range(number):
        heart.beat(heart.due_ns + late_ns)


def test_beats_are_due_one_period_apart_however_late_each_comes() -> None:
    heart = Heartbeat(0)
    for number in range(1, 6):
        assert heart.due_ns == number * PERIOD_NS
        heart.beat(heart.due_ns + 2 * NS_PER_MS)


def test_each_beat_counts_with_the_time_it_was_late() -> None:
    heart = Heartbeat(0)
    beats_in_time(heart, 200, late_ns=NS_PER_MS)
    histogram = taken(heart)
    assert histogram.count == 200
    assert histogram.percentile(50.0) == pytest.approx(NS_PER_MS, rel=0.01)


def test_a_stall_counts_once_for_each_beat_that_was_due_in_it() -> None:
    heart = Heartbeat(0)
    beats_in_time(heart, 100)
    stalled_ns = 500 * NS_PER_MS
    heart.beat(heart.due_ns + stalled_ns)
    beats_in_time(heart, 100)
    histogram = taken(heart)
    # The late beat itself, and the 99 that were due while the process did not run.
    assert histogram.count == 100 + stalled_ns // PERIOD_NS + 100
    assert histogram.max_ns == stalled_ns
    # A third of all moments lie in the stall, evenly from its begin to its end.
    assert histogram.percentile(100 * (1 - 50 / 300)) == pytest.approx(stalled_ns / 2, rel=0.05)
    assert histogram.percentile(60.0) == 0


def test_an_interruption_ends_the_beating_once_and_is_not_lost_before_it() -> None:
    now_ns = time.perf_counter_ns()
    heart = Heartbeat(now_ns)
    heart.interrupt()
    heart.beat_until(now_ns + 3600 * NS_PER_S)
    assert not heart.has_ended
    heart.beat_until(now_ns + 10 * NS_PER_MS)
    assert time.perf_counter_ns() >= now_ns + 10 * NS_PER_MS


def test_after_a_stall_the_next_beat_is_a_period_away() -> None:
    heart = Heartbeat(0)
    late_ns = heart.due_ns + NS_PER_S
    heart.beat(late_ns)
    assert heart.due_ns == late_ns + PERIOD_NS


def test_each_beat_is_taken_once() -> None:
    heart = Heartbeat(0)
    beats_in_time(heart, 10)
    assert heart.take().count == 10
    assert heart.take().count == 0


def test_beats_that_nobody_takes_for_long_give_way_to_later_ones() -> None:
    heart = Heartbeat(0)
    beats_in_time(heart, 10, late_ns=NS_PER_MS)
    beats_in_time(heart, KEPT_BEATS, late_ns=2 * NS_PER_MS)
    histogram = taken(heart)
    assert histogram.count == KEPT_BEATS
    assert histogram.min_ns == histogram.max_ns == 2 * NS_PER_MS
    beats_in_time(heart, 3)
    assert heart.take().count == 3


def test_beats_in_time_count_as_their_mean_and_late_ones_as_they_are() -> None:
    heart = Heartbeat(0)
    beats_in_time(heart, 30, late_ns=60_000)
    beats_in_time(heart, 10, late_ns=IN_TIME_NS - 1)
    beats_in_time(heart, 1, late_ns=IN_TIME_NS)
    histogram = taken(heart)
    mean_ns = (30 * 60_000 + 10 * (IN_TIME_NS - 1)) // 40
    assert (histogram.count, histogram.min_ns, histogram.max_ns) == (41, mean_ns, IN_TIME_NS)
    assert histogram.sum_ns == 40 * mean_ns + IN_TIME_NS


def test_a_long_stall_does_not_cost_the_thread_of_the_beats_memory() -> None:
    heart = Heartbeat(0)
    heart.beat(heart.due_ns + 3600 * NS_PER_S)
    assert heart.take().count == 3600 * NS_PER_S // PERIOD_NS


def test_it_beats_every_period_until_its_time_and_loses_no_beat() -> None:
    begin_ns = time.perf_counter_ns()
    heart = Heartbeat(begin_ns)
    count = 0
    for number in (1, 2):
        until_ns = begin_ns + number * 20 * PERIOD_NS
        heart.beat_until(until_ns)
        now_ns = time.perf_counter_ns()
        count += heart.take().count
        # Each period has its beat, in time or as part of a stall, and no beat comes before its time.
        assert until_ns <= now_ns
        assert number * 20 <= count <= (now_ns - begin_ns) // PERIOD_NS


def test_it_ends_when_another_thread_says_so() -> None:
    heart = Heartbeat(time.perf_counter_ns())
    thread = threading.Thread(target=heart.beat_until, args=(time.perf_counter_ns() + 3600 * NS_PER_S,))
    thread.start()
    heart.end()
    thread.join()
    assert heart.has_ended
