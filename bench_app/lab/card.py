"""The card of a connection (RFC 2544 and RFC 9004 in spirit): found rate -> **trials around it** -> figures.

Each figure is a value, or null with a reason. Two of them are computed from a run. The events of an overload wait, so
the first event after it has the longest latency; at half of the rate the backlog shrinks at half of the rate. So the
connection is back to normal after twice that latency. After the restart of a peer, a step of a timeline comes when the
new process has received as many events as it would have by then without the restart, and a few more; the events that
are missing say it more exactly where each listener gets all.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import msgspec

from bench_app.engine.result import HandlerResult, RunResult
from bench_app.lab.burst import measure_burst
from bench_app.lab.find import FoundRate
from bench_app.lab.laboratory import MOST_TRIES, Trials, Values, run_valid, trial_values
from bench_app.lab.rate_search import BACKLOG, BENCH
from bench_app.lab.reading import read_trial
from bench_app.lab.trial import load_settings, rate_settings
from bench_app.model import pattern_of
from bench_app.preset.defaults import bench_endpoint, listeners_of
from bench_app.preset.documents import Document

FORMAT = "zmq-bench-card/1"
CURVE = (0.5, 0.75, 0.9, 1.0, 1.1, 1.25, 1.5)
"""The shares of the found rate at which the loss is measured."""
LATENCIES = (0.1, 0.5, 0.9)
OVERLOAD = 1.5
OVERLOAD_S = 1.0
TRIAL_S = 2.0
RESTART_AT_S = 1.0
BACK_S = 0.3
"""The restarted listener is back when it has received the events of so many seconds more than until its restart."""
START_S = 5.0
"""The longest time that the start of a process takes on a busy machine."""
LONGEST_AWAY_S = 60.0
BURST_S = 2.0
"""About as long as the burst that fits into the connection lasts. It may be quicker than the found rate: only its
number of events matters, as nobody reads."""
QUICKEST_BURST = 10_000.0
BACKLOG_S = 0.01
"""So much more backlog than at the lowest rate is a sign of overload."""
RUNS = MappingProxyType(
    {"loss_curve": 7, "latency": 3, "burst": 4, "recovery_s": 1, "restart_s": 3, "harm": 2, "fairness": 1}
)
"""The parts of a card in their order, and about how many runs each takes. A restart takes as long as three."""


class CurvePoint(msgspec.Struct, frozen=True):
    """The loss at one rate, and how many seconds of events had not arrived at its end; None if no run was valid."""

    share: float
    rate: float
    loss: float | None
    limited_by: str
    backlog_s: float | None = None


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
    """What ``card --json`` writes. A part is None if the work was ended before it.

    Attributes:
        found: the search for the highest rate without loss.
        rate: the found rate; None without a result.
        base_rate: the rate that the parts refer to: the found one, or the highest one that the bench could offer.
    """

    format: str = FORMAT
    preset: str
    handler: str
    found: FoundRate
    rate: float | None
    base_rate: float | None = None
    loss_curve: list[CurvePoint] | None = None
    latency: list[LatencyPoint] | None = None
    burst: Figure | None = None
    recovery_s: Figure | None = None
    restart_s: Figure | None = None
    harm: Harm | None = None
    fairness: Fairness | None = None


NO_OVERLOAD = "the bench cannot offer more than this connection carries"


def base_rate(found: FoundRate) -> float | None:
    """The rate that the parts refer to. Where the bench was the limit, that is the highest rate that held."""
    if found.rate is None and found.limited_by == BENCH:
        return found.lower
    return found.rate


def measures(
    document: Document, trials: Trials, handler: str, rate: float, is_bench: bool = False
) -> Mapping[str, Callable[[], object]]:
    """What measures each part of a card, by the part's name, in the order of ``RUNS``.

    ``is_bench`` says that the bench cannot offer more than ``rate``, so that it cannot overload the connection.
    """
    return {
        "loss_curve": lambda: loss_curve(document, trials, rate),
        "latency": lambda: latencies(document, trials, rate),
        "burst": lambda: longest(document, trials, handler, rate),
        "recovery_s": lambda: Figure(None, NO_OVERLOAD) if is_bench else recovery(document, trials, rate),
        "restart_s": lambda: restart(document, trials, handler, rate),
        "harm": lambda: harm(document, trials, handler, rate),
        "fairness": lambda: fairness(document, trials, handler, rate),
    }


def loss_curve(document: Document, trials: Trials, rate: float) -> list[CurvePoint]:
    """The loss at rates below and above the found one."""
    points: list[CurvePoint] = []
    for share in CURVE:
        points.append(_curve_point(document, trials, share, rate, points))
        trials.note(f"loss at {100 * share:.0f} %: {format_loss(points[-1])}")
    return points


def _curve_point(
    document: Document, trials: Trials, share: float, rate: float, before: Sequence[CurvePoint]
) -> CurvePoint:
    tried = share * rate
    for _ in range(MOST_TRIES):
        reading = read_trial(trials.run(_at(document, tried, reads_latency=False)), tried, TRIAL_S)
        if reading.bench_limit:
            return CurvePoint(share, round(tried, 2), None, BENCH)
        if reading.counts:
            usual_s = min((one.backlog_s for one in before if one.backlog_s is not None), default=reading.backlog_s)
            is_late = reading.backlog_s > usual_s + BACKLOG_S + 2 / tried
            limit = reading.main_cause or (BACKLOG if is_late else "")
            return CurvePoint(share, round(tried, 2), round(reading.loss, 6), limit, round(reading.backlog_s, 4))
    return CurvePoint(share, round(tried, 2), None, "")


def format_loss(point: CurvePoint) -> str:
    """The loss at one rate, as text."""
    if point.loss is None:
        return "the bench cannot offer it" if point.limited_by == BENCH else "no valid run"
    late = f", {1000 * point.backlog_s:,.0f} ms of events late" if point.limited_by and point.backlog_s else ""
    return f"{100 * point.loss:.3g} %{late}"


def latencies(document: Document, trials: Trials, rate: float) -> list[LatencyPoint]:
    """The latencies at 10, 50 and 90 % of the found rate."""
    points = []
    for share in LATENCIES:
        result = run_valid(trials, _at(document, share * rate, reads_latency=True))
        worst = None if isinstance(result, str) else _worst_latencies(result)
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
    at_rate = max(rate, min(sum(marks) / BURST_S, QUICKEST_BURST))
    found = measure_burst(document, trials, handler, at_rate, sum(marks), (config.high_water_mark + 1) // 2)
    return Figure(found.events, found.reason)


def recovery(document: Document, trials: Trials, rate: float) -> Figure:
    """How long after an overload of a second the connection is back to normal, at half of the found rate."""
    load = {"shape": "steps", "rates": [OVERLOAD * rate, 0.5 * rate], "each_s": OVERLOAD_S}
    values: Values = [*load_settings(document, load), *trial_values(document, OVERLOAD_S + TRIAL_S, True)]
    # The latencies are those of the events that are due after the overload.
    values.append((("bench", "warmup_s"), OVERLOAD_S))
    result = run_valid(trials, values)
    if isinstance(result, str):
        return Figure(None, result)
    longest_us = max((max(_responses(handler), default=0.0) for handler in result.handlers.values()), default=0.0)
    return Figure(round(2 * longest_us / 1e6, 4))


def restart(document: Document, trials: Trials, handler: str, rate: float) -> Figure:
    """For how long nothing gets through to the first listener when its process is killed and started again.

    It receives again when its process has started and the side that connects tries the next time.
    """
    listeners = listeners_of(document.preset, handler)
    if not listeners:
        return Figure(None, "the consumer is your own, and the bench cannot restart it")
    name = f"{handler}/{listeners[0].name}"
    config = document.preset.output.handlers[handler].config
    each_gets_all = pattern_of(config.socket_type).each_gets_all
    tried = 0.5 * rate
    own_rate = tried if each_gets_all else tried / len(listeners)
    needed = math.ceil(own_rate * (RESTART_AT_S + BACK_S)) + 1
    # libzmq adds a random part of the interval to it.
    longest_s = min(START_S + 2 * max(config.reconnect_interval, 0) / 1000, LONGEST_AWAY_S)
    steps: list[dict[str, Any]] = [
        {"at_s": RESTART_AT_S, "act": "kill", "unit": name},
        {"at_s": RESTART_AT_S, "until": f"{name}: received >= {needed}", "act": "end"},
    ]
    # The events that waited arrive at once, so each waits for those before it. That bends latencies, and no counts.
    values: Values = [
        *rate_settings(document, tried),
        *trial_values(document, RESTART_AT_S + longest_s, reads_latency=False),
        (("bench", "timeline"), steps),
    ]
    result = run_valid(trials, values)
    if isinstance(result, str):
        return Figure(None, result)
    back_s = _time_between_steps(result)
    if back_s is None:
        interval_s = config.reconnect_interval / 1000
        return Figure(None, f"not back after {longest_s:g} s; its reconnect_interval is {interval_s:g} s")
    figures = result.handlers[handler]
    if each_gets_all:
        missed = figures.listeners[listeners[0].name or ""]
        return Figure(round((missed.lost + missed.before_join) / tried, 3))
    # Events that waited for it count as soon as it is back. Those that went elsewhere do not.
    waits = not bench_endpoint(document.preset, handler)[1]
    return Figure(round(back_s if waits else max(0.0, back_s - BACK_S), 3))


def _time_between_steps(result: RunResult) -> float | None:
    """The time from the first step of the timeline to the second one; None if that did not come."""
    if isinstance(result.timeline, msgspec.UnsetType) or len(result.timeline) < 2:
        return None
    first, second = result.timeline[0].at_s, result.timeline[1].at_s
    return None if first is None or second is None else second - first


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
    if isinstance(alone, str):
        return Harm(None, None, None, alone)
    if isinstance(both, str):
        return Harm(None, None, None, both)
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
    if isinstance(result, str):
        return Fairness(None, None, None, result)
    counts = [one.received for one in result.handlers[handler].listeners.values()]
    return Fairness(min(counts), max(counts), round(jain(counts), 5))


def jain(counts: Sequence[float]) -> float:
    """Jain's fairness index: 1 for equal shares, 1/n if one of n has all."""
    squares = sum(count * count for count in counts)
    return sum(counts) ** 2 / (len(counts) * squares) if squares else 1.0


def _at(document: Document, rate: float, reads_latency: bool) -> Values:
    return [*rate_settings(document, rate), *trial_values(document, TRIAL_S, reads_latency)]


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
