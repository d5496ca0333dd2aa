"""The ledger of a handler as one sum in words, for an audience: view -> **sum**. Pure."""

from __future__ import annotations

from bench_app.engine.view import HandlerView, ListenerView
from bench_app.measure.loss_causes import LOSS_CAUSES, Stage
from bench_app.model import Delivery


def balance_text(view: HandlerView) -> str:
    """Such as ``slow: 100,000 sent = 55,570 received + 44,430 lost``.

    Of a PUB, each subscriber should get every message, so the sum is of the subscriber that lost most.
    """
    counts = view.ledger.counts
    dropped = dropped_before(view)
    before = ""
    if dropped:
        # Whatever is neither sent nor dropped yet waits in the handler's queue.
        waiting = max(0, counts.offered - counts.accepted - dropped)
        total = counts.accepted + dropped + waiting
        queue = f" + {waiting:,} waiting" if waiting else ""
        before = f"{total:,} offered = {counts.accepted:,} sent + {dropped:,} dropped{queue};  "
    match view.pattern.delivery:
        case Delivery.REQUEST:
            parts = {"replied": counts.replied, "given up": counts.request_timeout}
            return before + _sum(view.name, counts.accepted, "asked", parts)
        case Delivery.EACH if view.listeners:
            worst = max(view.listeners, key=missing_at)
            parts = {"received": worst.received, "lost": worst.lost, "before it joined": worst.before_join}
            return before + _sum(worst.name, counts.accepted, "sent", parts)
        case _ if view.listeners:
            parts = {"received": view.received, "lost": view.ledger.lost}
            return before + _sum(view.name, counts.accepted, "sent", parts)
    return f"{view.name}: {before.rstrip('; ')}" if before else f"{view.name}: {counts.accepted:,} sent"


def _sum(name: str, total: int, verb: str, parts: dict[str, int]) -> str:
    # Handler and listeners report at different moments. A listener may report a message before the handler reports that
    # it has sent it, so the total is at least the sum of the parts.
    total = max(total, sum(parts.values()))
    on_the_way = total - sum(parts.values())
    shown = [f"{count:,} {part}" for part, count in parts.items() if count or part in ("received", "replied", "lost")]
    if on_the_way:
        shown.append(f"{on_the_way:,} on the way")
    return f"{name}: {total:,} {verb} = {' + '.join(shown)}"


def missing_at(listener: ListenerView) -> int:
    """How many messages a listener missed."""
    return listener.lost + listener.before_join


def dropped_before(view: HandlerView) -> int:
    """How many events a handler dropped before they were sent."""
    causes = [cause for cause in LOSS_CAUSES if cause.stage in (Stage.QUEUE, Stage.SOCKET)]
    return sum(view.ledger.loss(cause) for cause in causes)
