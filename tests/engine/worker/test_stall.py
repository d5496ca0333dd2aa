"""When a listener reads nothing, as its spec's stall says."""

from __future__ import annotations

from bench_app.engine.worker.stall import Stall, stall_of
from bench_app.measure.clock import NEVER_NS, NS_PER_S

START_NS = 5 * NS_PER_S


def test_without_a_stall_it_never_holds() -> None:
    for start_ns in (None, START_NS):
        assert stall_of(None, start_ns) == Stall()
    assert not Stall().holds_at(0)
    assert not Stall().holds_at(NEVER_NS - 1)


def test_it_holds_from_its_begin_until_before_its_end() -> None:
    stall = stall_of((1.5, 2.0), START_NS)
    assert stall == Stall(START_NS + 1_500_000_000, START_NS + 2 * NS_PER_S)
    assert [stall.holds_at(stall.begins_ns + step) for step in (-1, 0, 1)] == [False, True, True]
    assert [stall.holds_at(stall.ends_ns + step) for step in (-1, 0)] == [True, False]


def test_before_the_start_is_known_only_a_stall_from_the_start_holds() -> None:
    assert stall_of((0.0, 3.0), None).holds_at(START_NS)
    assert not stall_of((0.1, 3.0), None).holds_at(START_NS)
