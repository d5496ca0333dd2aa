"""The latencies of a report go over the wire; percentiles have labels."""

from __future__ import annotations

import msgspec

from bench_app.measure.histogram_delta import PERCENTILES, HistogramDelta, percentile_label
from bench_app.measure.recorder import Recorder
from tests.measure.latencies import nanoseconds


def test_a_delta_survives_the_wire() -> None:
    recorder = Recorder()
    recorder.add(nanoseconds([3, 3, 12_345_678, -1]))
    delta = recorder.take()
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(delta), type=HistogramDelta) == delta


def test_the_label_of_a_percentile_has_a_point() -> None:
    assert [percentile_label(name) for name in PERCENTILES] == ["p50", "p90", "p99", "p99.9", "p99.99"]
