"""Rule: the consumers take fewer events per second than are offered. No queue is enough; it only delays the loss.

With L events/s offered, C messages/s taken and room for R messages, the loss begins after R / (L - C) seconds. Without
loss a message may take 1 / L seconds, or all (L - C) T messages of a run of T seconds must wait.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bench_app.advice.advice import Advice, Rule, Value
from bench_app.advice.situation import HandlerSituation, ListenerSituation
from bench_app.advice.texts import count_text, rate_text, rounded_down, rounded_up, seconds_text
from bench_app.measure.backlog import Backlog, Consumer, backlog_of, sure_mark
from bench_app.model import ConstantLoad, Delivery
from bench_app.model.spec import INT32_MAX

SPARE = 0.75
"""A consumer that is to keep up uses this part of its time, so that it also catches up."""
SPARE_S = 1.0
"""A consumer that keeps up may still not run for so long, as any process on a busy machine."""
_SHORTEST_PAUSE_MS = 0.2
"""A shorter pause takes as long as this on a busy machine, so it becomes none."""
_LEAST_OVERHEAD_MS = 0.1
_SLOWER = 0.95
"""A consumer counts as slower than the load by measure only below this part of it."""
ENDLESS_S = 86_400.0
"""A run of a day or longer counts as one without an end."""
MOST_BYTES = 2**30
"""More memory than this is not proposed for messages that wait."""


def slow_consumers(handler: HandlerSituation) -> Iterator[Advice]:
    """An advice for each listener of a PUB that is too slow, or for all listeners of another handler together."""
    if handler.drops_when_full:
        yield from (found for one in handler.listeners if (found := _at_subscriber(handler, one)))
    elif handler.lost_at_socket and (listeners := [one for one in handler.listeners if one.share]):
        yield from _at_socket(handler, listeners)


def is_too_slow(handler: HandlerSituation, listener: ListenerSituation) -> bool:
    """Whether a listener that gets every message is slower than the load."""
    needed = handler.rate * listener.share
    return listener.fastest < needed or _is_measured_slower(handler, listener, needed)


def _is_measured_slower(handler: HandlerSituation, listener: ListenerSituation, needed: float) -> bool:
    has_other_reason = handler.is_changed or listener.spec.stall is not None
    return not has_other_reason and 0 < listener.rate < _SLOWER * needed


def _at_subscriber(handler: HandlerSituation, listener: ListenerSituation) -> Advice | None:
    if not listener.lost or listener.spec.conflate or not is_too_slow(handler, listener):
        return None
    needed = handler.rate * listener.share
    is_certain = listener.fastest < needed
    taken = listener.pace if is_certain else listener.rate
    load = handler.steady_load if listener.share == 1 else ConstantLoad(rate=needed)
    backlog = backlog_of(load, handler.duration_s, [Consumer(taken, listener.spec.stall)])
    if backlog is None:
        return None
    holds = listener.holds or handler.config.high_water_mark + listener.spec.high_water_mark
    faster = _faster(listener, needed)
    proposal = faster | _spare_room(handler, needed) if faster else _room_at_publisher(handler, backlog, taken)
    return Advice(
        rule=Rule.SLOW_CONSUMER,
        unit=listener.title,
        cause="lost",
        events_lost=listener.lost,
        is_certain=is_certain,
        why=_why(listener.name, "takes", taken, needed, holds),
        remedy=_remedy(handler, 1 / needed, f"room for {count_text(backlog.peak)}"),
        sum=_sum(needed, taken, holds, backlog.peak, handler.duration_s),
        proposal=proposal,
    )


def _at_socket(handler: HandlerSituation, listeners: Sequence[ListenerSituation]) -> Iterator[Advice]:
    """A socket that waits is as fast as all its consumers together, or as the slowest if each gets every message."""
    needed, is_shared = handler.rate, handler.pattern.delivery is Delivery.SHARED
    taken = _taken_together([one.pace for one in listeners], is_shared)
    is_certain = taken < needed
    if not is_certain:
        if handler.is_changed or any(one.spec.stall is not None or not one.rate for one in listeners):
            return
        taken = _taken_together([one.rate for one in listeners], is_shared)
        if taken >= _SLOWER * needed:
            return
    backlog = backlog_of(handler.steady_load, handler.duration_s, [Consumer(taken)])
    if backlog is None:
        return
    each = needed / len(listeners) if is_shared else needed
    slow = [one for one in listeners if one.pace < each]
    holds = handler.config.queue_size + sum(one.holds or 0 for one in listeners)
    name, verb = _names(handler, slow, len(listeners))
    yield Advice(
        rule=Rule.SLOW_CONSUMER,
        unit=handler.name,
        cause=handler.main_cause,
        events_lost=handler.lost_at_socket,
        is_certain=is_certain,
        why=_why(name, verb, taken, needed, holds),
        remedy=_remedy(handler, 1 / each, f"a queue for {count_text(backlog.peak)}"),
        sum=_sum(needed, taken, holds, backlog.peak, handler.duration_s),
        proposal=_faster_at_socket(handler, slow, each),
    )


def _taken_together(rates: Sequence[float], is_shared: bool) -> float:
    return sum(rates) if is_shared else min(rates)


def _names(handler: HandlerSituation, slow: Sequence[ListenerSituation], consumers: int) -> tuple[str, str]:
    if len(slow) == 1 and (consumers == 1 or handler.pattern.each_gets_all):
        return slow[0].name, "takes"
    return (f"the {consumers} consumers", "take") if consumers > 1 else ("the consumer", "takes")


def _why(name: str, verb: str, taken: float, needed: float, holds: int) -> str:
    delayed_s = holds / (needed - taken)
    return (
        f"{name} {verb} {rate_text(taken)} of {rate_text(needed)}: no queue is enough, room for {count_text(holds)} "
        f"only delays the loss by {seconds_text(delayed_s)}"
    )


def _remedy(handler: HandlerSituation, each_s: float, room: str) -> str:
    """A run that lasts until it is stopped has no largest backlog."""
    if handler.duration_s >= ENDLESS_S:
        return f"{seconds_text(each_s)} a message would do"
    return f"{seconds_text(each_s)} a message, or {room} in {seconds_text(handler.duration_s)}, would do"


def _sum(needed: float, taken: float, holds: int, peak: int, duration_s: float) -> dict[str, float]:
    return {
        "rate": round(needed, 3),
        "taken": round(taken, 3),
        "holds": holds,
        "delays_loss_s": round(holds / (needed - taken), 3),
        "ms_a_message": round(1000 / needed, 6),
        "backlog": peak,
        "duration_s": duration_s,
    }


def _faster(listener: ListenerSituation, needed: float) -> dict[str, Value]:
    """The delay with which a listener keeps up, if its delay can be set."""
    if listener.path is None or not listener.pause_ms:
        return {}
    overhead_ms = max(_LEAST_OVERHEAD_MS, 1000 / listener.pace - listener.pause_ms)
    spare_ms = SPARE * 1000 / needed - overhead_ms
    pause_ms = spare_ms - listener.spec.delay_jitter_ms / 2
    delay_ms = rounded_down(pause_ms) if pause_ms >= _SHORTEST_PAUSE_MS else 0.0
    proposal: dict[str, Value] = {listener.setting("delay_ms"): delay_ms}
    if listener.spec.delay_jitter_ms and not delay_ms:
        proposal[listener.setting("delay_jitter_ms")] = 0.0
    return proposal


def _spare_room(handler: HandlerSituation, needed: float) -> dict[str, Value]:
    """Sure room for SPARE_S of the load, for a listener that is to keep up.

    It is at the publisher, where it also helps if the network or the publisher's own thread stands still.
    """
    mark, wanted = handler.config.high_water_mark, rounded_up(2 * SPARE_S * needed)
    if not 0 < mark < wanted or wanted * handler.message_bytes > MOST_BYTES:
        return {}
    return {handler.config_setting("high_water_mark"): wanted}


def _room_at_publisher(handler: HandlerSituation, backlog: Backlog, taken: float) -> dict[str, Value]:
    """The mark that holds the whole backlog, and the linger in which the consumer takes what waits at the end."""
    config, mark = handler.config, rounded_up(sure_mark(backlog.peak, backlog.sent))
    if mark * handler.message_bytes > MOST_BYTES or mark <= config.high_water_mark or mark > INT32_MAX:
        return {}
    proposal: dict[str, Value] = {handler.config_setting("high_water_mark"): mark}
    linger_ms = min(INT32_MAX, rounded_up(1500 * backlog.at_end / taken))
    if 0 <= config.linger < linger_ms:
        proposal[handler.config_setting("linger")] = linger_ms
    return proposal


def _faster_at_socket(handler: HandlerSituation, slow: Sequence[ListenerSituation], each: float) -> dict[str, Value]:
    proposal: dict[str, Value] = {}
    for listener in slow:
        proposal |= _faster(listener, each)
    if not proposal:
        return {}
    config, queue = handler.config, rounded_up(2 * SPARE_S * handler.rate)
    if config.queue_size < queue:
        proposal[handler.config_setting("queue_size")] = queue
    if not handler.pattern.gets_replies and 0 <= config.send_timeout < 1000 * SPARE_S * 2:
        proposal[handler.config_setting("send_timeout")] = round(1000 * SPARE_S * 2)
    return proposal
