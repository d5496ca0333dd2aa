"""The processor of each worker: in turn over those that the preset wants."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench_app.engine.pinning import Pinning
from bench_app.model import CpuAffinity


@pytest.mark.parametrize(
    ("affinity", "allowed", "processors"),
    [
        ("off", (0, 1), ()),
        ("spread", (0, 3), (0, 3)),
        ((3,), (0, 3), (3,)),
        ("spread", None, ()),
        ((0,), None, ()),
    ],
)
def test_the_preset_and_the_system_decide_which_processors_are_used(
    affinity: CpuAffinity, allowed: tuple[int, ...] | None, processors: tuple[int, ...]
) -> None:
    assert Pinning(affinity, allowed).processors == processors


def test_without_processors_no_worker_is_pinned() -> None:
    assert Pinning("off", (0, 1)).next_processor([None, None]) is None


def test_workers_are_pinned_in_the_order_of_the_list() -> None:
    pinning, taken = Pinning((3, 1), (0, 1, 2, 3)), list[int | None]()
    for _ in range(5):
        taken.append(pinning.next_processor(taken))
    assert taken == [3, 1, 3, 1, 3]


def test_a_replacement_gets_the_processor_that_became_free() -> None:
    assert Pinning("spread", (0, 1, 2)).next_processor([0, 2]) == 1
    assert Pinning("spread", (0, 1)).next_processor([0, 1, 1]) == 0


@given(st.lists(st.integers(0, 7), min_size=1, max_size=8, unique=True), st.integers(0, 40))
def test_no_processor_has_two_workers_more_than_another(processors: list[int], workers: int) -> None:
    pinning, taken = Pinning(tuple(processors), tuple(range(8))), list[int | None]()
    for _ in range(workers):
        taken.append(pinning.next_processor(taken))
    counts = Counter(taken)
    assert set(counts) <= set(processors)
    assert max(counts[one] for one in processors) - min(counts[one] for one in processors) <= 1
