"""The workers that a PUSH needs: so many keep up with a quarter of their time to spare, and one fewer does not."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bench_app.advice.few_workers import MOST_WORKERS, more_workers
from bench_app.advice.situation import HandlerSituation, ListenerSituation
from bench_app.model import ConstantLoad
from tests.advice.situations import handler, listener


def workers(count: int, **spec: object) -> list[ListenerSituation]:
    return [listener(f"w{n}", dict(spec), path=("bench", "listeners", "h", n)) for n in range(count)]


def of(situation: HandlerSituation) -> float:
    return sum(one.pace for one in situation.listeners)


@given(count=st.integers(1, 8), delay_ms=st.floats(1, 100), rate=st.floats(1, 5000))
def test_so_many_keep_up_and_one_fewer_does_not(count: int, delay_ms: float, rate: float) -> None:
    pace = 1000 / delay_ms
    assume(count * pace < rate)
    situation = handler(*workers(count, delay_ms=delay_ms), load=ConstantLoad(rate=rate))
    found = more_workers(situation, situation.listeners, of(situation))
    if found is None:
        assert rate / 0.75 / pace > MOST_WORKERS - 1
        return
    assert found.needed * pace >= rate / 0.75 * (1 - 1e-9)
    assert (found.needed - 1) * pace < rate / 0.75 or found.needed == count + 1
    assert list(found.proposal) == [f"bench.listeners.h[{n}].delay_ms" for n in range(count, found.needed)]
    assert found.text.startswith(f"{found.needed - count} more listener")


def test_an_added_worker_is_like_the_slowest() -> None:
    situation = handler(*workers(1, delay_ms=2, delay_jitter_ms=4), load=ConstantLoad(rate=300))
    found = more_workers(situation, situation.listeners, of(situation))
    assert found is not None
    assert found.text == "1 more listener with delay_ms 2 and delay_jitter_ms 4"
    assert found.proposal == {"bench.listeners.h[1].delay_ms": 2, "bench.listeners.h[1].delay_jitter_ms": 4}


@pytest.mark.parametrize(
    "situation",
    [
        handler(listener(spec={"delay_ms": 5}, path=None)),
        handler(*workers(1)),
        handler(*workers(1, delay_ms=5, stall=[1, 2])),
        handler(*workers(1, delay_ms=500)),
        handler(listener(spec={"delay_ms": 5}, path=("bench", "listeners", "h", 3))),
    ],
    ids=["own consumer", "no delay", "a stall", "too many", "others left"],
)
def test_it_is_silent(situation: HandlerSituation) -> None:
    assert more_workers(situation, situation.listeners, of(situation)) is None
