"""Rule: a PUB drops what comes in a burst, or while a consumer stalls that is fast enough in the mean.

The most messages that wait at any time must fit into the connection. Half of a high-water mark is sure.
"""

from __future__ import annotations

from collections.abc import Iterator

from bench_app.advice.advice import Advice, Rule, Value
from bench_app.advice.situation import HandlerSituation, ListenerSituation
from bench_app.advice.slow_consumer import MOST_BYTES, is_too_slow
from bench_app.advice.texts import count_text, rate_text, rounded_up, seconds_text
from bench_app.measure.backlog import Backlog, backlog_of, sure_mark
from bench_app.model import ConstantLoad
from bench_app.model.spec import INT32_MAX

LIBZMQ_MARK = 1000
"""libzmq's default high-water mark. A bound socket has it if its own mark was set too late."""


def bursts(handler: HandlerSituation) -> Iterator[Advice]:
    """An advice for each listener of a PUB that cannot hold what comes while it does not read."""
    if handler.drops_when_full:
        yield from (found for one in handler.listeners if (found := _at_subscriber(handler, one)))


def _at_subscriber(handler: HandlerSituation, listener: ListenerSituation) -> Advice | None:
    config = handler.config
    if not listener.lost or listener.spec.conflate or is_too_slow(handler, listener):
        return None
    if not config.high_water_mark or not listener.spec.high_water_mark:
        return None
    load = handler.steady_load
    if listener.share != 1:
        load = ConstantLoad(rate=max(1e-3, handler.rate * listener.share))
    backlog = backlog_of(load, handler.duration_s, [listener.consumer])
    sure = (_mark(handler) + listener.spec.high_water_mark) // 2
    if backlog is None or backlog.peak <= sure:
        return None
    mark = rounded_up(sure_mark(backlog.peak, backlog.sent))
    holds = listener.holds or _mark(handler) + listener.spec.high_water_mark
    return Advice(
        rule=Rule.BURST,
        unit=listener.title,
        cause="lost",
        events_lost=listener.lost,
        is_certain=listener.spec.stall is not None,
        why=f"{_reason(handler, listener, backlog)}, and {count_text(holds)} fit",
        remedy=f"a high-water mark of {mark:,} would do",
        sum={
            "rate": round(handler.rate * listener.share, 3),
            "backlog": backlog.peak,
            "holds": holds,
            "sent": backlog.sent,
            "high_water_mark": mark,
        },
        proposal=_proposal(handler, mark),
    )


def _mark(handler: HandlerSituation) -> int:
    """The mark that the connection has."""
    return LIBZMQ_MARK if _is_mark_too_late(handler) else handler.config.high_water_mark


def _is_mark_too_late(handler: HandlerSituation) -> bool:
    return handler.binds and handler.bench.high_water_mark_set == "after"


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


def _proposal(handler: HandlerSituation, mark: int) -> dict[str, Value]:
    if mark * handler.message_bytes > MOST_BYTES or mark > INT32_MAX:
        return {}
    proposal: dict[str, Value] = {}
    if mark > handler.config.high_water_mark:
        proposal[handler.config_setting("high_water_mark")] = mark
    if _is_mark_too_late(handler):
        proposal[handler.bench_setting("high_water_mark_set")] = "before"
    return proposal
