"""Message samples are taken at intervals, with long frames cut."""

from __future__ import annotations

from bench_app.measure.message_samples import SAMPLE_BYTES, SAMPLE_INTERVAL_NS, MessageSample, MessageSampler


def test_the_first_message_is_due_at_once_and_the_next_an_interval_later() -> None:
    sampler = MessageSampler()
    assert sampler.due_ns == 0
    sampler.keep([b"a"], 1_000)
    assert sampler.due_ns == 1_000 + SAMPLE_INTERVAL_NS


def test_samples_are_handed_over_once_in_their_order() -> None:
    sampler = MessageSampler()
    sampler.keep([b"topic", b"body"], 1)
    sampler.keep([b"second"], 2)
    assert sampler.take() == (MessageSample(1, 9, (b"topic", b"body")), MessageSample(2, 6, (b"second",)))
    assert sampler.take() == ()


def test_a_long_frame_is_cut_and_the_full_size_is_kept() -> None:
    sampler = MessageSampler()
    sampler.keep([b"t", b"x" * (SAMPLE_BYTES + 1)], 1)
    (sample,) = sampler.take()
    assert sample.size == SAMPLE_BYTES + 2
    assert sample.frames == (b"t", b"x" * SAMPLE_BYTES)
