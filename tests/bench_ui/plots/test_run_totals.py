"""Totals of a finished run: histograms of the scope by measure."""

from __future__ import annotations

from bench_ui.plots.run_totals import merged_histograms, p99_by_measure, run_totals
from bench_ui.scope import Scope

from bench_app.engine.unit_key import HistogramKey
from bench_app.measure.histogram import Histogram
from tests.bench_ui.plots.series import recorded, unit


def of_req() -> dict[HistogramKey, Histogram]:
    return {
        HistogramKey(unit("req"), "lateness"): recorded(5),
        HistogramKey(unit("req"), "round_trip"): recorded(900, 901),
        HistogramKey(unit("req/rep-1"), "service"): recorded(400),
        HistogramKey(unit("req/rep-2"), "service"): recorded(300),
        HistogramKey(unit("req/rep-1"), "response"): recorded(500),
    }


def test_distributions_of_different_measures_are_never_merged() -> None:
    found = merged_histograms(of_req(), Scope(("req",)))
    assert {name: histogram.count for name, histogram in found.items()} == {
        "round_trip": 2,
        "service": 2,
        "response": 1,
    }
    assert found["service"].max_ns == 400
    assert set(merged_histograms(of_req(), Scope(("req",), "rep-2"))) == {"service"}


def test_merging_leaves_the_histograms_as_they_are() -> None:
    histograms = of_req()
    merged_histograms(histograms, Scope(("req",)))
    assert histograms[HistogramKey(unit("req/rep-1"), "service")].count == 1


def test_a_total_is_the_highest_quantile_of_all_listeners() -> None:
    totals = run_totals(of_req(), Scope(("req",)), {"offered": 2.0}, {"lost": 0.5})
    one, other = recorded(400), recorded(300)
    assert totals.latency["service"]["p50"] == max(one.percentile(50.0), other.percentile(50.0))
    assert set(totals.latency["service"]) == {"p50", "p90", "p99", "p99_9"}
    assert set(totals.latency) == {"lateness", "round_trip", "service", "response"}
    assert totals.throughput == {"offered": 2.0} and totals.drops == {"lost": 0.5}


def test_a_listener_has_its_own_totals_and_those_of_its_handler() -> None:
    totals = run_totals(of_req(), Scope(("req",), "rep-2"), {}, {})
    assert totals.latency["service"]["p99"] == recorded(300).percentile(99.0)
    assert set(totals.latency) == {"lateness", "round_trip", "service"}


def test_a_histogram_without_values_has_no_p99() -> None:
    assert p99_by_measure({"service": Histogram(), "response": recorded(500)}) == {
        "response": recorded(500).percentile(99.0)
    }
