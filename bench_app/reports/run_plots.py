"""The plots of a run: time series, events -> **plots** over the time of the run. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from bench_app.engine.events import EventKind, RunEvent
from bench_app.engine.result import LatencySummary, RunResult
from bench_app.engine.sampler import STALL
from bench_app.engine.unit_key import UnitKey
from bench_app.measure.arrays import Floats
from bench_app.measure.clock import NS_PER_MS
from bench_app.measure.histogram_delta import PERCENTILES, percentile_label
from bench_app.measure.time_series import TimeSeries
from bench_app.reports.plot import Curve, Marker, Plot

_TIME = "s of the run"
_MARKED = (EventKind.CHANGE, EventKind.FAULT, EventKind.STEP, EventKind.NOTE)
LOSS_COLUMNS = ("queue_overflow", "send_timeout", "aborted", "request_timeout", "lost", "before_join")
_MOST_MARKERS = 200


def series_plots(series: Mapping[UnitKey, TimeSeries], machine: TimeSeries, events: Sequence[RunEvent]) -> list[Plot]:
    """Rates, latencies and losses of the units, and what the machine did, each with the events of the run."""
    marks = run_markers(events)
    handlers = {key: one for key, one in series.items() if not key.listener and len(one)}
    listeners = {key: one for key, one in series.items() if key.listener and len(one)}
    rates = [_curve(f"{key.title} offered", one, one.rate("offered")) for key, one in handlers.items()]
    rates += [_curve(f"{key.title} received", one, one.rate("received")) for key, one in listeners.items()]
    latencies = [
        _curve(key.title, one, one.column(column) / NS_PER_MS)
        for units, column in ((listeners, "response.p99"), (handlers, "round_trip.p99"))
        for key, one in units.items()
        if column in one.columns
    ]
    losses = [_curve(key.title, one, _lost(one)) for key, one in handlers.items()]
    stalls = [_curve(key.title, one, one.column(STALL) / NS_PER_MS) for key, one in {**handlers, **listeners}.items()]
    return [
        Plot("Rate, events/s", _TIME, rates, marks),
        Plot("Latency, p99 of response and round trip, ms", _TIME, latencies, marks),
        Plot("Lost events so far, by all causes", _TIME, losses, marks),
        Plot("Stalls of the bench's own workers, ms", _TIME, stalls, marks),
        Plot("What the machine kept from the bench, %", _TIME, list(_machine_curves(machine)), marks),
    ]


def run_markers(events: Sequence[RunEvent]) -> list[Marker]:
    """Changes, faults, steps and notes as markers."""
    marked = [event for event in events if event.marker or event.is_error or event.kind in _MARKED]
    return [
        Marker(event.at_s, f"{event.at_s:.1f} s, {event.source}: {event.message}", event.is_error)
        for event in marked[:_MOST_MARKERS]
    ]


def worker_plots(result: RunResult) -> list[Plot]:
    """How well the workers ran, second by second: the only curves that a result file has."""
    stalls, busy = [], []
    for name, worker in result.workers.items():
        at_s = np.array([second.at_s for second in worker.per_second])
        title = ", ".join(worker.units) or name
        if len(at_s):
            stalls.append(Curve(title, at_s, np.array([second.stall_max_us / 1000 for second in worker.per_second])))
            shares = [float("nan") if second.busiest is None else 100 * second.busiest for second in worker.per_second]
            busy.append(Curve(title, at_s, np.array(shares)))
    return [
        Plot("Longest stall of each worker, ms", _TIME, stalls),
        Plot("Busiest thread of each worker, %", _TIME, busy),
    ]


def percentile_plot(result: RunResult) -> Plot:
    """The percentiles of each latency of a run."""
    labels = [percentile_label(name) for name in PERCENTILES] + ["max"]
    x = np.arange(float(len(labels)))
    curves = [Curve(name, x, _percentiles(latency)) for name, latency in latencies_of(result) if latency.count]
    return Plot("Percentiles, ms", "percentile", curves, ticks=dict(zip(x.tolist(), labels, strict=True)))


def latencies_of(result: RunResult) -> Iterator[tuple[str, LatencySummary]]:
    """Every latency of a run with its name, such as ``handler/listener response``."""
    for name, handler in result.handlers.items():
        if handler.round_trip_us is not None:
            yield f"{name} round trip", handler.round_trip_us
        for listener, row in handler.listeners.items():
            yield f"{name}/{listener} response", row.response_us
            yield f"{name}/{listener} service", row.service_us
        yield f"{name} lateness", handler.lateness_us


def _percentiles(latency: LatencySummary) -> Floats:
    return np.array([getattr(latency, name) / 1000 for name in (*PERCENTILES, "max")])


def _curve(name: str, series: TimeSeries, values: Floats) -> Curve:
    return Curve(name, series.column("at_s").copy(), np.array(values))


def _lost(series: TimeSeries) -> Floats:
    lost: Floats = np.sum([series.column(name) for name in LOSS_COLUMNS if name in series.columns], axis=0)
    return lost


def _machine_curves(machine: TimeSeries) -> Iterator[Curve]:
    names = {"pressure_pct": "waiting for a processor", "steal_pct": "stolen", "throttled_pct": "throttled"}
    for column, name in names.items():
        if len(machine):
            yield _curve(name, machine, machine.column(column))
