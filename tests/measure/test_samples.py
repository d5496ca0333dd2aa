"""Samples that are not kept."""

from __future__ import annotations

from bench_app.measure.histogram_delta import EMPTY_DELTA
from bench_app.measure.samples import NoSamples


def test_samples_that_are_not_kept_are_none() -> None:
    samples = NoSamples()
    samples.append(5)
    assert samples.take() == EMPTY_DELTA
