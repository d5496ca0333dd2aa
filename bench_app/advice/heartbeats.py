"""Rule: heartbeats disconnect a consumer that stalls but is alive, and the messages on their way to it are lost.

A consumer that reads nothing for S seconds may answer no ping for S seconds. ``heartbeat_timeout`` must be longer.
"""

from __future__ import annotations

from collections.abc import Iterator

from bench_app.advice.advice import Advice, Rule, Value
from bench_app.advice.situation import HandlerSituation, ListenerSituation
from bench_app.advice.texts import proposed_text, rounded_up, seconds_text
from bench_app.model.spec import INT32_MAX


def heartbeats(handler: HandlerSituation) -> Iterator[Advice]:
    """An advice if a listener stalls for longer than the handler waits for the answer to a ping."""
    listener = dropped_listener(handler)
    if listener is None:
        return
    lost = listener.lost if handler.pattern.each_gets_all else handler.lost
    if lost:
        yield _advice(handler, listener, _stall_s(handler, listener), lost)


def dropped_listener(handler: HandlerSituation) -> ListenerSituation | None:
    """The listener with the longest stall, if heartbeats drop its connection meanwhile."""
    if not handler.bench.heartbeat_interval or handler.pattern.gets_replies or not handler.listeners:
        return None
    longest = max(handler.listeners, key=lambda one: _stall_s(handler, one))
    return longest if 1000 * _stall_s(handler, longest) > _timeout_ms(handler) else None


def _stall_s(handler: HandlerSituation, listener: ListenerSituation) -> float:
    stall = listener.spec.stall
    return 0.0 if stall is None else max(0.0, min(stall[1], handler.duration_s) - stall[0])


def _timeout_ms(handler: HandlerSituation) -> int:
    """How long a peer may be silent: 0 stands for the interval."""
    return handler.bench.heartbeat_timeout or handler.bench.heartbeat_interval


def _advice(handler: HandlerSituation, listener: ListenerSituation, stall_s: float, lost: int) -> Advice:
    timeout_ms = min(INT32_MAX // 2, rounded_up(2000 * stall_s))
    # libzmq 4.3.5 can abort the peer if a connection ends with two unanswered pings (zeromq/libzmq #4364).
    interval_ms = max(handler.bench.heartbeat_interval, rounded_up(1.2 * timeout_ms))
    proposal: dict[str, Value] = {
        handler.bench_setting("heartbeat_timeout"): timeout_ms,
        handler.bench_setting("heartbeat_interval"): interval_ms,
    }
    return Advice(
        rule=Rule.HEARTBEAT,
        unit=listener.title if handler.pattern.each_gets_all else handler.name,
        cause="lost",
        events_lost=lost,
        is_certain=True,
        why=f"{listener.name} reads nothing for {seconds_text(stall_s)}, and heartbeats drop its connection after "
        f"{seconds_text(_timeout_ms(handler) / 1000)}",
        remedy=f"a heartbeat_timeout above {seconds_text(stall_s)} would do",
        sum={
            "stall_s": round(stall_s, 3),
            "heartbeat_timeout_ms": _timeout_ms(handler),
            "needed_ms": timeout_ms,
        },
        proposal=proposal,
        proposed=proposed_text(proposal),
    )
