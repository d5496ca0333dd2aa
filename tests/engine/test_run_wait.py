"""Waits of a run: each ends when its state is reached, when its limit is over, or when the run is to end."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from bench_app.engine.run_wait import STALLED_S, RunWait
from bench_app.errors import EngineError
from bench_app.system.tasks import spawn

LIMIT_S = 60.0


def begin(wait: RunWait, is_reached: Callable[[], bool], stoppable: bool = True) -> asyncio.Task[None]:
    """Begin a wait. Its errors are raised where the test awaits it."""
    return spawn(wait.until(is_reached, LIMIT_S, stoppable), name="wait", on_error=lambda error: None)


def while_waiting(wait: RunWait, act: Callable[[], object], stoppable: bool = True) -> None:
    """Begin a wait for a state that is never reached, do something, and wait for the end of the wait."""

    async def go() -> None:
        waiting = begin(wait, lambda: False, stoppable)
        await asyncio.sleep(0)
        act()
        await asyncio.wait_for(waiting, LIMIT_S / 2)

    asyncio.run(go())


def test_a_state_that_is_reached_already_needs_no_wait() -> None:
    asyncio.run(RunWait().until(lambda: True, limit_s=0.0))


def test_a_wait_checks_its_condition_again_only_after_a_notification() -> None:
    wait, looks = RunWait(), 0

    def is_reached() -> bool:
        nonlocal looks
        looks += 1
        return looks == 3

    async def go() -> list[int]:
        waiting = begin(wait, is_reached)
        seen = []
        while not waiting.done():
            for _ in range(10):
                await asyncio.sleep(0)
            seen.append(looks)
            wait.notify()
        return seen

    assert asyncio.run(go()) == [1, 2, 3]


def test_all_waits_are_woken_by_one_notification() -> None:
    wait, reached = RunWait(), []

    async def go() -> None:
        waiting = asyncio.gather(*(wait.until(lambda: bool(reached), LIMIT_S) for _ in range(3)))
        await asyncio.sleep(0)
        reached.append(True)
        wait.notify()
        await asyncio.wait_for(waiting, LIMIT_S / 2)

    asyncio.run(go())


def test_a_wait_ends_at_its_limit_without_an_error() -> None:
    asyncio.run(RunWait().until(lambda: False, limit_s=0.0))
    asyncio.run(RunWait().until(lambda: False, limit_s=0.001))


def test_a_wait_longer_than_a_timer_allows_is_made_of_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bench_app.engine.run_wait.WAIT_STEP_S", 0.001)
    looks = iter(range(5))
    asyncio.run(RunWait().until(lambda: next(looks) == 4, LIMIT_S))
    assert next(looks, None) is None


def test_stopping_ends_a_wait_that_is_stoppable() -> None:
    wait = RunWait()
    while_waiting(wait, wait.stop)
    assert wait.stopping and not wait.forced


def test_stopping_does_not_end_the_waits_of_the_drain() -> None:
    wait, reached = RunWait(), []

    async def go() -> bool:
        waiting = begin(wait, lambda: bool(reached), stoppable=False)
        await asyncio.sleep(0)
        wait.stop()
        for _ in range(3):
            await asyncio.sleep(0)
        went_on = not waiting.done()
        reached.append(True)
        wait.notify()
        await asyncio.wait_for(waiting, LIMIT_S / 2)
        return went_on

    assert asyncio.run(go())


def test_force_ends_every_wait() -> None:
    wait = RunWait()
    while_waiting(wait, wait.force, stoppable=False)
    assert wait.stopping and wait.forced


def test_a_broken_control_channel_ends_every_wait_with_its_cause() -> None:
    wait, broken = RunWait(), OSError("no file descriptors left")
    with pytest.raises(EngineError, match="lost its control channel: no file descriptors left") as raised:
        while_waiting(wait, lambda: wait.fail(broken), stoppable=False)
    assert raised.value.__cause__ is broken


def test_a_wait_that_begins_after_the_failure_fails_too() -> None:
    wait = RunWait()
    wait.fail(OSError("gone"))
    with pytest.raises(EngineError):
        asyncio.run(wait.until(lambda: False, LIMIT_S))


def test_a_limit_that_passes_while_the_loop_stands_still_leaves_time_to_read_what_has_come() -> None:
    wait, found = RunWait(), []

    async def go() -> bool:
        loop = asyncio.get_running_loop()

        def stand_still() -> None:
            end = loop.time() + 3 * STALLED_S
            while loop.time() < end:
                pass
            # What has come meanwhile is read some turns of the loop later.
            loop.call_later(0.0, loop.call_later, 0.0, report)

        def report() -> None:
            found.append(1)
            wait.notify()

        loop.call_soon(stand_still)
        await wait.until(lambda: bool(found), limit_s=STALLED_S / 2)
        return bool(found)

    assert asyncio.run(go())


def test_it_is_put_off_once() -> None:
    """A state that never comes has its limit all the same, however often the loop stands still."""
    wait = RunWait()

    async def go() -> None:
        loop = asyncio.get_running_loop()

        def stand_still() -> None:
            end = loop.time() + 2 * STALLED_S
            while loop.time() < end:
                pass
            loop.call_soon(stand_still)

        loop.call_soon(stand_still)
        await wait.until(lambda: False, limit_s=STALLED_S / 2)

    asyncio.run(go())
