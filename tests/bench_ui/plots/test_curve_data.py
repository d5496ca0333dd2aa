"""Curve data: the series of the selection, combined into one curve each, on one time axis."""

from __future__ import annotations

import math

import numpy as np
import pytest
from bench_ui.plots import curve_data
from bench_ui.scope import Scope
from hypothesis import given
from hypothesis import strategies as st

from bench_app.engine.sampler import HANDLER_COLUMNS
from bench_app.engine.unit_key import UnitKey
from bench_app.measure.arrays import Floats
from bench_app.measure.latency_measures import HANDLER_MEASURES, LISTENER_MEASURES
from bench_app.measure.loss_causes import LOSS_CAUSES
from bench_app.measure.quantiles import QUANTILES
from tests.bench_ui.plots.series import ROWS, STEP_S, handler_series, listener_series, pub_and_req, unit

NOTHING = float("nan")
ALL = Scope(("pub", "req"))
MEASURES = (*LISTENER_MEASURES, *HANDLER_MEASURES)
SHOWN = ("p50", "p90", "p99", "p99_9")


def constant_rate(curve: Floats) -> float:
    """The value of a rate that does not change. The first sample has no rate."""
    assert len(curve) == ROWS
    assert len(set(curve[1:].tolist())) == 1
    return float(curve[-1])


def test_times_are_those_of_any_handler_in_the_scope() -> None:
    expected = [row * STEP_S for row in range(ROWS)]
    assert curve_data.times(pub_and_req(), ALL).tolist() == expected
    assert curve_data.times(pub_and_req(), Scope(("gone", "req"))).tolist() == expected
    assert curve_data.times(pub_and_req(), Scope(("gone",))).tolist() == []


@pytest.mark.parametrize(
    ("scope", "names"),
    [
        (ALL, ["pub/left", "pub/right", "req/rep-1"]),
        (Scope(("pub",)), ["pub/left", "pub/right"]),
        (Scope(("pub",), "right"), ["pub/right"]),
        (Scope(("pub",), "gone"), []),
        (Scope(("pu",)), []),
        (Scope(), []),
    ],
)
def test_the_listeners_of_a_scope(scope: Scope, names: list[str]) -> None:
    known = pub_and_req()
    assert curve_data.listeners(known, scope) == [known[unit(name)] for name in names]


def test_latency_is_the_worst_listeners() -> None:
    found = curve_data.latency(pub_and_req(), Scope(("pub",)), "service")
    assert tuple(found) == SHOWN
    assert (set(found["p50"]), set(found["p99"])) == ({20.0}, {70.0})
    assert set(curve_data.latency(pub_and_req(), ALL, "service")["p50"]) == {500.0}
    assert set(curve_data.latency(pub_and_req(), Scope(("pub",), "left"), "service")["p50"]) == {10.0}


def test_a_listener_that_measured_nothing_does_not_hide_the_others() -> None:
    known = pub_and_req() | {UnitKey("pub", "silent"): listener_series(service_p50=NOTHING)}
    assert set(curve_data.latency(known, Scope(("pub",)), "service")["p50"]) == {20.0}
    assert np.isnan(curve_data.latency(known, Scope(("pub",), "silent"), "service")["p50"]).all()


@pytest.mark.parametrize("measure", MEASURES)
def test_every_measure_is_in_the_series_of_the_right_units(measure: str) -> None:
    known = {
        unit("pub"): handler_series(**{f"{measure}_p90": 7}),
        unit("pub/left"): listener_series(**{f"{measure}_p90": 7}),
    }
    for scope in (Scope(("pub",)), Scope(("pub",), "left")):
        found = curve_data.latency(known, scope, measure)
        assert tuple(found) == SHOWN
        assert set(found["p90"]) == {7.0}
    assert set(SHOWN) <= set(QUANTILES)


def test_curve_data_is_a_copy_of_the_series() -> None:
    known = pub_and_req()
    before = {name: track.as_bytes() for name, track in known.items()}
    for measure in MEASURES:
        for curve in curve_data.latency(known, Scope(("pub",), "left"), measure).values():
            curve[:] = -1
    for curve in curve_data.queue(known, Scope(("pub",))).values():
        curve[:] = -1
    assert {key: series.as_bytes() for key, series in known.items()} == before


def test_throughput_of_one_handler_of_all_and_of_one_listener() -> None:
    def found(scope: Scope) -> dict[str, float]:
        return {
            name: constant_rate(curve)
            for name, curve in curve_data.throughput(pub_and_req(), scope, in_bytes=False).items()
        }

    assert found(Scope(("pub",))) == {"offered": 200, "accepted": 180, "received": 160}
    assert found(ALL) == {"offered": 220, "accepted": 196, "received": 174}
    assert found(Scope(("pub",), "left")) == {"offered": 200, "accepted": 180, "received": 100}


def test_throughput_in_megabytes() -> None:
    found = curve_data.throughput(pub_and_req(), Scope(("pub",)), in_bytes=True)
    assert {name: constant_rate(curve) for name, curve in found.items()} == {"accepted": 18, "received": 16}
    found = curve_data.throughput(pub_and_req(), Scope(("pub",), "right"), in_bytes=True)
    assert {name: constant_rate(curve) for name, curve in found.items()} == {"accepted": 18, "received": 6}


def test_drops_by_cause_have_a_value_at_every_time() -> None:
    found = curve_data.drops(pub_and_req(), ALL)
    assert set(found) == {cause.key for cause in LOSS_CAUSES}
    assert all(np.isfinite(curve).all() and curve[0] == 0 for curve in found.values())
    lost = {cause: constant_rate(curve) for cause, curve in found.items() if curve.any()}
    assert lost == {"queue_overflow": 20, "request_timeout": 2, "lost": 10}


def test_a_listener_has_losses_on_the_way_only() -> None:
    found = curve_data.drops(pub_and_req(), Scope(("pub",), "left"))
    assert {cause: constant_rate(curve) for cause, curve in found.items()} == {"lost": 4, "before_join": 2}


def test_every_cause_is_in_the_handlers_series() -> None:
    assert {cause.key for cause in LOSS_CAUSES} <= set(HANDLER_COLUMNS)


def test_a_sum_names_the_number_of_its_handlers() -> None:
    assert curve_data.sum_of(pub_and_req(), Scope(("pub", "req"))) == "sum of 2 handlers"
    assert curve_data.sum_of(pub_and_req(), Scope(("pub",))) == curve_data.sum_of({}, Scope(("pub",))) == ""
    many = {unit(f"h{number}"): handler_series() for number in range(1200)}
    assert curve_data.sum_of(many, Scope(everything=True)) == "sum of 1,200 handlers"


def test_the_queues_of_several_handlers_are_added_up() -> None:
    found = curve_data.queue(pub_and_req(), ALL)
    assert {name: set(curve) for name, curve in found.items()} == {"queued": {7.0}, "in_flight": {1.0}}
    # A listener has no queue; the plot shows the queue of its handler.
    assert set(curve_data.queue(pub_and_req(), Scope(("pub",), "left"))["queued"]) == {3.0}


@pytest.mark.parametrize("scope", [Scope(), Scope(("gone",)), Scope(("gone",), "left")])
def test_nothing_to_draw_is_empty_everywhere(scope: Scope) -> None:
    known = pub_and_req()
    found = [curve_data.latency(known, scope, measure) for measure in MEASURES]
    found += [curve_data.throughput(known, scope, in_bytes) for in_bytes in (False, True)]
    found += [curve_data.drops(known, scope), curve_data.queue(known, scope)]
    assert {len(curve) for one in found for curve in one.values()} == {0}


@given(st.lists(st.integers(0, 10**6), min_size=1, max_size=6))
def test_a_scope_has_the_sum_of_its_handlers(rates: list[int]) -> None:
    known = {
        UnitKey(f"h{place}"): handler_series(offered=rate, lost=rate, queued=rate) for place, rate in enumerate(rates)
    }
    scope = Scope(tuple(unit.handler for unit in known))
    assert constant_rate(curve_data.throughput(known, scope, in_bytes=False)["offered"]) == pytest.approx(
        sum(rates) / STEP_S
    )
    assert constant_rate(curve_data.drops(known, scope)["lost"]) == pytest.approx(sum(rates) / STEP_S)
    assert set(curve_data.queue(known, scope)["queued"]) == {float(sum(rates))}


def test_a_listener_belongs_to_its_handler_even_if_names_have_slashes() -> None:
    known = {
        UnitKey("a"): handler_series(offered=1),
        UnitKey("a", "b/c"): listener_series(received=2),
        UnitKey("a/b"): handler_series(offered=3),
        UnitKey("a/b", "c"): listener_series(received=4),
    }
    assert curve_data.handlers(known, Scope(("a/b",))) == {UnitKey("a/b"): known[UnitKey("a/b")]}
    assert curve_data.listeners(known, Scope(("a/b",))) == [known[UnitKey("a/b", "c")]]
    assert curve_data.listeners(known, Scope(("a",), "b/c")) == [known[UnitKey("a", "b/c")]]


def test_a_handler_counts_together_with_its_predecessors() -> None:
    left, again = UnitKey("a").departed(1.0, ()), UnitKey("a")
    known = {
        left: handler_series(),
        left.of_listener("l"): listener_series(),
        again: handler_series(),
        UnitKey("b"): handler_series(),
    }
    assert set(curve_data.handlers(known, Scope(("a",)))) == {left, again}
    assert curve_data.listeners(known, Scope(("a",), "l")) == [known[left.of_listener("l")]]
    assert len(curve_data.handlers(known, Scope(everything=True))) == 3


def test_a_value_between_two_gaps_is_drawn_as_a_line() -> None:
    gap = float("nan")

    def drawn(*values: float) -> list[float]:
        return [None if np.isnan(value) else value for value in curve_data.with_lone_points(np.array(values))]  # type: ignore[misc]

    assert drawn(gap, 5, gap) == [5, 5, None]
    assert drawn(gap, gap, 7) == [None, 7, 7]
    assert drawn(1, gap, 3, 4, gap) == [1, None, 3, 4, None]
    assert drawn(2, gap, 8, gap, 9) == [2, 8, 8, 9, 9]
    assert drawn(1) == [1] and drawn() == []


def test_the_lateness_is_the_newest_of_the_latest_handler() -> None:
    assert math.isnan(curve_data.lateness_ns({}))
    series = {unit("a"): handler_series(lateness_p50=5.0), unit("b"): handler_series(lateness_p50=7.0)}
    series[unit("b/l")] = listener_series()
    assert curve_data.lateness_ns(series) == 7.0
