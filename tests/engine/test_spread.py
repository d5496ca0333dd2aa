"""The spread of repeated runs: least, median and greatest value of each figure, and which figures are doubtful."""

from __future__ import annotations

import msgspec
import pytest

from bench_app.engine.result import LatencySummary, RunResult
from bench_app.engine.spread import QUANTITIES, Spread, spread_of
from tests.cli.results import handler, listener, result

NOTHING = LatencySummary(0, 0, 0, 0, 0, 0, 0, 0)


def latency(p99: float) -> LatencySummary:
    return LatencySummary(100, 1.0, 10.0, 20.0, p99, p99 + 1, p99 + 2, p99 + 3)


def run_with(p99: float | None) -> RunResult:
    """A run whose only listener has this p99 of its service; None: without samples."""
    service = NOTHING if p99 is None else latency(p99)
    one = msgspec.structs.replace(listener(), service_us=service)
    return result(handler({"sub": one}))


def service(spread: list[Spread], quantity: str = "p99") -> Spread:
    (found,) = [one for one in spread if one.measure == "service_us" and one.quantity == quantity]
    return found


def test_each_figure_of_each_latency_has_its_spread() -> None:
    spread = spread_of([run_with(100), run_with(300), run_with(200)])
    name = next(iter(run_with(1).handlers))
    assert [(one.unit, one.measure, one.quantity) for one in spread] == [
        (unit, measure, quantity)
        for unit, measure in [(name, "lateness_us"), (f"{name}/sub", "service_us"), (f"{name}/sub", "response_us")]
        for quantity in QUANTITIES
    ]
    assert service(spread) == Spread(
        unit=f"{name}/sub",
        measure="service_us",
        quantity="p99",
        runs=3,
        min=100,
        median=200,
        max=300,
        is_doubtful=False,
    )
    assert service(spread, "p99_99").median == 202


@pytest.mark.parametrize(
    ("values", "is_doubtful"),
    [
        ([2000, 3000, 9000], True),
        ([100, 300, 200], False),
        ([100, 200, 301], True),
        ([100, 300], False),
        ([100, 301], True),
        ([5], False),
        ([0, 0], False),
        ([0, 0, 1], True),
    ],
)
def test_a_figure_is_doubtful_if_its_spread_is_larger_than_its_median(values: list[float], is_doubtful: bool) -> None:
    assert service(spread_of([run_with(value) for value in values])).is_doubtful is is_doubtful


def test_a_run_without_samples_does_not_count() -> None:
    spread = service(spread_of([run_with(100), run_with(None), run_with(120)]))
    assert (spread.runs, spread.min, spread.median, spread.max) == (2, 100, 110, 120)


def test_a_latency_that_no_run_measured_has_no_spread() -> None:
    measures = {one.measure for one in spread_of([run_with(None), run_with(None)])}
    assert measures == {"lateness_us", "response_us"}
    assert spread_of([]) == []


def test_a_round_trip_has_a_spread() -> None:
    one = msgspec.structs.replace(handler({}), round_trip_us=latency(50))
    spread = spread_of([result(one), result(one)])
    assert {entry.measure for entry in spread} == {"lateness_us", "round_trip_us"}


def test_names_with_slashes_are_not_mixed_up() -> None:
    """Listener ``b/c`` of handler ``a`` and listener ``c`` of handler ``a/b`` have the same title."""
    first = handler({"b/c": msgspec.structs.replace(listener(), service_us=latency(1000))})
    second = handler({"c": msgspec.structs.replace(listener(), service_us=latency(2000))})
    run = msgspec.structs.replace(result(), handlers={"a": first, "a/b": second})
    found = [one for one in spread_of([run]) if (one.measure, one.quantity) == ("service_us", "p99")]
    assert [(one.unit, one.median) for one in found] == [("a/b/c", 1000), ("a/b/c", 2000)]
