"""Requests without a reply: the timeout against the service, and retries against lost replies."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench_app.advice.advice import Advice, Rule
from bench_app.advice.requests import UNANSWERED, request_timeouts
from bench_app.advice.situation import HandlerSituation
from bench_app.model import ConstantLoad
from tests.advice.situations import REQ, handler, listener

CONFIG = "output.handlers.h.config."


def only(situation: HandlerSituation) -> Advice:
    (found,) = request_timeouts(situation)
    return found


def requests(spec: dict[str, object], timeouts: int = 3, rate: float = 50.0, **config: object) -> HandlerSituation:
    return handler(
        listener("service", spec),
        config={**REQ, "request_timeout": 50, "retries": 3, **config},
        counts={"request_timeout": timeouts},
        load=ConstantLoad(rate=rate),
        duration_s=6.0,
    )


def test_replies_are_lost() -> None:
    advice = only(requests({"drop_replies": 0.2}))
    assert (advice.rule, advice.unit, advice.cause, advice.events_lost) == (
        Rule.REQUEST_TIMEOUT,
        "h",
        "request_timeout",
        3,
    )
    assert advice.why == (
        "service loses 0.2 of its replies, so 0.0016 of the requests get none to 4 attempts: 0.48 of 300"
    )
    assert advice.proposal == {f"{CONFIG}retries": 7}


@given(lost=st.floats(0.01, 0.8), rate=st.floats(1, 1000))
def test_the_retries_proposed_leave_almost_none_and_half_of_them_do_not(lost: float, rate: float) -> None:
    advice = next(request_timeouts(requests({"drop_replies": lost}, rate=rate, retries=0)), None)
    if advice is None:
        return
    sent, retries = rate * 6, int(advice.sum["retries"])
    assert sent * lost ** (1 + retries) <= UNANSWERED * (1 + 1e-6)
    assert sent * lost ** (1 + retries // 2) > UNANSWERED or retries < 2


def test_the_service_is_slower_than_the_timeout() -> None:
    advice = only(requests({"delay_ms": 60}, rate=5.0))
    assert advice.why == "service needs up to 60 ms for a reply, and each attempt waits 50 ms"
    assert advice.proposal == {f"{CONFIG}request_timeout": 340}


def test_the_service_stalls_longer_than_all_attempts() -> None:
    advice = only(requests({"stall": [1, 3]}))
    assert advice.why == "service reads nothing for 2 s, and 4 attempts wait 200 ms"
    assert advice.proposal == {f"{CONFIG}retries": 68}
    assert 69 * 0.05 > 2 + 1


def test_requests_that_wait_for_others_have_room_and_time() -> None:
    advice = only(requests({"drop_replies": 0.6}, rate=50.0, retries=1))
    # A request takes 50 ms x 0.6 / 0.4 + 2 ms in the mean, so 13 of 50 are done in a second.
    assert advice.proposal[f"{CONFIG}linger"] == 26_000
    # 2 s of 600 events/s wait, then a hundred more come each second than the 500 that are done; and a second to spare.
    stalled = only(requests({"stall": [1, 3]}, rate=600.0))
    assert stalled.proposal[f"{CONFIG}queue_size"] == 2300


@pytest.mark.parametrize(
    "situation",
    [
        requests({"drop_replies": 0.2}, timeouts=0),
        requests({}),
        requests({"drop_replies": 1.0}),
        requests({"stall": [1, 1.1]}),
        handler(listener("service", {"delay_ms": 60}), counts={"request_timeout": 3}),
    ],
    ids=["nothing lost", "no reason", "no retries help", "the attempts wait longer", "not a REQ"],
)
def test_it_is_silent(situation: HandlerSituation) -> None:
    assert list(request_timeouts(situation)) == []
