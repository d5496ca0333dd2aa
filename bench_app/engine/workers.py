"""The workers of a run: their processes, the messages to the units in them, and what happens when one ends.

A unit lives in a worker process. When a worker ends that was not asked to, while the run goes on, a new worker replaces
it. The new worker gets the same units, with the next incarnation number, and continues from the counters on disk.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable
from pathlib import Path

import msgspec

from bench_app.data_plane.choice import PlaneReport
from bench_app.engine.control.messages import Exit, Message, ReportAt, ToSession, unit_identity
from bench_app.engine.control.server import ControlServer
from bench_app.engine.events import EventKind
from bench_app.engine.open_orders import OpenOrders
from bench_app.engine.pinning import Pinning
from bench_app.engine.run_log import is_socket_log_enabled
from bench_app.engine.run_state import RunState
from bench_app.engine.state import HandlerState, ListenerState, UnitState
from bench_app.engine.worker_processes import Pool, WorkerProcess
from bench_app.engine.worker_state import WorkerState
from bench_app.engine.worker_template import WorkerTemplate
from bench_app.errors import EngineError
from bench_app.system.processors import allowed_processors

RESTART_LIMIT = 3
"""How often a unit's worker is replaced, ends by :meth:`Workers.kill` not counted."""


class Workers:
    """The worker processes of one run.

    Attributes:
        folder: the private folder of the run, with counters and the control socket.
        orders: makes the messages that open units.
        pinning: the processor of each worker.
    """

    def __init__(self, run: RunState, folder: Path, transport: str, template: WorkerTemplate | None = None) -> None:
        """Open the control channel; raises OSError."""
        self.folder = folder
        self.orders = OpenOrders(run.run_number, run.preset.bench)
        self._run = run
        self._control = ControlServer(folder, transport, debug=is_socket_log_enabled())
        self.pinning = Pinning(run.preset.bench.cpu_affinity, allowed_processors())
        setup = msgspec.structs.replace(self._control.setup, io_threads=run.preset.bench.io_threads)
        self._pool = Pool(setup, run.choice, template)

    @property
    def count(self) -> int:
        """How many processes there are now."""
        return len(self._pool.workers)

    def pid_of(self, unit: UnitState) -> int | None:
        """The number of the process that a unit lives in; None if it has ended."""
        worker = self._pool.workers.get(unit.worker)
        return None if worker is None else worker.process.pid

    async def receive(self, timeout_ms: int) -> list[tuple[str, ToSession]]:
        """The messages that have arrived, with their senders; waits up to ``timeout_ms`` for the first one."""
        return await self._control.receive(timeout_ms)

    async def send(self, unit: UnitState, message: Message) -> None:
        """Send a message to a unit. If its worker has ended, the message is dropped; the session notices the end."""
        await self._control.send(unit_identity(unit.unit, unit.restarts), message)

    async def send_open(self, unit: UnitState, not_before_ns: int) -> None:
        """Make a unit's worker open the unit. A listener waits with opening until ``not_before_ns``."""
        if isinstance(unit, HandlerState):
            listeners = self._run.roster.listeners_of(unit)
            await self._control.send(unit.worker, self.orders.open_handler(unit, listeners))
        elif isinstance(unit, ListenerState):
            self._record(unit)
            await self._control.send(unit.worker, self.orders.open_listener(unit, not_before_ns))

    def _record(self, listener: ListenerState) -> None:
        """Give a listener its place in the recording, if there is one. A replacement worker gets the same place."""
        recorder, plan = self._run.recorder, listener.handler.plan
        if recorder is not None and listener.record is None:
            source = f"{plan.name}/{listener.plan.name}"
            listener.record = recorder.tap(source, plan.pattern.sends_topic, plan.bench.framing == "joined")

    async def wait_ready(self) -> None:
        """Wait until processes can be started without waiting."""
        await asyncio.to_thread(self._pool.wait_ready)

    def start(self, units: Iterable[UnitState]) -> WorkerProcess:
        """Start a process for these units; raises EngineError if the system refuses."""
        states = list(units)
        processor = self.pinning.next_processor(worker.processor for worker in self._pool.workers.values())
        worker = self._pool.start([unit.unit for unit in states], processor)
        for unit in states:
            unit.worker = worker.name
        self._run.workers[worker.name] = WorkerState(worker.name, tuple(worker.units), processor)
        return worker

    async def worker_is_up(self, name: str, plane: PlaneReport, not_before_ns: int) -> None:
        """A worker is ready. A replacement worker gets the orders to open its units again."""
        worker = self._pool.workers.get(name)
        if worker is None:
            return
        worker.is_up = True
        self._run.workers[name].plane = plane
        for unit in self._units_in(worker):
            if unit.restarts:
                await self.send_open(unit, not_before_ns)

    def replace_dead(self, replaceable: bool) -> None:
        """Read the counters that dead workers left. While ``replaceable``, start new workers for their units."""
        for worker in self._pool.take_dead():
            self._replace(worker, replaceable)

    def _replace(self, worker: WorkerProcess, replaceable: bool) -> None:
        to_restart: list[UnitState] = []
        ending = worker.ending or ""
        for unit in self._units_in(worker):
            if unit.done:
                continue
            # Each kill by a user explains one end of the worker. A further end is a crash.
            is_crash = unit.restarts >= unit.kills
            self._run.events.emit_unit(
                unit, f"its worker {ending}", marker=True, is_error=is_crash, kind=EventKind.FAULT
            )
            if is_crash:
                unit.ending = ending
            unit.close_crashed_counters()
            if not unit.opened:
                unit.failed = f"its worker {ending}"
            elif replaceable and unit.restarts - unit.kills < RESTART_LIMIT and not unit.is_draining:
                unit.restarts += 1
                self._begin_recovery(unit)
                to_restart.append(unit)
            else:
                unit.crashed = True
            # The first unit's event has the last lines of the standard error; the other units' events do not repeat it.
            ending = worker.exit_status or ""
        if to_restart:
            self._restart(to_restart)

    def _restart(self, units: list[UnitState]) -> None:
        try:
            self.start(units)
        except EngineError as error:
            for unit in units:
                unit.crashed = True
                self._run.events.emit_unit(unit, str(error), is_error=True)
            return
        for unit in units:
            self._run.events.emit_unit(unit, "another worker replaces it")

    def _begin_recovery(self, unit: UnitState) -> None:
        """Expect that a unit is late. A replaced handler sends what was due meanwhile: its listeners are late, too."""
        now_ns = time.perf_counter_ns()
        unit.begin_recovery(now_ns)
        if isinstance(unit, HandlerState):
            for listener in self._run.roster.listeners_of(unit):
                listener.begin_recovery(now_ns)

    def kill(self, unit: UnitState) -> None:
        """Kill the worker of a unit, as a fault for a test."""
        worker = self._pool.workers.get(unit.worker)
        if worker is None:
            return
        for each in self._units_in(worker):
            each.kills += 1
        self._pool.kill(worker)

    def kill_hanging(self, units: Iterable[UnitState], why: str) -> None:
        """Kill the workers of units that do not end by themselves, and read the counters they leave."""
        for unit in units:
            self._run.events.emit_unit(unit, f"{why} and was ended by force")
            worker = self._pool.workers.get(unit.worker)
            if worker is not None:
                for each in self._units_in(worker):
                    each.hung = each.hung or (why if each is unit else f"shared a process with one that {why}")
                self._pool.kill_and_wait(worker)
        self.replace_dead(replaceable=False)

    async def request_reports(self, at_ns: int) -> None:
        """Ask each worker for a report on itself that ends at this moment, or now if that is past."""
        for worker in self._pool.workers.values():
            await self._control.send(worker.name, ReportAt(at_ns=at_ns))

    async def end_idle(self) -> None:
        """End the workers in which every unit is done."""
        for worker in self._pool.workers.values():
            if not worker.asked_to_exit and all(unit.done for unit in self._units_in(worker)):
                await self._send_exit(worker)

    async def end_all(self, force: bool) -> list[str]:
        """End all workers, at once with ``force``. Returns a message for each worker that did not end when asked."""
        for worker in self._pool.workers.values():
            if force:
                worker.asked_to_exit = True
                self._pool.kill(worker)
            else:
                await self._send_exit(worker)
        return await asyncio.to_thread(self._pool.end_all)

    def close(self) -> None:
        """Close the control channel."""
        self._control.close()

    async def _send_exit(self, worker: WorkerProcess) -> None:
        worker.asked_to_exit = True
        await self._control.send(worker.name, Exit())

    def _units_in(self, worker: WorkerProcess) -> list[UnitState]:
        return [self._run.roster.units[unit] for unit in worker.units]
