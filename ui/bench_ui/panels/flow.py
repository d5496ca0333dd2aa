"""The numbers of the flow strip: views, a result or a kept run -> **Flow**. No Qt."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from bench_app.engine.result import HandlerResult, RunResult
from bench_app.engine.unit_key import UnitKey
from bench_app.engine.view import HandlerView, OverfullView, total_overfull
from bench_app.measure.ledger import total_received
from bench_app.measure.loss_causes import LOSS_CAUSES, LOSS_CAUSES_BY_STAGE, LossCause, Stage
from bench_app.measure.time_series import TimeSeries
from bench_app.model import Pattern
from bench_ui.plots.curve_data import SeriesByUnit, count_at, handlers, listeners
from bench_ui.scope import Scope


@dataclass
class Flow:
    """The numbers of the strip: sums over the selected handlers.

    Attributes:
        offered, accepted, received: the counts.
        queued, queue_size: the events in the handlers' queues, and how many these queues hold.
        in_flight: the messages on the way.
        overfull: the messages that their connections cannot hold, which are part of the losses; None if none is known.
        rates: events offered, accepted and received a second; over the last second, or over a whole finished run. The
            rate of received events is NaN if it is unknown.
        over: True if the run is finished.
        losses: the losses by the key of their cause, in the order of an event's way.
        only_requests: True if all handlers get replies.
        unknown_end: True if some handler has no listener of the bench, so that it is unknown how many events arrived.
        scope_label: the name of the selection.
    """

    offered: int = 0
    queued: int = 0
    queue_size: int = 0
    accepted: int = 0
    in_flight: int = 0
    overfull: OverfullView | None = None
    received: int = 0
    rates: tuple[float, float, float] = (0.0, 0.0, 0.0)
    over: bool = False
    losses: dict[str, int] = field(default_factory=dict)
    only_requests: bool = False
    unknown_end: bool = False
    scope_label: str = ""

    @property
    def lost(self) -> int:
        """The losses of all causes together."""
        return sum(self.losses.values())

    @property
    def before_join(self) -> int:
        """How many of the losses were sent before a consumer had subscribed."""
        return self.losses.get("before_join", 0)

    @property
    def is_arrival_unknown(self) -> bool:
        """True if nobody can say how many events arrived: the consumers are not the bench's own."""
        return self.unknown_end and not self.received

    @property
    def rates_by_name(self) -> dict[str, float]:
        """The rates by the name of what they count."""
        return dict(zip(("offered", "accepted", "received"), self.rates, strict=True))

    def loss_rates(self, duration_s: float) -> dict[str, float]:
        """Losses a second by cause, over a whole run."""
        return {key: count / duration_s for key, count in self.losses.items() if duration_s > 0}


_NO_LOSSES = dict.fromkeys((cause.key for cause in LOSS_CAUSES_BY_STAGE), 0)


class _HasLosses(Protocol):
    def loss(self, cause: LossCause, /) -> int: ...


@dataclass(frozen=True, kw_only=True)
class _Part:
    """What one handler adds to the flow. ``received`` has a number for each of its listeners in the scope."""

    pattern: Pattern
    offered: int
    accepted: int
    replied: int
    received: list[int]
    losses: dict[str, int]
    is_counted: bool
    """True if a listener of the bench, or the handler by its replies, knows what arrived."""


def flow_of(views: list[HandlerView], scope: Scope, queue_sizes: dict[str, int]) -> Flow:
    """The flow of a run as it is now."""
    chosen = [view for view in views if scope.includes(view.key)]
    flow = Flow(scope_label=scope.label([view.name for view in chosen], len(views)))
    _add_up(flow, [_part_of_view(view, scope) for view in chosen])
    for view in chosen:
        flow.queued += view.ledger.counts.queued
        flow.queue_size += queue_sizes.get(view.name, 0)
        flow.in_flight += view.in_flight
    flow.overfull = total_overfull(one for view in chosen for one in view.listeners if scope.listener in ("", one.name))
    flow.rates = (
        sum(view.offered_rate for view in chosen),
        sum(view.accepted_rate for view in chosen),
        _rate_of_arrivals(
            flow,
            sum(one.received_rate for view in chosen for one in view.listeners if scope.listener in ("", one.name)),
        ),
    )
    return flow


def flow_of_result(result: RunResult, keys: Mapping[str, UnitKey], scope: Scope) -> Flow:
    """The flow of a finished run. ``keys`` are its handlers by their names in the result."""
    found = {name: handler for name, handler in result.handlers.items() if scope.includes(keys[name])}
    chosen = list(found.values())
    flow = Flow(scope_label=scope.label(list(found), len(result.handlers)), over=True)
    _add_up(flow, [_part_of_result(handler, scope) for handler in chosen])
    # The mean of a single handler is over the time that it took part; the mean of several is over the whole run.
    seconds = chosen[0].seconds if len(chosen) == 1 else result.duration_s
    over_s = seconds if seconds > 0 else math.inf
    flow.rates = (flow.offered / over_s, flow.accepted / over_s, _rate_of_arrivals(flow, flow.received / over_s))
    return flow


def _rate_of_arrivals(flow: Flow, rate: float) -> float:
    """The rate of received events; NaN if it is unknown, because 0/s would say that nothing arrives."""
    return math.nan if flow.is_arrival_unknown else rate


def flow_at(result: RunResult, series: SeriesByUnit, scope: Scope, at_s: float) -> Flow | None:
    """The counters of a kept run at a moment, to compare another run with it. Gauges and rates are 0.

    None if the kept run had no such handler or listener.
    """
    ones = listeners(series, scope)
    if not handlers(series, scope) or (scope.listener and not ones):
        return None
    flow = Flow()
    _add_up(
        flow,
        [
            _part_of_series(result.handlers[unit.name].pattern, scope, _At(own, at_s), [_At(one, at_s) for one in ones])
            for unit, own in handlers(series, scope).items()
            if unit.name in result.handlers
        ],
    )
    # The other run may lose events by a cause that this run's patterns do not have.
    flow.losses = _NO_LOSSES | flow.losses
    return flow


@dataclass(frozen=True)
class _At:
    """The counters of a time series at one moment."""

    series: TimeSeries
    at_s: float

    def count(self, column: str) -> int:
        return count_at(self.series, column, self.at_s)

    def loss(self, cause: LossCause) -> int:
        return self.count(cause.key)


def _part_of_view(view: HandlerView, scope: Scope) -> _Part:
    ones = [one for one in view.listeners if scope.listener in ("", one.name)]
    counts = view.ledger.counts
    # Handler and listeners report at different moments. A message that a listener received was accepted before, even
    # if the handler has not reported it yet.
    ahead = max(0, view.arrived - counts.accepted)
    return _Part(
        pattern=view.pattern,
        offered=counts.offered + ahead,
        accepted=counts.accepted + ahead,
        replied=counts.replied,
        received=[one.received for one in ones],
        losses=_losses(view.pattern, scope, view.ledger, ones),
        is_counted=bool(view.listeners) or view.pattern.gets_replies,
    )


def _part_of_result(handler: HandlerResult, scope: Scope) -> _Part:
    ones = [one for name, one in handler.listeners.items() if scope.listener in ("", name)]
    return _Part(
        pattern=handler.pattern,
        offered=handler.offered,
        accepted=handler.accepted,
        replied=handler.replied,
        received=[one.received for one in ones],
        losses=_losses(handler.pattern, scope, handler, ones),
        is_counted=bool(handler.listeners) or handler.pattern.gets_replies,
    )


def _part_of_series(pattern: Pattern, scope: Scope, handler: _At, ones: list[_At]) -> _Part:
    return _Part(
        pattern=pattern,
        offered=handler.count("offered"),
        accepted=handler.count("accepted"),
        replied=handler.count("replied"),
        # The handler's series has the sum over its listeners.
        received=[one.count("received") for one in (ones if scope.listener else [handler])],
        losses=_losses(pattern, scope, handler, ones),
        is_counted=True,
    )


def _losses(pattern: Pattern, scope: Scope, handler: _HasLosses, ones: Iterable[_HasLosses]) -> dict[str, int]:
    """The losses by cause: those of the handler. If one listener is selected, its own losses on the way.

    A listener that shares the messages with others has no own losses: a lost message could have gone to any of them.
    """
    only_listener = bool(scope.listener) and pattern.each_gets_all
    return {
        cause.key: sum(one.loss(cause) for one in ones)
        if only_listener and cause.known_at_listeners
        else handler.loss(cause)
        for cause in LOSS_CAUSES
    }


def _add_up(flow: Flow, parts: list[_Part]) -> None:
    for part in parts:
        flow.offered += part.offered
        flow.accepted += part.accepted
        flow.received += total_received(part.pattern.delivery, part.replied, part.received)
        flow.unknown_end = flow.unknown_end or not part.is_counted
    any_replies = any(part.pattern.gets_replies for part in parts)
    flow.only_requests = bool(parts) and all(part.pattern.gets_replies for part in parts)
    flow.losses = {
        cause.key: sum(part.losses[cause.key] for part in parts)
        for cause in LOSS_CAUSES_BY_STAGE
        if cause.stage is not Stage.REPLY or any_replies
    }
