"""Checks against the figures of a result: which values count, and which of them is the worst."""

from __future__ import annotations

from typing import Any

import pytest

from bench_app.engine.check_evaluation import evaluate
from bench_app.preset.checks import parse_check

KNOWN = {
    "pub": ["fast", "slow"],
    "push": ["pull-1", "pull-2"],
    "req": ["rep-1"],
    "a": ["b"],
}


def summary(**values: float | None) -> dict[str, Any]:
    return {"count": 10, "mean": 1000, "p50": 900, "p99": 3000, "p99_9": 4000, "max": 5000} | values


def listener(**values: Any) -> dict[str, Any]:
    counters = ("received", "lost", "before_join", "duplicates", "reordered", "foreign", "malformed")
    figures: dict[str, Any] = {
        **dict.fromkeys(counters, 0),
        "rate": 0.0,
        "service_us": summary(),
        "response_us": summary(),
    }
    return figures | values


def handler(socket_type: str, listeners: dict[str, Any], **values: Any) -> dict[str, Any]:
    counters = ("offered", "queue_overflow", "send_timeout", "aborted", "accepted", "bytes", "replied")
    more = ("request_timeout", "retries", "lost")
    figures: dict[str, Any] = dict.fromkeys(counters + more, 0)
    figures |= {"socket_type": socket_type, "rate": 0.0, "lateness_us": summary(), "listeners": listeners}
    return figures | values


@pytest.fixture
def handlers() -> dict[str, Any]:
    fast = listener(received=100, before_join=1, rate=100.0, response_us=summary(p99=2000))
    slow = listener(received=60, lost=40, rate=60.0, response_us=summary(p99=8000))
    return {
        "pub": handler("PUB", {"fast": fast, "slow": slow}, offered=103, queue_overflow=3, lost=40, rate=100.0),
        "push": handler(
            "PUSH", {"pull-1": listener(received=50), "pull-2": listener(received=48)}, offered=100, lost=2, rate=50.0
        ),
        "req": handler(
            "REQ",
            {"rep-1": listener(received=9)},
            offered=10,
            replied=8,
            request_timeout=1,
            aborted=1,
            retries=3,
            round_trip_us=summary(p99=250.5),
        ),
    }


def outcome(text: str, handlers: dict[str, Any]) -> tuple[float | None, bool]:
    result = evaluate(parse_check(text, KNOWN), handlers)
    assert result.check == text
    return result.value, result.passed


@pytest.mark.parametrize(
    ("text", "value", "passed"),
    [
        # 3 of the queue, 40 on the wire, 1 before the subscription
        ("pub: drops == 44", 44, True),
        ("pub/slow: drops == 40", 40, True),
        ("pub/fast: drops == 1", 1, True),
        ("req: drops == 2", 2, True),
        ("drops == 0", 44, False),
        ("drops <= 44", 44, True),
        ("push: lost == 2", 2, True),
        ("push/pull-1: lost == 0", 0, True),
        ("lost >= 2", 0, False),
        ("push: received >= 48", 48, True),
        ("push: received > 48", 48, False),
        ("pub/fast: received == 100", 100, True),
        ("pub: before_join == 0", 1, False),
        ("before_join <= 1", 1, True),
        ("retries == 3", 3, True),
        ("replied > 7", 8, True),
        ("pub: rate > 50", 100.0, True),
        ("pub/slow: rate > 70", 60.0, False),
        ("latency.response.p99_ms < 5", 8.0, False),
        ("pub/fast: latency.response.p99_ms < 5", 2.0, True),
        ("latency.round_trip.p99_ms < 1", 0.2505, True),
        ("latency.lateness.max_ms <= 5", 5.0, True),
        ("latency.service.mean_ms == 1", 1.0, True),
        ("received != 50", 50, False),
        ("push: received != 49", 50, True),
    ],
)
def test_holds_or_not(handlers: dict[str, Any], text: str, value: float, passed: bool) -> None:
    assert outcome(text, handlers) == (value, passed)


def test_a_latency_without_samples_fails(handlers: dict[str, Any]) -> None:
    handlers["pub"]["listeners"]["slow"]["response_us"] = summary(count=0)
    assert outcome("pub/slow: latency.response.p99_ms < 5", handlers) == (None, False)
    assert outcome("latency.response.p99_ms < 5", handlers) == (None, False)
    assert outcome("latency.response.p99_ms < 1", handlers) == (3.0, False)


@pytest.mark.parametrize("text", ["latency.round_trip.p50_ms < 5", "a: drops == 0", "pub/fast: drops == 0"])
def test_a_check_without_any_value_fails(handlers: dict[str, Any], text: str) -> None:
    del handlers["req"], handlers["pub"]["listeners"]["fast"]
    assert outcome(text, handlers) == (None, False)
