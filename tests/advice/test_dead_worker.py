"""Workers that died: the loss has a reason, and no setting."""

from __future__ import annotations

import pytest

from bench_app.advice.advice import Rule
from bench_app.advice.dead_worker import dead_workers
from bench_app.advice.situation import HandlerSituation
from tests.advice.situations import PUB, handler, listener


def test_what_waited_at_a_worker_died_with_it() -> None:
    (advice,) = dead_workers(handler(listener("steady"), listener("doomed", deaths=1), lost=300))
    assert (advice.rule, advice.unit, advice.cause, advice.events_lost) == (Rule.DEAD_WORKER, "h", "lost", 300)
    assert advice.why == (
        "doomed died once, and 300 messages that waited there died too, although each send was a success"
    )
    assert advice.remedy == (
        "no setting of a PUSH keeps them. A lower high_water_mark at both ends (1,000 and 1,000 now) lets fewer wait, "
        "and a REQ confirms each"
    )
    assert advice.proposal == {} and advice.is_certain


def test_several_deaths_are_added_up() -> None:
    (advice,) = dead_workers(handler(listener("a", deaths=1), listener("b", deaths=2), lost=3))
    assert advice.why.startswith("a and b died 3 times")


@pytest.mark.parametrize(
    "situation",
    [
        handler(listener(deaths=1)),
        handler(listener(), lost=5),
        handler(listener(deaths=1, lost=5), config=PUB, lost=5),
    ],
    ids=["nothing lost", "nobody died", "a PUB has no queue of its own for each"],
)
def test_it_is_silent(situation: HandlerSituation) -> None:
    assert list(dead_workers(situation)) == []
