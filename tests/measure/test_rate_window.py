"""Rates, totals and latencies over a sliding window of reports."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench_app.measure.clock import NS_PER_MS, NS_PER_S
from bench_app.measure.histogram_delta import HistogramDelta
from bench_app.measure.rate_window import RateWindow
from bench_app.measure.recorder import Recorder


def delta_of(*values: int) -> HistogramDelta:
    recorder = Recorder()
    recorder.add(np.array(values, np.int64))
    return recorder.take()


def test_without_two_reports_there_is_no_rate() -> None:
    window = RateWindow()
    assert (window.rates(), window.totals_at(5)) == ((), ())
    window.add(NS_PER_S, (10, 20))
    assert window.rates() == ()
    assert window.totals_at(5) == window.totals_at(9 * NS_PER_S) == (10.0, 20.0)
    window.add(2 * NS_PER_S, (15, 20))
    assert window.rates() == (5.0, 0.0)
    assert window.rates(since_ns=2 * NS_PER_S) == ()


@given(st.lists(st.integers(0, 1000), min_size=12, max_size=60))
def test_a_rate_is_that_of_the_last_second(increases: list[int]) -> None:
    window, total, totals = RateWindow(), 0, []
    for number, increase in enumerate(increases):
        total += increase
        totals.append(total)
        window.add(number * 100 * NS_PER_MS, (total, 2 * total))
    gained = totals[-1] - totals[-11]
    assert window.rates() == (gained, 2 * gained)


def test_after_a_pause_the_rate_is_that_of_the_pause() -> None:
    window = RateWindow()
    for at_s, total in [(0, 0), (1, 1000), (5, 1400)]:
        window.add(at_s * NS_PER_S, (total,))
    assert window.rates() == (100.0,)


def test_two_reports_at_the_same_time_do_not_divide_by_zero() -> None:
    window = RateWindow()
    window.add(5, (0,))
    window.add(5, (3,))
    assert window.rates() == (3e9,)
    assert window.totals_at(5) == (3.0,)


@pytest.mark.parametrize(("at_ms", "total"), [(0, 100), (100, 100), (150, 200), (175, 250), (200, 300), (900, 300)])
def test_a_total_between_two_reports_is_interpolated(at_ms: int, total: float) -> None:
    window = RateWindow()
    window.add(100 * NS_PER_MS, (100,))
    window.add(200 * NS_PER_MS, (300,))
    assert window.totals_at(at_ms * NS_PER_MS) == (total,)


def test_totals_of_the_last_report_before_a_time() -> None:
    window = RateWindow()
    assert window.totals_before(5) == ()
    window.add(100, (1,))
    window.add(200, (3,))
    assert [window.totals_before(at_ns) for at_ns in (99, 100, 199, 200)] == [(), (1,), (1,), (3,)]


def test_latencies_leave_with_the_window() -> None:
    window = RateWindow()
    window.add(0, (0,), delta_of(1))
    window.add(NS_PER_S // 2, (0,), delta_of(2, 3))
    window.add(NS_PER_S, (0,))
    assert (window.latency().count, window.latency().max_ns) == (2, 3)
    window.add(3 * NS_PER_S // 2, (0,), delta_of(4))
    assert (window.latency().count, window.latency().max_ns) == (1, 4)
