"""What the plots draw of the tracks: the right ones, folded as the plot promises, on one time axis."""

from __future__ import annotations

import numpy as np
import pytest
from bench_ui.plots import curve_data
from bench_ui.plots.markers import merge_marks
from bench_ui.plots.run_totals import merged_histograms
from bench_ui.scope import Scope
from hypothesis import given
from hypothesis import strategies as st

from bench_app.engine.sampler import GAUGES, HANDLER_COLUMNS, HANDLER_MEASURES, LISTENER_COLUMNS, LISTENER_MEASURES
from bench_app.engine.unit_key import HistogramKey, UnitKey
from bench_app.measure.arrays import Floats
from bench_app.measure.histogram import Histogram
from bench_app.measure.loss_causes import LOSS_CAUSES
from bench_app.measure.recorder import Recorder
from bench_app.measure.time_series import QUANTILES, TimeSeries

ROWS = 5
STEP_S = 0.5
NOTHING = float("nan")
ALL = Scope(("pub", "req"))
SHOWN = ("p50", "p90", "p99", "p99_9")


def a_track(columns: tuple[str, ...], **steps: float) -> TimeSeries:
    """Every counter rises by its step at each sample, gauges and percentiles stay at theirs; 0 where none is given."""
    track = TimeSeries(columns, ())
    constant = {name for name in columns if "." in name or name in GAUGES}
    for row in range(ROWS):
        values = {name: steps.get(name.replace(".", "_"), 0.0) * (1 if name in constant else row) for name in columns}
        values |= {name: row * STEP_S for name in ("at_s", "report_s", "received_s") if name in columns}
        track.append([values[name] for name in columns])
    return track


def a_handler(**steps: float) -> TimeSeries:
    return a_track(HANDLER_COLUMNS, **steps)


def a_listener(**steps: float) -> TimeSeries:
    return a_track(LISTENER_COLUMNS, **steps)


def tracks() -> dict[UnitKey, TimeSeries]:
    named = {
        "pub": a_handler(offered=100, accepted=90, received=80, bytes=9e6, queue_overflow=10, lost=5, queued=3),
        "pub/left": a_listener(received=50, bytes=5e6, lost=2, before_join=1, service_p50=10, service_p99=70),
        "pub/right": a_listener(received=30, bytes=3e6, lost=3, service_p50=20, service_p99=60),
        "req": a_handler(offered=10, accepted=8, received=7, request_timeout=1, queued=4, in_flight=1),
        "req/rep-1": a_listener(received=7, service_p50=500),
    }
    return {unit(title): series for title, series in named.items()}


def unit(title: str) -> UnitKey:
    return UnitKey(*title.split("/"))


def steady(curve: Floats) -> float:
    """The one value of a rate that does not change; its first has none."""
    assert len(curve) == ROWS
    assert len(set(curve[1:].tolist())) == 1
    return float(curve[-1])


@pytest.mark.parametrize(
    ("scope", "words"),
    [
        (Scope(), "0 handlers"),
        (Scope(("pub",)), "pub"),
        (ALL, "2 handlers"),
        (Scope(("pub",), "left"), "pub/left"),
    ],
)
def test_a_scope_in_words(scope: Scope, words: str) -> None:
    assert scope.words == words


def test_times_are_those_of_any_handler_that_is_there() -> None:
    expected = [row * STEP_S for row in range(ROWS)]
    assert curve_data.times(tracks(), ALL).tolist() == expected
    assert curve_data.times(tracks(), Scope(("gone", "req"))).tolist() == expected
    assert curve_data.times(tracks(), Scope(("gone",))).tolist() == []


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
    known = tracks()
    assert curve_data.listeners(known, scope) == [known[unit(name)] for name in names]


def test_latency_is_the_worst_listeners() -> None:
    found = curve_data.latency(tracks(), Scope(("pub",)), "service")
    assert tuple(found) == SHOWN
    assert (set(found["p50"]), set(found["p99"])) == ({20.0}, {70.0})
    assert set(curve_data.latency(tracks(), ALL, "service")["p50"]) == {500.0}
    assert set(curve_data.latency(tracks(), Scope(("pub",), "left"), "service")["p50"]) == {10.0}


def test_a_listener_that_measured_nothing_hides_no_other() -> None:
    known = tracks() | {UnitKey("pub", "silent"): a_listener(service_p50=NOTHING)}
    assert set(curve_data.latency(known, Scope(("pub",)), "service")["p50"]) == {20.0}
    assert np.isnan(curve_data.latency(known, Scope(("pub",), "silent"), "service")["p50"]).all()


@pytest.mark.parametrize("measure", curve_data.MEASURES)
def test_every_measure_is_in_the_tracks_and_of_the_right_units(measure: str) -> None:
    known = {unit("pub"): a_handler(**{f"{measure}_p90": 7}), unit("pub/left"): a_listener(**{f"{measure}_p90": 7})}
    for scope in (Scope(("pub",)), Scope(("pub",), "left")):
        found = curve_data.latency(known, scope, measure)
        assert tuple(found) == SHOWN
        assert set(found["p90"]) == {7.0}
    assert set(SHOWN) <= set(QUANTILES)
    assert set(curve_data.MEASURES) == {*HANDLER_MEASURES, *LISTENER_MEASURES}


def test_drawing_leaves_the_tracks_as_they_are() -> None:
    known = tracks()
    before = {name: track.as_bytes() for name, track in known.items()}
    for measure in curve_data.MEASURES:
        for curve in curve_data.latency(known, Scope(("pub",), "left"), measure).values():
            curve[:] = -1
    for curve in curve_data.queue(known, Scope(("pub",))).values():
        curve[:] = -1
    assert {name: track.as_bytes() for name, track in known.items()} == before


def test_throughput_of_one_of_several_and_of_a_listener() -> None:
    def found(scope: Scope) -> dict[str, float]:
        return {name: steady(curve) for name, curve in curve_data.throughput(tracks(), scope, in_bytes=False).items()}

    assert found(Scope(("pub",))) == {"offered": 200, "accepted": 180, "received": 160}
    assert found(ALL) == {"offered": 220, "accepted": 196, "received": 174}
    assert found(Scope(("pub",), "left")) == {"offered": 200, "accepted": 180, "received": 100}


def test_throughput_in_megabytes() -> None:
    found = curve_data.throughput(tracks(), Scope(("pub",)), in_bytes=True)
    assert {name: steady(curve) for name, curve in found.items()} == {"accepted": 18, "received": 16}
    found = curve_data.throughput(tracks(), Scope(("pub",), "right"), in_bytes=True)
    assert {name: steady(curve) for name, curve in found.items()} == {"accepted": 18, "received": 6}


def test_drops_by_cause_have_a_value_at_every_time() -> None:
    found = curve_data.drops(tracks(), ALL)
    assert set(found) == {cause.key for cause in LOSS_CAUSES}
    assert all(np.isfinite(curve).all() and curve[0] == 0 for curve in found.values())
    lost = {cause: steady(curve) for cause, curve in found.items() if curve.any()}
    assert lost == {"queue_overflow": 20, "request_timeout": 2, "lost": 10}


def test_at_a_listener_only_what_is_lost_on_the_way_to_it() -> None:
    found = curve_data.drops(tracks(), Scope(("pub",), "left"))
    assert {cause: steady(curve) for cause, curve in found.items()} == {"lost": 4, "before_join": 2}


def test_every_cause_is_in_the_handlers_tracks() -> None:
    assert {cause.key for cause in LOSS_CAUSES} <= set(HANDLER_COLUMNS)


def test_queues_are_added_up() -> None:
    found = curve_data.queue(tracks(), ALL)
    assert {name: set(curve) for name, curve in found.items()} == {"queued": {7.0}, "in_flight": {1.0}}
    # A listener has no queue of its own here; it is its handler's that is drawn.
    assert set(curve_data.queue(tracks(), Scope(("pub",), "left"))["queued"]) == {3.0}


@pytest.mark.parametrize("scope", [Scope(), Scope(("gone",)), Scope(("gone",), "left")])
def test_nothing_to_draw_is_empty_everywhere(scope: Scope) -> None:
    known = tracks()
    found = [curve_data.latency(known, scope, measure) for measure in curve_data.MEASURES]
    found += [curve_data.throughput(known, scope, in_bytes) for in_bytes in (False, True)]
    found += [curve_data.drops(known, scope), curve_data.queue(known, scope)]
    assert {len(curve) for one in found for curve in one.values()} == {0}


@given(st.lists(st.integers(0, 10**6), min_size=1, max_size=6))
def test_the_whole_is_the_sum_of_its_parts(rates: list[int]) -> None:
    known = {UnitKey(f"h{place}"): a_handler(offered=rate, lost=rate, queued=rate) for place, rate in enumerate(rates)}
    scope = Scope(tuple(unit.handler for unit in known))
    assert steady(curve_data.throughput(known, scope, in_bytes=False)["offered"]) == pytest.approx(sum(rates) / STEP_S)
    assert steady(curve_data.drops(known, scope)["lost"]) == pytest.approx(sum(rates) / STEP_S)
    assert set(curve_data.queue(known, scope)["queued"]) == {float(sum(rates))}


def test_names_with_slashes_belong_to_their_handler() -> None:
    known = {
        UnitKey("a"): a_handler(offered=1),
        UnitKey("a", "b/c"): a_listener(received=2),
        UnitKey("a/b"): a_handler(offered=3),
        UnitKey("a/b", "c"): a_listener(received=4),
    }
    assert curve_data.handlers(known, Scope(("a/b",))) == {UnitKey("a/b"): known[UnitKey("a/b")]}
    assert curve_data.listeners(known, Scope(("a/b",))) == [known[UnitKey("a/b", "c")]]
    assert curve_data.listeners(known, Scope(("a",), "b/c")) == [known[UnitKey("a", "b/c")]]


def test_a_handler_counts_with_those_of_its_name_that_have_left() -> None:
    left, again = UnitKey("a").departed(1.0, ()), UnitKey("a")
    known = {left: a_handler(), left.of_listener("l"): a_listener(), again: a_handler(), UnitKey("b"): a_handler()}
    assert set(curve_data.handlers(known, Scope(("a",)))) == {left, again}
    assert curve_data.listeners(known, Scope(("a",), "l")) == [known[left.of_listener("l")]]
    assert len(curve_data.handlers(known, Scope(everything=True))) == 3


def test_distributions_of_different_measures_are_never_one() -> None:
    def recorded(*values_ns: int) -> Histogram:
        recorder = Recorder()
        recorder.add(np.array(values_ns))
        histogram = Histogram()
        histogram.merge(recorder.take())
        return histogram

    histograms = {
        HistogramKey(UnitKey("req"), "lateness"): recorded(5),
        HistogramKey(UnitKey("req"), "round_trip"): recorded(900, 901),
        HistogramKey(UnitKey("req", "rep-1"), "service"): recorded(400),
        HistogramKey(UnitKey("req", "rep-2"), "service"): recorded(300),
        HistogramKey(UnitKey("req", "rep-1"), "response"): recorded(500),
    }
    found = merged_histograms(histograms, Scope(("req",)))
    assert {name: histogram.count for name, histogram in found.items()} == {
        "round_trip": 2,
        "service": 2,
        "response": 1,
    }
    assert found["service"].max_ns == 400
    assert set(merged_histograms(histograms, Scope(("req",), "rep-2"))) == {"service"}


def test_marks_in_one_place_are_one_and_tell_what_was_done() -> None:
    marks = [
        (1.0, "HWM 1000 -> 10", True),
        (1.01, "a peer left", False),
        (1.02, "connected", False),
        (2.0, "connected", False),
        (2.04, "a peer left", False),
        (3.0, "delay 1 -> 2", True),
        (3.04, "delay 2 -> 4", True),
    ]
    assert merge_marks(marks, 0.05) == [(1.0, "HWM 1000 -> 10"), (2.0, "a peer left"), (3.0, "delay 2 -> 4")]
    assert merge_marks(marks, 0.0) == [(when, text) for when, text, _ in marks]
    assert merge_marks([], 1.0) == []


def test_a_value_between_two_gaps_is_held_so_that_one_sees_it() -> None:
    gap = float("nan")

    def drawn(*values: float) -> list[float]:
        return [None if np.isnan(value) else value for value in curve_data.with_lone_points(np.array(values))]  # type: ignore[misc]

    assert drawn(gap, 5, gap) == [5, 5, None]
    assert drawn(gap, gap, 7) == [None, 7, 7]
    assert drawn(1, gap, 3, 4, gap) == [1, None, 3, 4, None]
    assert drawn(2, gap, 8, gap, 9) == [2, 8, 8, 9, 9]
    assert drawn(1) == [1] and drawn() == []
