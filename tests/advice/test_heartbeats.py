"""Heartbeats that disconnect a consumer that is alive."""

from __future__ import annotations

from typing import Any

import pytest

from bench_app.advice.advice import Rule
from bench_app.advice.heartbeats import heartbeats
from bench_app.advice.situation import HandlerSituation
from tests.advice.situations import PUB, REQ, handler, listener

BENCH = {"heartbeat_interval": 400, "heartbeat_timeout": 300}


def pinging(
    config: dict[str, Any] | None = None, bench: dict[str, Any] | None = None, lost: int = 203
) -> HandlerSituation:
    stalls = listener("stalls", {"stall": [0.5, 2.5]}, lost=lost if config == PUB else 0)
    return handler(stalls, config=config, bench=BENCH if bench is None else bench, lost=lost, duration_s=4.0)


def test_a_timeout_that_is_shorter_than_the_stall() -> None:
    (advice,) = heartbeats(pinging())
    assert (advice.rule, advice.unit, advice.cause, advice.events_lost) == (Rule.HEARTBEAT, "h", "lost", 203)
    assert advice.why == "stalls reads nothing for 2 s, and heartbeats drop its connection after 300 ms"
    assert advice.proposal == {
        "bench.handlers.h.heartbeat_timeout": 4000,
        # Longer than the timeout, so that no connection ends with two unanswered pings.
        "bench.handlers.h.heartbeat_interval": 4800,
    }


def test_at_a_pub_the_listener_loses() -> None:
    (advice,) = heartbeats(pinging(PUB))
    assert advice.unit == "h/stalls"


def test_without_a_timeout_the_interval_counts() -> None:
    (advice,) = heartbeats(pinging(bench={"heartbeat_interval": 400}))
    assert advice.sum["heartbeat_timeout_ms"] == 400


@pytest.mark.parametrize(
    "situation",
    [
        pinging(lost=0),
        pinging(bench={}),
        pinging(bench={"heartbeat_interval": 400, "heartbeat_timeout": 2500}),
        pinging(REQ),
        handler(bench=BENCH, lost=5),
    ],
    ids=["nothing lost", "no heartbeats", "the timeout is longer", "a REQ", "no listener"],
)
def test_it_is_silent(situation: HandlerSituation) -> None:
    assert list(heartbeats(situation)) == []
