"""Handlers without a peer, and handlers that gave up."""

from __future__ import annotations

from typing import Any

import pytest

from bench_app.advice.advice import Rule
from bench_app.advice.reconnects import reconnects
from bench_app.advice.situation import HandlerSituation
from tests.advice.situations import PUB, handler, listener


def alone(bench: dict[str, Any] | None = None) -> HandlerSituation:
    counts = {"queue_overflow": 1900, "send_timeout": 100}
    known = {"ever_connected": False, "endpoint": "tcp://127.0.0.1:5999", "lost": 1000}
    return handler(counts=counts, bench={"paired": False} if bench is None else bench, **known)


def gave_up(**config: int) -> HandlerSituation:
    return handler(listener(), config=config, counts={"aborted": 700}, gave_up=True)


def test_no_peer_was_ever_there() -> None:
    (advice,) = reconnects(alone())
    assert (advice.rule, advice.unit, advice.cause, advice.events_lost) == (
        Rule.RECONNECT,
        "h",
        "queue_overflow",
        3000,
    )
    assert advice.why == (
        "no peer was ever at tcp://127.0.0.1:5999; connecting never fails, and the 1,000 messages that the socket "
        "takes without one are 1 s at 1,000/s"
    )
    assert advice.proposal == {
        "bench.handlers.h.paired": True,
        # The listener of the bench may have to wait for a processor.
        "output.handlers.h.config.send_timeout": 2000,
        "output.handlers.h.config.queue_size": 2000,
    }


def test_a_pub_without_a_subscriber_drops_and_waits_for_nothing() -> None:
    known = {"ever_connected": False, "endpoint": "tcp://127.0.0.1:5999", "lost": 1000}
    (advice,) = reconnects(handler(config=PUB, bench={"paired": False}, **known))
    assert advice.why == (
        "no peer was ever at tcp://127.0.0.1:5999; a PUB drops what nobody has subscribed to, and connects or binds "
        "without an error"
    )
    assert advice.proposal == {"bench.handlers.h.paired": True}


def test_a_handler_that_is_paired_and_has_no_listener_has_nothing_to_set() -> None:
    (advice,) = reconnects(alone(bench={}))
    assert advice.proposal == {}


def test_it_gave_up_too_early() -> None:
    (advice,) = reconnects(gave_up(max_reconnect_attempts=5, reconnect_interval=100))
    assert (advice.cause, advice.events_lost) == ("aborted", 700)
    assert advice.why == "the handler gave up after 5 attempts, 500 ms, and its peer was away for longer"
    assert advice.proposal == {"output.handlers.h.config.max_reconnect_attempts": -1}


def test_reconnecting_is_off() -> None:
    (advice,) = reconnects(gave_up(reconnect_interval=-1))
    assert advice.proposal == {"output.handlers.h.config.reconnect_interval": 100}


@pytest.mark.parametrize(
    "situation",
    [
        handler(ever_connected=False),
        handler(listener(), ever_connected=False, counts={"queue_overflow": 5}),
        handler(listener(), counts={"queue_overflow": 5}),
    ],
    ids=["nothing lost", "the listener failed", "connected"],
)
def test_it_is_silent(situation: HandlerSituation) -> None:
    assert list(reconnects(situation)) == []
