"""Latency by percentile: the points of the curve and what the legend says."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from bench_ui.plots.distribution import DistributionPlot, by_percentile
from hypothesis import given
from hypothesis import strategies as st
from pytestqt.qtbot import QtBot

from bench_app.measure.histogram import Histogram
from tests.bench_ui.plots.series import recorded


@pytest.fixture
def plot(qtbot: QtBot) -> DistributionPlot:
    found = DistributionPlot()
    qtbot.addWidget(found)
    return found


@given(st.lists(st.integers(1_000, 10**10), min_size=1, max_size=200))
def test_a_distribution_rises_up_to_the_maximum(values_ns: list[int]) -> None:
    nines, values = by_percentile(recorded(*values_ns))
    assert (np.diff(nines) >= 0).all() and (np.diff(values) >= 0).all()
    assert values[-1] == max(values_ns)
    assert nines[-1] == pytest.approx(np.log10(len(values_ns)))


def test_nothing_recorded_is_no_point() -> None:
    assert [len(part) for part in by_percentile(None)] == [0, 0]
    assert [len(part) for part in by_percentile(Histogram())] == [0, 0]


def test_the_range_covers_run_and_baseline(plot: DistributionPlot) -> None:
    plot.update_from({"service": recorded(*[100_000] * 1000)}, {"service": recorded(5_000_000)})
    (left, right), (low, high) = plot.view.viewRange()
    assert left == 0 and right == pytest.approx(3)
    assert low < np.log10(100_000) and high > np.log10(5_000_000)


def test_without_values_the_range_stays(plot: DistributionPlot) -> None:
    before = plot.view.viewRange()
    plot.update_from({}, {})
    assert plot.view.viewRange() == before


def test_the_legend_has_the_p99_and_the_round_trip_for_requests_only(plot: DistributionPlot) -> None:
    plot.update_from({"service": recorded(2_000)}, {"service": recorded(4_000)})
    entry = plot.legend.entries["service"]
    assert (entry.value, entry.baseline) == ("2.00 µs", "4.00 µs")
    assert plot.legend.entries["round_trip"].isHidden()
    plot.update_from({"round_trip": recorded(2_000)}, {})
    assert not plot.legend.entries["round_trip"].isHidden()


def test_csv_has_percentiles_and_ns_of_the_run_and_of_the_baseline(plot: DistributionPlot, tmp_path: Path) -> None:
    plot.update_from({"service": recorded(1_000, 2_000)}, {"service": recorded(5_000)})
    plot.csv()(tmp_path / "a.csv")
    head, *rows = (tmp_path / "a.csv").read_text().splitlines()
    assert head == "percentile,service_ns,baseline_service_ns"
    assert rows == ["0,,5000", "50,2000,"]
