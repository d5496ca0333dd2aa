"""The ledger of a handler as one sum in words, for an audience: view -> **sum**. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from bench_app.engine.view import HandlerView, ListenerView
from bench_app.measure.loss_causes import LOSS_CAUSES, Stage
from bench_app.model import Delivery

_ALWAYS = ("received", "replied")
BETWEEN = ";  "
"""What is between the sum of now and the one before a restart."""


def balance_text(view: HandlerView, earlier: Iterable[HandlerView] = ()) -> str:
    """Such as ``slow: 100,000 sent = 55,570 received + 44,430 lost``.

    Of a PUB, each subscriber should get every message, so the sum is of the subscriber that lost most. A handler that
    was started anew counts from 0; ``earlier`` has the views of before, whose drops the window still counts.
    """
    return _own_text(view) + _earlier_text(earlier)


def _own_text(view: HandlerView) -> str:
    counts = view.ledger.counts
    dropped = dropped_before(view)
    name, parts = view.name, {"sent": counts.accepted}
    match view.pattern.delivery:
        case Delivery.REQUEST:
            parts = {"replied": counts.replied, "given up": counts.request_timeout}
        case Delivery.EACH if view.listeners:
            worst = max(view.listeners, key=missing_at)
            name = worst.name
            parts = {"received": worst.received, "lost": worst.lost, "before it joined": worst.before_join}
        case _ if view.listeners:
            parts = {"received": view.received, "lost": view.ledger.lost}
    if dropped:
        return _sum(name, counts.offered, "offered", {**parts, "dropped": dropped})
    if "sent" in parts:
        return f"{name}: {counts.accepted:,} sent"
    return _sum(name, counts.accepted, "asked" if "replied" in parts else "sent", parts)


def _sum(name: str, total: int, verb: str, parts: dict[str, int]) -> str:
    # Handler and listeners report at different moments. A listener may report a message before the handler reports that
    # it has sent it, so the total is at least the sum of the parts.
    total = max(total, sum(parts.values()))
    # Of a part of them it is not known yet whether they will come: a loss shows when a later message has come.
    rest = total - sum(parts.values())
    # That nothing is lost is worth saying, unless something is missing for another reason.
    always = _ALWAYS if parts.get("before it joined") or parts.get("dropped") else (*_ALWAYS, "lost")
    shown = [f"{count:,} {part}" for part, count in parts.items() if count or part in always]
    if rest:
        shown.append(f"{rest:,} {'waiting' if 'sent' in parts or 'replied' in parts else 'not there yet'}")
    return f"{name}: {total:,} {verb} = {' + '.join(shown)}"


def _earlier_text(earlier: Iterable[HandlerView]) -> str:
    """What was dropped and what was sent before the last start of a handler; "" if nothing was dropped."""
    views = list(earlier)
    dropped = sum(map(dropped_before, views))
    sent = sum(view.ledger.counts.accepted for view in views)
    lost = sum(view.ledger.lost for view in views)
    of_them = f" ({lost:,} of them lost)" if lost else ""
    return f"{BETWEEN}before its restart: {sent:,} sent{of_them} + {dropped:,} dropped" if dropped else ""


def missing_at(listener: ListenerView) -> int:
    """How many messages a listener missed."""
    return listener.lost + listener.before_join


def dropped_before(view: HandlerView) -> int:
    """How many events a handler dropped before they were sent."""
    causes = [cause for cause in LOSS_CAUSES if cause.stage in (Stage.QUEUE, Stage.SOCKET)]
    return sum(view.ledger.loss(cause) for cause in causes)
