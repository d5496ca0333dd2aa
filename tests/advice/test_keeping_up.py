"""Settings that must change, and those that are enough already."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bench_app.advice.keeping_up import (
    LEAST_BUFFER,
    SPARE,
    fits_in_memory,
    larger_buffers,
    larger_mark,
    larger_queue,
    longer_linger,
    longer_send_timeout,
    shorter_delay,
)
from tests.advice.situations import PUB, REQ, handler, listener

CONFIG = "output.handlers.h.config."
DELAY, JITTER = "bench.listeners.h[0].delay_ms", "bench.listeners.h[0].delay_jitter_ms"


@given(
    rate=st.floats(50, 20_000),
    delay_ms=st.just(0) | st.floats(0.001, 100),
    jitter_ms=st.just(0) | st.floats(0.001, 50),
    overhead_ms=st.floats(0, 0.05),
)
def test_a_delay_is_short_enough_and_never_0(
    rate: float, delay_ms: float, jitter_ms: float, overhead_ms: float
) -> None:
    pause_ms = delay_ms + jitter_ms / 2
    assume(pause_ms > 1000 / rate)
    spec = {"delay_ms": delay_ms, "delay_jitter_ms": jitter_ms}
    found = shorter_delay(listener(spec=spec, rate=1000 / (pause_ms + overhead_ms)), rate)
    left_ms = float(found.get(DELAY, 0)) + float(found.get(JITTER, 0)) / 2
    assert all(found.values())
    assert set(found) in (set(), {path for path, value in ((DELAY, delay_ms), (JITTER, jitter_ms)) if value})
    assert left_ms + overhead_ms <= max(overhead_ms, SPARE * 1000 / rate * (1 + 1e-9))
    assert found or SPARE * 1000 / rate < 0.1 + overhead_ms + 0.011


def test_a_delay_that_cannot_be_set_or_is_short_enough_is_not_proposed() -> None:
    assert shorter_delay(listener(spec={"delay_ms": 5}, path=None), 1000) == {}
    assert shorter_delay(listener(), 1000) == {}
    assert shorter_delay(listener(spec={"delay_ms": 0.1}), 1000) == {}


def test_only_what_is_not_enough_changes() -> None:
    push = handler(config={"high_water_mark": 10, "queue_size": 20, "send_timeout": 30, "linger": 40})
    assert larger_mark(push, 11) == {f"{CONFIG}high_water_mark": 11}
    assert larger_queue(push, 21) == {f"{CONFIG}queue_size": 21}
    assert longer_send_timeout(push, 31) == {f"{CONFIG}send_timeout": 31}
    assert longer_linger(push, waiting=60, taken=1000) == {f"{CONFIG}linger": 90}
    assert larger_mark(push, 10) == larger_queue(push, 20) == longer_send_timeout(push, 30) == {}
    assert longer_linger(push, waiting=20, taken=1000) == {}


def test_what_has_no_limit_stays_so() -> None:
    endless = handler(config={"high_water_mark": 0, "send_timeout": -1, "linger": -1})
    assert larger_mark(endless, 9999) == longer_send_timeout(endless, 9999) == longer_linger(endless, 9999, 1) == {}
    assert longer_send_timeout(handler(config=REQ), 9999) == {}


def test_a_receive_buffer_below_two_segments_is_too_small_over_tcp() -> None:
    small, large = (listener(spec={"receive_buffer": size}) for size in (16_384, LEAST_BUFFER))
    tcp = handler(endpoint="tcp://127.0.0.1:5555")
    assert larger_buffers(tcp, [small]) == {"bench.listeners.h[0].receive_buffer": LEAST_BUFFER}
    assert larger_buffers(tcp, [large, listener()]) == {}
    assert larger_buffers(handler(endpoint="ipc:///tmp/h"), [small]) == {}
    assert larger_buffers(tcp, [listener(spec={"receive_buffer": 1}, path=None)]) == {}


@pytest.mark.parametrize(("mark", "too"), [(500, {}), (1500, {f"{CONFIG}high_water_mark": 1500})])
def test_a_mark_that_is_set_too_late_counts_as_that_of_libzmq(mark: int, too: dict[str, int]) -> None:
    late = handler(config={**PUB, "high_water_mark": 1200}, bench={"high_water_mark_set": "after"})
    before = {"bench.handlers.h.high_water_mark_set": "before"}
    assert larger_mark(late, mark) == ({} if mark <= 1000 else {**too, **before})
    assert larger_mark(late, 1100) == before


def test_a_gibibyte_and_the_largest_mark_are_the_limits() -> None:
    large = handler(message_bytes=1024.0)
    assert fits_in_memory(large, 2**20) and not fits_in_memory(large, 2**20 + 1)
    assert not fits_in_memory(handler(), 2.0**31)
