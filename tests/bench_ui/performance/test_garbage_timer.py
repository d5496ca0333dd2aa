"""The garbage timer: the collector runs from the event loop alone."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator

import pytest
from bench_ui.performance.garbage_timer import FULL_AFTER, GarbageTimer
from pytestqt.qtbot import QtBot


class Cycle:
    def __init__(self) -> None:
        self.itself = self


@pytest.fixture
def timer(qtbot: QtBot) -> Iterator[GarbageTimer]:
    timer = GarbageTimer()
    yield timer
    timer.end()
    assert gc.isenabled()


def test_garbage_is_collected_by_the_event_loop_and_not_by_allocating(timer: GarbageTimer, qtbot: QtBot) -> None:
    assert not gc.isenabled()
    seen = weakref.ref(Cycle())
    kept = [[number] for number in range(10 * gc.get_threshold()[0])]
    assert seen() is not None, "nothing was collected while objects were made"
    qtbot.waitUntil(lambda: seen() is None)
    assert len(kept) == 10 * gc.get_threshold()[0]


@pytest.mark.parametrize(
    ("count", "generations"),
    [((0, 99, 999), []), ((5000, 0, 999), [0]), ((5000, 99, 1), [1]), ((5000, 99, FULL_AFTER + 1), [2])],
)
def test_the_oldest_generation_that_is_due_is_collected(
    timer: GarbageTimer,
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
    count: tuple[int, int, int],
    generations: list[int],
) -> None:
    collected: list[int] = []
    counted: list[None] = []

    def get_count() -> tuple[int, int, int]:
        counted.append(None)
        return count

    monkeypatch.setattr(gc, "get_count", get_count)
    monkeypatch.setattr(gc, "collect", collected.append)
    qtbot.waitUntil(lambda: len(counted) >= 2)
    assert collected[:1] == generations
