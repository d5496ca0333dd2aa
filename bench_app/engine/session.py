"""A run from start to end: document -> **session** -> states, events and time series of its units. Asyncio, no Qt.

A run has these phases: the units open, the start gate waits for the listeners, handlers offer events, handlers drain
and close, listeners close. A phase ends when the workers have reported that it is done, never after a fixed sleep.
Each wait has a limit, and so has the whole run. A unit that exceeds a limit fails, and the run continues without it.
Handlers that join or leave during the run go through the same steps.

The parts of a session are modules of their own:

- :mod:`.starting` and :mod:`.stopping`: the way of handlers into a run and out of it
- :mod:`.live_changes`: a changed document
- :mod:`.timeline_runner`: the steps of a demo
- :mod:`.manual_actions`: actions of a user, such as a pause
- :mod:`.incoming`: messages of the workers
- :mod:`.workers`: the worker processes, and the messages to them
- :mod:`.run_state`: the state that all parts share
"""

from __future__ import annotations

import asyncio
import shutil
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import zmq

from bench_app.data_plane.choice import AS_INSTALLED, PlaneChoice, PlaneReport
from bench_app.engine.changes import Changes
from bench_app.engine.events import RunEvent
from bench_app.engine.incoming import Incoming
from bench_app.engine.live_changes import LiveChanges
from bench_app.engine.live_ledger import close_counters
from bench_app.engine.manual_actions import ManualActions
from bench_app.engine.manual_sends import ManualSend
from bench_app.engine.result import StepResult
from bench_app.engine.run_limit import RunLimit
from bench_app.engine.run_state import Phase, RunState
from bench_app.engine.run_wait import FOR_EVER_S
from bench_app.engine.sampler import Sampler
from bench_app.engine.starting import Starter
from bench_app.engine.state import HandlerState, ListenerState, UnitState
from bench_app.engine.stopping import Stopper
from bench_app.engine.timeline import KEY_AFTER_S, Timeline
from bench_app.engine.timeline_runner import TimelineRunner
from bench_app.engine.worker_state import WorkerState
from bench_app.engine.worker_template import WorkerTemplate
from bench_app.engine.workers import Workers
from bench_app.errors import EngineError, UsageError
from bench_app.model import BenchSpec, HandlerBench, HandlerSpec, ListenerSpec, Load
from bench_app.preset.documents import Document
from bench_app.recording.recorder import Recorder, RecordingSummary, RecordOptions
from bench_app.system.descriptors import shortage
from bench_app.system.machine_usage import MachineUsage, machine_usage
from bench_app.system.private_folder import private_folder
from bench_app.system.tasks import spawn

__all__ = ["Phase", "Session"]

CONTROL_DESCRIPTORS = 12
"""File descriptors that the control channel needs, with its threads."""
OVERTIME_S = 15.0
"""How long after the run's duration a handler may still offer events that were due. A handler that takes longer hangs,
and the run ends without it."""


@dataclass(frozen=True)
class _Parts:
    """The parts of a session that exist while its workers do."""

    workers: Workers
    starter: Starter
    stopper: Stopper
    changes: LiveChanges
    actions: ManualActions
    incoming: Incoming
    timeline: TimelineRunner


class Session:
    """One run of one preset. Use it once: ``await session.run()``.

    ``on_event`` is called with every event. ``transport`` is the transport of the control channel: ``ipc``, or ``tcp``
    on systems without ipc. ``keep_series``: sample time series of all units, for plots.
    ``choice``: the data plane and the libzmq that the workers are to use. ``record``: record every message that the
    listeners receive; call :meth:`finish_recording` after the run. ``key_after_s``: when a step of the timeline that
    waits for a key comes without one; None: never. ``speed``: how many times as fast the timeline passes.
    ``template``: forks the workers, so that the run starts sooner.

    Its attributes are read-only properties. They stay valid after the run.
    """

    def __init__(
        self,
        document: Document,
        on_event: Callable[[RunEvent], None] = lambda event: None,
        transport: str = "ipc",
        keep_series: bool = False,
        choice: PlaneChoice = AS_INSTALLED,
        record: RecordOptions | None = None,
        key_after_s: float | None = KEY_AFTER_S,
        speed: float = 1.0,
        template: WorkerTemplate | None = None,
    ) -> None:
        self._run = RunState(document, on_event, keep_series, choice)
        self._run.timeline.key_after_s, self._run.timeline.speed = key_after_s, speed
        self._record = record
        self._transport = transport
        self._template = template
        self._parts: _Parts | None = None

    @property
    def document(self) -> Document:
        """The document that was applied last."""
        return self._run.document

    @property
    def phase(self) -> Phase:
        """The current phase of the run."""
        return self._run.phase

    @property
    def run_number(self) -> int:
        """The number that all messages of this run carry in their stamps."""
        return self._run.run_number

    @property
    def events(self) -> deque[RunEvent]:
        """The newest events, oldest first."""
        return self._run.events.events

    def note(self, at_s: float, text: str) -> RunEvent:
        """Keep a note of the user about a moment of the run, as an event. The run may be over. Returns the event."""
        return self._run.events.emit_note(at_s, text)

    @property
    def timeline(self) -> Timeline:
        """The steps of the preset's timeline, and how far it is."""
        return self._run.timeline

    @property
    def steps(self) -> list[StepResult]:
        """What became of the steps of the timeline so far, with their captions."""
        return self._run.steps

    def next_step(self) -> None:
        """Bring the next step of the timeline now, or as soon as its conditions hold."""
        self._run.timeline.ask_next()
        self._run.wait.notify()

    @property
    def faults(self) -> list[str]:
        """Reasons why the result cannot be trusted that are not in the state of a unit."""
        return self._run.faults

    @property
    def interrupted(self) -> bool:
        """True if a user has ended the run before its time."""
        return self._run.interrupted

    @property
    def sampler(self) -> Sampler | None:
        """The time series of the units; None without ``keep_series``."""
        return self._run.sampler

    @property
    def started_at(self) -> datetime:
        """When offering began; before that, when the session was made."""
        return self._run.started_at

    @property
    def start_ns(self) -> int | None:
        """When offering began (``perf_counter_ns``); None before."""
        return self._run.clock.start_ns

    @property
    def start_wall_ns(self) -> int:
        """The same moment on the wall clock (``time_ns``); 0 before."""
        return self._run.clock.start_wall_ns

    @property
    def duration_s(self) -> float:
        """For how many seconds the run offers events."""
        return self._run.preset.bench.duration_s

    @property
    def bench(self) -> BenchSpec:
        """The ``bench`` section as the run has it. Keys that apply at the next start have the value of this start."""
        return self._run.preset.bench

    @property
    def pinned_to(self) -> tuple[int, ...]:
        """The processors that workers are pinned to; empty if none is."""
        return () if self._parts is None else self._parts.workers.pinning.processors

    @property
    def elapsed_s(self) -> float:
        """Seconds of offering so far, without pauses; constant after the end of offering."""
        return self._run.clock.elapsed_s

    @property
    def now_s(self) -> float:
        """Seconds since the start, with pauses: the time axis of events and series. 0 before the start."""
        return self._run.clock.now_s

    @property
    def paused_s(self) -> float:
        """The length of all pauses so far."""
        return self._run.clock.paused_s

    @property
    def paused(self) -> bool:
        """True during a pause of all sources."""
        return self._run.clock.is_paused

    def seconds_of(self, handler: HandlerState) -> float:
        """How long a handler took part: as long as the run offered events, unless it joined late or left early."""
        return self._run.seconds_of(handler)

    @property
    def handlers(self) -> dict[str, HandlerState]:
        """Every handler that takes part or did, by its name in the result."""
        return self._run.roster.handlers

    @property
    def listeners(self) -> dict[str, ListenerState]:
        """Every listener, by unit."""
        return self._run.roster.listeners

    @property
    def units(self) -> dict[str, UnitState]:
        """All handlers and listeners, by unit."""
        return self._run.roster.units

    @property
    def present(self) -> dict[str, HandlerState]:
        """The handlers that have not left the run, by name."""
        return self._run.roster.present

    def listeners_of(self, handler: HandlerState) -> list[ListenerState]:
        """The listeners of a handler, in the order of the preset."""
        return self._run.roster.listeners_of(handler)

    @property
    def workers(self) -> dict[str, WorkerState]:
        """Every worker process that there was, by its name on the control channel."""
        return self._run.workers

    @property
    def plane(self) -> PlaneReport | None:
        """The data plane of the workers; None until the first is up."""
        return self._run.plane

    @property
    def recording(self) -> RecordingSummary | None:
        """What became of the recorded messages; None before the end of the run, and without a recording."""
        return self._run.recording

    @property
    def machine_usage(self) -> tuple[MachineUsage, MachineUsage]:
        """Readings of the machine when offering began and when it ended."""
        return self._run.machine_usage

    @property
    def worker_count(self) -> int:
        """How many worker processes there are now."""
        return 0 if self._parts is None else self._parts.workers.count

    def pid_of(self, unit: UnitState) -> int | None:
        """The number of the process that a unit lives in; None if it has ended."""
        return None if self._parts is None else self._parts.workers.pid_of(unit)

    async def run(self) -> None:
        """Run the preset to its end. Afterwards all counters are final, and all worker processes have ended.

        Raises EngineError if the engine itself fails, and InputError if the workers cannot use the data plane or the
        libzmq that was chosen, or if the recording cannot be written. All other failures are in the states of the units
        and in :attr:`faults`.
        """
        folder = private_folder()
        try:
            await self._open_recording()
            workers = self._open_workers(folder)
            self._parts = _make_parts(self._run, workers)
            await self._run_with(self._parts)
            self._parts.timeline.finish()
        except BrokenPipeError:
            # Not an error of the engine: ``on_event`` wrote to a pipe whose reader has gone.
            raise
        except OSError as error:
            raise EngineError(f"the engine could not start: {error}") from error
        finally:
            if self._run.recorder is not None and self._run.recording is None:
                self._run.recorder.finish()
            shutil.rmtree(folder, ignore_errors=True)

    async def _open_recording(self) -> None:
        if self._record is not None:
            self._run.recorder = Recorder(self._record, f"{self._run.run_number:08x}")
            await asyncio.to_thread(self._run.recorder.wait_ready)

    async def _drain_recording(self, recorder: Recorder) -> RecordingSummary:
        """Wait for the recording. After a fast run that takes longer than the run itself."""
        loop, run = asyncio.get_running_loop(), self._run

        def tell(done: int, total: int) -> None:
            text = f"writing the recording: {done:,} of {total:,} messages"
            loop.call_soon_threadsafe(run.events.emit_engine, text)

        return await asyncio.to_thread(recorder.drain, tell, lambda: run.wait.forced)

    def finish_recording(self, result: bytes) -> None:
        """Complete the recording, with the result of the run as JSON. Without a recording it does nothing."""
        if self._run.recorder is not None:
            self._run.recorder.finish(result)

    def _open_workers(self, folder: Path) -> Workers:
        # Without a free descriptor libzmq would abort the process.
        message = shortage(CONTROL_DESCRIPTORS)
        if message is not None:
            raise EngineError(message)
        try:
            return Workers(self._run, folder, self._transport, self._template)
        except zmq.ZMQError as error:
            raise EngineError(f"the engine could not start: {error.strerror}") from error

    async def _run_with(self, parts: _Parts) -> None:
        run, workers = self._run, parts.workers
        tasks = [spawn(parts.incoming.listen(), name="session-listen", on_error=run.wait.fail)]
        if run.sampler is not None:
            tasks.append(spawn(run.sampler.follow(self), name="session-sampler", on_error=run.wait.fail))
        try:
            async with asyncio.timeout(None) as scope:
                tasks.append(spawn(RunLimit(run).enforce(scope), name="session-limit", on_error=run.wait.fail))
                await self._run_phases(parts, tasks)
        except TimeoutError:
            # The fault is in the result: the run is over, and what it counted is settled as always.
            if not scope.expired():
                raise
        finally:
            # The order matters. While workers end, the listening task still takes their last reports. Counters are
            # read from disk only when no process can write them any more. The sampler's last row needs final counts.
            messages = await workers.end_all(force=run.wait.forced)
            for task in tasks:
                task.cancel()
            close_counters(run.roster.units.values())
            workers.close()
            if run.recorder is not None:
                run.recording = await self._drain_recording(run.recorder)
                messages.append(run.recording.note)
            if run.sampler is not None:
                run.sampler.finish(self)
            run.enter(Phase.DONE)
            # Last, because ``on_event`` may raise: nothing of the run is left then.
            for message in messages:
                run.events.emit_engine(message)

    async def _run_phases(self, parts: _Parts, tasks: list[asyncio.Task[None]]) -> None:
        run = self._run
        run.enter(Phase.OPENING)
        enabled = [name for name, spec in run.preset.output.handlers.items() if spec.enabled]
        await parts.starter.bring_up(parts.starter.add_states(enabled))
        if run.phase is Phase.RUNNING:
            tasks.append(spawn(parts.timeline.follow(), name="session-timeline", on_error=run.wait.fail))
            await self._offer(parts.workers)
        # A change under way finishes first. Otherwise a handler could join when the others are already taken down.
        async with parts.changes.lock:
            run.enter(Phase.DRAINING)
        await parts.stopper.take_down(list(run.roster.handlers.values()))

    async def _offer(self, workers: Workers) -> None:
        run = self._run
        await workers.request_reports(run.measured_from_ns or 0)

        def have_ended() -> bool:
            return all(handler.source_ended or handler.done for handler in run.roster.handlers.values())

        def is_over() -> bool:
            offering = [one for one in run.roster.handlers.values() if not one.source_ended and not one.done]
            # A handler that a step of the timeline has paused offers nothing more once the duration is over.
            if run.clock.elapsed_s > self.duration_s and not run.clock.is_paused:
                offering = [one for one in offering if not one.paused_by_step]
            # A pause does not count towards the limit: neither of all sources, nor of a single handler.
            is_paused = run.clock.is_paused or any(handler.paused for handler in offering)
            limit_s = self.duration_s + OVERTIME_S
            return not offering or (run.clock.elapsed_s > limit_s and not is_paused)

        before = machine_usage()
        await run.wait.until(is_over, FOR_EVER_S)
        run.machine_usage = before, machine_usage()
        # A source that goes on is stopped now, whenever the others ended.
        ended = run.roster.handlers.values() if have_ended() else ()
        run.clock.end([handler.source_ended_ns for handler in ended if handler.source_ended])
        await workers.request_reports(run.clock.ended_ns or 0)

    def stop(self) -> None:
        """End the run early: sources stop, then units drain and close as at the end."""
        self._run.interrupted = True
        self._run.wait.stop()

    def force_stop(self) -> None:
        """End the run now: kill the workers, and read the counters that they left on disk."""
        self._run.interrupted = True
        self._run.wait.force()

    async def apply(self, document: Document) -> Changes:
        """Apply ``document`` to the run. Returns what was changed, and which keys wait for the next start.

        Returns when every handler that leaves, joins or restarts has done so. A second call waits for the first one.
        """
        if self._parts is None:
            # Nothing runs yet: the run simply starts with the changed document.
            self._run.document, self._run.preset = document, document.preset
            return Changes()
        return await self._parts.changes.apply(document)

    async def change_duration(self, duration_s: float) -> None:
        """Let the run offer events until ``duration_s`` instead. The loads go on as they were.

        Raises EngineError if the run is ending, or is at that time already.
        """
        await self._live_parts.changes.change_duration(duration_s)

    async def change_handler(
        self, name: str, spec: HandlerSpec, load: Load | None = None, bench: HandlerBench | None = None
    ) -> None:
        """Change the config, the load or the connection keys (in ``bench``) of one handler."""
        await self._live_parts.changes.change_handler(self.handlers[name], spec, load, bench)

    async def change_listener(self, handler: str, name: str, spec: ListenerSpec) -> None:
        """Change one listener: delays, replies, stall, high-water mark, connection keys."""
        await self._live_parts.changes.change_listener(self.handlers[handler], name, spec)

    async def pause(self, paused: bool) -> None:
        """Pause all sources, or let them continue where they were."""
        if self._parts is not None:
            await self._parts.actions.pause(paused)

    async def pause_unit(self, unit: UnitState, paused: bool) -> None:
        """Pause one unit, or let it continue. A paused handler offers nothing; a paused listener reads nothing."""
        await self._live_parts.actions.pause_unit(unit, paused)

    async def stop_handler(self, name: str) -> None:
        """End one handler as at the end of the run."""
        await self._live_parts.actions.stop_handler(self.handlers[name])

    async def send_event(self, name: str, body: bytes, count: int = 1) -> ManualSend:
        """Offer one event (JSON text) to a handler, ``count`` times. The ledger counts what was offered.

        Raises EngineError if nothing was sent, because the handler is not open, or no longer.
        """
        return await self._live_parts.actions.send_event(self.handlers[name], body, count)

    async def wait_answered(self, name: str, send: ManualSend) -> None:
        """Wait until every request of ``send`` has ended."""
        await self._live_parts.actions.wait_answered(self.handlers[name], send)

    async def reconnect_handler(self, name: str) -> None:
        """Let a handler that gave up connect again. Without effect on any other handler."""
        await self._live_parts.actions.reconnect(self.handlers[name])

    def kill_unit(self, unit: UnitState) -> None:
        """Kill the worker of a unit, as a fault. It is replaced like a worker that crashes."""
        self._live_parts.actions.kill(unit)

    @property
    def _live_parts(self) -> _Parts:
        if self._parts is None:
            raise UsageError("the session does not run yet")
        return self._parts


def _make_parts(run: RunState, workers: Workers) -> _Parts:
    starter, stopper = Starter(run, workers), Stopper(run, workers)
    changes, actions = LiveChanges(run, workers, starter, stopper), ManualActions(run, workers)
    return _Parts(
        workers=workers,
        starter=starter,
        stopper=stopper,
        changes=changes,
        actions=actions,
        incoming=Incoming(run, workers, starter, stopper),
        timeline=TimelineRunner(run, changes, actions),
    )
