"""Consumers that take less than is offered: the sum, the proposal, and when the rule is silent."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bench_app.advice.advice import Advice, Rule
from bench_app.advice.situation import HandlerSituation
from bench_app.advice.slow_consumer import slow_consumers
from bench_app.model import ConstantLoad
from tests.advice.situations import PUB, handler, listener

DELAY = "bench.listeners.h[0].delay_ms"


def only(situation: HandlerSituation) -> Advice:
    (found,) = slow_consumers(situation)
    return found


def slow_pub(**known: object) -> HandlerSituation:
    slow = listener(spec={"delay_ms": 2, "high_water_mark": 100}, lost=44_000, rate=470.0, **known)
    return handler(slow, config=PUB, load=ConstantLoad(rate=5000), message_bytes=8192)


LONGER = "; the run may then last {} s longer"


@pytest.mark.parametrize(
    ("config", "known"),
    [
        (PUB | {"high_water_mark": 100_000, "linger": 0}, {}),
        ({"queue_size": 100_000, "send_timeout": -1, "linger": 0}, {"counts": {"aborted": 2000}}),
    ],
)
def test_what_has_room_but_waits_at_the_end_needs_a_longer_linger(
    config: dict[str, Any], known: dict[str, Any]
) -> None:
    spec = {"delay_ms": 4, "delay_jitter_ms": 1}
    slow = listener(spec=spec, path=None, lost=0 if known else 2000)
    advice = only(handler(slow, config=config, duration_s=3.0, **known))
    assert advice.events_lost == 2000
    assert advice.why.endswith("takes 222/s of 1,000/s: 2,334 messages wait at the end, and linger gives them 0 ms")
    assert advice.remedy == "either 1 ms a message or a longer linger would do"
    assert advice.proposal == {"output.handlers.h.config.linger": 16_000}


def test_the_sum_of_a_slow_subscriber() -> None:
    advice = only(slow_pub(holds=1390))
    assert (advice.unit, advice.cause, advice.events_lost, advice.is_certain) == ("h/slow", "lost", 44_000, True)
    assert advice.why == (
        "slow takes 470/s of 5,000/s: no high-water mark is enough, room for 1,390 messages only delays the loss by "
        "307 ms"
    )
    assert advice.remedy == "either 0.2 ms a message or room for 45,302 messages for 10 s would do"
    assert (
        advice.proposed
        == "proposed, all together: set delay_ms 0.022, high_water_mark 50,000 and linger 68,000" + LONGER.format(68)
    )
    assert advice.proposal == {
        DELAY: 0.022,
        # The mark is as large as the run has messages: it is never reached.
        "output.handlers.h.config.high_water_mark": 50_000,
        "output.handlers.h.config.linger": 68_000,
    }
    assert advice.sum["backlog"] == pytest.approx((5000 - 470) * 10, abs=3)
    assert advice.sum["ms_a_message"] == pytest.approx(0.2)


def test_the_delay_proposed_lets_it_keep_up() -> None:
    delay_ms = slow_pub_delay_ms()
    overhead_ms = 1000 / 470 - 2
    assert 0 < delay_ms < delay_ms + overhead_ms < 1000 / 5000


def slow_pub_delay_ms() -> float:
    return float(only(slow_pub()).proposal[DELAY])


def test_a_mark_of_a_short_run_is_not_below_the_room_that_the_sentence_names() -> None:
    slow = listener(spec={"delay_ms": 2, "high_water_mark": 100}, lost=12_000, rate=498.0)
    advice = only(handler(slow, config=PUB, load=ConstantLoad(rate=5000), duration_s=3.0, message_bytes=8192))
    assert "room for 13,508 messages for 3 s would do" in advice.remedy
    assert advice.proposal["output.handlers.h.config.high_water_mark"] == 15_000


def test_a_pause_that_is_too_short_for_any_delay_leaves_the_room() -> None:
    slow = listener(spec={"delay_ms": 2}, lost=9, rate=470.0)
    proposal = only(handler(slow, config=PUB, load=ConstantLoad(rate=20_000), message_bytes=100)).proposal
    assert DELAY not in proposal and proposal["output.handlers.h.config.high_water_mark"] == 200_000


@given(rate=st.integers(20, 2000).map(float), delay_ms=st.floats(0.6, 50), duration_s=st.floats(0.5, 20))
def test_room_for_the_backlog_loses_nothing_and_half_of_it_does(
    rate: float, delay_ms: float, duration_s: float
) -> None:
    assume(1000 / delay_ms < 0.9 * rate)
    slow = listener(spec={"delay_ms": delay_ms}, lost=1)
    room = only(handler(slow, config=PUB, load=ConstantLoad(rate=rate), duration_s=duration_s)).sum["backlog"]
    assert _lost(rate, delay_ms, duration_s, room) == 0
    if room > 10:
        assert _lost(rate, delay_ms, duration_s, room // 2 - 2) > 0


def _lost(rate: float, delay_ms: float, duration_s: float, room: float) -> int:
    """How many messages a queue loses that is read every ``delay_ms``, message after message."""
    waiting = before = lost = 0.0
    for number in range(int(rate * duration_s)):
        taken = number / rate * 1000 / delay_ms
        waiting, before = max(0.0, waiting - (taken - before)), taken
        if waiting + 1 > room + 1e-6:
            lost += 1
        else:
            waiting += 1
    return int(lost)


def test_for_a_consumer_of_the_user_only_the_publisher_can_be_set() -> None:
    own = listener("mine", lost=10, rate=400.0, path=None)
    advice = only(handler(own, config=PUB, message_bytes=500))
    assert not advice.is_certain
    assert advice.proposal == {
        "output.handlers.h.config.high_water_mark": 10_000,
        # What waits at the end, 6,000 messages, takes 15 s.
        "output.handlers.h.config.linger": 23_000,
    }


def test_for_a_run_until_it_is_stopped_no_room_is_enough() -> None:
    slow = listener(spec={"delay_ms": 5}, lost=10)
    advice = only(handler(slow, config=PUB, duration_s=30 * 86_400.0))
    assert advice.remedy == "1 ms a message would do"
    assert (
        advice.proposed
        == "proposed, all together: set delay_ms 0.65, high_water_mark 2,000 and linger 3,000" + LONGER.format(3)
    )


def test_more_memory_than_a_gibibyte_is_not_proposed() -> None:
    own = listener("mine", lost=10, rate=400.0, path=None)
    assert only(handler(own, config=PUB, message_bytes=1e6)).proposal == {}


def test_sockets_that_wait_lose_at_the_handler() -> None:
    slow = listener(spec={"delay_ms": 5}, path=("bench", "listeners", "h", 1), rate=195.0)
    fast = listener("fast")
    counts = {"queue_overflow": 900, "send_timeout": 20}
    advice = only(handler(fast, slow, config=PUB, bench={"no_drop": True}, counts=counts))
    assert (advice.unit, advice.cause, advice.events_lost) == ("h", "queue_overflow", 920)
    assert advice.why.startswith("slow takes 195/s of 1,000/s")
    assert set(advice.proposal) == {
        "bench.listeners.h[1].delay_ms",
        "output.handlers.h.config.queue_size",
        "output.handlers.h.config.send_timeout",
        "output.handlers.h.config.linger",
    }


def test_workers_of_a_push_take_together_and_get_more_of_their_kind() -> None:
    workers = [listener(f"w{n}", {"delay_ms": 5}, path=("bench", "listeners", "h", n)) for n in range(2)]
    advice = only(handler(*workers, counts={"queue_overflow": 9}))
    assert advice.rule is Rule.TOO_FEW_WORKERS
    assert advice.why.startswith("the 2 consumers take 400/s of 1,000/s: no queue is enough")
    assert advice.remedy == (
        "one of these would do: 2 ms a message, 7 such workers or room for 6,002 messages for 10 s"
    )
    assert advice.proposed == (
        "proposed, all together: add 5 more listeners with delay_ms 5, and set queue_size 6,100, send_timeout 2,000 "
        "and linger 9,000" + LONGER.format(9)
    )
    added = {path: value for path, value in advice.proposal.items() if "delay" in path}
    assert added == {f"bench.listeners.h[{number}].delay_ms": 5 for number in range(2, 7)}


def test_where_too_many_workers_would_be_needed_delays_are_shorter() -> None:
    workers = [listener(f"w{n}", {"delay_ms": 20}, path=("bench", "listeners", "h", n)) for n in range(2)]
    advice = only(handler(*workers, counts={"queue_overflow": 9}))
    assert advice.rule is Rule.SLOW_CONSUMER
    assert {path for path in advice.proposal if "delay" in path} == {
        "bench.listeners.h[0].delay_ms",
        "bench.listeners.h[1].delay_ms",
    }


def test_a_slow_worker_beside_a_fast_one_is_no_bottleneck() -> None:
    workers = listener("slow", {"delay_ms": 5}), listener("fast")
    assert list(slow_consumers(handler(*workers, counts={"queue_overflow": 9}))) == []


@pytest.mark.parametrize(
    "situation",
    [
        handler(listener(spec={"delay_ms": 2}, rate=470.0), config=PUB),
        handler(listener(spec={"delay_ms": 0.5}, lost=9, rate=999.0), config=PUB),
        handler(listener(lost=9, rate=0.0), config=PUB),
        handler(listener(spec={"stall": [1, 2]}, lost=9, rate=400.0), config=PUB),
        handler(listener(spec={"delay_ms": 5})),
        handler(counts={"queue_overflow": 9}),
    ],
    ids=["nothing lost", "keeps up", "not measured", "stalled", "nothing lost at a PUSH", "no listener"],
)
def test_it_is_silent(situation: HandlerSituation) -> None:
    assert list(slow_consumers(situation)) == []
