"""The way of handlers into a run: open -> start gate -> start. Handlers that join later take the same way.

Invariants:
- A unit that binds is open before its peers open, so that they connect to its real port.
- With a start gate nothing is offered before the paired listeners are connected. Without one, a handler that binds
  starts before its listeners exist, as in production: a late subscriber then misses what was sent before.
- Every wait has a limit. A unit that is not open by then counts as failed, and the run goes on without it.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import TypeGuard

from bench_app.engine.control.messages import Drain, Pause, Start, StopSource
from bench_app.engine.descriptors_needed import descriptors_here, descriptors_of_worker
from bench_app.engine.plan import place
from bench_app.engine.run_state import Phase, RunState
from bench_app.engine.state import HandlerState, ListenerState, UnitState
from bench_app.engine.worker_processes import WorkerProcess
from bench_app.engine.workers import Workers
from bench_app.errors import EngineError, InputError
from bench_app.measure.clock import NS_PER_MS
from bench_app.system.descriptors import shortage
from bench_app.system.processors import usable_processors

OPEN_LIMIT_S = 30.0
GATE_LIMIT_S = 5.0
START_DELAY_NS = 50 * NS_PER_MS
SHARED_START_DELAY_NS = 100 * NS_PER_MS
"""Units that share a worker poll their control messages less often, so Start has to come earlier."""
LATE_BY_NS = 20 * NS_PER_MS
"""How long after its handler's start a listener without a gate connects. A subscriber then always misses the first
messages. If both started at the same moment, chance would decide: with a busy processor, one run in 20 lost nothing."""


class Starter:
    """Opens and starts handlers with their listeners."""

    def __init__(self, run: RunState, workers: Workers) -> None:
        self._run = run
        self._workers = workers

    def add_states(self, names: Iterable[str]) -> list[HandlerState]:
        """Plan handlers of the preset and add them to the run, with empty counters."""
        run = self._run
        numbers = {name: number for number, name in enumerate(names, run.roster.highest_number + 1)}
        base_dir, joined_s = run.document.base_dir, run.clock.elapsed_s
        plans = run.plans_of(numbers)
        handlers = [run.roster.add(plan, self._workers.folder, base_dir, joined_s) for plan in plans]
        # A handler that joins later begins with the first record of its file.
        zeros = {} if joined_s else run.recorded_zeros(plans)
        for handler in handlers:
            handler.recorded_zero_ns = zeros.get(handler.plan.spec.sink)
        return handlers

    async def bring_up(self, handlers: list[HandlerState]) -> None:
        """Open handlers and their listeners, wait until they are connected, and start them."""
        groups = place([handler.plan for handler in handlers], usable_processors())
        await self._start_workers(groups)
        await self._open_units(handlers)
        for handler in handlers:
            self._run.emit_replacement(handler)
        await self._wait_at_gate(handlers)
        if not self._run.wait.stopping and any(handler.opened and not handler.done for handler in handlers):
            await self._start(handlers, shared=any(len(units) > 1 for units in groups))

    async def _start_workers(self, groups: Sequence[Sequence[str]]) -> None:
        workers = []
        placed = [[self._run.roster.units[unit] for unit in group] for group in groups]
        message = self._shortage(placed)
        if message is not None:
            self._run.fail([unit for units in placed for unit in units], message)
            return
        await self._workers.wait_ready()
        for units in placed:
            try:
                workers.append((self._workers.start(units), units))
            except EngineError as error:
                self._run.fail(units, str(error))
            # Starting a process holds the loop for some milliseconds. A window draws in between.
            await asyncio.sleep(0)
        await self._run.wait.until(lambda: all(worker.is_up or worker.ending for worker, _ in workers), OPEN_LIMIT_S)
        self._refuse_other_plane([worker for worker, _ in workers])
        for worker, units in workers:
            if not worker.is_up and not self._run.wait.stopping:
                ending = worker.ending
                late = f"its worker process did not start within {OPEN_LIMIT_S:.0f} s"
                self._run.fail(units, f"its worker {ending}" if ending else late)

    def _shortage(self, placed: Sequence[Sequence[UnitState]]) -> str | None:
        """Why this process or a worker would run out of file descriptors; None if none will."""
        io_threads, is_recording = self._run.preset.bench.io_threads, self._run.recorder is not None
        largest = max((descriptors_of_worker(units, io_threads, is_recording) for units in placed), default=0)
        return shortage(descriptors_here(placed), in_child=largest)

    def _refuse_other_plane(self, workers: Iterable[WorkerProcess]) -> None:
        """Raise InputError if a worker does not use the data plane or the libzmq that a user has asked for."""
        choice = self._run.choice
        for worker in workers:
            plane = self._run.workers[worker.name].plane
            refusal = (
                choice.refusal(plane) if plane is not None else choice.early_refusal(worker.ending or "did not answer")
            )
            if refusal and not self._run.wait.stopping:
                raise InputError(refusal)

    async def _open_units(self, handlers: list[HandlerState]) -> None:
        """Open the units that bind first: the others then know where to connect to."""
        units = self._run.roster.units_of(handlers)
        await self._open([unit for unit in units if _binds(unit) and not unit.done])
        for handler in handlers:
            self._fail_without_peer(handler)
        await self._open(
            [unit for unit in units if not unit.opened and not unit.done and not self._joins_late(unit)],
        )

    def _fail_without_peer(self, handler: HandlerState) -> None:
        """A handler cannot run if a listener that it connects to failed, nor listeners if their handler failed."""
        listeners = self._run.roster.listeners_of(handler)
        missing = [one for one in listeners if one.failed and one.plan.bind and not one.plan.has_own_endpoint]
        if missing and not handler.plan.bind:
            name, reason = missing[0].plan.name, missing[0].failed
            handler.failed = f"not started, because its listener {name} could not be opened: {reason}"
        if handler.failed:
            unopened = [one for one in listeners if not one.opened]
            self._run.fail(unopened, "not started, because its handler was not started")

    def _joins_late(self, unit: UnitState) -> TypeGuard[ListenerState]:
        """Without a start gate, the listener of a handler that binds opens after its handler has started."""
        return isinstance(unit, ListenerState) and unit.handler.plan.bind and not unit.handler.plan.bench.start_gate

    async def _open(self, units: list[UnitState]) -> None:
        for unit in units:
            await self._send_open(unit)
        await self._run.wait.until(lambda: all(unit.opened or unit.done for unit in units), OPEN_LIMIT_S)
        if not self._run.wait.stopping:
            late = [unit for unit in units if not unit.opened and not unit.done]
            self._run.fail(late, f"was not open after {OPEN_LIMIT_S:.0f} s")

    async def _wait_at_gate(self, handlers: list[HandlerState]) -> None:
        """Wait until the paired listeners are connected, or subscribed."""
        gated = [one for one in handlers if one.opened and one.plan.bench.start_gate and one.plan.listeners]
        await self._run.wait.until(lambda: all(one.ready or one.done for one in gated), GATE_LIMIT_S)
        for handler in gated:
            if not handler.ready and not handler.done and not self._run.wait.stopping:
                self._run.faults.append(
                    f"{handler.name}: not all of its listeners were connected after {GATE_LIMIT_S:.0f} s; "
                    f"started without them"
                )

    async def _start(self, handlers: list[HandlerState], shared: bool) -> None:
        """Send handlers and their listeners the time at which they start. The first such time is the run's start."""
        run = self._run
        start_ns = time.perf_counter_ns() + (SHARED_START_DELAY_NS if shared else START_DELAY_NS)
        if run.clock.start_ns is None:
            run.started_at = datetime.now(UTC)
            run.clock.start_ns = start_ns
            run.clock.start_wall_ns = time.time_ns() + start_ns - time.perf_counter_ns()
            run.enter(Phase.RUNNING)
        for handler in handlers:
            handler.start_ns = start_ns - run.clock.pauses_ns
        for unit in run.roster.units_of(handlers):
            if unit.opened:
                await self.send_start(unit)
            elif not unit.done:
                await self._send_open(unit)

    async def send_start(self, unit: UnitState) -> None:
        """Send an open unit the messages that units of the run have got so far.

        A unit that a replacement worker has opened needs them, too. A handler gets its own start. A listener gets the
        start of the run, because the times in its spec, such as those of a stall, count from there.
        """
        clock = self._run.clock
        if clock.start_ns is not None and isinstance(unit, HandlerState | ListenerState):
            handler = unit if isinstance(unit, HandlerState) else unit.handler
            if handler.start_ns:
                begin_ns = handler.start_ns if isinstance(unit, HandlerState) else clock.start_ns
                await self._workers.send(unit, Start(at_ns=begin_ns + clock.pauses_ns))
            if self._run.phase is Phase.DRAINING or handler.has_left:
                # A replacement worker that opens its units during the drain never got these messages.
                drain = Drain(offering_ended_ns=handler.source_ended_ns)
                await self._workers.send(unit, StopSource() if isinstance(unit, HandlerState) else drain)
        if self._run.is_paused(unit):
            await self._workers.send(unit, Pause(paused=True))

    async def _send_open(self, unit: UnitState) -> None:
        clock = self._run.clock
        not_before_ns = clock.start_ns or 0
        if self._joins_late(unit):
            not_before_ns = unit.handler.start_ns + clock.pauses_ns + LATE_BY_NS
        await self._workers.send_open(unit, not_before_ns)


def _binds(unit: UnitState) -> bool:
    return isinstance(unit, HandlerState | ListenerState) and unit.plan.bind
