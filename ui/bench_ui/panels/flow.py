"""The numbers of the flow strip: views, a result or a kept run -> **Flow**. No Qt."""

from __future__ import annotations

from dataclasses import dataclass, field

from bench_app.engine.result import RunResult
from bench_app.engine.view import HandlerView
from bench_ui.plots.curve_data import SeriesByUnit, count_at, handlers, listeners
from bench_ui.scope import Scope


@dataclass
class Flow:
    """What the strip shows: sums over the handlers that are looked at."""

    offered: int = 0
    queued: int = 0
    queue_size: int = 0
    accepted: int = 0
    in_flight: int = 0
    received: int = 0
    rates: tuple[float, float, float] = (0.0, 0.0, 0.0)
    """Offered, accepted and received a second: over the last second, or where the run is over the mean of all of it."""
    over: bool = False
    losses: dict[str, int] = field(default_factory=dict)
    only_requests: bool = False
    unknown_end: bool = False
    """True where nobody can know what arrived: no listener of the bench is there."""
    balanced: bool = True
    whose: str = ""
    """Which handlers, or which listener, this adds up."""
    fan_out: int = 1
    """Listeners that each get every message of a PUB; 1 otherwise."""

    @property
    def lost(self) -> int:
        """All causes."""
        return sum(self.losses.values())

    @property
    def rates_by_name(self) -> dict[str, float]:
        """The rates by what they are of."""
        return dict(zip(("offered", "accepted", "received"), self.rates, strict=True))

    def loss_rates(self, duration_s: float) -> dict[str, float]:
        """Losses a second over a whole run, by the names that tracks and results have for them."""
        return {_LOSS_COLUMNS[loss]: count / duration_s for loss, count in self.losses.items() if duration_s > 0}


_LOSS_COLUMNS = {
    "overflow": "queue_overflow",
    "timeout": "send_timeout",
    "aborted": "aborted",
    "lost": "lost",
    "before join": "before_join",
    "no reply": "request_timeout",
}


def flow_of(views: list[HandlerView], scope: Scope, queue_sizes: dict[str, int]) -> Flow:
    """Add up what the scope has."""
    chosen = [view for view in views if scope.takes(view.name)]
    flow = Flow(whose=_whose([view.name for view in chosen], len(views), scope))
    offered = accepted = received = 0.0
    losses = dict.fromkeys(_LOSS_COLUMNS, 0)
    for view in chosen:
        counts = view.ledger.counts
        # Handler and listeners report at different moments; what is known to have arrived was accepted by then.
        ahead = max(0, _arrived(view) - counts.accepted)
        flow.offered += counts.offered + ahead
        flow.queued += counts.queued
        flow.queue_size += queue_sizes.get(view.name, 0)
        flow.accepted += counts.accepted + ahead
        flow.in_flight += view.in_flight
        is_request = view.socket_type == "REQ"
        listeners = [one for one in view.listeners if not scope.listener or one.name == scope.listener]
        flow.received += counts.replied if is_request else sum(one.received for one in listeners)
        losses["overflow"] += counts.queue_overflow
        losses["timeout"] += counts.send_timeout
        losses["aborted"] += counts.aborted
        losses["no reply"] += counts.request_timeout
        of_one = bool(scope.listener) and view.socket_type == "PUB"
        losses["lost"] += sum(one.lost for one in listeners) if of_one else view.ledger.lost
        losses["before join"] += sum(one.before_join for one in listeners)
        offered += view.offered_rate
        accepted += view.accepted_rate
        received += sum(one.received_rate for one in listeners)
        flow.unknown_end = flow.unknown_end or (not view.listeners and not is_request)
        flow.balanced = flow.balanced and view.ledger.balanced
        if view.socket_type == "PUB":
            flow.fan_out = max(flow.fan_out, len(listeners))
    flow.only_requests = bool(chosen) and all(view.socket_type == "REQ" for view in chosen)
    flow.rates = (offered, accepted, received)
    flow.losses = {name: number for name, number in losses.items() if name != "no reply" or _has_requests(chosen)}
    return flow


def _whose(names: list[str], of: int, scope: Scope) -> str:
    if len(names) == 1:
        return f"{names[0]}/{scope.listener}" if scope.listener else names[0]
    return "all handlers" if len(names) == of else f"{len(names)} handlers"


def _arrived(view: HandlerView) -> int:
    """How many of a handler's messages somebody is known to have had."""
    received = [one.received for one in view.listeners]
    if view.socket_type == "PUSH":
        return sum(received)
    return max(received, default=0) if view.socket_type == "PUB" else view.ledger.counts.replied


def flow_of_result(result: RunResult, scope: Scope) -> Flow:
    """The strip of a finished run."""
    found = {name: handler for name, handler in result.handlers.items() if scope.takes(name)}
    chosen = list(found.values())
    flow = Flow(whose=_whose(list(found), len(result.handlers), scope))
    flow.losses = dict.fromkeys(("overflow", "timeout", "aborted", "lost", "before join"), 0)
    flow.over = True
    for handler in chosen:
        is_request = handler.socket_type == "REQ"
        flow.offered += handler.offered
        flow.accepted += handler.accepted
        listeners = [one for name, one in handler.listeners.items() if scope.listener in ("", name)]
        flow.received += handler.replied if is_request else sum(one.received for one in listeners)
        of_one = bool(scope.listener) and handler.socket_type == "PUB"
        for name, count in (
            ("overflow", handler.queue_overflow),
            ("timeout", handler.send_timeout),
            ("aborted", handler.aborted),
            ("lost", sum(one.lost for one in listeners) if of_one else handler.lost),
            ("before join", sum(one.before_join for one in listeners)),
        ):
            flow.losses[name] += count
        flow.unknown_end = flow.unknown_end or (not handler.listeners and not is_request)
        if is_request:
            flow.losses["no reply"] = flow.losses.get("no reply", 0) + handler.request_timeout
    flow.only_requests = bool(chosen) and all(handler.socket_type == "REQ" for handler in chosen)
    # One that joined late or left early has a mean of its own time; several together one of the whole run.
    seconds = chosen[0].seconds if len(chosen) == 1 else result.duration_s
    if seconds > 0:
        flow.rates = (flow.offered / seconds, flow.accepted / seconds, flow.received / seconds)
    return flow


def flow_at(result: RunResult, series: SeriesByUnit, scope: Scope, at_s: float) -> Flow | None:
    """What a kept run had counted by then, to stand behind another one's strip; gauges and rates are left at 0.

    None where it had nothing of that name.
    """
    if not handlers(series, scope) or (scope.listener and not listeners(series, scope)):
        return None
    flow = Flow(losses=dict.fromkeys(_LOSS_COLUMNS, 0))
    requests = {name for name, handler in result.handlers.items() if handler.socket_type == "REQ"}
    publishers = {name for name, handler in result.handlers.items() if handler.socket_type == "PUB"}
    for name, one in handlers(series, scope).items():
        flow.offered += count_at(one, "offered", at_s)
        flow.accepted += count_at(one, "accepted", at_s)
        if name in requests:
            flow.received += count_at(one, "replied", at_s)
        elif not scope.listener:
            flow.received += count_at(one, "received", at_s)
        for loss, column in _LOSS_COLUMNS.items():
            flow.losses[loss] += count_at(one, column, at_s)
    if scope.listener and scope.handlers[0] not in requests:
        ones = listeners(series, scope)
        flow.received = sum(count_at(one, "received", at_s) for one in ones)
        if scope.handlers[0] in publishers:
            for loss in ("lost", "before join"):
                flow.losses[loss] = sum(count_at(one, _LOSS_COLUMNS[loss], at_s) for one in ones)
    return flow


def _has_requests(views: list[HandlerView]) -> bool:
    return any(view.socket_type == "REQ" for view in views)
