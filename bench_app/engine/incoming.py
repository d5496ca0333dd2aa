"""Messages from the workers: control channel -> **incoming** -> unit states, events, log."""

from __future__ import annotations

import asyncio
import time

from bench_app.engine.control.messages import (
    Drain,
    Drained,
    EventsOffered,
    Failed,
    Finished,
    HandlerReport,
    Hello,
    ListenerReport,
    Logged,
    Moved,
    Notice,
    Opened,
    Ready,
    ReceivedNumbers,
    RequestAnswered,
    SourceEnded,
    ToSession,
    WorkerReport,
)
from bench_app.engine.live_losses import LiveLosses
from bench_app.engine.run_log import log_socket
from bench_app.engine.run_state import Phase, RunState
from bench_app.engine.starting import Starter
from bench_app.engine.state import HandlerState, ListenerState, UnitState
from bench_app.engine.stopping import Stopper
from bench_app.engine.worker_state import WorkerState
from bench_app.engine.workers import Workers
from bench_app.measure.source_counts import SourceCounts

POLL_MS = 50
"""How often the session looks for ended workers while no message arrives."""
HANDLED_AT_ONCE = 16
"""Messages handled before the event loop gets a turn: a window's loop has to draw in between."""


class Incoming:
    """Handles the messages of workers and units."""

    def __init__(self, run: RunState, workers: Workers, starter: Starter, stopper: Stopper) -> None:
        self._run = run
        self._workers = workers
        self._starter = starter
        self._stopper = stopper
        self._losses = LiveLosses()

    async def listen(self) -> None:
        """Handle messages, and notice workers that end, until cancelled."""
        run = self._run
        while True:
            for number, (identity, message) in enumerate(await self._workers.receive(POLL_MS), start=1):
                await self.handle(identity, message)
                if number % HANDLED_AT_ONCE == 0:
                    await asyncio.sleep(0)
            self._workers.replace_dead(replaceable=run.phase is Phase.RUNNING and not run.wait.stopping)
            await self._stopper.release_handlers()
            run.wait.notify()

    async def handle(self, identity: str, message: ToSession) -> None:
        """Handle one message. ``identity`` is the sender's identity on the control channel."""
        if isinstance(message, Hello):
            if identity in self._run.workers:
                self._run.workers[identity].pinning_failure = message.pinning_failure
            await self._workers.worker_is_up(identity, message.plane, self._run.clock.start_ns or 0)
            return
        if isinstance(message, WorkerReport):
            # A worker reports on itself over a channel of its own.
            if message.worker in self._run.workers:
                worker = self._run.workers[message.worker]
                is_judged = self._is_judged(worker, message)
                worker.take(message, is_judged)
                if not is_judged:
                    late_ns = self._run.measured_stall_ns(message.since_ns, message.at_ns)
                    worker.note_stall(min(late_ns, message.stall.max_ns))
            return
        if isinstance(message, Logged):
            sender = self._run.roster.units.get(message.unit)
            log_socket(message, message.unit if sender is None else sender.title)
            return
        unit = self._run.roster.sender(identity, message.unit)
        if isinstance(unit, HandlerState):
            await self._handle_of_handler(unit, message)
        elif isinstance(unit, ListenerState):
            await self._handle_of_listener(unit, message)

    def _is_judged(self, worker: WorkerState, report: WorkerReport) -> bool:
        """Whether what a worker reports counts: while events are offered, and none of its units is catching up."""
        units = self._run.roster.units
        is_recovering = any(units[unit].is_recovering_at(report.since_ns) for unit in worker.units)
        return self._run.is_measured_between(report.since_ns, report.at_ns) and not is_recovering

    async def _handle_of_handler(self, handler: HandlerState, message: ToSession) -> None:
        match message:
            case HandlerReport():
                before_ns = handler.last_report_ns
                handler.take(message)
                self._losses.note_handler(handler, self._run.roster.listeners_of(handler), before_ns)
            case Ready():
                handler.ready = True
            case SourceEnded(at_ns=at_ns, failure=failure):
                handler.source_ended_ns = at_ns
                handler.source_failure = failure
                # No more delays and stalls in the listeners: the drain would wait for them, and its limit could
                # count messages as lost that a listener has not read yet.
                for listener in self._run.roster.listeners_of(handler):
                    await self._workers.send(listener, Drain(offering_ended_ns=at_ns))
            case EventsOffered():
                handler.manual_sends.take_offered(message)
            case RequestAnswered():
                handler.manual_sends.take_answer(message)
            case Drained():
                handler.drained_ns = time.perf_counter_ns()
            case Finished():
                handler.finished = True
                handler.finished_ns = time.perf_counter_ns()
            case _:
                await self._handle_of_unit(handler, message)

    async def _handle_of_listener(self, listener: ListenerState, message: ToSession) -> None:
        match message:
            case ListenerReport():
                listener.take(message)
                self._losses.note_listener(listener.handler, listener)
            case ReceivedNumbers(numbers=numbers):
                listener.take_numbers(numbers)
            case Finished():
                listener.finished = True
            case _:
                await self._handle_of_unit(listener, message)

    async def _handle_of_unit(self, unit: UnitState, message: ToSession) -> None:
        match message:
            case Opened(endpoint=endpoint):
                unit.endpoint = endpoint
                if isinstance(unit, HandlerState | ListenerState) and unit.plan.is_open_to_network:
                    self._run.events.emit_unit(unit, f"bound to {endpoint}: other machines can connect")
                await self._starter.send_start(unit)
            case Moved():
                self._note_move(unit, message)
            case Failed(reason=reason, at_ns=at_ns, skipped=skipped):
                unit.failed = reason
                if isinstance(unit, HandlerState) and skipped:
                    unit.source = SourceCounts(skipped=skipped)
                self._run.events.emit_unit(unit, reason, marker=True, is_error=True, at_ns=at_ns)
            case Notice(message=text, marker=marker, at_ns=at_ns):
                # It may say that the socket was recreated. A unit that says something does not hang.
                unit.has_reopened = True
                self._run.events.emit_unit(unit, text, marker=marker, at_ns=at_ns)
            case _:
                pass

    def _note_move(self, unit: UnitState, moved: Moved) -> None:
        unit.moves += 1
        unit.has_reopened = True
        unit.endpoint = moved.endpoint or unit.endpoint
        self._run.events.emit_unit(unit, _format_move(moved), marker=True, at_ns=moved.at_ns)


def _format_move(moved: Moved) -> str:
    if not moved.failure:
        return f"moved to {moved.endpoint}"
    if moved.endpoint:
        return f"stays at {moved.endpoint}: {moved.failure}"
    return f"could not move, and its socket is closed: {moved.failure}"
