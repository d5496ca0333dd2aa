"""Which high-water mark: load, consumers, stalls, capacity -> **recommended settings** -> proof by runs.

The backlog of a stall must fit into the pipes of both ends. A pipe with the mark H holds H messages, but only half of
them for certain: the reader reports to the writer each time it has read another half. Two pipes with the mark H hold
H for certain, and 2 H at most. So the backlog itself is the mark for both ends: with it nothing is lost, whenever the
stall begins, and with half of it both pipes together hold no more than the backlog.

To that comes a margin, because consumer and machine are late at times: with MARGIN, a stall may be that much longer.
Half of such a mark holds the backlog, too, if nearly all that was read before the stall was also reported. So the proof
lets the stall begin at the harder moments, at which at least EARLIEST of a report is still to come.

The kernel's buffers are left out. They hold bytes, and differ between machines and links. So the proof runs over
``inproc``, which has no kernel.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from bench_app.capacity.figures import format_rate, format_seconds, rate_of
from bench_app.engine.result import RunResult
from bench_app.errors import InputError
from bench_app.lab.burst import Burst, alone, linger_value, lost_in
from bench_app.lab.laboratory import Trials, Values, trial_values
from bench_app.lab.reading import was_busy
from bench_app.measure.backlog import Backlog, Consumer, backlog_of
from bench_app.model import BurstLoad, ListenerSpec, pattern_of
from bench_app.model.json_path import format_path
from bench_app.preset.defaults import listeners_of, sources_of
from bench_app.preset.documents import Document

FORMAT = "zmq-bench-hwm/1"
DEFAULT_STALL_S = 0.3
BEFORE_S = 0.3
AFTER_S = 0.2
MARGIN = 0.05
"""What is added to the backlog, as a part of it."""
EARLIEST = 0.15
"""In the proof, at least so much of what the reader reports at once is read and not reported when the stall begins.
Half of the mark then holds (1 + MARGIN) (1 - EARLIEST / 2) of the backlog, which is less than all of it."""
SMALLEST = 8
"""The smallest recommended mark: below it, every turn of another process would count."""
MOST_DISTURBED = 4
"""How often a run is made at most, if it is invalid or if the bench's own stall or a busy machine explains what was
lost."""
ORDINARY_STALL_S = 0.003


@dataclass(frozen=True)
class Situation:
    """What the mark must cope with.

    Attributes:
        handler: the name of the handler.
        socket_type: PUB or PUSH.
        listeners: its listeners.
        rate: events per second, the mean.
        stall_s: how long the consumers stand still; 0 if the backlog comes from the load.
        source: where ``stall_s`` comes from: *preset*, *option* or *assumed*.
        backlog: the most events that wait, for the connection with most of them.
        taken: messages per second that the consumers of a connection can take; infinity without a delay.
    """

    handler: str
    socket_type: str
    listeners: tuple[ListenerSpec, ...]
    rate: float
    stall_s: float
    source: str
    backlog: Backlog
    taken: float

    @property
    def is_shared(self) -> bool:
        """Whether the listeners share the events."""
        return not pattern_of(self.socket_type).each_gets_all

    @property
    def connections(self) -> int:
        """How many connections share the backlog."""
        return max(1, len(self.listeners)) if self.is_shared else 1


class HalfProof(msgspec.Struct, frozen=True):
    """Runs with half of the recommended marks: how many, and how many of them lost something."""

    runs: int
    lost: int


class Proof(msgspec.Struct, frozen=True):
    """Runs with the recommended marks: how many, and how many of them lost something; and those with half."""

    runs: int
    lost: int
    half: HalfProof


class HwmResult(msgspec.Struct, frozen=True, kw_only=True):
    """What ``hwm --json`` writes.

    Attributes:
        preset: the name of the preset.
        handler: the handler that the settings are for.
        recommended: the settings by their paths; empty if no mark can help.
        reason: why, in two sentences.
        backlog: the most events that wait for a connection.
        stall_s: the stall that the marks cope with; 0 if the backlog comes from the load.
        burst: the longest burst without loss with the settings of the preset, while the consumer reads nothing.
        capacity: the measured capacity with the settings of the preset; None without a limit.
        step: the granularity of ``capacity`` and ``burst``.
        memory_bytes: what full pipes hold at most, with the recommended marks and all consumers.
        oldest_s: the age of the oldest message when the pipes are full.
        proof: the runs that prove it; None if they were not made.
        notes: what a reader should know.
    """

    format: str = FORMAT
    preset: str
    handler: str
    recommended: dict[str, Any]
    reason: str
    backlog: int
    stall_s: float
    burst: int | None
    capacity: int | None
    step: int
    memory_bytes: int
    oldest_s: float
    proof: Proof | None
    notes: list[str]


def handler_of(document: Document, wanted: str | None) -> str:
    """The handler to recommend for: the wanted one, or the first enabled PUB or PUSH. Raises InputError."""
    handlers = document.preset.output.handlers
    if wanted is not None and wanted not in handlers:
        raise InputError(f"{document.name} has no handler “{wanted}”: it has {', '.join(handlers)}")
    names = [wanted] if wanted is not None else [name for name, spec in handlers.items() if spec.enabled]
    for name in names:
        if not pattern_of(handlers[name].config.socket_type).gets_replies:
            return name
    raise InputError(f"{document.name} has no enabled PUB or PUSH: a REQ has one request in flight and needs no mark")


def situation_of(document: Document, handler: str, stall_s: float | None = None) -> Situation:
    """What the marks of a handler must cope with. Raises InputError for a load without a rate."""
    preset = document.preset
    spec = preset.output.handlers[handler]
    load = sources_of(preset)[spec.sink].load if spec.sink in sources_of(preset) else None
    listeners = listeners_of(preset, handler)
    shared = not pattern_of(spec.config.socket_type).each_gets_all
    given = max((one.stall[1] - one.stall[0] for one in listeners if one.stall), default=0.0)
    duration_s = preset.bench.duration_s
    rate = None if load is None else rate_of(load)
    if load is None or rate is None:
        raise InputError(
            f"{handler}: the load has no rate of its own; give it one, such as "
            f'--set bench.sources.{spec.sink}.load=\'{{"shape": "constant", "rate": 1000}}\''
        )
    paces = [pace_of(one) for one in listeners] or [math.inf]
    taken = sum(paces) if shared else min(paces)
    source, chosen_s = ("option", stall_s) if stall_s is not None else ("preset", given)
    alone_peak = backlog_of(load, duration_s, [Consumer(taken)])
    assert alone_peak is not None
    if not chosen_s and stall_s is None and not (isinstance(load, BurstLoad) and alone_peak.peak > SMALLEST):
        source, chosen_s = "assumed", DEFAULT_STALL_S
    begin_s = min(BEFORE_S, duration_s / 4)
    whole_s = max(duration_s, begin_s + chosen_s)
    consumer = Consumer(taken, (begin_s, begin_s + chosen_s) if chosen_s else None)
    backlog = backlog_of(load, whole_s, [consumer])
    assert backlog is not None
    return Situation(handler, spec.config.socket_type, listeners, rate, chosen_s, source, backlog, taken)


def pace_of(listener: ListenerSpec) -> float:
    """Messages per second that a listener can take; infinity if it takes each at once."""
    each_ms = listener.delay_ms + listener.delay_jitter_ms / 2
    return 1000 / each_ms if each_ms else math.inf


def mark_for(situation: Situation) -> int:
    """The high-water mark for both ends of each connection."""
    backlog = math.ceil(situation.backlog.peak / situation.connections)
    return max(SMALLEST, math.ceil(backlog * (1 + MARGIN)) + 1)


def too_slow(situation: Situation) -> str:
    """Why no mark helps; "" if one does."""
    if situation.taken > situation.rate:
        return ""
    taken, sent = format_rate(situation.taken), format_rate(situation.rate)
    return (
        f"The consumers take {taken} messages/s and {sent}/s are sent, so the backlog grows for as long as this lasts. "
        f"No high-water mark helps: make the consumers faster, add some, or send less."
    )


def settings_for(document: Document, situation: Situation, mark: int) -> dict[str, Any]:
    """The recommended values by their paths, for a mark."""
    name = situation.handler
    config = document.preset.output.handlers[name].config
    at: tuple[str, ...] = ("output", "handlers", name, "config")
    found: dict[str, Any] = {format_path((*at, "high_water_mark")): mark}
    given = document.preset.bench.listeners.get(name)
    if given is None and situation.listeners:
        found[format_path(("bench", "listeners", name))] = [{"high_water_mark": mark}]
    for number, _ in enumerate(given or ()):
        found[format_path(("bench", "listeners", name, number, "high_water_mark"))] = mark
    is_waiting = pattern_of(situation.socket_type).drops_when_full is False
    queue = max(SMALLEST, math.ceil(situation.backlog.peak / 64)) if is_waiting else config.queue_size
    timeout = math.ceil(1500 * situation.stall_s) + 100 if is_waiting else config.send_timeout
    found[format_path((*at, "queue_size"))] = queue
    found[format_path((*at, "send_timeout"))] = timeout
    return found


def proof_values(document: Document, situation: Situation, mark: int, half: bool, phase: float) -> Values:
    """The values of one run of the proof.

    ``phase``, 0 to 1, moves the begin of the stall: how many of the last messages were read and not yet reported
    depends on it.
    """
    name = situation.handler
    tried = max(1, mark // 2) if half else mark
    # A reader of two pipes with the same mark reports each time it has read as many messages as the mark of one.
    periods = math.ceil(BEFORE_S * situation.rate / tried)
    begin_s = (periods + phase) * tried * situation.connections / situation.rate
    duration_s = begin_s + situation.stall_s + AFTER_S
    if not situation.stall_s:
        duration_s = max(situation.backlog.at_s + AFTER_S, 0.5)
    given = document.preset.bench.listeners.get(name, ())
    # Their own endpoints are those of another transport.
    specs = [_without_endpoint(msgspec.to_builtins(one)) for one in given] or [{}]
    stall = [begin_s, begin_s + situation.stall_s] if situation.stall_s else None
    listeners = [{**one, "high_water_mark": tried, "stall": stall} for one in specs]
    at: tuple[str, ...] = ("output", "handlers", name)
    recommended = settings_for(document, situation, mark)
    return [
        *alone(document, name),
        ((*at, "uri"), f"zmq://inproc://hwm-{name}"),
        (("bench", "handlers", name), {}),
        ((*at, "config", "high_water_mark"), tried),
        ((*at, "config", "queue_size"), recommended[format_path((*at, "config", "queue_size"))]),
        ((*at, "config", "send_timeout"), recommended[format_path((*at, "config", "send_timeout"))]),
        (("bench", "listeners", name), listeners),
        *trial_values(document, duration_s, reads_latency=False),
        # Half of the mark loses anyway, and a run waits that long for what is lost.
        *([] if half else [linger_value(name)]),
    ]


def _without_endpoint(spec: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in spec.items() if key not in ("endpoint", "receipts")}


def prove(document: Document, trials: Trials, situation: Situation, mark: int, runs: int) -> Proof | None:
    """Run ``runs`` times with the mark and as often with half of it. None if too many runs were invalid."""
    lost = {False: 0, True: 0}
    for number in range(runs):
        for half in (False, True):
            phase = EARLIEST + (1 - EARLIEST) * (number + 0.5) / runs
            values = proof_values(document, situation, mark, half, phase)
            count = _lost_soundly(trials, situation, values, is_expected=half)
            if count is None:
                return None
            lost[half] += count > 0
            which = "half of it" if half else f"mark {mark:,}"
            trials.note(f"run {number + 1} of {runs}, {which}: {f'{count:,} lost' if count else 'nothing lost'}")
    return Proof(runs, lost[False], HalfProof(runs, lost[True]))


def _lost_soundly(trials: Trials, situation: Situation, values: Values, is_expected: bool) -> int | None:
    """How many events a run lost that the bench's own stall does not explain; None if all runs were invalid.

    A loss that is not expected is also tried again if the machine was busy.
    """
    lost: int | None = None
    for _ in range(MOST_DISTURBED):
        result = trials.run(values)
        if result.verdict == "invalid":
            continue
        lost = lost_in(result, situation.handler)
        is_explained = lost <= situation.rate * _stall_s(result) or (not is_expected and was_busy(result))
        if lost == 0 or not is_explained:
            return lost
    return lost


def _stall_s(result: RunResult) -> float:
    longest_us = max((worker.stall_us.max for worker in result.workers.values()), default=0.0)
    return max(0.0, longest_us / 1e6 - ORDINARY_STALL_S)


def result_of(
    document: Document,
    situation: Situation,
    burst: Burst,
    capacity: int | None,
    step: int,
    message_bytes: float,
    proof: Proof | None,
) -> HwmResult:
    """The recommendation with its reason, its price and its proof."""
    hopeless = too_slow(situation)
    mark = 0 if hopeless else mark_for(situation)
    consumers = max(1, len(situation.listeners))
    return HwmResult(
        preset=document.name,
        handler=situation.handler,
        recommended={} if hopeless else settings_for(document, situation, mark),
        reason=hopeless or _reason(situation, mark),
        backlog=situation.backlog.peak,
        stall_s=round(situation.stall_s, 6),
        burst=burst.events,
        capacity=capacity,
        step=step,
        memory_bytes=math.ceil(2 * mark * message_bytes * consumers),
        oldest_s=round(2 * mark * situation.connections / situation.rate, 3),
        proof=proof,
        notes=_notes(situation, burst, capacity),
    )


def _reason(situation: Situation, mark: int) -> str:
    peak = situation.backlog.peak
    if situation.stall_s:
        stall, rate = format_seconds(situation.stall_s), format_rate(situation.rate)
        cause = f"While the consumer stands still for {stall}, {rate}/s arrive"
    else:
        cause = f"The load comes in bursts, and the consumers take {format_rate(situation.taken)}/s"
    shared = f", on {situation.connections} connections" if situation.connections > 1 else ""
    return (
        f"{cause}: {peak:,} messages wait{shared}. Half of each pipe is certain, so {mark:,} at both ends hold them "
        f"and {100 * MARGIN:.0f} % more, whenever it happens."
    )


def _notes(situation: Situation, burst: Burst, capacity: int | None) -> list[str]:
    notes = []
    if situation.source == "assumed":
        assumed = format_seconds(situation.stall_s)
        notes.append(f"the preset has no stall: {assumed} are assumed (--stall S plans for another one)")
    if burst.reason:
        notes.append(f"longest burst: {burst.reason}")
    if capacity is not None and capacity >= situation.backlog.peak:
        notes.append(
            f"here and now the connection holds {capacity:,}, the kernel's buffers included; do not rely on them"
        )
    if not situation.listeners:
        notes.append("set the receive high-water mark of your own consumer (ZMQ_RCVHWM) to the same value")
    return notes
