"""Rule: a PUB drops what comes in a burst, or while a consumer stalls that is fast enough in the mean.

The most messages that wait at any time must fit into the connection, and SPARE_S of the load for a consumer that a busy
machine does not let run at once. Half of a high-water mark is sure.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from bench_app.advice.advice import Advice, Rule
from bench_app.advice.keeping_up import (
    SLOWEST_DRAIN,
    SPARE_S,
    fits_in_memory,
    larger_buffers,
    larger_mark,
    longer_linger,
    mark_in_force,
)
from bench_app.advice.situation import HandlerSituation, ListenerSituation
from bench_app.advice.slow_consumer import is_too_slow
from bench_app.advice.texts import count_text, proposed_text, rate_text, rounded_up, seconds_text
from bench_app.measure.backlog import Backlog, Consumer, backlog_of, sure_mark
from bench_app.model import ConstantLoad, Load


def bursts(handler: HandlerSituation) -> Iterator[Advice]:
    """An advice for each listener of a PUB that cannot hold what comes while it does not read."""
    if handler.drops_when_full:
        yield from (found for one in handler.listeners if (found := _at_subscriber(handler, one)))


def _at_subscriber(handler: HandlerSituation, listener: ListenerSituation) -> Advice | None:
    config = handler.config
    if not listener.lost or listener.spec.conflate or listener.fastest < handler.rate * listener.share:
        return None
    if not config.high_water_mark or not listener.spec.high_water_mark:
        return None
    load = handler.steady_load
    if listener.share != 1:
        load = ConstantLoad(rate=max(1e-3, handler.rate * listener.share))
    backlog = backlog_of(load, handler.duration_s, [listener.consumer])
    holds = listener.holds or mark_in_force(handler) + listener.spec.high_water_mark
    sure = (mark_in_force(handler) + listener.spec.high_water_mark) // 2
    if backlog is None or backlog.peak <= sure:
        return None
    overfills = _overfills(handler, load, listener, holds)
    # A measured speed may be that of a busy machine; that even the fastest consumer has no room is certain.
    if is_too_slow(handler, listener) and not overfills:
        return None
    spare = math.ceil(SPARE_S * handler.rate * listener.share)
    mark = rounded_up(sure_mark(backlog.peak + spare, backlog.sent))
    proposal = larger_mark(handler, mark) if fits_in_memory(handler, mark) else {}
    if proposal:
        proposal |= longer_linger(handler, min(backlog.sent, backlog.peak + spare), min(listener.pace, SLOWEST_DRAIN))
        proposal |= larger_buffers(handler, [listener])
    return Advice(
        rule=Rule.BURST,
        unit=listener.title,
        cause="lost",
        events_lost=listener.lost,
        is_certain=listener.spec.stall is not None or overfills,
        why=f"{_reason(handler, listener, backlog)}, and {count_text(holds)} fit",
        remedy=f"room for {count_text(backlog.peak)} would do",
        sum={
            "rate": round(handler.rate * listener.share, 3),
            "backlog": backlog.peak,
            "holds": holds,
            "sent": backlog.sent,
            "high_water_mark": mark,
        },
        proposal=proposal,
        proposed=proposed_text(proposal),
    )


def _overfills(handler: HandlerSituation, load: Load, listener: ListenerSituation, holds: int) -> bool:
    """Whether even a consumer as fast as its settings allow has no room for a burst."""
    least = backlog_of(load, handler.duration_s, [Consumer(listener.fastest)])
    return least is not None and least.peak > holds


def _reason(handler: HandlerSituation, listener: ListenerSituation, backlog: Backlog) -> str:
    if listener.spec.stall is None:
        return f"up to {count_text(backlog.peak)} of a burst wait for {listener.name}"
    begin, end = listener.spec.stall
    stalled_s = max(0.0, min(end, handler.duration_s) - begin)
    rate = handler.rate * listener.share
    return (
        f"{listener.name} reads nothing for {seconds_text(stalled_s)} at {rate_text(rate)}: "
        f"{count_text(backlog.peak)} wait"
    )
