"""A PUB that does not wait for its listener."""

from __future__ import annotations

from bench_app.advice.advice import Rule
from bench_app.advice.slow_joiner import slow_joiners
from tests.advice.situations import PUB, handler, listener


def test_messages_before_the_subscription() -> None:
    joiner = listener("joiner", before_join=155)
    (advice,) = slow_joiners(handler(joiner, config=PUB, bench={"start_gate": False}))
    assert (advice.rule, advice.unit, advice.cause, advice.events_lost) == (
        Rule.SLOW_JOINER,
        "h/joiner",
        "before_join",
        155,
    )
    assert advice.why == ("h did not wait for joiner, whose subscription came after 155 messages, 155 ms at 1,000/s")
    assert advice.proposal == {"bench.handlers.h.start_gate": True}


def test_it_is_silent_if_nothing_is_lost_or_if_the_handler_waits() -> None:
    assert list(slow_joiners(handler(listener(), config=PUB, bench={"start_gate": False}))) == []
    assert list(slow_joiners(handler(listener(before_join=5), config=PUB))) == []
