"""Keeps the bench from running, on purpose: stops worker processes, and starts programs that use processors."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass

from bench_app.engine.run_once import FinishedRun, run_once
from bench_app.engine.session import Phase, Session
from bench_app.preset import documents

_BUSY = "import time\nend = time.monotonic() + float({seconds})\nwhile time.monotonic() < end: pass"


@dataclass(frozen=True)
class Freezes:
    """When the worker process of a unit is stopped.

    Attributes:
        unit: the title of a handler (``h``) or listener (``h/l``).
        after_s: when it is stopped first, in seconds of the run.
        frozen_s: for how long each time.
        every_s: from one stop to the next.
        times: how often.
    """

    unit: str
    after_s: float
    frozen_s: float
    every_s: float = 0.0
    times: int = 1

    async def carry_out(self, session: Session) -> None:
        """Stop and continue the worker while the session offers events."""
        while session.phase in (Phase.IDLE, Phase.OPENING):
            await asyncio.sleep(0.01)
        for number in range(self.times):
            await asyncio.sleep(max(0.0, self.after_s + number * self.every_s - session.elapsed_s))
            if session.phase is not Phase.RUNNING:
                return
            await self._freeze(session)

    async def _freeze(self, session: Session) -> None:
        unit = next(unit for unit in session.units.values() if unit.title == self.unit)
        pid = session.pid_of(unit)
        if pid is None:
            return
        os.kill(pid, signal.SIGSTOP)
        try:
            await asyncio.sleep(self.frozen_s)
        finally:
            os.kill(pid, signal.SIGCONT)


@contextlib.contextmanager
def busy_loops(count: int, seconds: float) -> Iterator[None]:
    """Programs that use one processor each. They end by themselves after ``seconds``."""
    code = _BUSY.format(seconds=seconds)
    programs = [subprocess.Popen([sys.executable, "-c", code]) for _ in range(count)]
    try:
        yield
    finally:
        for program in programs:
            program.kill()
            program.wait()


@contextlib.contextmanager
def one_processor() -> Iterator[None]:
    """Let this thread, and the processes that it starts, use one processor only."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(before)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def run_with(raw: dict[str, object], meanwhile: Callable[[Session], Awaitable[None]] | None = None) -> FinishedRun:
    """Run a preset to its end; ``meanwhile`` runs beside it."""
    return asyncio.run(_run_with(raw, meanwhile))


async def _run_with(raw: dict[str, object], meanwhile: Callable[[Session], Awaitable[None]] | None) -> FinishedRun:
    session = Session(documents.parse(raw, "bench"))
    if meanwhile is None:
        return await run_once(session)
    finished, _ = await asyncio.gather(run_once(session), meanwhile(session))
    return finished
