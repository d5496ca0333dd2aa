"""The table of a spread: each percentile in 80 columns, and a mark at each figure that is doubtful."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from bench_app.cli.spread_table import print_spread
from bench_app.engine.spread import QUANTITIES, Spread
from tests.cli.results import LONG


def figures(median: float, greatest: float, *, unit: str = "h/sub", measure: str = "service_us") -> list[Spread]:
    return [
        Spread(
            unit=unit,
            measure=measure,
            quantity=quantity,
            runs=3,
            min=1000,
            median=median,
            max=greatest,
            is_doubtful=greatest - 1000 > median,
        )
        for quantity in QUANTITIES
    ]


def shown(spread: list[Spread], width: int = 80, runs: int = 3) -> list[str]:
    out = io.StringIO()
    print_spread(Console(file=out, width=width), spread, runs)
    return [line.rstrip() for line in out.getvalue().splitlines() if line.strip()]


def test_a_latency_has_a_row_for_least_median_and_greatest() -> None:
    title, heading, _, unit, least, middle, greatest = shown(figures(2000, 2500))
    assert title.strip() == "Spread of 3 runs"
    assert heading.split()[-6:] == ["p50", "p90", "p99", "p99.9", "p99.99", "max"]
    assert unit.strip() == "h/sub"
    assert least.split() == ["service,", "min", *["1.0", "ms"] * 6]
    assert middle.split() == ["service,", "median", *["2.0", "ms"] * 6]
    assert greatest.split() == ["service,", "max", *["2.5", "ms"] * 6]


def test_a_doubtful_figure_is_marked_and_the_mark_explained() -> None:
    lines = shown(figures(3000, 9000))
    (middle,) = [line for line in lines if "median " in line]
    assert middle.split()[2:4] == ["~3.0", "ms"]
    assert "~: the runs differ by more than this figure" in lines[-1]
    assert sum(line.count("~") for line in lines) == 7, "six medians and the caption"
    assert "~" not in "".join(shown(figures(2000, 2500)))


@pytest.mark.parametrize("width", [80, 120])
def test_every_percentile_of_the_longest_figures_fits(width: int) -> None:
    spread = figures(499_900, 999_900, unit=LONG, measure="round_trip_us")
    lines = shown(spread, width)
    assert max(map(len, lines)) <= width
    assert sum(line.count("~499.9 ms") for line in lines) == 6
    assert sum(line.count(" 999.9 ms") for line in lines) == 6


def test_a_narrow_terminal_has_fewer_percentiles_and_no_cut_figure() -> None:
    lines = shown(figures(499_900, 999_900), 60)
    assert max(map(len, lines)) <= 60
    assert lines[1].split()[-4:] == ["p50", "p99", "p99.99", "max"]
    assert sum(line.count("~499.9 ms") for line in lines) == 4


def test_a_latency_that_only_some_runs_measured_is_named() -> None:
    lines = shown([*figures(2000, 2500), *figures(2000, 2500, unit="h", measure="round_trip_us")], runs=4)
    assert lines[-2:] == ["h/sub: service was measured in 3 of 4 runs", "h: round trip was measured in 3 of 4 runs"]
    assert "was measured in" not in "".join(shown(figures(2000, 2500), runs=3))


def test_without_figures_there_is_no_table() -> None:
    assert shown([]) == []
