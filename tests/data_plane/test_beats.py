"""The compiled loop of the heartbeat notes what the loop in Python notes."""

from __future__ import annotations

import time

from bench_app.engine.worker.heartbeat import PERIOD_NS, Heartbeat
from tests.compiled import compiled

beats = compiled("beats")


def test_it_beats_every_period_and_loses_no_beat() -> None:
    begin_ns = time.perf_counter_ns()
    heart = Heartbeat(begin_ns)
    heart.start(is_compiled=True)
    count = 0
    while count < 40:
        count += heart.take().count
        time.sleep(0.001)
    # Never more beats than periods; each period has its beat, in time or as part of a stall.
    passed = (time.perf_counter_ns() - begin_ns) // PERIOD_NS
    assert count <= passed


def test_a_thread_that_keeps_the_interpreter_to_itself_is_a_stall() -> None:
    heart = Heartbeat(time.perf_counter_ns())
    heart.start(is_compiled=True)
    while not heart.take().count:
        time.sleep(0.001)
    begin_ns = time.perf_counter_ns()
    # One call of a function in C, which does not let go of the interpreter.
    sum(range(3_000_000))
    end_ns = time.perf_counter_ns()
    count = longest_ns = 0
    while count * PERIOD_NS < end_ns - begin_ns + 10 * PERIOD_NS:
        delta = heart.take()
        count += delta.count
        longest_ns = max(longest_ns, delta.max_ns)
        time.sleep(0.001)
    # A beat was due in the first period of the call at the latest, and came after it.
    assert longest_ns >= end_ns - begin_ns - PERIOD_NS
