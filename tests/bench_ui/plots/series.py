"""Time series and histograms with known values, as a run would have made them."""

from __future__ import annotations

import numpy as np

from bench_app.engine.sampler import GAUGES, HANDLER_COLUMNS, LISTENER_COLUMNS
from bench_app.engine.unit_key import UnitKey
from bench_app.measure.histogram import Histogram
from bench_app.measure.recorder import Recorder
from bench_app.measure.time_series import TimeSeries

ROWS = 5
STEP_S = 0.5


def linear_series(columns: tuple[str, ...], **steps: float) -> TimeSeries:
    """Counters rise by their step with each sample; gauges and percentiles are constant. The default step is 0."""
    series = TimeSeries(columns, ())
    constant = {name for name in columns if "." in name or name in GAUGES}
    for row in range(ROWS):
        values = {name: steps.get(name.replace(".", "_"), 0.0) * (1 if name in constant else row) for name in columns}
        values |= {name: row * STEP_S for name in ("at_s", "report_s", "received_s") if name in columns}
        series.append([values[name] for name in columns])
    return series


def handler_series(**steps: float) -> TimeSeries:
    """The series of a handler."""
    return linear_series(HANDLER_COLUMNS, **steps)


def listener_series(**steps: float) -> TimeSeries:
    """The series of a listener."""
    return linear_series(LISTENER_COLUMNS, **steps)


def unit(title: str) -> UnitKey:
    """The key of ``handler`` or ``handler/listener``."""
    return UnitKey(*title.split("/"))


def pub_and_req() -> dict[UnitKey, TimeSeries]:
    """A PUB with two subscribers, and a REQ with one replier."""
    named = {
        "pub": handler_series(offered=100, accepted=90, received=80, bytes=9e6, queue_overflow=10, lost=5, queued=3),
        "pub/left": listener_series(received=50, bytes=5e6, lost=2, before_join=1, service_p50=10, service_p99=70),
        "pub/right": listener_series(received=30, bytes=3e6, lost=3, service_p50=20, service_p99=60),
        "req": handler_series(offered=10, accepted=8, received=7, request_timeout=1, queued=4, in_flight=1),
        "req/rep-1": listener_series(received=7, service_p50=500),
    }
    return {unit(title): series for title, series in named.items()}


def recorded(*values_ns: int) -> Histogram:
    """A histogram of these latencies."""
    recorder = Recorder()
    recorder.add(np.array(values_ns))
    histogram = Histogram()
    histogram.merge(recorder.take())
    return histogram
