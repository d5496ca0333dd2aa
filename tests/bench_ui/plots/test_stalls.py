"""When workers did not run: the worst worker of the selection, gaps between reports, and whole runs."""

from __future__ import annotations

import numpy as np
import pytest
from bench_ui.plots import stalls
from bench_ui.plots.curve_data import SeriesByUnit
from bench_ui.plots.stalls import LateWorker
from bench_ui.scope import Scope

from bench_app.engine.machine_samples import machine_series
from bench_app.measure.time_series import TimeSeries
from tests.bench_ui.plots.series import unit

NOTHING = float("nan")
ALL = Scope(("pub", "push"))


def stall_series(worker: int, *stalls_ns: float) -> TimeSeries:
    """The stalls of a unit in this worker."""
    series = TimeSeries(("at_s", "stall_ns", "worker"), ())
    for row, stall_ns in enumerate(stalls_ns):
        series.append((row * 0.2, stall_ns, worker))
    return series


def two_workers() -> SeriesByUnit:
    """A PUB in worker 1, a PUSH and a listener of each in worker 2."""
    return {
        unit("pub"): stall_series(1, 5, 9, 1),
        unit("pub/left"): stall_series(2, 7, 7, 7),
        unit("push"): stall_series(2, 7, 7, 7),
        unit("push/right"): stall_series(2, 7, 7, 7),
    }


def test_the_lane_shows_the_worst_worker_of_the_selection() -> None:
    assert list(stalls.longest_stall(two_workers(), ALL)) == [7, 9, 7]
    assert list(stalls.longest_stall(two_workers(), Scope(("push",)))) == [7, 7, 7]
    assert list(stalls.longest_stall(two_workers(), Scope(("pub",), "gone"))) == [5, 9, 1], (
        "its handler can make it late"
    )
    assert not len(stalls.longest_stall(two_workers(), Scope()))


def test_the_worst_worker_of_a_moment_with_all_units_in_it() -> None:
    assert stalls.latest_worker(two_workers(), ALL, 1) == LateWorker(1, 9, ("pub",))
    expected = LateWorker(2, 7, ("pub/left", "push", "push/right"))
    assert stalls.latest_worker(two_workers(), Scope(("pub",), "left"), 2) == expected
    assert stalls.latest_worker(two_workers(), ALL, 3) is None, "there is no such row"


def test_a_sample_without_a_report_has_the_stall_of_the_next_report() -> None:
    late = {unit("pub"): stall_series(1, 1, NOTHING, NOTHING, 500, NOTHING)}
    assert list(stalls.longest_stall(late, ALL)[:4]) == [1, 500, 500, 500]
    assert np.isnan(stalls.longest_stall(late, ALL)[4])
    assert stalls.latest_worker(late, ALL, 2) == LateWorker(1, 500, ("pub",))
    assert stalls.latest_worker(late, ALL, 4) is None


def test_a_unit_that_joined_late_had_no_stall_before() -> None:
    joined = {unit("pub"): stall_series(1, *[NOTHING] * 7, 500)}
    assert list(np.isnan(stalls.longest_stall(joined, ALL))) == [True] * 3 + [False] * 5


def test_a_series_without_stalls_is_left_out() -> None:
    former = TimeSeries(("at_s",), ())
    former.append((0.0,))
    assert not len(stalls.longest_stall({unit("pub"): former}, ALL))
    assert stalls.latest_worker({unit("pub"): former}, ALL, 0) is None
    assert list(stalls.longest_stall({unit("pub"): former, unit("push"): stall_series(1, 4)}, ALL)) == [4]


def test_the_machine_has_a_curve_for_each_figure_that_the_system_has() -> None:
    machine = machine_series()
    assert stalls.machine_curves(machine) == {}
    machine.append((0.2, 10.0, NOTHING, 0.0, NOTHING))
    assert {name: list(curve) for name, curve in stalls.machine_curves(machine).items()} == {
        "pressure": [10.0],
        "throttled": [0.0],
    }
    assert stalls.machine_curves(TimeSeries.from_bytes({})) == {}, "a run of a former version"


def test_a_run_has_its_longest_stall_and_the_mean_of_the_machine() -> None:
    curves = {"stall": np.array([1.0, NOTHING, 4.0]), "steal": np.array([1.0, 3.0]), "pressure": np.array([NOTHING])}
    assert stalls.totals(curves) == {"stall": 4.0, "steal": 2.0}
    assert stalls.totals({"window": np.array([1.0, 5.0])}) == {"window": 5.0}


def test_a_stall_explains_a_tail_of_which_it_is_a_tenth_or_more() -> None:
    ms = 1e6
    x = np.array([0.2, 0.4, 0.6, 0.8, 1.0, 1.2])
    stall = np.array([2, 50, 50, 50, NOTHING, 8]) * ms
    tail = np.array([2, 60, 499, 501, 10, NOTHING]) * ms
    assert stalls.explained(x, stall, tail) == [(0.2, 0.6), (1.0, 1.2)]
    late = np.array([0.2, 0.4, 0.6, 9.0, 9.2, 9.4])
    assert stalls.explained(late, np.full(6, 20) * ms, np.full(6, 20) * ms) == [
        (0.2, 0.6),
        (pytest.approx(8.7), pytest.approx(9.4)),
    ], "a gap between two samples is not hatched"
    assert stalls.explained(x[:1], stall[1:2], tail[1:2]) == [(0.2, 0.2)], "the first row begins at an unknown time"
    assert stalls.explained(x, np.empty(0), tail) == [], "a run of a former version"
