"""The cache continues the curves of the same series, and begins anew with other ones."""

from __future__ import annotations

from bench_ui.plots.curve_cache import CurveCache

from bench_app.measure.time_series import TimeSeries


def series_of(*counts: float) -> TimeSeries:
    one = TimeSeries(("at_s", "report_s", "count"), ())
    for second, count in enumerate(counts):
        one.append((second, second, count))
    return one


def test_curves_are_continued() -> None:
    cache, series = CurveCache(), series_of(0, 10)
    assert cache.sum([series, series], "count").tolist() == [0, 20]
    series.append((2, 2, 40))
    assert cache.sum([series, series], "count").tolist() == [0, 20, 80]
    assert cache.highest([series], "count").tolist() == [0, 10, 40]
    assert cache.rates([series], "count")[1:].tolist() == [10, 30]


def test_other_series_begin_anew() -> None:
    cache = CurveCache()
    one, other = series_of(1, 2), series_of(5, 6)
    assert cache.sum([one], "count").tolist() == [1, 2]
    assert cache.sum([other], "count").tolist() == [5, 6]
    assert cache.sum([one, other], "count").tolist() == [6, 8]
    assert cache.sum([], "count").tolist() == []
