"""Items that cross from a thread into a loop: order, room, end, and turns for the loop."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine
from typing import Any

from bench_app.library.arrivals import MAX_WITHOUT_PAUSE, Arrivals
from tests.library import until


def awaited(work: Callable[[], Coroutine[Any, Any, None]]) -> None:
    async def limited() -> None:
        async with asyncio.timeout(60):
            await work()

    asyncio.run(limited())


def test_items_of_a_thread_come_in_order() -> None:
    async def work() -> None:
        arrivals: Arrivals[int] = Arrivals(0)

        def produce() -> None:
            for number in range(1000):
                arrivals.put(number)
            arrivals.end()

        thread = threading.Thread(target=produce)
        thread.start()
        assert [item async for item in arrivals] == list(range(1000))
        await asyncio.to_thread(thread.join)

    awaited(work)


def test_a_thread_that_may_wait_waits_for_room() -> None:
    async def work() -> None:
        arrivals: Arrivals[int] = Arrivals(2)
        thread = threading.Thread(target=lambda: [arrivals.put(number) for number in range(5)])
        thread.start()
        await asyncio.to_thread(until, lambda: len(arrivals) == 2)
        assert thread.is_alive()
        assert [await arrivals.get(10) for _ in range(5)] == list(range(5))
        await asyncio.to_thread(thread.join)

    awaited(work)


def test_a_thread_that_must_not_wait_drops_the_oldest() -> None:
    async def work() -> None:
        arrivals: Arrivals[int] = Arrivals(2)
        for number in range(5):
            arrivals.put_newest(number)
        arrivals.end()
        assert [item async for item in arrivals] == [3, 4]

    awaited(work)


def test_without_an_item_get_ends_at_the_timeout_or_at_the_end() -> None:
    async def work() -> None:
        arrivals: Arrivals[int] = Arrivals(0)
        assert await arrivals.get(0) is None
        assert await arrivals.get(0.01) is None
        waiting = asyncio.gather(arrivals.get(), arrivals.get())
        await asyncio.sleep(0)
        arrivals.end()
        assert await waiting == [None, None]
        arrivals.put(1)
        arrivals.put_newest(2)
        assert len(arrivals) == 0

    awaited(work)


def test_the_end_frees_a_thread_that_waits_for_room() -> None:
    async def work() -> None:
        arrivals: Arrivals[int] = Arrivals(1)
        thread = threading.Thread(target=lambda: [arrivals.put(number) for number in range(3)])
        thread.start()
        await asyncio.to_thread(until, lambda: len(arrivals) == 1)
        arrivals.end()
        await asyncio.to_thread(thread.join)
        assert [item async for item in arrivals] == [0]

    awaited(work)


def test_reading_waiting_items_gives_the_loop_its_turns() -> None:
    async def work() -> None:
        arrivals: Arrivals[int] = Arrivals(0)
        for number in range(5 * MAX_WITHOUT_PAUSE):
            arrivals.put(number)
        turns = 0
        loop = asyncio.get_running_loop()

        def count() -> None:
            nonlocal turns
            turns += 1
            loop.call_soon(count)

        loop.call_soon(count)
        for number in range(5 * MAX_WITHOUT_PAUSE):
            assert await arrivals.get() == number
        assert turns >= 4

    awaited(work)


def test_putting_into_a_closed_loop_raises_no_error() -> None:
    kept: list[Arrivals[int]] = []

    async def work() -> None:
        kept.append(Arrivals(0))

    awaited(work)
    kept[0].put(1)
    kept[0].end()
    assert len(kept[0]) == 1
