"""Sockets that wait while consumers stall: queue and timeout proposed lose nothing, half of the queue does."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench_app.advice.advice import Advice, Rule
from bench_app.advice.full_socket import full_sockets
from bench_app.advice.situation import HandlerSituation
from bench_app.model import ConstantLoad
from tests.advice.situations import PUB, REQ, handler, listener

CONFIG = "output.handlers.h.config."


def only(situation: HandlerSituation) -> Advice:
    (found,) = full_sockets(situation)
    return found


def test_what_a_large_queue_still_has_at_the_end_needs_a_longer_linger() -> None:
    worker = listener("stalled", {"stall": [1, 3600], "receive_buffer": 16384})
    config = {"send_timeout": -1, "queue_size": 100_000, "linger": 100}
    advice = only(handler(worker, config=config, counts={"aborted": 1900}, duration_s=3.0))
    assert (advice.cause, advice.events_lost, advice.loss) == ("aborted", 1900, "1,900 lost (aborted)")
    assert advice.why == (
        "the socket is full for 2 s at 1,000/s: up to 2,002 events wait, and the handler waits 100 ms "
        "for them at the end"
    )
    assert advice.remedy == "a longer linger would do" and advice.proposal == {f"{CONFIG}linger": 4500}
    assert not list(full_sockets(handler(worker, config=config, counts={"aborted": 1900}, gave_up=True)))


def test_a_queue_that_is_large_enough_is_left_to_the_rule_about_heartbeats() -> None:
    worker = listener("stalled", {"stall": [1, 3]})
    counts = {"queue_overflow": 10}
    bench = {"heartbeat_interval": 200, "heartbeat_timeout": 400}

    def advices(queue: int, lost: int) -> int:
        config = {"send_timeout": -1, "queue_size": queue}
        return len(list(full_sockets(handler(worker, config=config, bench=bench, counts=counts, lost=lost))))

    assert (advices(2500, lost=70), advices(2500, lost=0), advices(100, lost=70)) == (0, 1, 1)


def test_a_stalled_worker_fills_socket_and_queue() -> None:
    worker = listener("stalled", {"stall": [0, 3600]})
    counts = {"send_timeout": 7755}
    config = {"send_timeout": 0, "queue_size": 10}
    advice = only(handler(worker, config=config, counts=counts, load=ConstantLoad(rate=2000), duration_s=6.0))
    assert (advice.rule, advice.unit, advice.cause, advice.events_lost) == (
        Rule.SEND_TIMEOUT,
        "h",
        "send_timeout",
        7755,
    )
    assert advice.why == (
        "the socket is full for 6 s at 2,000/s: up to 12,000 events wait, and the head of the queue waits 0 ms at most"
    )
    assert advice.remedy == "a queue for 12,000 events and a send_timeout above 6 s together would do"
    assert advice.proposed == (
        "proposed, all together: set queue_size 12,000, send_timeout 8,200 and linger 18,000; the run may then "
        "last 18 s longer"
    )
    assert advice.proposal == {f"{CONFIG}queue_size": 12_000, f"{CONFIG}send_timeout": 8200, f"{CONFIG}linger": 18_000}


def test_an_overflow_is_about_the_queue() -> None:
    worker = listener("stalled", {"stall": [1, 3]})
    config = {"send_timeout": -1}
    advice = only(handler(worker, config=config, counts={"queue_overflow": 900}))
    assert advice.rule is Rule.QUEUE_OVERFLOW
    assert advice.why.endswith("up to 2,002 events wait, and the queue holds 1,000")
    assert advice.proposal == {f"{CONFIG}queue_size": 3100, f"{CONFIG}linger": 4700}


@given(rate=st.integers(10, 2000), begin=st.floats(0, 3), stall_s=st.floats(0.2, 3))
def test_the_queue_proposed_holds_and_half_of_it_does_not(rate: int, begin: float, stall_s: float) -> None:
    worker = listener("stalled", {"stall": [begin, begin + stall_s]})
    config = {"send_timeout": 0, "queue_size": 1}
    situation = handler(worker, config=config, counts={"queue_overflow": 1}, load=ConstantLoad(rate=rate))
    advice = only(situation)
    queue, timeout_ms = advice.sum["queue_size"], advice.sum["send_timeout_ms"]
    arriving = int(rate * stall_s)
    assert queue >= arriving and timeout_ms > 1000 * stall_s
    if arriving > 50:
        assert advice.sum["backlog"] // 2 < arriving


@pytest.mark.parametrize(
    "situation",
    [
        handler(listener(spec={"stall": [1, 9]})),
        handler(counts={"queue_overflow": 5}),
        handler(listener(), counts={"queue_overflow": 5}),
        handler(listener(spec={"stall": [1, 9]}), listener("other"), counts={"queue_overflow": 5}),
        handler(listener(spec={"stall": [1, 9]}), config=PUB, counts={"queue_overflow": 5}),
        handler(listener(spec={"stall": [1, 9]}), config=REQ, counts={"queue_overflow": 5}),
        handler(listener(spec={"stall": [1, 9]}), counts={"queue_overflow": 5}, message_bytes=1e9),
    ],
    ids=["nothing lost", "no listener", "no reason", "another worker reads", "a PUB drops", "a REQ", "memory"],
)
def test_it_is_silent(situation: HandlerSituation) -> None:
    assert list(full_sockets(situation)) == []


def test_a_pub_that_waits_is_as_fast_as_its_slowest_subscriber() -> None:
    listeners = listener("fast"), listener("stalled", {"stall": [1, 4]})
    bench = {"no_drop": True}
    advice = only(handler(*listeners, config=PUB, bench=bench, counts={"queue_overflow": 5}))
    assert advice.sum["blocked_s"] == pytest.approx(3)


def test_a_connection_that_goes_on_at_the_pace_of_probes_gets_a_larger_buffer() -> None:
    """Also where queue and timeout are long enough already: it took longer than the stall to go on."""
    stalled = listener("stalled", {"stall": [1, 3], "receive_buffer": 16_384})
    enough = {"queue_size": 9000, "send_timeout": 9000, "linger": 99_000}
    for config, keys in (
        ({}, {"queue_size", "send_timeout", "linger", "receive_buffer"}),
        (enough, {"receive_buffer"}),
    ):
        loser = handler(stalled, config=config, counts={"send_timeout": 9}, endpoint="tcp://127.0.0.1:5555")
        (advice,) = full_sockets(loser)
        assert {path.rpartition(".")[2] for path in advice.proposal} == keys
    assert advice.remedy == "the queue is large enough if TCP goes on at once, which larger receive buffers would do"
