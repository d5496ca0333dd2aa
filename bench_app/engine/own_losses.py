"""Losses that the bench's own stalls can explain: worker states -> **own losses** -> checks -> verdict.

While a process of the bench stands still, events go on being due. What half of the high-water mark holds, or the queue
of the handler, is not lost by that; libzmq gives room back by halves of the mark. What is due in the rest of the stall
can be lost, time out, or be missing from a rate. So a check that failed by no more than that says nothing about the
system. This is a bound: where an event was lost, nobody knows.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from bench_app.engine.limits import BEAT_NS
from bench_app.engine.state import HandlerState, ListenerState, UnitState
from bench_app.engine.worker_state import WorkerState
from bench_app.measure.bucket_arrays import bucket_bounds
from bench_app.measure.clock import NS_PER_MS, NS_PER_S
from bench_app.measure.loss_causes import LOSS_CAUSES
from bench_app.model import (
    BurstLoad,
    ConstantLoad,
    Delivery,
    Load,
    PoissonLoad,
    RampLoad,
    SineLoad,
    StepsLoad,
)

_ADDED = frozenset(cause.key for cause in LOSS_CAUSES) | {"retries"}
_MISSING = frozenset({"offered", "accepted", "received", "replied"})

OwnLosses = Mapping[str, int]
"""How many events stalls can explain, for each listener of a handler by name, and for the handler by ""."""


def own_losses(
    handler: HandlerState, listeners: Sequence[ListenerState], workers: Mapping[str, WorkerState], seconds: float
) -> OwnLosses:
    """What the stalls of a handler that offered events for ``seconds``, and of its listeners, can explain."""
    mean_rate = handler.counts.offered / seconds if seconds > 0 else 0.0
    rate = max(mean_rate, _highest_rate(handler.plan.source.load))
    least_ns = _harmless_ns(handler, rate)
    stalled = {one.unit: _stalled_ns(one, workers, least_ns) for one in (handler, *listeners)}
    found = {one.plan.name: stalled[handler.unit] + stalled[one.unit] for one in listeners}
    return {name: math.ceil(rate * ns / NS_PER_S) for name, ns in {**found, "": sum(stalled.values())}.items()}


def without_own_losses(handlers: Mapping[str, Any], losses: Mapping[str, OwnLosses]) -> dict[str, Any]:
    """A copy of the ``handlers`` of a result without the losses that stalls can explain."""
    return {
        name: {
            **_without(handler, losses[name][""], handler.get("seconds", 0.0)),
            "listeners": {
                listener: _without(figures, losses[name][listener], handler.get("seconds", 0.0))
                for listener, figures in handler["listeners"].items()
            },
        }
        for name, handler in handlers.items()
    }


def _without(figures: Mapping[str, Any], count: int, seconds: float) -> dict[str, Any]:
    changed = dict(figures)
    for key in _ADDED & figures.keys():
        changed[key] = max(0, figures[key] - count)
    for key in _MISSING & figures.keys():
        changed[key] = figures[key] + count
    if seconds > 0:
        changed["rate"] = figures["rate"] + count / seconds
    return changed


def _highest_rate(load: Load) -> float:
    match load:
        case ConstantLoad() | PoissonLoad() | BurstLoad():
            return load.rate
        case RampLoad():
            return max(load.start, load.end)
        case StepsLoad():
            return max(load.rates)
        case SineLoad():
            return load.mean + load.amplitude
    # It has no rate of its own.
    return 0.0


def _harmless_ns(handler: HandlerState, rate: float) -> int:
    """The longest stall in which nothing is lost. Shorter ones than a beat are not measured."""
    config = handler.plan.spec.config
    rooms = [config.queue_size] + ([config.high_water_mark / 2] if config.high_water_mark else [])
    harmless_ns = min(rooms) / rate * NS_PER_S if rate else 0.0
    if handler.plan.pattern.delivery is Delivery.REQUEST:
        harmless_ns = min(harmless_ns, config.request_timeout * NS_PER_MS)
    return max(BEAT_NS, int(harmless_ns))


def _stalled_ns(unit: UnitState, workers: Mapping[str, WorkerState], least_ns: int) -> int:
    """For how long the worker processes of a unit stood still beyond ``least_ns``, all stalls together.

    A stall counts once for each beat that was due in it, with the time that was left then.
    """
    total_ns = 0
    for worker in workers.values():
        if unit.unit in worker.units:
            indexes, counts = worker.stall.recorded()
            lowest_ns, _ = bucket_bounds(indexes)
            total_ns += int(counts[lowest_ns >= least_ns].sum()) * BEAT_NS
    return total_ns
