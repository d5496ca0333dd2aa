"""The read-ahead is bounded, returns every item in order, and ends as its generator ends."""

from __future__ import annotations

import time
from collections.abc import Generator
from typing import Any

import pytest

from bench_app.errors import SourceError
from bench_app.sources import readahead
from bench_app.sources.readahead import ReadAhead

Items = Generator[tuple[int, int], None, None]


def take_all(ahead: ReadAhead[int]) -> list[int]:
    taken = []
    while not ahead.ended:
        number = ahead.take()
        if number is not None:
            taken.append(number)
    return taken


@pytest.mark.parametrize(("size", "count"), [(10, 20_000), (100_000, 500)])
def test_the_read_ahead_is_bounded(size: int, count: int) -> None:
    made: list[int] = []

    def items() -> Any:
        for number in range(count):
            made.append(number)
            yield number, size

    ahead = readahead.ReadAhead[int](items(), "test")
    assert ahead.wait_filled() == ""
    taken = []
    while not ahead.ended:
        # The item being made and its unfinished block are not counted as ahead.
        assert len(made) - len(taken) <= readahead.MAX_ITEMS + 2 * 256 + 1
        number = ahead.take()
        if number is not None:
            taken.append(number)
    ahead.close()
    assert taken == list(range(count))
    assert ahead.most_bytes <= readahead.MAX_BYTES


def test_an_item_larger_than_the_limit_passes() -> None:
    items = ((number, readahead.MAX_BYTES * 2) for number in range(5))
    ahead = readahead.ReadAhead[int](items, "test")
    taken = []
    while not ahead.ended:
        number = ahead.take()
        if number is not None:
            taken.append(number)
    ahead.close()
    assert taken == [0, 1, 2, 3, 4]


def test_a_source_error_ends_the_read_ahead_after_the_items_before() -> None:
    def items() -> Items:
        yield from ((number, 1) for number in range(3))
        raise SourceError("the file is broken")

    ahead = ReadAhead[int](items(), "test")
    assert ahead.wait_filled() == "the file is broken"
    assert ahead.failure == "", "three items are still to be taken"
    assert take_all(ahead) == [0, 1, 2]
    assert ahead.failure == "the file is broken"
    ahead.close()


def test_close_ends_a_thread_that_waits_for_room() -> None:
    closed: list[bool] = []

    def items() -> Items:
        try:
            while True:
                yield 0, readahead.MAX_BYTES
        finally:
            closed.append(True)

    ahead = ReadAhead[int](items(), "test")
    ahead.wait_filled()
    ahead.close()
    assert closed == [True]


def test_without_limits_the_generator_runs_to_its_end() -> None:
    made: list[int] = []

    def items() -> Any:
        for number in range(3 * readahead.MAX_ITEMS):
            made.append(number)
            yield number, 10

    ahead = ReadAhead[int](items(), "test")
    ahead.wait_filled()
    assert ahead.is_running
    assert len(made) < 3 * readahead.MAX_ITEMS
    ahead.lift_limits()
    deadline = time.monotonic() + 20
    while ahead.is_running:
        assert time.monotonic() < deadline
        time.sleep(0.001)
    ahead.close()
    assert len(made) == 3 * readahead.MAX_ITEMS
