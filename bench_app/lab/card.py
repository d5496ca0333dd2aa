"""The card of a connection (RFC 2544 and RFC 9004 in spirit): found rate -> **trials around it** -> figures.

Each figure is a value, or null with a reason. Two of them are computed from a run. The events of an overload wait, so
the first event after it has the longest latency; at half of the rate the backlog shrinks at half of the rate. So the
connection is back to normal after twice that latency. After the restart of a peer, the events that are missing, or the
longest latency, say how long nothing got through.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from bench_app.engine.result import HandlerResult, RunResult
from bench_app.lab.burst import measure_burst
from bench_app.lab.find import FoundRate
from bench_app.lab.laboratory import Trials, Values, run_valid, trial_values
from bench_app.lab.reading import causes_of, read_trial
from bench_app.lab.trial import load_settings, rate_settings
from bench_app.model import pattern_of
from bench_app.preset.defaults import listeners_of
from bench_app.preset.documents import Document

FORMAT = "zmq-bench-card/1"
CURVE = (0.5, 0.75, 0.9, 1.0, 1.1, 1.25, 1.5)
"""The shares of the found rate at which the loss is measured."""
LATENCIES = (0.1, 0.5, 0.9)
OVERLOAD = 1.5
OVERLOAD_S = 1.0
TRIAL_S = 2.0
RESTART_AT_S = 1.0


class CurvePoint(msgspec.Struct, frozen=True):
    """The loss at one rate; ``loss`` is None if no run was valid."""

    share: float
    rate: float
    loss: float | None
    limited_by: str


class LatencyPoint(msgspec.Struct, frozen=True):
    """The latencies at a share of the found rate, of the worst unit; None if no run was valid."""

    share: float
    rate: float
    service_p50_us: float | None
    service_p99_us: float | None
    response_p99_us: float | None


class Figure(msgspec.Struct, frozen=True):
    """One value, or None with the reason."""

    value: float | None
    reason: str = ""


class Harm(msgspec.Struct, frozen=True):
    """What one slow subscriber does to the others: their p99 without it and with it, and what they lost."""

    p99_us: float | None
    with_slow_p99_us: float | None
    lost: int | None
    reason: str = ""


class Fairness(msgspec.Struct, frozen=True):
    """How the workers of a PUSH share the events: least, most, and Jain's index, which is 1 for equal shares."""

    min: int | None
    max: int | None
    jain: float | None
    reason: str = ""


class Card(msgspec.Struct, frozen=True, kw_only=True):
    """What ``card --json`` writes. A part is None if the work was ended before it."""

    format: str = FORMAT
    preset: str
    handler: str
    found: FoundRate
    rate: float | None
    loss_curve: list[CurvePoint] | None = None
    latency: list[LatencyPoint] | None = None
    burst: Figure | None = None
    recovery_s: Figure | None = None
    restart_s: Figure | None = None
    harm: Harm | None = None
    fairness: Fairness | None = None


INVALID = "all runs were invalid"


def loss_curve(document: Document, trials: Trials, rate: float) -> list[CurvePoint]:
    """The loss at rates below and above the found one."""
    points = []
    for share in CURVE:
        tried = share * rate
        result = run_valid(trials, _at(document, tried, reads_latency=False))
        reading = None if result is None else read_trial(result, tried, TRIAL_S)
        is_bench = reading is not None and bool(reading.bench_limit)
        loss = None if reading is None or is_bench else round(reading.loss, 6)
        limit = "" if reading is None else "bench" if is_bench else reading.main_cause
        points.append(CurvePoint(share, round(tried, 2), loss, limit))
        trials.note(f"loss at {100 * share:.0f} %: {'no valid run' if loss is None else f'{100 * loss:.3g} %'}")
    return points


def latencies(document: Document, trials: Trials, rate: float) -> list[LatencyPoint]:
    """The latencies at 10, 50 and 90 % of the found rate."""
    points = []
    for share in LATENCIES:
        result = run_valid(trials, _at(document, share * rate, reads_latency=True))
        worst = None if result is None else _worst_latencies(result)
        points.append(LatencyPoint(share, round(share * rate, 2), *(worst or (None, None, None))))
        shown = "no valid run" if worst is None else f"service p99 {worst[1] / 1000:,.3g} ms"
        trials.note(f"latency at {100 * share:.0f} %: {shown}")
    return points


def longest(document: Document, trials: Trials, handler: str, rate: float) -> Figure:
    """The longest burst without loss while the consumer reads nothing."""
    config = document.preset.output.handlers[handler].config
    listeners = listeners_of(document.preset, handler)
    if pattern_of(config.socket_type).gets_replies:
        return Figure(None, "a REQ has one request in flight")
    if not listeners:
        return Figure(None, "the consumer is your own, and the bench cannot stop it")
    marks = (config.high_water_mark, listeners[0].high_water_mark)
    if 0 in marks:
        return Figure(None, "a high-water mark of 0 is no limit")
    found = measure_burst(document, trials, handler, rate, sum(marks), (config.high_water_mark + 1) // 2)
    return Figure(found.events, found.reason)


def recovery(document: Document, trials: Trials, rate: float) -> Figure:
    """How long after an overload of a second the connection is back to normal, at half of the found rate."""
    load = {"shape": "steps", "rates": [OVERLOAD * rate, 0.5 * rate], "each_s": OVERLOAD_S}
    values: Values = [*load_settings(document, load), *trial_values(document, OVERLOAD_S + TRIAL_S, True)]
    # The latencies are those of the events that are due after the overload.
    values.append((("bench", "warmup_s"), OVERLOAD_S))
    result = run_valid(trials, values)
    if result is None:
        return Figure(None, INVALID)
    longest_us = max((max(_responses(handler), default=0.0) for handler in result.handlers.values()), default=0.0)
    return Figure(round(2 * longest_us / 1e6, 4))


def restart(document: Document, trials: Trials, handler: str, rate: float) -> Figure:
    """How long nothing gets through to the first listener when its process is killed and started again."""
    names = [one.name for one in listeners_of(document.preset, handler)]
    if not names:
        return Figure(None, "the consumer is your own, and the bench cannot restart it")
    step = {"at_s": RESTART_AT_S, "act": "kill", "unit": f"{handler}/{names[0]}"}
    tried = 0.5 * rate
    values: Values = [
        *rate_settings(document, tried),
        *trial_values(document, RESTART_AT_S + 2 * TRIAL_S, True),
        (("bench", "timeline"), [step]),
    ]
    result = run_valid(trials, values)
    if result is None:
        return Figure(None, INVALID)
    figures = result.handlers[handler]
    listener = figures.listeners[names[0] or ""]
    missing = listener.lost + listener.before_join if _each(figures) else sum(causes_of(figures).values())
    return Figure(round(max(missing / tried, max(_responses(figures), default=0.0) / 1e6), 4))


def harm(document: Document, trials: Trials, handler: str, rate: float) -> Harm:
    """What one subscriber that takes half of what is sent does to the others."""
    preset = document.preset
    if not pattern_of(preset.output.handlers[handler].config.socket_type).each_gets_all:
        return Harm(None, None, None, "only the subscribers of a PUB all get each message")
    tried = 0.5 * rate
    given: Sequence[Any] = msgspec.to_builtins(preset.bench.listeners.get(handler, ())) or [{"name": "sub-1"}]
    slow = {"name": "slow-by-card", "delay_ms": 2000 / tried}
    if preset.output.handlers[handler].config.topic:
        slow["topics"] = [preset.output.handlers[handler].config.topic]
    alone = run_valid(trials, _at(document, tried, reads_latency=True))
    beside = [*_at(document, tried, reads_latency=True), (("bench", "listeners", handler), [*given, slow])]
    both = run_valid(trials, beside)
    if alone is None or both is None:
        return Harm(None, None, None, INVALID)
    others = {name: one for name, one in both.handlers[handler].listeners.items() if name != slow["name"]}
    before = max((one.service_us.p99 for one in alone.handlers[handler].listeners.values()), default=0.0)
    after = max((one.service_us.p99 for one in others.values()), default=0.0)
    return Harm(before, after, max((one.lost for one in others.values()), default=0))


def fairness(document: Document, trials: Trials, handler: str, rate: float) -> Fairness:
    """How the workers share the events at 90 % of the found rate."""
    if pattern_of(document.preset.output.handlers[handler].config.socket_type).each_gets_all:
        return Fairness(None, None, None, "the subscribers of a PUB do not share the events")
    if len(listeners_of(document.preset, handler)) < 2:
        return Fairness(None, None, None, "there is only one worker")
    result = run_valid(trials, _at(document, 0.9 * rate, reads_latency=False))
    if result is None:
        return Fairness(None, None, None, INVALID)
    counts = [one.received for one in result.handlers[handler].listeners.values()]
    return Fairness(min(counts), max(counts), round(jain(counts), 5))


def jain(counts: Sequence[float]) -> float:
    """Jain's fairness index: 1 for equal shares, 1/n if one of n has all."""
    squares = sum(count * count for count in counts)
    return sum(counts) ** 2 / (len(counts) * squares) if squares else 1.0


def _at(document: Document, rate: float, reads_latency: bool) -> Values:
    return [*rate_settings(document, rate), *trial_values(document, TRIAL_S, reads_latency)]


def _each(handler: HandlerResult) -> bool:
    return handler.pattern.each_gets_all


def _responses(handler: HandlerResult) -> list[float]:
    if handler.round_trip_us is not None:
        return [handler.round_trip_us.max]
    return [listener.response_us.max for listener in handler.listeners.values()]


def _worst_latencies(result: RunResult) -> tuple[float, float, float] | None:
    """Service p50 and p99 and response p99 in us, each of the unit with the highest one."""
    found = [one for handler in result.handlers.values() for one in handler.listeners.values() if one.service_us.count]
    if not found:
        return None
    return (
        max(one.service_us.p50 for one in found),
        max(one.service_us.p99 for one in found),
        max(one.response_us.p99 for one in found),
    )
