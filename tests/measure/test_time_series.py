"""A time series stays small and keeps every peak and every count."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench_app.measure.time_series import CAPACITY, TimeSeries, after_stalls, rates, rates_over

COLUMNS = ("at_s", "report_s", "count", "queued")
NOTHING = float("nan")

capacities = st.integers(1, 10).map(lambda half: 2 * half)
increases = st.lists(st.integers(0, 10**9), min_size=1, max_size=200)
gauges = st.lists(st.one_of(st.just(NOTHING), st.floats(0, 1e12)), min_size=1, max_size=200)


def filled(counts: list[int], gauge: list[float], capacity: int = CAPACITY, step_s: float = 0.2) -> TimeSeries:
    series = TimeSeries(COLUMNS, ("queued",), capacity)
    for place, (count, queued) in enumerate(zip(counts, gauge, strict=True)):
        series.append((place * step_s, place * step_s, count, queued))
    return series


def totals(increase: list[int]) -> list[int]:
    return [sum(increase[: place + 1]) for place in range(len(increase))]


def same(left: object, right: object) -> bool:
    return bool(np.array_equal(np.asarray(left), np.asarray(right), equal_nan=True))


@given(increases, capacities)
def test_a_series_never_holds_more_than_its_capacity(increase: list[int], capacity: int) -> None:
    series = TimeSeries(COLUMNS, (), capacity)
    for place, count in enumerate(totals(increase), start=1):
        series.append((place, place, count, 0))
        assert 0 < len(series) <= min(capacity, place)
        assert {len(series.column(name)) for name in COLUMNS} == {len(series)}
    # At least half of the capacity is used; otherwise a long run would look too coarse.
    assert len(series) >= min(len(increase), capacity // 2)


@given(increases, capacities)
def test_the_last_row_is_the_row_appended_last(increase: list[int], capacity: int) -> None:
    series = TimeSeries(COLUMNS, (), capacity)
    for place, count in enumerate(totals(increase)):
        series.append((place, place, count, place + 1))
        last = [series.column(name)[-1] for name in COLUMNS]
        assert last == [place, place, count, place + 1]


@given(increases, capacities)
def test_times_ascend_and_counts_never_fall_after_any_merge(increase: list[int], capacity: int) -> None:
    counts = totals(increase)
    series = filled(counts, [0.0] * len(counts), capacity, step_s=1)
    assert (np.diff(series.column("at_s")) > 0).all()
    # The kept value of a counter is its value at the kept time.
    assert [counts[int(at)] for at in series.column("at_s")] == series.column("count").tolist()


@given(gauges, capacities)
def test_peaks_survive_every_merge(gauge: list[float], capacity: int) -> None:
    series = filled(list(range(len(gauge))), gauge, capacity, step_s=1)
    ends = [int(at) for at in series.column("at_s")]
    begins = [0, *(end + 1 for end in ends[:-1])]
    worst = [np.fmax.reduce(gauge[begin : end + 1]) for begin, end in zip(begins, ends, strict=True)]
    assert same(series.column("queued"), worst)
    assert same(np.fmax.reduce(series.column("queued")), np.fmax.reduce(gauge))


def test_rows_are_merged_in_pairs_and_later_ones_to_the_same_width() -> None:
    series = filled([10, 20, 30, 40, 50, 60, 70], [9, 1, 1, 8, 5, 6, 7], capacity=4, step_s=1)
    assert series.column("at_s").tolist() == [1, 3, 5, 6]
    assert series.column("count").tolist() == [20, 40, 60, 70]
    assert series.column("queued").tolist() == [9, 8, 6, 7]


def test_an_hour_of_samples_fits() -> None:
    series = filled(list(range(18_000)), [0.0] * 18_000)
    assert CAPACITY / 2 <= len(series) <= CAPACITY
    assert series.column("count")[-1] == 17_999
    assert series.nbytes == CAPACITY * len(COLUMNS) * 8


def test_an_empty_series_has_empty_columns() -> None:
    series = TimeSeries(COLUMNS, ())
    assert len(series) == 0
    assert series.column("count").tolist() == series.rate("count").tolist() == []
    assert set(series.as_bytes().values()) == {b""}


@given(gauges, capacities)
def test_a_series_survives_conversion_to_bytes(gauge: list[float], capacity: int) -> None:
    series = filled(list(range(len(gauge))), gauge, capacity)
    kept = series.as_bytes()
    again = TimeSeries.from_bytes(kept)
    assert list(kept) == list(COLUMNS)
    assert {len(data) for data in kept.values()} == {8 * len(series)}
    assert len(again) == len(series)
    assert all(same(again.column(name), series.column(name)) for name in COLUMNS)
    assert same(again.rate("count"), series.rate("count"))
    assert again.as_bytes() == kept


def test_bytes_of_an_empty_series_and_of_columns_that_differ_in_length() -> None:
    assert len(TimeSeries.from_bytes({})) == 0
    assert len(TimeSeries.from_bytes(TimeSeries(COLUMNS, ()).as_bytes())) == 0
    series = TimeSeries.from_bytes({"at_s": np.array([1, 2], "<f8").tobytes()})
    assert (len(series), series.column("at_s").tolist()) == (2, [1, 2])


@given(st.lists(st.integers(-(10**6), 10**6), min_size=1, max_size=100), capacities)
def test_a_rate_is_never_negative_and_as_long_as_the_series(steps: list[int], capacity: int) -> None:
    # "lost" may fall again while events are on the way.
    series = filled(totals(steps), [0.0] * len(steps), capacity)
    rate = series.rate("count")
    assert len(rate) == len(series)
    assert math.isnan(rate[0])
    assert np.isfinite(rate[1:]).all()
    assert (rate[1:] >= 0).all()


@given(st.integers(0, 10**6), st.integers(2, 100), st.floats(0.01, 10), capacities)
def test_the_rate_of_steady_input_is_counts_by_time(each: int, rows: int, step_s: float, capacity: int) -> None:
    series = filled([each * place for place in range(rows)], [0.0] * rows, capacity, step_s)
    assert series.rate("count")[1:] == pytest.approx(each / step_s, rel=1e-6)


@given(increases, st.floats(0.01, 10))
def test_rates_multiplied_by_their_times_give_the_counts(increase: list[int], step_s: float) -> None:
    counts = totals(increase)
    series = filled(counts, [0.0] * len(counts), step_s=step_s)
    gained = series.rate("count")[1:] * np.diff(series.column("report_s"))
    assert gained.sum() == pytest.approx(counts[-1] - counts[0], rel=1e-6, abs=1e-6)


def test_a_sample_without_a_new_report_keeps_the_rate() -> None:
    series = TimeSeries(("report_s", "count"), ())
    for row in [(0.0, 0), (1.0, 100), (1.0, 100), (2.0, 300), (2.0, 300)]:
        series.append(row)
    assert same(series.rate("count"), [NOTHING, 100, 100, 200, 200])


def test_there_is_no_rate_before_two_reports() -> None:
    series = TimeSeries(("report_s", "count"), ())
    for row in [(NOTHING, 0), (NOTHING, 0), (1.0, 50), (1.5, 100)]:
        series.append(row)
    assert same(series.rate("count"), [NOTHING, NOTHING, NOTHING, 100])
    assert same(rates([series], "count"), series.rate("count"))


def test_a_rate_may_use_another_clock() -> None:
    series = filled([0, 10, 20], [0, 0, 0], step_s=0.5)
    assert same(series.rate("count", "at_s"), [NOTHING, 20, 20])


def test_rates_of_several_series_are_added_with_the_clock_of_each() -> None:
    slow, fast = TimeSeries(("report_s", "count"), ()), TimeSeries(("report_s", "count"), ())
    for place in range(4):
        slow.append((place * 2.0, place * 10))
        fast.append((place * 0.5, place * 10))
    assert same(rates([slow, fast], "count"), [NOTHING, 25, 25, 25])
    assert rates([], "count").tolist() == []


def test_a_series_of_odd_capacity_keeps_its_last_row_when_it_is_halved() -> None:
    series = TimeSeries(("at_s", "peak"), ("peak",), capacity=3)
    for row in ((0.0, 1.0), (1.0, 2.0), (2.0, 99.0), (3.0, 3.0)):
        series.append(row)
    assert series.column("peak").max() == 99.0
    assert series.column("at_s")[-1] == 3.0


def test_a_unit_that_never_reports_adds_nothing_to_the_sum() -> None:
    speaking, silent = (TimeSeries(("report_s", "n"), ()) for _ in range(2))
    for second in range(4):
        speaking.append((float(second), 10.0 * second))
        silent.append((float("nan"), 0.0))
    assert rates([speaking, silent], "n")[1:].tolist() == [10.0, 10.0, 10.0]


@given(before=st.integers(1, 60), after=st.integers(0, 60), capacity=st.integers(2, 16))
def test_a_series_that_begins_beside_another_merges_with_it(before: int, after: int, capacity: int) -> None:
    first = TimeSeries(("at_s", "count"), (), capacity)
    for row in range(before):
        first.append((row * 0.2, row))
    second = TimeSeries(("at_s", "count", "p99"), ("p99",))
    second.align_with(first, ("at_s", "not there"), ("p99",))
    for row in range(before, before + after):
        first.append((row * 0.2, row))
        second.append((row * 0.2, 7.0, 5.0))
    assert second.column("at_s").tolist() == first.column("at_s").tolist()
    earlier = second.column("at_s") < before * 0.2
    assert not second.column("count")[earlier].any() and np.isnan(second.column("p99")[earlier]).all()
    assert (second.column("count")[~earlier] == 7.0).all() and (second.column("p99")[~earlier] == 5.0).all()


@given(increases, st.floats(0.05, 3.0))
def test_every_burst_is_in_the_rate_over_a_span(increase: list[int], span_s: float) -> None:
    counts = totals(increase)
    series = filled(counts, [0.0] * len(counts))
    rate = rates_over([series], "count", span_s)
    assert len(rate) == len(series) and math.isnan(rate[0])
    at_s = series.column("at_s")
    for place in range(1, len(rate)):
        inside = [earlier for earlier in range(place) if at_s[earlier] >= at_s[place] - span_s * 1.01]
        first = inside[0] if inside else place - 1
        expected = (counts[place] - counts[first]) / (at_s[place] - at_s[first])
        assert rate[place] == pytest.approx(expected)


def test_one_burst_a_second_is_a_steady_rate_over_a_second() -> None:
    increase = [1000 if place % 5 == 0 else 0 for place in range(50)]
    series = filled(totals(increase), [0.0] * 50)
    assert rates([series], "count", "at_s")[5] == pytest.approx(5000)
    assert rates_over([series, series], "count", 1.0)[5:] == pytest.approx(2000)


def test_a_row_with_old_counts_makes_no_peak_of_the_next_one() -> None:
    """Rows came every 0.2 s, then none for 2 s, then one with the counts from before, and one with all new counts."""
    series = TimeSeries(COLUMNS, ("queued",))
    for place in range(20):
        series.append((place * 0.2, place * 0.2, 100 * place, 0.0))
    series.append((6.0, 3.8, 1900, 0.0))
    series.append((6.2, 6.2, 3100, 0.0))
    assert rates_over([series], "count", 1.0)[10:] == pytest.approx(500, rel=0.02)


def test_counts_that_arrive_late_after_a_stall_make_no_peak() -> None:
    """The first row after a stall has the new report of one worker and the old counts of another.

    The loss is a steady 500 a second, and a later row has all of it.
    """
    series = TimeSeries(COLUMNS, ("queued",))
    for place in range(20):
        series.append((place * 0.2, place * 0.2, 100 * place, 0.0))
    series.append((6.0, 5.9, 1900, 0.0))
    for place in range(1, 8):
        series.append((6.0 + place * 0.2, 5.9 + place * 0.2, 1900 + 1050 + 100 * place, 0.0))
    rate = rates_over([series], "count", 1.0)
    assert rate[1:].max() == pytest.approx(500, rel=0.05)
    assert rate[21:] == pytest.approx(500, rel=0.05)


def test_losses_on_the_way_are_counted_by_the_clock_of_the_reports_that_reveal_them() -> None:
    series = TimeSeries(("at_s", "report_s", "received_s", "lost"), ())
    for place in range(20):
        # The reports of the listeners came at half the pace.
        series.append((place * 0.2, place * 0.2, place * 0.1, 100 * place))
    assert rates_over([series], "lost", 1.0, "received_s")[10:] == pytest.approx(1000, rel=0.02)
    assert rates_over([series], "lost", 1.0)[10:] == pytest.approx(500, rel=0.02)


def test_rows_after_a_stall() -> None:
    regular = np.arange(10) * 0.2
    assert not after_stalls(regular, 0.1).any() and not after_stalls(regular[:1], 0.1).any()
    late = np.append(regular, [2.4, 5.0, 5.2])
    assert np.flatnonzero(after_stalls(late, 0.1)).tolist() == [10, 11]
    assert np.flatnonzero(after_stalls(late, 1.0)).tolist() == [11]
