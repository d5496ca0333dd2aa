"""Rules: a socket that waits is full for a while; the handler's queue overflows, or its head waits too long.

While consumers read nothing for S seconds at L events/s, the head of the queue waits S seconds, and L x S events wait
behind it. So ``send_timeout`` must be longer than S, and ``queue_size`` at least L x S. Both get SPARE_S more, because
a busy machine may not let a consumer run at once. What the connection holds is a reserve, and is not counted.
"""

from __future__ import annotations

from collections.abc import Iterator

from bench_app.advice.advice import Advice, Rule, Value
from bench_app.advice.heartbeats import dropped_listener
from bench_app.advice.keeping_up import (
    LARGEST_QUEUE,
    SLOWEST_DRAIN,
    SPARE_S,
    fits_in_memory,
    larger_buffers,
    larger_queue,
    longer_linger,
    longer_send_timeout,
)
from bench_app.advice.situation import HandlerSituation
from bench_app.advice.texts import count_text, proposed_text, rate_text, rounded_up, seconds_text
from bench_app.measure.backlog import Backlog, backlog_of
from bench_app.model import Delivery
from bench_app.model.spec import INT32_MAX


def full_sockets(handler: HandlerSituation) -> Iterator[Advice]:
    """An advice if a socket that waits is full while consumers stall, or in a burst."""
    if handler.drops_when_full or handler.pattern.gets_replies or not handler.lost_in_queue or not handler.listeners:
        return
    for rule, backlog, blocked_s in _found(handler):
        queue = rounded_up(min(backlog.sent, backlog.peak + SPARE_S * handler.rate))
        if queue > LARGEST_QUEUE or not fits_in_memory(handler, queue):
            continue
        timeout_ms = min(INT32_MAX, rounded_up(1000 * (1.2 * blocked_s + SPARE_S)))
        proposal = _proposal(handler, queue, timeout_ms)
        if not proposal:
            continue
        yield Advice(
            rule=rule,
            unit=handler.name,
            cause=handler.queue_cause,
            events_lost=handler.lost_in_queue,
            is_certain=True,
            why=f"the socket is full for {seconds_text(blocked_s)} at {rate_text(handler.rate)}: up to "
            f"{count_text(backlog.peak, 'event')} wait, {_limits(handler)}",
            remedy=_remedy(handler, proposal, backlog, blocked_s),
            sum={
                "rate": round(handler.rate, 3),
                "blocked_s": round(blocked_s, 3),
                "backlog": backlog.peak,
                "queue_size": queue,
                "send_timeout_ms": timeout_ms,
            },
            proposal=proposal,
            proposed=proposed_text(proposal),
        )


def _limits(handler: HandlerSituation) -> str:
    config = handler.config
    if not handler.lost_at_socket:
        return f"and the handler waits {seconds_text(config.linger / 1000)} for them at the end"
    if handler.counts.queue_overflow >= handler.counts.send_timeout:
        return f"and the queue holds {config.queue_size:,}"
    return f"and the head of the queue waits {config.send_timeout:,} ms at most"


def _remedy(handler: HandlerSituation, proposal: dict[str, Value], backlog: Backlog, blocked_s: float) -> str:
    if not handler.lost_at_socket and not any(path.endswith(("queue_size", "send_timeout")) for path in proposal):
        return "a longer linger would do"
    if all(path.endswith("receive_buffer") for path in proposal):
        return "the queue is large enough if TCP goes on at once, which larger receive buffers would do"
    return (
        f"a queue for {count_text(backlog.peak, 'event')} and a send_timeout above {seconds_text(blocked_s)} "
        "together would do"
    )


def _found(handler: HandlerSituation) -> Iterator[tuple[Rule, Backlog, float]]:
    """The backlog, and for how long the socket takes nothing; none if the consumers keep up."""
    shared = handler.pattern.delivery is Delivery.SHARED
    consumers = [one.consumer for one in handler.listeners]
    # A PUB that waits is as fast as its slowest subscriber.
    groups = [consumers] if shared else [[one] for one in consumers]
    backlogs = [backlog_of(handler.steady_load, handler.duration_s, group) for group in groups]
    known = [one for one in backlogs if one is not None]
    if not known:
        return
    worst = max(known, key=lambda one: one.peak)
    if worst.peak <= handler.config.queue_size and handler.lost and dropped_listener(handler):
        # The queue is large enough; the connection was dropped, and the rule about heartbeats has the sum.
        return
    blocked_s = _blocked_s(handler, shared)
    is_overflow = handler.counts.queue_overflow >= handler.counts.send_timeout
    if not handler.lost_at_socket:
        if worst.at_end > 2:
            yield Rule.SEND_TIMEOUT, worst, blocked_s
    elif (
        worst.peak > (handler.config.queue_size if is_overflow else 2) or blocked_s > handler.config.send_timeout / 1000
    ):
        yield (Rule.QUEUE_OVERFLOW if is_overflow else Rule.SEND_TIMEOUT), worst, blocked_s


def _blocked_s(handler: HandlerSituation, shared: bool) -> float:
    """The longest time in which the socket takes no message."""
    times = [_stall_s(one.spec.stall, handler.duration_s) + 1 / one.pace for one in handler.listeners]
    return min(times) if shared else max(times)


def _stall_s(stall: tuple[float, float] | None, duration_s: float) -> float:
    return 0.0 if stall is None else max(0.0, min(stall[1], duration_s) - stall[0])


def _proposal(handler: HandlerSituation, queue: int, timeout_ms: int) -> dict[str, Value]:
    proposal = larger_queue(handler, queue) | longer_send_timeout(handler, timeout_ms)
    taken = sum(min(one.pace, SLOWEST_DRAIN) for one in handler.listeners)
    linger, buffers = longer_linger(handler, queue, taken), larger_buffers(handler, handler.listeners)
    return proposal | linger | buffers if proposal or buffers or not handler.lost_at_socket else {}
