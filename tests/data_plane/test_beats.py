"""The compiled loop of the heartbeat notes what the loop in Python notes."""

from __future__ import annotations

import threading
import time

from bench_app.engine.worker.heartbeat import PERIOD_NS, Heartbeat
from bench_app.measure.clock import NS_PER_S
from tests.compiled import compiled

beats = compiled("beats")


def test_it_beats_every_period_until_its_time_and_loses_no_beat() -> None:
    begin_ns = time.perf_counter_ns()
    heart = Heartbeat(begin_ns, is_compiled=True)
    count = 0
    for number in (1, 2):
        until_ns = begin_ns + number * 20 * PERIOD_NS
        heart.beat_until(until_ns)
        now_ns = time.perf_counter_ns()
        count += heart.take().count
        # Each period has its beat, in time or as part of a stall, and no beat comes before its time.
        assert until_ns <= now_ns
        assert number * 20 <= count <= (now_ns - begin_ns) // PERIOD_NS
    assert heart.due_ns > now_ns - PERIOD_NS


def test_it_ends_when_another_thread_says_so() -> None:
    heart = Heartbeat(time.perf_counter_ns(), is_compiled=True)
    thread = threading.Thread(target=heart.beat_until, args=(time.perf_counter_ns() + 3600 * NS_PER_S,))
    thread.start()
    heart.end()
    thread.join()
    assert heart.has_ended
    assert heart.take().count * PERIOD_NS < 3600 * NS_PER_S


def test_a_thread_that_keeps_the_interpreter_to_itself_is_a_stall() -> None:
    heart = Heartbeat(time.perf_counter_ns(), is_compiled=True)
    thread = threading.Thread(target=heart.beat_until, args=(time.perf_counter_ns() + 3600 * NS_PER_S,))
    thread.start()
    begin_ns = time.thread_time_ns()
    # One call of a function in C, which does not let go of the interpreter.
    sum(range(3_000_000))
    held_ns = time.thread_time_ns() - begin_ns
    heart.end()
    thread.join()
    # A beat was due in the first period of the call at the latest, and came after it. The beat can come before this
    # thread reads its clock, and the system may stop either: the call's processor time is the least that it waited.
    assert heart.take().max_ns >= 0.9 * held_ns - PERIOD_NS


def test_an_interruption_before_the_loop_ends_it_once() -> None:
    now_ns = time.perf_counter_ns()
    heart = Heartbeat(now_ns, is_compiled=True)
    heart.interrupt()
    heart.beat_until(now_ns + 3600 * NS_PER_S)
    assert not heart.has_ended
    heart.beat_until(now_ns + 2 * PERIOD_NS)
    assert time.perf_counter_ns() >= now_ns + 2 * PERIOD_NS
