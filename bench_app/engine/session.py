"""A run from start to end: makes what runs equal to what the preset wants. Asyncio, no Qt; window and terminal use it.

open -> gate -> offer -> drain -> handlers close -> listeners close, each step waited for by what units report, never
by sleeping, and each with a limit after which the run goes on without the unit and says so. Workers that crash are
replaced; their books stay.
Handlers that join a run under way, or leave it, take the same steps, by themselves.
"""

from __future__ import annotations

import asyncio
import shutil
import time
from collections import deque
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from enum import Enum
from secrets import randbits
from typing import TypeGuard

import msgspec

from bench_app.engine.changes import Changes, changes_between
from bench_app.engine.control.messages import (
    ChangeHandler,
    ChangeListener,
    Close,
    Drain,
    Drained,
    Failed,
    Finished,
    HandlerReport,
    Hello,
    ListenerReport,
    Logged,
    Message,
    Move,
    Moved,
    Notice,
    Opened,
    Pause,
    Ready,
    Reconnect,
    SendEvent,
    SourceEnded,
    Start,
    StopSource,
    ToSession,
)
from bench_app.engine.events import CHANGE, ENGINE, EventKind, RunEvent
from bench_app.engine.limits import LINGER_LIMIT_S
from bench_app.engine.live_ledger import is_quiet
from bench_app.engine.open_orders import OpenOrders
from bench_app.engine.plan import HandlerPlan, place, plan_handlers
from bench_app.engine.roster import UnitRoster
from bench_app.engine.run_log import logging_events, relay
from bench_app.engine.sampler import Sampler
from bench_app.engine.state import HandlerState, ListenerState, UnitState
from bench_app.errors import EngineError
from bench_app.model import HandlerBench, HandlerSpec, ListenerSpec, Load, Source
from bench_app.preset.documents import Document
from bench_app.system.private_folder import private_folder
from bench_app.system.tasks import spawn

EVENTS_KEPT = 5000
POLL_MS = 50
OPEN_LIMIT_S = 30.0
GATE_LIMIT_S = 5.0
OVERTIME_S = 15.0
"""How long after the end of its duration a handler may still offer what was due; then it hangs."""
CLOSE_MARGIN_S = 5.0
MOVE_LIMIT_S = 10.0
QUIET_LIMIT_S = 15.0
START_DELAY_NS = 50_000_000
SHARED_START_DELAY_NS = 100_000_000
"""Units that share a worker look less often whether there is a start."""
LATE_BY_NS = 20_000_000
"""So long after their handler has begun those come who join late. If both began at the same moment, it would be chance
which of the two is first: with a busy processor, one time in twenty nothing was lost."""
WAIT_STEP_S = 60.0
"""Waits are cut to this: a Qt timer takes no more than 24 days."""
HANDLED_AT_ONCE = 16
"""A loop that also draws gets its turn after so many messages handled."""
FOR_EVER_S = 3e7
"""A year: what ends sooner has a limit of its own."""


class Phase(Enum):
    """Where a run is."""

    IDLE = "idle"
    OPENING = "opening"
    RUNNING = "running"
    DRAINING = "draining"
    DONE = "done"


class Session:
    """One run of one preset. Use it once: ``await session.run()``."""

    def __init__(
        self,
        document: Document,
        on_event: Callable[[RunEvent], None] = lambda event: None,
        transport: str = "ipc",
        keep_series: bool = False,
    ) -> None:
        self.document = document
        self._applied_preset = document.preset
        self.sampler = Sampler() if keep_series else None
        """The time series of all units, for plots; None without ``keep_series``."""
        self.phase = Phase.IDLE
        self.started_at = datetime.now(UTC)
        self.interrupted = False
        self.faults: list[str] = []
        """Reasons why the reading is invalid that no single unit's state tells."""
        self.start_ns: int | None = None
        self.ended_ns: int | None = None
        self._paused_since_ns: int | None = None
        self._paused_ns = 0
        self._transport = transport
        self.events: deque[RunEvent] = deque(maxlen=EVENTS_KEPT)
        """The newest events, oldest first."""
        self._on_event = logging_events(on_event)
        self._crew = UnitRoster(OpenOrders(randbits(32), document.preset.bench), self._tell)
        self._numbers: dict[str, int] = {}
        self._changing = asyncio.Lock()
        self._changed = asyncio.Event()
        self._stopping = False
        self._forced = False
        self._listen_error: BaseException | None = None

    @property
    def duration_s(self) -> float:
        """How long events are to be offered."""
        return self._applied_preset.bench.duration_s

    @property
    def elapsed_s(self) -> float:
        """Seconds of offering so far; stays when offering has ended."""
        if self.start_ns is None:
            return 0.0
        end_ns = self.ended_ns or self._paused_since_ns or time.perf_counter_ns()
        return max(0.0, (end_ns - self.start_ns - self._paused_ns) / 1e9)

    @property
    def now_s(self) -> float:
        """Seconds since the run's start, pauses included, 0 before it: the time axis of events and time series."""
        return self.run_time_s(time.perf_counter_ns())

    def run_time_s(self, at_ns: int) -> float:
        """A ``perf_counter_ns`` of this machine as seconds since the run's start, 0 before it."""
        return 0.0 if self.start_ns is None else max(0.0, (at_ns - self.start_ns) / 1e9)

    @property
    def paused_s(self) -> float:
        """Seconds that all sources stood still so far, while events were to be offered."""
        since_ns = self._paused_since_ns
        now_ns = 0 if since_ns is None else time.perf_counter_ns() - since_ns
        return (self._paused_ns + now_ns) / 1e9

    @property
    def worker_count(self) -> int:
        """Worker processes that are there now."""
        return self._crew.worker_count

    @property
    def paused(self) -> bool:
        """True while all sources stand still."""
        return self._paused_since_ns is not None

    def seconds_of(self, handler: HandlerState) -> float:
        """Seconds a handler has offered: those of the run, but for one that joined later or left before its end."""
        if self.start_ns is None or not handler.start_ns:
            return 0.0
        begun_s = (handler.start_ns - self.start_ns) / 1e9
        return max(0.0, (self.elapsed_s if handler.departure is None else handler.departure.at_s) - begun_s)

    @property
    def handlers(self) -> dict[str, HandlerState]:
        """Every handler that takes part or did, by name."""
        return self._crew.handlers

    @property
    def listeners(self) -> dict[str, ListenerState]:
        """Every listener, by unit."""
        return self._crew.listeners

    @property
    def present(self) -> dict[str, HandlerState]:
        """The handlers that have not left the run, by name."""
        return {name: handler for name, handler in self.handlers.items() if not handler.has_left}

    def listeners_of(self, handler: HandlerState) -> list[ListenerState]:
        """A handler's listeners, in the preset's order."""
        return self._crew.listeners_of(handler)

    async def run(self) -> None:
        """Run the preset to its end; afterwards all books are closed and every process is gone.

        Raises EngineError where the engine cannot work at all; whatever else goes wrong is in the states and faults.
        """
        folder = private_folder()
        try:
            self._crew.open(folder, self._transport)
            tasks = [spawn(self._listen(), name="session-listen", on_error=self._listening_failed)]
            if self.sampler is not None:
                tasks.append(spawn(self.sampler.follow(self), name="session-sampler", on_error=self._listening_failed))
            try:
                await self._run_phases()
            finally:
                for sentence in await self._crew.end_workers(force=self._forced):
                    self._emit(EventKind.ENGINE, ENGINE, sentence)
                for task in tasks:
                    task.cancel()
                self._crew.close()
                if self.sampler is not None:
                    self.sampler.finish(self)
                self._enter(Phase.DONE)
        except BrokenPipeError:
            # Not ours: who is told of the events has nobody left to tell.
            raise
        except OSError as error:
            raise EngineError(f"the engine could not start: {error}") from error
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def stop(self) -> None:
        """End the run early: sources first, then drain and close as at the end."""
        self.interrupted = True
        self._stopping = True
        self._changed.set()

    def force_stop(self) -> None:
        """End the run now: workers are killed, their books closed as they lie on disk."""
        self.interrupted = True
        self._stopping = True
        self._forced = True
        self._changed.set()

    async def apply(self, document: Document) -> Changes:
        """Make the run what ``document`` wants, as far as a run can change; says what waits for the next start.

        Waits until every handler that leaves, joins or restarts has done so. Further changes wait for their turn.
        """
        async with self._changing:
            # From what runs, not from what was wanted last: what waits for the next start must go on waiting.
            changes = changes_between(self._applied_preset, document.preset)
            if changes.leaving or changes.joining or changes.restarted:
                await self._until(lambda: self.phase in (Phase.RUNNING, Phase.DRAINING, Phase.DONE), OPEN_LIMIT_S)
                if self.phase is not Phase.RUNNING or self._stopping:
                    # Too late to let anyone in: the run ends as it was.
                    return Changes(waiting=["the run is ending; changes take effect at the next start"])
            self._applied_preset = changes.applied_to(self._applied_preset, document.preset)
            self.document = document
            for sentence in changes.sentences:
                self._emit(EventKind.CHANGE, CHANGE, sentence, marker=True)
            await self._change_who_is_there(changes)
            for handler in changes.handlers:
                if handler.name in self.handlers:
                    moves = handler.spec.uri != self.handlers[handler.name].plan.spec.uri
                    await self.change_handler(handler.name, handler.spec, handler.load, handler.bench)
                    if moves:
                        await self._move(self.handlers[handler.name])
            for listener in changes.listeners:
                if listener.handler in self.handlers:
                    await self.change_listener(listener.handler, listener.name, listener.spec)
            return changes

    async def _change_who_is_there(self, changes: Changes) -> None:
        """Let handlers leave, join, or be succeeded by one of the same name; all books stay."""
        leaving = [self.handlers[name] for name in (*changes.leaving, *changes.restarted)]
        for handler in leaving:
            self._depart(handler)
        # There before the others are gone, or a run of one handler would be over in between.
        joining = self._make_states([*changes.restarted, *changes.joining])
        await self._take_down(leaving)
        await self._crew.end_idle_workers()
        if joining and not self._stopping:
            await self._bring_up(joining)

    def _depart(self, handler: HandlerState) -> None:
        """Give a departing handler a key that says when it left, so that a successor can have its name."""
        before = handler.key
        handler.departure = before.departed(self.elapsed_s, self.handlers).departure
        # It keeps its place among the handlers; its successor comes behind all others.
        self._crew.handlers = {one.name: one for one in self.handlers.values()}
        if self.sampler is not None:
            self.sampler.rename(before, handler.key)

    async def pause(self, paused: bool) -> None:
        """Let all sources stand still, or go on where they were."""
        if self.phase is not Phase.RUNNING or paused == self.paused:
            return
        if self._paused_since_ns is None:
            self._paused_since_ns = time.perf_counter_ns()
        else:
            self._paused_ns += time.perf_counter_ns() - self._paused_since_ns
            self._paused_since_ns = None
        self._emit(EventKind.ENGINE, ENGINE, "paused" if paused else "goes on", marker=True)
        for handler in self.handlers.values():
            await self._send(handler, self._pause_of(handler))

    async def pause_unit(self, unit: UnitState, paused: bool) -> None:
        """Let one handler offer nothing, or one listener read nothing, until told otherwise."""
        unit.paused = paused
        self._tell(unit, "paused" if paused else "goes on", marker=True)
        await self._send(unit, self._pause_of(unit))

    async def stop_handler(self, name: str) -> None:
        """End one handler as at the end of the run: sources stop, queue and socket drain, it closes."""
        self._tell(self.handlers[name], "stopped by hand", marker=True)
        await self._send(self.handlers[name], StopSource())

    async def send_event(self, name: str, body: bytes) -> None:
        """Offer one event (JSON text) to a handler, beside those of its source; the ledger counts it as any other."""
        self._tell(self.handlers[name], "one event sent by hand")
        await self._send(self.handlers[name], SendEvent(body=body))

    def kill_unit(self, unit: UnitState) -> None:
        """Kill the worker process of a unit, as a fault to be watched; it is replaced like any that crashes."""
        self._crew.kill(unit)

    async def reconnect_handler(self, name: str) -> None:
        """Let a handler that gave up try again, from where its book stands; does nothing to any other."""
        self._tell(self.handlers[name], "told to connect again", marker=True)
        await self._send(self.handlers[name], Reconnect())

    async def change_handler(
        self, name: str, spec: HandlerSpec, load: Load | None = None, bench: HandlerBench | None = None
    ) -> None:
        """Apply a changed handler (its config, and of what the bench adds the connection keys) or load in a run."""
        state = self.handlers[name]
        source = state.plan.source if load is None else _with_load(state.plan.source, load)
        state.load_changed = state.load_changed or load is not None
        state.plan = replace(state.plan, spec=spec, source=source, bench=bench or state.plan.bench)
        await self._send(state, ChangeHandler(spec=spec, bench=state.plan.bench, load=load))

    async def change_listener(self, handler: str, name: str, spec: ListenerSpec) -> None:
        """Apply a changed listener (delays, replies, stall, HWM) to the running listener."""
        for state in self.listeners_of(self.handlers[handler]):
            if state.plan.name == name:
                state.plan = replace(state.plan, spec=spec)
                await self._send(state, ChangeListener(spec=spec))

    async def _move(self, handler: HandlerState) -> None:
        """Take a handler and its listeners to where its uri points now: who binds goes first."""
        (plan,) = self._plans([handler.plan.name])
        handler.plan = replace(plan, source=handler.plan.source)
        listeners = [s for s in self.listeners_of(handler) if not s.plan.elsewhere]
        for listener in listeners:
            listener.plan = replace(plan.listeners[listener.plan.index], spec=listener.plan.spec)
        binding = [s for s in listeners if s.plan.bind]
        for listener in binding:
            await self._send_move(listener, (str(listener.plan.endpoint),), bind=True)
        goes_to = (str(plan.endpoint),) if plan.bind else self._crew.orders.handler_endpoints(handler, binding)
        await self._send_move(handler, goes_to, plan.bind)
        for listener in listeners:
            if not listener.plan.bind:
                await self._send_move(listener, (handler.endpoint,), bind=False)
        self._tell_replacement(handler)

    async def _send_move(self, unit: UnitState, endpoints: tuple[str, ...], bind: bool) -> None:
        if not unit.opened or unit.done:
            return
        before = unit.moves
        await self._send(unit, Move(endpoints=endpoints, bind=bind))
        await self._until(lambda: unit.moves > before or unit.done, MOVE_LIMIT_S)

    def _moved(self, unit: UnitState, moved: Moved) -> None:
        unit.moves += 1
        unit.endpoint = moved.endpoint or unit.endpoint
        where = f"moved to {moved.endpoint}"
        if moved.failure:
            where = f"stays at {moved.endpoint}" if moved.endpoint else "has no place any more"
        self._tell(unit, where + (f": {moved.failure}" if moved.failure else ""), marker=True, at_ns=moved.at_ns)

    def _plans(self, names: list[str]) -> tuple[HandlerPlan, ...]:
        """Plans of these handlers as the preset has them now, at addresses that no other handler's pair has."""
        others = [handler.plan for name, handler in self.present.items() if name not in names]
        return plan_handlers(self._applied_preset, {name: self._numbers[name] for name in names}, others)

    def _make_states(self, names: list[str]) -> list[HandlerState]:
        """States and empty books of handlers that are to join the run."""
        for name in names:
            # Never one that was given before: stamps tell by it who sent them.
            self._numbers[name] = max(self._numbers.values(), default=0) + 1
        base_dir, joined_s = self.document.base_dir, self.elapsed_s
        return [self._crew.add(plan, base_dir, joined_s) for plan in self._plans(names)]

    async def _run_phases(self) -> None:
        self._enter(Phase.OPENING)
        enabled = [name for name, spec in self._applied_preset.output.handlers.items() if spec.enabled]
        await self._bring_up(self._make_states(enabled))
        if self.phase is Phase.RUNNING:
            await self._offer()
        async with self._changing:
            self._enter(Phase.DRAINING)
        await self._take_down(list(self.handlers.values()))

    async def _bring_up(self, handlers: list[HandlerState]) -> None:
        """Open handlers and their listeners, wait until they are together, and start them."""
        groups = place([handler.plan for handler in handlers])
        await self._start_workers(groups)
        await self._open_units(handlers)
        for handler in handlers:
            self._tell_replacement(handler)
        await self._gate(handlers)
        if not self._stopping and any(h.opened and not h.done for h in handlers):
            await self._start(handlers, shared=any(len(units) > 1 for units in groups))

    async def _start_workers(self, groups: tuple[tuple[str, ...], ...]) -> None:
        workers = []
        for units in groups:
            workers.append(self._crew.start_worker(units))
            # Each holds the loop for some milliseconds, while those before it load: a window draws in between.
            await asyncio.sleep(0)
        await self._until(lambda: all(w.is_up or w.ending for w in workers), OPEN_LIMIT_S)
        for worker in workers:
            if not worker.is_up and not self._stopping:
                self._crew.fail(worker.units, f"its worker process did not start within {OPEN_LIMIT_S:.0f} s")

    async def _open_units(self, handlers: list[HandlerState]) -> None:
        """Who binds opens first; the others then know where to."""
        units = self._crew.units_of(handlers)
        await self._open([u for u in units if _plan_binds(u) and not u.done])
        for handler in handlers:
            missing = [s for s in self.listeners_of(handler) if s.failed and s.plan.bind and not s.plan.elsewhere]
            if missing and not handler.plan.bind:
                handler.failed = (
                    f"not started, since its listener {missing[0].plan.name} has no place: {missing[0].failed}"
                )
            if handler.failed:
                self._crew.fail(
                    [s.unit for s in self.listeners_of(handler) if not s.opened],
                    "not started, since its handler is not",
                )
        await self._open([u for u in units if not u.opened and not u.done and not self._joins_late(u)])

    def _joins_late(self, unit: UnitState) -> TypeGuard[ListenerState]:
        """Without a start gate, a binding handler starts before anyone is there, as production does."""
        return isinstance(unit, ListenerState) and unit.handler.plan.bind and not unit.handler.plan.bench.start_gate

    async def _open(self, units: list[UnitState]) -> None:
        for unit in units:
            await self._send_open(unit)
        await self._until(lambda: all(u.opened or u.done for u in units), OPEN_LIMIT_S)
        if not self._stopping:
            late = [u.unit for u in units if not u.opened and not u.done]
            self._crew.fail(late, f"was not open after {OPEN_LIMIT_S:.0f} s")

    async def _gate(self, handlers: list[HandlerState]) -> None:
        """Nothing is offered before the paired listeners are in."""
        gated = [h for h in handlers if h.opened and h.plan.bench.start_gate and h.plan.listeners]
        await self._until(lambda: all(h.ready or h.done for h in gated), GATE_LIMIT_S)
        for handler in gated:
            if not handler.ready and not handler.done and not self._stopping:
                self.faults.append(
                    f"{handler.name}: not all of its listeners were there after {GATE_LIMIT_S:.0f} s; "
                    f"started without them"
                )

    async def _start(self, handlers: list[HandlerState], shared: bool) -> None:
        """Give handlers and their listeners the moment to start at; that of the first ones is the run's."""
        start_ns = time.perf_counter_ns() + (SHARED_START_DELAY_NS if shared else START_DELAY_NS)
        if self.start_ns is None:
            self.started_at = datetime.now(UTC)
            self.start_ns = start_ns
            self._enter(Phase.RUNNING)
        for handler in handlers:
            handler.start_ns = start_ns - self._paused_ns
        for unit in self._crew.units_of(handlers):
            if unit.opened:
                await self._send_start(unit)
            elif not unit.done:
                await self._send_open(unit)

    async def _send_start(self, unit: UnitState) -> None:
        """A handler starts at its own moment; a listener's times, such as those of a stall, are those of the run."""
        if self.start_ns is not None and isinstance(unit, HandlerState | ListenerState):
            handler = unit if isinstance(unit, HandlerState) else unit.handler
            if handler.start_ns:
                begin_ns = handler.start_ns if isinstance(unit, HandlerState) else self.start_ns
                await self._send(unit, Start(at_ns=begin_ns + self._paused_ns))
            if self.phase is Phase.DRAINING or handler.has_left:
                # Who takes a dead worker's place while the end is under way has missed the word.
                await self._send(unit, StopSource() if isinstance(unit, HandlerState) else Drain())
        await self._send_pause(unit)

    async def _offer(self) -> None:
        limit_s = self.duration_s + OVERTIME_S

        def is_over() -> bool:
            ended = all(h.source_ended or h.done for h in self.handlers.values())
            # Counted without pauses, of which a handler may have its own, too.
            waits = self.paused or any(h.paused for h in self.handlers.values())
            return ended or (self.elapsed_s > limit_s and not waits)

        await self._until(is_over, FOR_EVER_S)
        if self._paused_since_ns is not None:
            self._paused_ns += time.perf_counter_ns() - self._paused_since_ns
            self._paused_since_ns = None
        ends = [h.source_ended_ns for h in self.handlers.values() if h.source_ended]
        self.ended_ns = max(ends, default=time.perf_counter_ns())

    async def _take_down(self, handlers: list[HandlerState]) -> None:
        """Sources stop, queues and sockets empty into the listeners, handlers close, then the listeners do."""
        for handler in handlers:
            await self._send(handler, StopSource())
        limit_s = _drain_limit_s(handlers)
        await self._until(lambda: all(h.done or not h.opened for h in handlers), limit_s, stoppable=False)
        self._crew.kill_hanging([h for h in handlers if h.opened and not h.done], f"did not close in {limit_s:.0f} s")
        open_listeners = [s for handler in handlers for s in self.listeners_of(handler) if s.opened and not s.done]
        for listener in open_listeners:
            await self._send(listener, Drain())
        await self._until(lambda: all(self._is_settled(s) for s in open_listeners), QUIET_LIMIT_S, stoppable=False)
        for listener in open_listeners:
            await self._send(listener, Close())
        await self._until(lambda: all(s.done for s in open_listeners), CLOSE_MARGIN_S, stoppable=False)
        self._crew.kill_hanging([s for s in open_listeners if not s.done], f"did not close in {CLOSE_MARGIN_S:.0f} s")

    def _is_settled(self, listener: ListenerState) -> bool:
        return listener.done or is_quiet(listener, self.listeners_of(listener.handler))

    async def _until(self, is_reached: Callable[[], bool], limit_s: float, stoppable: bool = True) -> None:
        """Wait until the reports make ``is_reached`` true, the limit is over, or the run is to end."""
        deadline = time.monotonic() + limit_s
        while not is_reached() and not self._forced and not (stoppable and self._stopping):
            if self._listen_error is not None:
                raise EngineError(f"the engine lost its control channel: {self._listen_error}") from self._listen_error
            left_s = deadline - time.monotonic()
            if left_s <= 0:
                return
            self._changed.clear()
            try:
                await asyncio.wait_for(self._changed.wait(), min(left_s, WAIT_STEP_S))
            except TimeoutError:
                if time.monotonic() >= deadline:
                    return

    async def _listen(self) -> None:
        while True:
            for number, (identity, message) in enumerate(await self._crew.switchboard.receive(POLL_MS), start=1):
                await self._handle(identity, message)
                if number % HANDLED_AT_ONCE == 0:
                    await asyncio.sleep(0)
            self._crew.bury_the_dead(replaceable=self.phase is Phase.RUNNING and not self._stopping)
            await self._crew.release_handlers()
            self._changed.set()

    def _listening_failed(self, error: BaseException) -> None:
        self._listen_error = error
        self._changed.set()

    async def _handle(self, identity: str, message: ToSession) -> None:
        if isinstance(message, Hello):
            await self._crew.greet(identity, self.start_ns or 0)
            return
        if isinstance(message, Logged):
            named = self._crew.units.get(message.unit)
            relay(message, message.unit if named is None else named.title)
            return
        unit = self._crew.speaker(identity, message.unit)
        if unit is None:
            return
        match message:
            case Opened(endpoint=endpoint):
                unit.endpoint = endpoint
                await self._send_start(unit)
            case Moved():
                self._moved(unit, message)
            case Failed(reason=reason):
                unit.failed = reason
                self._tell(unit, reason, marker=True, is_error=True, at_ns=message.at_ns)
            case Finished():
                unit.finished = True
                if isinstance(unit, HandlerState):
                    unit.finished_ns = time.perf_counter_ns()
            case Notice():
                self._tell(unit, message.sentence, message.marker, at_ns=message.at_ns)
            case HandlerReport() | ListenerReport() | Ready() | SourceEnded() | Drained():
                await self._handle_progress(unit, message)

    async def _handle_progress(
        self, unit: UnitState, message: HandlerReport | ListenerReport | Ready | SourceEnded | Drained
    ) -> None:
        if isinstance(unit, ListenerState):
            if isinstance(message, ListenerReport):
                unit.take(message)
            return
        assert isinstance(unit, HandlerState)
        match message:
            case HandlerReport():
                unit.take(message)
            case Ready():
                unit.ready = True
            case Drained():
                unit.drained_ns = time.perf_counter_ns()
            case SourceEnded(at_ns=at_ns, failure=failure):
                unit.source_ended_ns = at_ns
                unit.source_failure = failure
                # From here on nobody waits on purpose: delays would only make the drain look like a loss.
                for listener in self.listeners_of(unit):
                    await self._send(listener, Drain())
            case _:
                pass

    async def _send_open(self, unit: UnitState) -> None:
        not_before_ns = self.start_ns or 0
        if self._joins_late(unit):
            not_before_ns = unit.handler.start_ns + self._paused_ns + LATE_BY_NS
        await self._crew.send_open(unit, not_before_ns)

    async def _send(self, unit: UnitState, message: Message) -> None:
        await self._crew.send(unit, message)

    async def _send_pause(self, unit: UnitState) -> None:
        """A worker that takes a dead one's place stands still where that one did."""
        if self._pause_of(unit).paused:
            await self._send(unit, self._pause_of(unit))

    def _pause_of(self, unit: UnitState) -> Pause:
        return Pause(paused=unit.paused or (self.paused and isinstance(unit, HandlerState)))

    def _tell_replacement(self, handler: HandlerState) -> None:
        if handler.plan.replaced and handler.opened:
            self._tell(handler, f"{handler.plan.replaced} -> {handler.endpoint} (its listeners are on this machine)")

    def _tell(
        self, unit: UnitState, message: str, marker: bool = False, is_error: bool = False, at_ns: int | None = None
    ) -> None:
        """Emit an event of a unit that happened now, or at ``at_ns`` (``perf_counter_ns``) in its worker."""
        self._emit(EventKind.UNIT, unit.title, message, marker, is_error, at_ns)

    def _emit(
        self,
        kind: EventKind,
        source: str,
        message: str,
        marker: bool = False,
        is_error: bool = False,
        at_ns: int | None = None,
    ) -> None:
        at_s = self.now_s if at_ns is None else self.run_time_s(at_ns)
        event = RunEvent(at_s, source, message, marker, is_error, kind)
        self.events.append(event)
        self._on_event(event)

    def _enter(self, phase: Phase) -> None:
        self.phase = phase
        self._changed.set()


def _plan_binds(unit: UnitState) -> bool:
    return isinstance(unit, HandlerState | ListenerState) and unit.plan.bind


def _with_load(source: Source, load: Load) -> Source:
    changed: Source = msgspec.structs.replace(source, load=load)
    return changed


def _drain_limit_s(handlers: list[HandlerState]) -> float:
    """Draining and closing may each take the linger."""
    lingers = [h.plan.spec.config.linger for h in handlers]
    longest_s = max((LINGER_LIMIT_S if ms < 0 else ms / 1000 for ms in lingers), default=0.0)
    return 2 * longest_s + CLOSE_MARGIN_S
