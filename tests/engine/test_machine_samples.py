"""What the machine kept from the bench between two samples."""

from __future__ import annotations

import math

import pytest

from bench_app.engine.machine_samples import MACHINE_COLUMNS, MachineReadings, machine_series
from bench_app.measure.clock import NS_PER_MS, NS_PER_S
from bench_app.system.machine_usage import MachineUsage


@pytest.fixture
def readings() -> MachineReadings:
    found = MachineReadings(cpus=4)
    found.begin(MachineUsage(pressure_us=1_000_000, steal_ms=500, throttled_us=0), NS_PER_S)
    return found


def test_a_row_has_each_figure_in_percent_of_the_time_since_the_last_reading(readings: MachineReadings) -> None:
    usage = MachineUsage(pressure_us=1_050_000, steal_ms=580, throttled_us=20_000)
    assert readings.row(0.2, usage, NS_PER_S + 200 * NS_PER_MS) == pytest.approx((0.2, 25.0, 10.0, 10.0))
    assert readings.row(0.4, usage, NS_PER_S + 400 * NS_PER_MS) == pytest.approx((0.4, 0.0, 0.0, 0.0))


def test_no_figure_is_more_than_everything_or_less_than_nothing(readings: MachineReadings) -> None:
    usage = MachineUsage(pressure_us=9_000_000, steal_ms=0, throttled_us=9_000_000)
    assert readings.row(0.2, usage, NS_PER_S + 200 * NS_PER_MS) == (0.2, 100.0, 0.0, 100.0)


def test_a_figure_that_the_system_does_not_have_is_not_known(readings: MachineReadings) -> None:
    at_s, *figures = readings.row(0.2, MachineUsage(steal_ms=500), NS_PER_S + 200 * NS_PER_MS)
    assert (at_s, figures[1]) == (0.2, 0.0)
    assert math.isnan(figures[0]) and math.isnan(figures[2])


def test_a_moment_after_a_reading_nothing_is_known_yet(readings: MachineReadings) -> None:
    usage = MachineUsage(pressure_us=1_050_000, steal_ms=500, throttled_us=0)
    assert all(map(math.isnan, readings.row(0.01, usage, NS_PER_S + 10 * NS_PER_MS)[1:]))
    assert readings.row(0.2, usage, NS_PER_S + 200 * NS_PER_MS)[1] == pytest.approx(25.0), "nothing is left out"


def test_the_series_keeps_the_worst_of_two_rows_when_it_merges_them() -> None:
    series = machine_series()
    assert tuple(series.columns) == MACHINE_COLUMNS
    for row in range(3001):
        series.append((row * 0.2, float(row % 2), 0.0, 0.0, math.nan))
    assert len(series) == 1501
    assert set(series.column("pressure_pct")[:1500]) == {1.0}
