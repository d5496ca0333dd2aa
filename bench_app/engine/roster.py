"""Who takes part in a run, and the worker processes they live in: session -> **crew** -> workers.

Keeps every unit's state and book, those of units that have left included; speaks to units, and starts, buries and ends
their workers. What happens when, and how long one waits for it, is the session's business.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from pathlib import Path

from bench_app.engine.control.messages import Close, Exit, Message, unit_identity
from bench_app.engine.control.server import ControlServer
from bench_app.engine.live_ledger import close_books, may_close
from bench_app.engine.open_orders import OpenOrders
from bench_app.engine.plan import HandlerPlan
from bench_app.engine.pool import Pool, WorkerProcess
from bench_app.engine.run_log import wants_debug
from bench_app.engine.state import HandlerState, ListenerState, UnitState
from bench_app.measure.counters import HandlerSlot, ListenerSlot, MappedCounters

RESTART_LIMIT = 3
Tell = Callable[[UnitState, str, bool, bool], None]
"""Of a unit a sentence; whether plots should mark it; whether it is trouble."""


class UnitRoster:
    """All units of one run. ``tell`` is told what a person should read of a unit, and whether plots should mark it.

    Nothing works before :meth:`open`.
    """

    def __init__(self, orders: OpenOrders, tell: Tell) -> None:
        self.handlers: dict[str, HandlerState] = {}
        self.listeners: dict[str, ListenerState] = {}
        self.units: dict[str, UnitState] = {}
        self.orders = orders
        self._tell = tell

    def open(self, folder: Path, transport: str) -> None:
        """Make the line to the workers; ``folder`` is private, and books live in it. Raises OSError."""
        self._folder = folder
        self.switchboard = ControlServer(folder, transport, debug=wants_debug())
        self.pool = Pool(self.switchboard.setup)

    @property
    def worker_count(self) -> int:
        """Worker processes that are there now."""
        return len(self.pool.workers) if hasattr(self, "pool") else 0

    # Who is there.

    def add(self, plan: HandlerPlan, base_dir: Path, joined_s: float) -> HandlerState:
        """Take a handler and its listeners in, each with an empty book. Raises EngineError where the disk is full."""
        handler = HandlerState(plan.unit, self._new_book(plan.unit, HandlerSlot), plan=plan, base_dir=base_dir)
        handler.joined_s = joined_s
        self.handlers[plan.name] = self.units[plan.unit] = handler
        for one in plan.listeners:
            listener = ListenerState(one.unit, self._new_book(one.unit, ListenerSlot), plan=one, handler=handler)
            self.listeners[one.unit] = self.units[one.unit] = listener
        return handler

    def _new_book(self, unit: str, slots: type[HandlerSlot] | type[ListenerSlot]) -> Path:
        book = self._folder / f"{unit.replace('/', '-')}.book"
        MappedCounters(book, slots, create=True).close()
        return book

    def listeners_of(self, handler: HandlerState) -> list[ListenerState]:
        """A handler's listeners, in the preset's order."""
        return [self.listeners[listener.unit] for listener in handler.plan.listeners]

    def units_of(self, handlers: Iterable[HandlerState]) -> list[UnitState]:
        """Handlers with their listeners."""
        units: list[UnitState] = []
        for handler in handlers:
            units += [handler, *self.listeners_of(handler)]
        return units

    def speaker(self, identity: str, name: str) -> UnitState | None:
        """The unit that speaks; None for a late word of a worker that was replaced since: its book has said it all."""
        unit = self.units.get(name)
        return None if unit is None or unit_identity(unit.unit, unit.restarts) != identity else unit

    def fail(self, units: Iterable[str], reason: str) -> None:
        """Count units as failed that are not done yet."""
        for name in units:
            if not self.units[name].done:
                self.units[name].failed = reason
                self._tell(self.units[name], reason, True, True)

    # What is said to them.

    async def send(self, unit: UnitState, message: Message) -> None:
        """Tell a unit something. Where it is gone its worker's end tells, so an unreachable one needs no answer."""
        await self.switchboard.send(unit_identity(unit.unit, unit.restarts), message)

    async def send_open(self, unit: UnitState, not_before_ns: int) -> None:
        """Have a unit's worker open it; a listener that connects does so at ``not_before_ns`` at the earliest."""
        if isinstance(unit, HandlerState):
            await self.switchboard.send(unit.worker, self.orders.open_handler(unit, self.listeners_of(unit)))
        elif isinstance(unit, ListenerState):
            await self.switchboard.send(unit.worker, self.orders.open_listener(unit, not_before_ns))

    async def release_handlers(self) -> None:
        """Let handlers close that only wait for their listeners, once those have all there is."""
        for handler in list(self.handlers.values()):
            if not handler.released and not handler.done and may_close(handler, self.listeners_of(handler)):
                handler.released = True
                await self.send(handler, Close())

    # Their workers.

    def start_worker(self, units: Iterable[str]) -> WorkerProcess:
        """Start a process for these units. Raises EngineError where the system refuses."""
        worker = self.pool.start(list(units))
        for unit in worker.units:
            self.units[unit].worker = worker.name
        return worker

    async def greet(self, name: str, not_before_ns: int) -> None:
        """A worker is up; one that takes a dead one's place has its units opened again."""
        worker = self.pool.workers.get(name)
        if worker is None:
            return
        worker.is_up = True
        for unit_name in worker.units:
            if self.units[unit_name].restarts:
                await self.send_open(self.units[unit_name], not_before_ns)

    def bury_the_dead(self, replaceable: bool) -> None:
        """Close the books of dead workers' units; while ``replaceable``, new workers go on with them."""
        for worker in self.pool.take_dead():
            self._bury(worker, replaceable)

    def _bury(self, worker: WorkerProcess, replaceable: bool) -> None:
        again: list[str] = []
        ending = worker.ending or ""
        for name in worker.units:
            unit = self.units[name]
            if unit.done:
                continue
            self._tell(unit, f"its worker {ending}", True, unit.restarts >= unit.kills)
            if unit.restarts >= unit.kills:
                unit.ending = ending
            unit.close_crashed_book()
            if not unit.opened:
                unit.failed = f"its worker {ending}"
            elif replaceable and unit.restarts - unit.kills < RESTART_LIMIT and not unit.is_draining:
                unit.restarts += 1
                again.append(name)
            else:
                unit.crashed = True
            # The last words of a worker of many units are told once.
            ending = worker.manner or ""
        if again:
            self.start_worker(again)
            for name in again:
                self._tell(self.units[name], "another worker takes its place", False, False)

    def kill(self, unit: UnitState) -> None:
        """Kill a unit's worker, as a fault to be watched."""
        worker = self.pool.workers.get(unit.worker)
        if worker is None:
            return
        for name in worker.units:
            self.units[name].kills += 1
        self.pool.kill(worker)

    def kill_hanging(self, units: Iterable[UnitState], why: str) -> None:
        """End the workers of units that do not end by themselves, and close their books."""
        for unit in units:
            self._tell(unit, f"{why} and was ended by force", False, False)
            worker = self.pool.workers.get(unit.worker)
            if worker is not None:
                self.pool.kill(worker)
                worker.process.wait()
        self.bury_the_dead(replaceable=False)

    async def end_idle_workers(self) -> None:
        """Let go of workers all of whose units have left."""
        for worker in self.pool.workers.values():
            if not worker.told_to_exit and all(self.units[unit].done for unit in worker.units):
                worker.told_to_exit = True
                await self.switchboard.send(worker.name, Exit())

    async def end_workers(self, force: bool) -> list[str]:
        """End all workers, by force where asked for; returns a sentence for each that had to be forced."""
        for worker in self.pool.workers.values():
            worker.told_to_exit = True
            if force:
                self.pool.kill(worker)
            else:
                await self.switchboard.send(worker.name, Exit())
        return await asyncio.to_thread(self.pool.end_all)

    def close(self) -> None:
        """Close all books and the line."""
        close_books(self.handlers.values(), self.listeners.values())
        self.switchboard.close()
