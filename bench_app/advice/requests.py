"""Rule: requests get no reply in time. A reply that takes longer than ``request_timeout`` never counts.

* A service that needs S ms needs a ``request_timeout`` above S.
* A service that reads nothing for S ms needs (1 + ``retries``) x ``request_timeout`` above S.
* If each reply is lost with the probability p, p ^ (1 + ``retries``) of the requests stay without one.

Meanwhile the next requests wait in the queue. So the queue must hold them, and ``linger`` must last until it is empty.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from bench_app.advice.advice import Advice, Rule, Value
from bench_app.advice.keeping_up import SPARE_S, larger_queue, longer_linger
from bench_app.advice.situation import HandlerSituation, ListenerSituation
from bench_app.advice.texts import count_text, proposed_text, rounded_up, seconds_text
from bench_app.measure.backlog import Consumer, backlog_of
from bench_app.model.spec import INT32_MAX

UNANSWERED = 1e-3
"""So many requests of a run may stay without a reply, in the mean of many runs."""
MOST_RETRIES = 100
_LEAST_SPARE_MS = 100
_RESTS_MS = 2.0
"""The service and the socket take so long for a request beside the delay of the service, on a busy machine."""


def request_timeouts(handler: HandlerSituation) -> Iterator[Advice]:
    """An advice if the settings of the service explain why requests stay without a reply."""
    if not handler.pattern.gets_replies or not handler.counts.request_timeout:
        return
    for service in handler.listeners:
        for find in (_slow_service, _stalled_service, _lost_replies):
            if found := find(handler, service):
                yield found
                return


def _slow_service(handler: HandlerSituation, service: ListenerSituation) -> Advice | None:
    config, longest_ms = handler.config, service.spec.delay_ms + service.spec.delay_jitter_ms
    if longest_ms < config.request_timeout:
        return None
    # All attempts together have SPARE_S more than the service needs.
    spare_ms = max(_LEAST_SPARE_MS, 1000 * SPARE_S / (1 + config.retries))
    timeout_ms = min(INT32_MAX, rounded_up(1.5 * longest_ms + spare_ms))
    proposal: dict[str, Value] = {handler.config_setting("request_timeout"): timeout_ms}
    proposal |= _room(handler, service, service.pause_ms)
    return _advice(
        handler,
        why=f"{service.name} needs up to {seconds_text(longest_ms / 1000)} for a reply, and each attempt waits "
        f"{seconds_text(config.request_timeout / 1000)}",
        remedy=f"a request_timeout above {seconds_text(longest_ms / 1000)} would do",
        numbers={"service_ms": longest_ms, "request_timeout_ms": config.request_timeout, "needed_ms": timeout_ms},
        proposal=proposal,
    )


def _stalled_service(handler: HandlerSituation, service: ListenerSituation) -> Advice | None:
    config, stall = handler.config, service.spec.stall
    stalled_s = 0.0 if stall is None else max(0.0, min(stall[1], handler.duration_s) - stall[0])
    waits_s = (1 + config.retries) * config.request_timeout / 1000
    if stalled_s <= waits_s:
        return None
    needed = math.ceil(stalled_s * 1000 / config.request_timeout)
    retries = math.ceil((1.2 * stalled_s + SPARE_S) * 1000 / config.request_timeout)
    if retries > 1_000_000:
        return None
    proposal: dict[str, Value] = {handler.config_setting("retries"): retries}
    proposal |= _room(handler, service, service.pause_ms)
    return _advice(
        handler,
        why=f"{service.name} reads nothing for {seconds_text(stalled_s)}, and {1 + config.retries} attempts wait "
        f"{seconds_text(waits_s)}",
        remedy=f"{count_text(needed, 'attempt')} after the first would do",
        numbers={"stalled_s": stalled_s, "waits_s": waits_s, "retries": retries},
        proposal=proposal,
    )


def _lost_replies(handler: HandlerSituation, service: ListenerSituation) -> Advice | None:
    lost, retries = service.spec.drop_replies, handler.config.retries
    requests = max(1.0, handler.rate * handler.duration_s)
    if not 0 < lost < 1:
        return None
    # requests x lost ^ (1 + retries) <= UNANSWERED
    needed = math.ceil(math.log(UNANSWERED / requests) / math.log(lost)) - 1
    if not retries < needed <= MOST_RETRIES:
        return None
    unanswered = lost ** (1 + retries)
    proposal: dict[str, Value] = {handler.config_setting("retries"): needed}
    # A request waits lost / (1 - lost) times for a timeout, in the mean.
    proposal |= _room(handler, service, service.pause_ms + handler.config.request_timeout * lost / (1 - lost))
    return _advice(
        handler,
        why=f"{service.name} loses {lost:.3g} of its replies, so {unanswered:.2g} of the requests get none to "
        f"{count_text(1 + retries, 'attempt')}: {requests * unanswered:,.2g} of {requests:,.0f}",
        remedy=f"{count_text(needed, 'attempt')} after the first would leave {requests * lost ** (1 + needed):.1g}",
        numbers={"drop_replies": lost, "requests": round(requests), "unanswered": unanswered, "retries": needed},
        proposal=proposal,
    )


def _room(handler: HandlerSituation, service: ListenerSituation, request_ms: float) -> dict[str, Value]:
    """The queue for the requests that wait while others take ``request_ms`` each, and the time to send them."""
    pace = 1000 / (request_ms + _RESTS_MS)
    backlog = backlog_of(handler.steady_load, handler.duration_s, [Consumer(pace, service.spec.stall)])
    if backlog is None:
        return {}
    queue = rounded_up(min(backlog.sent, backlog.peak + SPARE_S * handler.rate))
    return larger_queue(handler, queue) | longer_linger(handler, backlog.at_end, pace)


def _advice(
    handler: HandlerSituation, *, why: str, remedy: str, numbers: dict[str, float], proposal: dict[str, Value]
) -> Advice:
    return Advice(
        rule=Rule.REQUEST_TIMEOUT,
        unit=handler.name,
        cause="request_timeout",
        events_lost=handler.counts.request_timeout,
        is_certain=True,
        why=why,
        remedy=remedy,
        sum=numbers,
        proposal=proposal,
        proposed=proposed_text(proposal),
    )
