"""Rule: the consumers take fewer events per second than are offered. No room is enough; it only delays the loss.

With L events/s offered, C messages/s taken and room for R messages, the loss begins after R / (L - C) seconds. Without
loss a message may take 1 / L seconds, or all (L - C) T messages of a run of T seconds must wait.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bench_app.advice.advice import Advice, Rule, Value
from bench_app.advice.few_workers import more_workers
from bench_app.advice.keeping_up import (
    LARGEST_QUEUE,
    SLOWEST_DRAIN,
    SPARE_MS,
    SPARE_S,
    fits_in_memory,
    larger_buffers,
    larger_mark,
    larger_queue,
    longer_linger,
    longer_send_timeout,
    mark_in_force,
    shorter_delay,
)
from bench_app.advice.situation import HandlerSituation, ListenerSituation
from bench_app.advice.texts import count_text, proposed_text, rate_text, rounded_up, seconds_text, would_do
from bench_app.measure.backlog import Backlog, Consumer, backlog_of, sure_mark
from bench_app.model import ConstantLoad, Delivery

_SLOWER = 0.95
"""A consumer counts as slower than the load by measure only below this part of it."""
ENDLESS_S = 86_400.0
"""A run of a day or longer counts as one without an end."""


def slow_consumers(handler: HandlerSituation) -> Iterator[Advice]:
    """An advice for each listener of a PUB that is too slow, or for all listeners of another handler together."""
    if handler.drops_when_full:
        yield from (found for one in handler.listeners if (found := _at_subscriber(handler, one)))
    elif handler.lost_in_queue and (listeners := [one for one in handler.listeners if one.share]):
        yield from _at_socket(handler, listeners)


def is_too_slow(handler: HandlerSituation, listener: ListenerSituation) -> bool:
    """Whether a listener that gets every message is slower than the load."""
    needed = handler.rate * listener.share
    return listener.fastest < needed or _is_measured_slower(listener, needed)


def _is_measured_slower(listener: ListenerSituation, needed: float) -> bool:
    return listener.spec.stall is None and 0 < listener.rate < _SLOWER * needed


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
    holds = listener.holds or mark_in_force(handler) + listener.spec.high_water_mark
    faster = shorter_delay(listener, needed)
    mark = _mark(handler, backlog, needed, may_be_small=bool(faster))
    drained = _drained(taken, needed) if faster else taken
    proposal: dict[str, Value] = dict(faster)
    room = larger_mark(handler, mark) if mark else {}
    linger = longer_linger(handler, min(backlog.at_end, mark), drained) if mark else {}
    is_end_alone = bool(mark) and not room and bool(linger)
    if room or is_end_alone:
        proposal |= room | linger
    if proposal:
        proposal |= larger_buffers(handler, [listener])
    has_room = backlog.peak <= mark and any("high_water_mark" in path for path in proposal)
    return Advice(
        rule=Rule.SLOW_CONSUMER,
        unit=listener.title,
        cause="lost",
        events_lost=listener.lost,
        is_certain=is_certain,
        why=_why_at_end(handler, f"{listener.name} takes", taken, needed, backlog)
        if is_end_alone
        else _why(f"{listener.name} takes", taken, needed, holds, "high-water mark"),
        remedy=_remedy(handler, 1 / needed, backlog, has_room, is_end_alone=is_end_alone),
        sum=_sum(needed, taken, holds, backlog.peak, handler.duration_s),
        proposal=proposal,
        proposed=proposed_text(proposal),
    )


def _mark(handler: HandlerSituation, backlog: Backlog, needed: float, may_be_small: bool) -> int:
    """The mark that holds the whole backlog; for a listener that is to keep up, SPARE_S of the load if that is less.

    0 if neither has room in memory.
    """
    spare = 2 * SPARE_S * needed
    whole = rounded_up(max(sure_mark(backlog.peak, backlog.sent), min(spare, backlog.sent)))
    if handler.duration_s < ENDLESS_S and fits_in_memory(handler, whole):
        return whole
    return rounded_up(spare) if may_be_small and fits_in_memory(handler, rounded_up(spare)) else 0


def _at_socket(handler: HandlerSituation, listeners: Sequence[ListenerSituation]) -> Iterator[Advice]:
    """A socket that waits is as fast as all its consumers together, or as the slowest if each gets every message."""
    needed, is_shared = handler.rate, handler.pattern.delivery is Delivery.SHARED
    taken = _taken_together([one.pace for one in listeners], is_shared)
    is_certain = taken < needed
    if not is_certain:
        if any(one.spec.stall is not None or not one.rate for one in listeners):
            return
        taken = _taken_together([one.rate for one in listeners], is_shared)
        if taken >= _SLOWER * needed:
            return
    backlog = backlog_of(handler.steady_load, handler.duration_s, [Consumer(taken)])
    if backlog is None:
        return
    each = needed / len(listeners) if is_shared else needed
    slow = [one for one in listeners if one.pace < each]
    workers = more_workers(handler, listeners, taken) if is_shared and is_certain else None
    faster = workers.proposal if workers else _faster(slow, each)
    queue = _queue(handler, backlog, may_be_small=bool(faster))
    proposal = _at_socket_proposal(handler, faster, queue, backlog, taken)
    has_room = backlog.peak <= queue and bool(proposal)
    is_end_alone = not handler.lost_at_socket and has_room
    more = f"{workers.needed} such workers" if workers else ""
    remedy = _remedy(handler, 1 / each, backlog, has_room, more, is_end_alone)
    settings = {path: value for path, value in proposal.items() if not workers or path not in workers.proposal}
    holds = handler.config.queue_size + sum(one.holds or 0 for one in listeners)
    subject = _subject(handler, slow, len(listeners))
    yield Advice(
        rule=Rule.TOO_FEW_WORKERS if workers else Rule.SLOW_CONSUMER,
        unit=handler.name,
        cause=handler.queue_cause,
        events_lost=handler.lost_in_queue,
        is_certain=is_certain,
        why=_why_at_end(handler, subject, taken, needed, backlog)
        if is_end_alone
        else _why(subject, taken, needed, holds, "queue"),
        remedy=remedy,
        sum=_sum(needed, taken, holds, backlog.peak, handler.duration_s)
        | ({"workers": len(listeners), "workers_needed": workers.needed} if workers else {}),
        proposal=proposal,
        proposed=proposed_text(settings, workers.text if workers else ""),
    )


def _faster(slow: Sequence[ListenerSituation], each: float) -> dict[str, Value]:
    """Shorter delays for all slow listeners; empty if one of them has none that is short enough."""
    delays = [shorter_delay(one, each) for one in slow]
    return {path: value for one in delays for path, value in one.items()} if all(delays) else {}


def _queue(handler: HandlerSituation, backlog: Backlog, may_be_small: bool) -> int:
    """The queue that holds the whole backlog; for consumers that are to keep up, SPARE_S of the load if that is less.

    0 if neither has room in memory.
    """
    spare = 2 * SPARE_S * handler.rate
    whole = rounded_up(max(backlog.peak, min(spare, backlog.sent)))
    if handler.duration_s < ENDLESS_S and fits_in_memory(handler, whole) and whole <= LARGEST_QUEUE:
        return whole
    return min(LARGEST_QUEUE, rounded_up(spare)) if may_be_small and fits_in_memory(handler, rounded_up(spare)) else 0


def _at_socket_proposal(
    handler: HandlerSituation, faster: dict[str, Value], queue: int, backlog: Backlog, taken: float
) -> dict[str, Value]:
    """Faster consumers, or more of them, and a queue; for consumers that cannot be set, the queue alone."""
    if not faster and not queue:
        return {}
    drained = _drained(taken, handler.rate) if faster else taken
    # Without a faster consumer the head of the queue waits for as long as one message takes.
    timeout_ms = SPARE_MS + (0 if faster else rounded_up(1000 / taken))
    return (
        faster
        | larger_queue(handler, queue)
        | longer_send_timeout(handler, timeout_ms)
        | longer_linger(handler, min(backlog.at_end, max(queue, handler.config.queue_size)), drained)
        | larger_buffers(handler, handler.listeners)
    )


def _drained(taken: float, needed: float) -> float:
    """What a consumer that was made faster takes per second when the run ends, on a busy machine."""
    return max(taken, min(needed, SLOWEST_DRAIN))


def _taken_together(rates: Sequence[float], is_shared: bool) -> float:
    return sum(rates) if is_shared else min(rates)


def _subject(handler: HandlerSituation, slow: Sequence[ListenerSituation], consumers: int) -> str:
    if len(slow) == 1 and (consumers == 1 or handler.pattern.each_gets_all):
        return f"{slow[0].name} takes"
    return f"the {consumers} consumers take" if consumers > 1 else "the consumer takes"


def _why(subject: str, taken: float, needed: float, holds: int, room: str) -> str:
    delayed_s = holds / (needed - taken)
    return (
        f"{subject} {rate_text(taken)} of {rate_text(needed)}: no {room} is enough, room for {count_text(holds)} "
        f"only delays the loss by {seconds_text(delayed_s)}"
    )


def _why_at_end(handler: HandlerSituation, subject: str, taken: float, needed: float, backlog: Backlog) -> str:
    """There is room for all of it, and the run ends before it is read."""
    return (
        f"{subject} {rate_text(taken)} of {rate_text(needed)}: {count_text(backlog.at_end)} wait at the end, and "
        f"linger gives them {seconds_text(handler.config.linger / 1000)}"
    )


def _remedy(
    handler: HandlerSituation,
    each_s: float,
    backlog: Backlog,
    has_room: bool,
    workers: str = "",
    is_end_alone: bool = False,
) -> str:
    """What would do. Room is left out if it is too much, as it is for a run that lasts until it is stopped."""
    ways = [f"{seconds_text(each_s)} a message", workers]
    if is_end_alone:
        ways.append("a longer linger")
    elif has_room:
        ways.append(f"room for {count_text(backlog.peak)} for {seconds_text(handler.duration_s)}")
    return would_do([way for way in ways if way])


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
