"""The result of a run, in the format ``zmq-bench-result/1``: ledger, latency, verdict -> JSON."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Literal

import msgspec

from bench_app.advice.advice import Advice
from bench_app.data_plane.choice import PlaneName
from bench_app.engine.finding import Finding
from bench_app.measure.ledger import total_received
from bench_app.measure.loss_causes import LOSS_CAUSES, LossCause
from bench_app.model import Pattern, WaitMode, pattern_of
from bench_app.recording.recorder import RecordingSummary

if TYPE_CHECKING:
    # Results are read by commands that compute nothing: without numpy they start sooner.
    from bench_app.measure.histogram import Histogram

FORMAT = "zmq-bench-result/1"
MAX_REASONS_SHOWN = 8

Verdict = Literal["pass", "fail", "invalid"]


class Outcome(StrEnum):
    """How a run ended: its verdict, or *interrupted* if the interruption is the only reason why it is invalid."""

    PASS = "pass"
    FAIL = "fail"
    INVALID = "invalid"
    INTERRUPTED = "interrupted"


class LatencySummary(msgspec.Struct, frozen=True):
    """Percentiles in microseconds; all 0 if nothing was measured."""

    count: int
    mean: float
    p50: float
    p90: float
    p99: float
    p99_9: float
    p99_99: float
    max: float


class ListenerResult(msgspec.Struct, frozen=True, kw_only=True):
    """What one listener received and missed."""

    received: int
    lost: int
    before_join: int
    duplicates: int
    reordered: int
    foreign: int
    malformed: int
    received_in_drain: int = 0
    """How many of the received messages arrived after the handler had offered its last event. ``rate`` leaves them out.
    Results of version 0.1.0 do not have it, and their ``rate`` has them."""
    rate: float
    wait: WaitMode = "block"
    """How it waited for messages. Results of version 0.1.0 do not have it."""
    service_us: LatencySummary
    response_us: LatencySummary

    def loss(self, cause: LossCause) -> int:
        """How many messages this listener missed by one cause, of those in ``LISTENER_LOSS_CAUSES``."""
        count: int = getattr(self, cause.key)
        return count


class HandlerResult(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What happened to the events of one handler.

    Only REQ handlers have ``round_trip_us``. ``arrivals_known`` is written only if it is false. Then no listener of the
    bench counted the messages that the socket accepted, so ``lost`` 0 does not mean that nothing was lost.
    """

    number: int = 0
    """Its number in the stamps of the run; results of version 0.1.0 do not have it."""
    socket_type: str
    endpoint: str
    offered: int
    queue_overflow: int
    send_timeout: int
    aborted: int
    accepted: int
    bytes: int
    replied: int
    request_timeout: int
    retries: int
    lost: int
    before_subscribed: int | None = None
    """Only for a PUB without listeners of the bench: accepted events that nobody had subscribed to yet."""
    seconds: float = msgspec.field(default_factory=float)
    """How long it took part in the run: less than the run's ``duration_s`` if it joined late or left early.

    Results of version 0.1.0 do not have it. It has a factory instead of a default, because ``omit_defaults`` would
    leave out a default of 0.
    """
    rate: float
    balanced: bool
    arrivals_known: bool = True
    lateness_us: LatencySummary
    fidelity_us: LatencySummary | None = None
    """A replay of a recording at its recorded times: how far the distance of each send to the one before was from the
    recorded distance."""
    round_trip_us: LatencySummary | None = None
    listeners: dict[str, ListenerResult]

    @property
    def pattern(self) -> Pattern:
        """What follows from the socket type."""
        return pattern_of(self.socket_type)

    @property
    def received(self) -> int:
        """How many messages reached their end: replies to requests, otherwise what the listeners received."""
        by_listener = [listener.received for listener in self.listeners.values()]
        return total_received(self.pattern.delivery, self.replied, by_listener)

    @property
    def before_join(self) -> int:
        """The sum over the listeners."""
        return sum(listener.before_join for listener in self.listeners.values())

    @property
    def dropped(self) -> int:
        """All losses together, whatever the cause."""
        return sum(self.loss(cause) for cause in LOSS_CAUSES)

    def loss(self, cause: LossCause) -> int:
        """How many events were lost by one cause."""
        count: int = getattr(self, cause.key)
        return count


class SourceResult(msgspec.Struct, frozen=True, kw_only=True):
    """What became of the events of one sink. Each handler of the sink has a source of its own, so all counts are sums
    over its handlers. Made-up events have no records.

    Attributes:
        offered: how many events were offered, those sent by hand included.
        skipped: how many records were no event, by the reason.
        clamped: how many recorded times did not fit their neighbours: the event was due at the time of a neighbour.
        clock_jumps: how often the recorded clock was set: the events go on with the distances after the jump.
        gaps_cut: how many gaps were longer than the limit of the preset, and were cut to it.
        other_sinks: how many records are events of another sink.
        not_reached: how many records were due after the end of the run, or never; None if the file was not read to its
            end.
        ended_early: whether a source ended before the run.
    """

    offered: int
    skipped: dict[str, int]
    clamped: int
    clock_jumps: int = 0
    gaps_cut: int = 0
    other_sinks: int = 0
    not_reached: int | None
    ended_early: bool


class CheckOutcome(msgspec.Struct, frozen=True):
    """One check of the preset; ``value`` is None if nothing was measured."""

    check: str
    value: float | int | None
    passed: bool


class StepResult(msgspec.Struct, frozen=True, kw_only=True):
    """One step of the preset's timeline.

    Attributes:
        step: its number, from 1.
        at_s: when it came, in seconds since the start; None if it did not come before the end of the run.
        late_ms: how long after its time it came; None for a step that waited for a key, a check or the end of the run.
        caption: its caption, with the figures of that moment.
        checks: what had to hold for it, with the figures of that moment.
    """

    step: int
    at_s: float | None
    late_ms: float | None = None
    caption: str
    checks: list[CheckOutcome]


class GuiFigures(msgspec.Struct, frozen=True):
    """How well the window kept up during a run.

    ``frames_per_s`` is how often a second it drew. The lags say how late its event loop ran what was due.
    """

    frames_per_s: float
    loop_lag_p50_ms: float
    loop_lag_p99_ms: float


class Machine(msgspec.Struct, frozen=True, kw_only=True):
    """Where the run took place, and what the machine kept from it while events were offered.

    The last seven keys are missing in results of version 0.1.0, and ``null`` where they are not known.

    Attributes:
        cpus: how many processors this process may use.
        libzmq: the version of the workers' libzmq.
        data_plane: whether the loops of the workers were compiled or ran in Python.
        libzmq_path: the file of the workers' libzmq.
        cpu_pressure_pct: the part of the time in which a task of the machine waited for a processor.
        steal_pct: the part of the processor time in which the hypervisor ran something else.
        throttled_ms: how long a quota of processor time kept the bench from running.
        io_threads: how many I/O threads each context of a worker had; None without workers.
        cpu_affinity: the processors that workers were pinned to; None if they were not pinned.
    """

    cpus: int
    python: str
    pyzmq: str
    libzmq: str
    data_plane: PlaneName | None = None
    libzmq_path: str | None = None
    cpu_pressure_pct: float | None = None
    steal_pct: float | None = None
    throttled_ms: float | None = None
    io_threads: int | None = None
    cpu_affinity: list[int] | None = None


class StallSummary(msgspec.Struct, frozen=True):
    """How late the beats of a worker came, in microseconds; all 0 if it was not measured."""

    p50: float
    p99: float
    max: float


class WorkerResult(msgspec.Struct, frozen=True, kw_only=True):
    """How well one worker process ran while events were offered. A figure is ``null`` where the system does not tell.

    Attributes:
        units: the handlers and listeners that lived in it.
        processor: the processor that it was pinned to; None if it was not pinned.
        cpu_s: processor time.
        run_wait_s: how long its threads waited for a processor, summed over the threads.
        stall_us: how late its beats came.
        rss_mb: the physical memory that it held at last.
        switches_voluntary: how often a thread gave up its processor to wait for something.
        switches_involuntary: how often the system took the processor from a thread.
        page_faults: how often it touched memory that was not mapped.
        per_second: the same by seconds of the run.
    """

    units: list[str]
    processor: int | None = None
    cpu_s: float
    run_wait_s: float | None
    stall_us: StallSummary
    rss_mb: float | None
    switches_voluntary: int | None
    switches_involuntary: int | None
    page_faults: int | None
    per_second: list[WorkerSecondResult]


class WorkerSecondResult(msgspec.Struct, frozen=True, kw_only=True):
    """About a second of a worker, which ended ``at_s`` seconds after the start of the run.

    ``busiest`` is the largest share of it for which one thread had work to do; None where the system does not tell.
    """

    at_s: float
    cpu_s: float
    run_wait_s: float | None
    stall_max_us: float
    busiest: float | None


class RunResult(msgspec.Struct, frozen=True, kw_only=True):
    """A whole run."""

    format: str = FORMAT
    preset: str
    started_at: str
    duration_s: float
    verdict: Verdict
    reasons: list[str]
    notes: list[str] = []
    """Facts that a reader of the result should know, whatever the verdict; results of older versions have none."""
    balanced: bool
    handlers: dict[str, HandlerResult]
    checks: list[CheckOutcome]
    machine: Machine
    sources: dict[str, SourceResult] = {}
    """What became of the events of each sink; results of version 0.1.0 do not have it."""
    workers: dict[str, WorkerResult] = {}
    """How well each worker process ran; results of version 0.1.0 do not have it."""
    findings: list[Finding] = []
    """What the bench found out about its own reading, in the sentences of ``reasons`` and ``notes`` and typed."""
    advice: Advice | None = None
    """The settings with which the greatest loss would not have happened; None if nothing is lost, or if no rule
    explains it. Results of version 0.1.0 do not have it."""
    run: str = ""
    """The number of the run in its stamps, in hex; results of version 0.1.0 do not have it."""
    start_ns: int = 0
    """The start of the run on the clock of the stamps; results of version 0.1.0 do not have it."""
    start_wall_ns: int = 0
    """The same on the wall clock, since 1970; results of version 0.1.0 do not have it."""
    warmup_s: float = 0.0
    """How long events were counted and not measured; results of version 0.1.0 do not have it."""
    timeline: list[StepResult] | msgspec.UnsetType = msgspec.UNSET
    """Only for a preset with a timeline."""
    recording: RecordingSummary | msgspec.UnsetType = msgspec.UNSET
    """Only for a run that was recorded."""
    gui: GuiFigures | msgspec.UnsetType = msgspec.UNSET
    """Only for a run in the window."""


def summary(histogram: Histogram) -> LatencySummary:
    """A histogram's figures for the result."""
    # Not by msgspec.convert: it may not look at a type while another thread decodes a record that has this type.
    figures = {name: value for name, value in histogram.summary_us().items() if name != "count"}
    return LatencySummary(histogram.count, **figures)


def to_json(result: RunResult) -> bytes:
    """The result file's bytes."""
    return msgspec.json.format(msgspec.json.encode(result), indent=2) + b"\n"


def format_balance(result: RunResult) -> str:
    """Whether the ledger balances, with a restriction if the arrivals of a handler were not counted."""
    if not result.balanced:
        return "THE LEDGER DOES NOT BALANCE"
    uncounted = [name for name, handler in result.handlers.items() if not handler.arrivals_known]
    if not uncounted:
        return "the ledger balances"
    which = f"{len(uncounted):,} handlers" if len(uncounted) > MAX_REASONS_SHOWN else ", ".join(uncounted)
    return f"the ledger balances; nobody counted what arrived from {which}"


def first_reasons(result: RunResult) -> list[str]:
    """The reasons for the verdict. Of many reasons, the first ones and the number of the others."""
    more = len(result.reasons) - MAX_REASONS_SHOWN
    if more <= 1:
        return list(result.reasons)
    return [*result.reasons[:MAX_REASONS_SHOWN], f"and {more:,} more such reasons; the JSON result has them all"]
