"""Values of a finished run as a whole: histograms and counts -> **run totals** -> legends and distribution. No Qt."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bench_app.engine.unit_key import HistogramKey
from bench_app.measure.histogram import Histogram
from bench_app.measure.histogram_delta import PERCENTILES
from bench_app.measure.quantiles import SAMPLED_PERCENTILES
from bench_ui.scope import Scope

HistogramsByKey = Mapping[HistogramKey, Histogram]


@dataclass(frozen=True)
class RunTotals:
    """Values of a finished run, by the names of the curves.

    ``latency`` has the quantiles in ns of each measure; ``throughput`` and ``drops`` have mean rates a second.
    """

    latency: Mapping[str, Mapping[str, float]]
    throughput: Mapping[str, float]
    drops: Mapping[str, float]


@dataclass(frozen=True)
class CurveTotals:
    """A value per curve over a finished run, and over its baseline."""

    values: Mapping[str, float]
    baseline: Mapping[str, float]


def run_totals(
    histograms: HistogramsByKey, scope: Scope, rates: Mapping[str, float], drops: Mapping[str, float]
) -> RunTotals:
    """The totals of a finished run. As in the plot, a latency is the highest of all listeners (or handlers)."""
    latency = {
        measure: {
            name: max(float(one.percentile(PERCENTILES[name])) for one in measured) for name in SAMPLED_PERCENTILES
        }
        for measure, measured in _by_measure(histograms, scope).items()
    }
    return RunTotals(latency, rates, drops)


def merged_histograms(histograms: HistogramsByKey, scope: Scope) -> dict[str, Histogram]:
    """One histogram per measure, of all units in the scope.

    Lateness is left out, because it is not the latency of a message. The round trip belongs to a handler,
    so a single listener has none.
    """
    found: dict[str, Histogram] = {}
    for measure, measured in _by_measure(histograms, scope).items():
        if measure == "lateness" or (measure == "round_trip" and scope.listener):
            continue
        found[measure] = Histogram()
        for one in measured:
            found[measure].merge(one)
    return found


def p99_by_measure(histograms: Mapping[str, Histogram]) -> dict[str, float]:
    """The 99th percentile in ns of each histogram that has values."""
    return {name: float(histogram.percentile(99.0)) for name, histogram in histograms.items() if histogram.count}


def _by_measure(histograms: HistogramsByKey, scope: Scope) -> dict[str, list[Histogram]]:
    """The scope's histograms by measure. The histograms of a handler are in the scope of each of its listeners."""
    found: dict[str, list[Histogram]] = {}
    for key, histogram in histograms.items():
        in_scope = scope.includes_listener(key.unit) if key.unit.listener else scope.includes(key.unit)
        if in_scope and histogram.count:
            found.setdefault(key.measure, []).append(histogram)
    return found
