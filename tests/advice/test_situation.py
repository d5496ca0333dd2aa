"""What the rules derive from the settings of a handler and its listeners."""

from __future__ import annotations

import math

import pytest

from bench_app.model import ConstantLoad, MaxLoad
from tests.advice.situations import PUB, handler, listener


def test_a_delay_limits_the_pace() -> None:
    slow = listener(spec={"delay_ms": 1, "delay_jitter_ms": 2})
    assert (slow.pause_ms, slow.fastest, slow.pace) == (2, 500, 500)
    assert listener(spec={"delay_ms": 2}, rate=470.0).pace == 470
    assert listener().pace == math.inf


@pytest.mark.parametrize("rate", [0.0, 100.0, 501.0])
def test_a_measured_pace_that_does_not_fit_the_settings_does_not_count(rate: float) -> None:
    assert listener(spec={"delay_ms": 2}, rate=rate).pace == 500


def test_a_load_without_a_rate_has_the_measured_one() -> None:
    assert handler(load=MaxLoad(), offered_rate=300.0).rate == pytest.approx(300)
    assert handler(load=ConstantLoad(rate=20)).rate == pytest.approx(20)


def test_settings_have_paths_of_the_preset() -> None:
    assert listener().setting("delay_ms") == "bench.listeners.h[0].delay_ms"
    assert handler().config_setting("linger") == "output.handlers.h.config.linger"
    assert handler().bench_setting("paired") == "bench.handlers.h.paired"


def test_losses_are_added_up() -> None:
    counts = {"queue_overflow": 1, "send_timeout": 20, "aborted": 3, "request_timeout": 4}
    lossy = handler(counts=counts, lost=5)
    assert (lossy.lost_at_socket, lossy.lost_in_all, lossy.main_cause) == (21, 33, "send_timeout")
    assert (lossy.left_at_end, lossy.lost_in_queue, lossy.queue_cause) == (3, 24, "send_timeout")
    assert handler(counts={"aborted": 9, "queue_overflow": 1}).queue_cause == "aborted"
    assert handler(counts={"aborted": 9}, gave_up=True).lost_in_queue == 0


def test_only_a_pub_drops_when_full() -> None:
    assert handler(config=PUB).drops_when_full
    assert not handler(config=PUB, bench={"no_drop": True}).drops_when_full
    assert not handler().drops_when_full
