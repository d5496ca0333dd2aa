"""A sample buffer gives every sample to its recorder."""

from __future__ import annotations

from bench_app.measure.recorder import Recorder
from bench_app.measure.sample_buffer import SampleBuffer


def test_a_sample_buffer_hands_over_every_sample() -> None:
    recorder = Recorder()
    samples = SampleBuffer(recorder, capacity=4)
    for value in range(10):
        samples.append(value)
    samples.flush()
    samples.flush()
    delta = recorder.take()
    assert (delta.count, delta.sum_ns) == (10, 45)
