"""A task is kept until its end and reports its error."""

from __future__ import annotations

import asyncio
import gc
import weakref

import pytest

from bench_app.system.tasks import spawn


def run(errors: list[BaseException], work: object) -> None:
    async def main() -> None:
        task = spawn(work, name="work", on_error=errors.append)  # type: ignore[arg-type]
        assert task.get_name() == "work"
        await asyncio.wait({task})

    asyncio.run(main())


def test_an_error_is_reported() -> None:
    async def fail() -> None:
        raise ValueError("x")

    errors: list[BaseException] = []
    run(errors, fail())
    assert [str(error) for error in errors] == ["x"]


def test_a_result_and_a_cancellation_are_no_errors() -> None:
    async def succeed() -> int:
        return 1

    async def cancel() -> None:
        raise asyncio.CancelledError

    errors: list[BaseException] = []
    run(errors, succeed())
    run(errors, cancel())
    assert errors == []


def test_a_task_without_references_runs_to_its_end() -> None:
    done: list[str] = []

    async def wait_for(gate: asyncio.Future[None]) -> None:
        await gate
        done.append("done")

    async def main() -> None:
        # The task and its future refer only to each other, so without another reference both would be collected.
        gate: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        spawn(wait_for(gate), name="work", on_error=pytest.fail)
        seen = weakref.ref(gate)
        del gate
        await asyncio.sleep(0)
        gc.collect()
        future = seen()
        assert future is not None
        future.set_result(None)
        del future
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        gc.collect()
        assert seen() is None, "a finished task is not kept"

    asyncio.run(main())
    assert done == ["done"]
