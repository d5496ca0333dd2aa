"""The state that all parts of a session share: the preset as it runs, the units, the clock, the events."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from enum import Enum
from secrets import randbits

from bench_app.data_plane.choice import AS_INSTALLED, PlaneChoice, PlaneReport
from bench_app.engine.event_log import EventLog
from bench_app.engine.events import RunEvent
from bench_app.engine.free_port import at_free_port
from bench_app.engine.plan import HandlerPlan, plan_handlers
from bench_app.engine.result import StepResult
from bench_app.engine.roster import UnitRoster
from bench_app.engine.run_clock import RunClock
from bench_app.engine.run_wait import RunWait
from bench_app.engine.sampler import Sampler
from bench_app.engine.state import HandlerState, UnitState
from bench_app.engine.timeline import Timeline
from bench_app.engine.worker_state import WorkerState
from bench_app.measure.clock import NS_PER_S
from bench_app.model import ReplaySource, Source
from bench_app.preset.documents import Document
from bench_app.recording.recorder import Recorder, RecordingSummary
from bench_app.system.machine_usage import MachineUsage

ALL_WARMUP = 0.999
"""A warm-up of this part of the run leaves no latency to measure."""


class Phase(Enum):
    """The phase of a run."""

    IDLE = "idle"
    OPENING = "opening"
    RUNNING = "running"
    DRAINING = "draining"
    DONE = "done"


class RunState:
    """The state of one run. The parts of a session read and change it.

    Attributes:
        document: the document that was applied last.
        choice: the data plane and the libzmq that its workers are to use.
        preset: the preset as it runs. It differs from the document in keys that apply at the next start.
        run_number: the number that all messages of this run carry in their stamps.
        phase: the current phase of the run.
        started_at: when offering began; before that, when the session was made.
        interrupted: a user has ended the run before its time.
        faults: reasons why the result cannot be trusted that are not in the state of a unit.
        machine_usage: readings of the machine when offering began and when it ended.
        clock: the time of the run.
        wait: waits for reports, and ends waits when the run is to stop.
        events: emits and keeps events.
        roster: the units.
        workers: every worker process that there was, by its name on the control channel.
        sampler: the time series of the units; None without ``keep_series``.
        timeline: the steps of the preset's timeline, and how far it is.
        steps: what became of the steps so far.
        recorder: the recording; None if nothing is recorded.
        recording: what became of the recorded messages, after the end of offering; None before, and without recording.
    """

    def __init__(
        self,
        document: Document,
        on_event: Callable[[RunEvent], None],
        keep_series: bool,
        choice: PlaneChoice = AS_INSTALLED,
    ) -> None:
        self.document = document
        self.choice = choice
        self.preset = document.preset
        self.run_number = randbits(32)
        self.phase = Phase.IDLE
        self.started_at = datetime.now(UTC)
        self.interrupted = False
        self.faults: list[str] = []
        self.machine_usage = (MachineUsage(), MachineUsage())
        self.clock = RunClock()
        self.wait = RunWait()
        self.events = EventLog(self.clock, on_event)
        self.roster = UnitRoster()
        self.workers: dict[str, WorkerState] = {}
        self.sampler = Sampler() if keep_series else None
        self.timeline = Timeline(self.preset.bench.timeline)
        self.steps: list[StepResult] = []
        self.recorder: Recorder | None = None
        self.recording: RecordingSummary | None = None

    def enter(self, phase: Phase) -> None:
        """Begin the next phase."""
        self.phase = phase
        self.wait.notify()

    @property
    def plane(self) -> PlaneReport | None:
        """The data plane of the workers; None until the first is up. Workers of one run have the same one."""
        return next((worker.plane for worker in self.workers.values() if worker.plane is not None), None)

    def plans_of(self, numbers: Mapping[str, int]) -> tuple[HandlerPlan, ...]:
        """Plans of handlers of the preset, at addresses that no other handler has. ``numbers`` has their numbers."""
        others = [handler.plan for name, handler in self.roster.present.items() if name not in numbers]
        return tuple(at_free_port(plan) for plan in plan_handlers(self.preset, numbers, others, self._resolve))

    def recorded_zeros(self, plans: Sequence[HandlerPlan]) -> dict[str, int]:
        """The recorded time that is due at the start, by the sink of replays that keep their distance to each other."""
        sources = {plan.spec.sink: plan.source for plan in plans}
        if sum(isinstance(source, ReplaySource) for source in sources.values()) < 2:
            return {}
        # Imported for replays alone, as below.
        from bench_app.sources.common_zero import common_zeros

        return common_zeros(sources, self.document.base_dir, self.preset.bench.duration_s)

    def _resolve(self, source: Source) -> Source:
        """The source with the format of its file, if the file is a recording."""
        if not isinstance(source, ReplaySource):
            return source
        # Imported for a replay alone: the formats need ijson, csv and gzip.
        from bench_app.sources.recording_source import as_recording

        return as_recording(source, self.document.base_dir)

    def seconds_of(self, handler: HandlerState) -> float:
        """How long a handler took part: as long as the run offered events, unless it joined late or left early."""
        if self.clock.start_ns is None or not handler.start_ns:
            return 0.0
        end_s = self.clock.elapsed_s if handler.departure is None else handler.departure.at_s
        return max(0.0, end_s - (handler.start_ns - self.clock.start_ns) / 1e9)

    @property
    def measured_from_ns(self) -> int | None:
        """When the first event is due that is measured (``perf_counter_ns``); None before the start.

        A run that is all warm-up measures no latency. Its counts are measured from its start.
        """
        start_ns, bench = self.clock.start_ns, self.preset.bench
        warmup_s = bench.warmup_s if bench.warmup_s < ALL_WARMUP * bench.duration_s else 0.0
        return None if start_ns is None else start_ns + int(warmup_s * NS_PER_S)

    def is_measured_between(self, since_ns: int, at_ns: int) -> bool:
        """Whether a report about this time belongs to the time in which measured events were offered.

        Workers report where that time begins and ends, a few milliseconds late. So what is left over before it is more
        than half of a report that does not belong to it, and what is left over after it does no harm.
        """
        begin_ns, end_ns = self.measured_from_ns, self.clock.ended_ns
        if begin_ns is None or (since_ns + at_ns) // 2 < begin_ns:
            return False
        return end_ns is None or since_ns < end_ns

    def measured_stall_ns(self, since_ns: int, at_ns: int) -> int:
        """How late a report is that was due where measuring begins: a stall that began before goes on so long in it."""
        begin_ns = self.measured_from_ns
        return at_ns - begin_ns if begin_ns is not None and since_ns < begin_ns < at_ns else 0

    def is_paused(self, unit: UnitState) -> bool:
        """Whether a unit is paused: alone, or, for a handler, by a pause of all sources."""
        return unit.paused or (self.clock.is_paused and isinstance(unit, HandlerState))

    def fail(self, units: Iterable[UnitState], reason: str) -> None:
        """Count units as failed, unless they are done already."""
        for unit in units:
            if not unit.done:
                unit.failed = reason
                self.events.emit_unit(unit, reason, marker=True, is_error=True)

    def emit_replacement(self, handler: HandlerState) -> None:
        """Emit an event if the handler's endpoint replaces the address in the preset."""
        if handler.plan.replaced and handler.opened:
            message = f"{handler.plan.replaced} -> {handler.endpoint} (its listeners are on this machine)"
            self.events.emit_unit(handler, message)
