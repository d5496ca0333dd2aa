from __future__ import annotations

import msgspec
import numpy as np

from bench_app.engine.events import EventKind, RunEvent
from bench_app.engine.machine_samples import machine_series
from bench_app.engine.result import StallSummary, WorkerResult, WorkerSecondResult
from bench_app.engine.sampler import HANDLER_COLUMNS, LISTENER_COLUMNS
from bench_app.engine.unit_key import UnitKey
from bench_app.measure.time_series import TimeSeries
from bench_app.reports.run_plots import latencies_of, percentile_plot, run_markers, series_plots, worker_plots
from tests.comparison.results import result


def series(columns: tuple[str, ...], rows: int = 10) -> TimeSeries:
    made = TimeSeries(columns, ())
    for number in range(rows):
        made.append([float(number)] * len(columns))
    return made


def test_the_curves_of_the_units_are_over_the_time_of_the_run() -> None:
    units = {UnitKey("h"): series(HANDLER_COLUMNS), UnitKey("h", "l"): series(LISTENER_COLUMNS)}
    plots = series_plots(units, machine_series(), [RunEvent(3, "h", "crashed", True, True)])
    rate = plots[0]
    assert [curve.name for curve in rate.curves] == ["h offered", "h/l received"]
    assert np.nanmax(rate.curves[0].y) == 1
    lost = plots[2].curves[0].y
    assert lost[-1] == 9 * 6
    assert rate.markers[0].is_fault and rate.markers[0].x == 3


def test_changes_faults_steps_and_notes_are_marked() -> None:
    events = [RunEvent(1, "h", "connected"), RunEvent(2, "change", "hwm 1 -> 2", kind=EventKind.CHANGE)]
    assert [marker.label for marker in run_markers(events)] == ["2.0 s, change: hwm 1 -> 2"]


def test_a_result_alone_has_the_seconds_of_its_workers() -> None:
    seconds = [
        WorkerSecondResult(at_s=float(number), cpu_s=0.5, run_wait_s=0.0, stall_max_us=2000.0, busiest=None)
        for number in (1, 2)
    ]
    worker = WorkerResult(
        units=["h"],
        cpu_s=1.0,
        run_wait_s=0.0,
        stall_us=StallSummary(1, 2, 3),
        rss_mb=1.0,
        switches_voluntary=1,
        switches_involuntary=1,
        page_faults=0,
        per_second=seconds,
    )
    stalls, busy = worker_plots(msgspec.structs.replace(result(), workers={"w": worker}))
    assert stalls.curves[0].y.tolist() == [2, 2]
    assert np.isnan(busy.curves[0].y).all()


def test_percentiles_are_in_ms() -> None:
    plot = percentile_plot(result())
    assert list(plot.ticks.values()) == ["p50", "p90", "p99", "p99.9", "p99.99", "max"]
    assert plot.curves[0].name == "pub/sub response" and plot.curves[0].y[0] == 0.2
    assert [name for name, _ in latencies_of(result())] == ["pub/sub response", "pub/sub service", "pub lateness"]
