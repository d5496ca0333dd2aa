"""The figures of a run as they are now: unit states -> **view** -> terminal table or window."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from bench_app.engine.live_ledger import in_flight_of, ledger_of
from bench_app.engine.open_orders import OpenOrders
from bench_app.engine.session import Phase, Session
from bench_app.engine.state import HandlerState, ListenerState, UnitState
from bench_app.engine.unit_key import UnitKey
from bench_app.measure.ledger import HandlerLedger, ListenerLedger, total_arrived, total_received
from bench_app.measure.loss_causes import LossCause
from bench_app.model import Pattern, pattern_of
from bench_app.transport.connection import ConnectionState, ConnectionStatus


@dataclass(frozen=True)
class LatencyView:
    """Percentiles of the last second in ns; None if nothing was measured in it."""

    p50_ns: int | None
    p99_ns: int | None


NO_LATENCY = LatencyView(None, None)


@dataclass(frozen=True)
class OverfullView:
    """More messages were on the way than their connections can hold, so the others are lost, although no gap shows it.

    Attributes:
        fits: how many messages the connections can hold at most.
        lost: how many messages are lost at least; they are part of ``lost`` of the ledger.
    """

    fits: int
    lost: int

    @property
    def text(self) -> str:
        """The comparison as text, as of the moment that showed the greatest loss."""
        return f"on the way {self.fits + self.lost:,}, at most {self.fits:,} fit: at least {self.lost:,} lost"


@dataclass(frozen=True)
class ListenerView:
    """One listener. Rate and service latency (actual send -> received) are those of the last second.

    ``overfull`` is None as long as no loss is known but from gaps.
    """

    name: str
    listener_type: str
    status: ConnectionStatus
    received_rate: float
    received: int
    lost: int
    before_join: int
    service: LatencyView
    overfull: OverfullView | None = None

    def loss(self, cause: LossCause) -> int:
        """How many messages this listener missed by one cause, of those in ``LISTENER_LOSS_CAUSES``."""
        count: int = getattr(self, cause.key)
        return count


@dataclass(frozen=True)
class HandlerView:
    """One handler. Rates and the round trip of requests (send -> reply) are those of the last second.

    ``endpoints`` is where the handler binds (one endpoint), or what it connects to.
    """

    key: UnitKey
    socket_type: str
    endpoints: tuple[str, ...]
    status: ConnectionStatus
    offered_rate: float
    accepted_rate: float
    ledger: HandlerLedger
    in_flight: int
    round_trip: LatencyView
    listeners: tuple[ListenerView, ...]

    @property
    def name(self) -> str:
        """The handler's name in the result."""
        return self.key.name

    @property
    def pattern(self) -> Pattern:
        """What follows from the socket type."""
        return pattern_of(self.socket_type)

    @property
    def received(self) -> int:
        """How many messages reached their end: replies to requests, otherwise what the listeners received."""
        return total_received(
            self.pattern.delivery, self.ledger.counts.replied, [one.received for one in self.listeners]
        )

    @property
    def arrived(self) -> int:
        """How many of the accepted messages are known to have arrived, each counted once."""
        return total_arrived(
            self.pattern.delivery, self.ledger.counts.replied, [one.received for one in self.listeners]
        )


def total_overfull(listeners: Iterable[ListenerView]) -> OverfullView | None:
    """The sum over the listeners; None if there is none."""
    found = [listener.overfull for listener in listeners if listener.overfull is not None]
    return OverfullView(sum(one.fits for one in found), sum(one.lost for one in found)) if found else None


def view_of(
    session: Session, latencies: bool = True, handlers: Iterable[HandlerState] | None = None
) -> list[HandlerView]:
    """All handlers of the session, in the order in which they joined, or only some. It is ten times as fast without
    ``latencies``.

    When the session is done, the ledgers are final: nothing is in flight any more.
    """
    final = session.phase is Phase.DONE
    viewed = session.handlers.values() if handlers is None else handlers
    return [_handler_view(handler, session.listeners_of(handler), latencies, final) for handler in viewed]


def _handler_view(handler: HandlerState, listeners: list[ListenerState], latencies: bool, final: bool) -> HandlerView:
    ledger = ledger_of(handler, listeners, final)
    rates = handler.rates or (0.0, 0.0)
    return HandlerView(
        key=handler.key,
        socket_type=handler.plan.spec.config.socket_type,
        endpoints=OpenOrders.handler_endpoints(handler, listeners),
        status=_status(handler),
        offered_rate=rates[0],
        accepted_rate=rates[1],
        ledger=ledger,
        in_flight=in_flight_of(handler, listeners, ledger),
        round_trip=_latency(handler) if latencies else NO_LATENCY,
        listeners=tuple(_listener_view(listener, ledger, latencies) for listener in listeners),
    )


def _listener_view(listener: ListenerState, ledger: HandlerLedger, latencies: bool) -> ListenerView:
    account = ledger.listeners[listener.plan.name]
    rates = listener.rates or (0.0,)
    return ListenerView(
        name=listener.plan.name,
        listener_type=listener.plan.listener_type,
        status=_status(listener),
        received_rate=rates[0],
        received=account.counts.received,
        lost=account.lost,
        before_join=account.before_join,
        service=_latency(listener) if latencies else NO_LATENCY,
        overfull=_overfull(listener, account),
    )


def _overfull(listener: ListenerState, account: ListenerLedger) -> OverfullView | None:
    if listener.overfull is None or not account.overfull:
        return None
    return OverfullView(listener.overfull.fits, account.overfull)


def _status(unit: UnitState) -> ConnectionStatus:
    """The status of a unit. A unit that is done has no connection, but it still shows that it gave up or failed."""
    if unit.failed:
        return ConnectionStatus(ConnectionState.FAILED, "failed", unit.failed)
    if unit.crashed and unit.ending:
        return ConnectionStatus(ConnectionState.FAILED, "crashed", f"its worker {unit.ending}, and none replaces it")
    if unit.done and unit.connection.state not in (ConnectionState.GAVE_UP, ConnectionState.FAILED):
        return ConnectionStatus(ConnectionState.IDLE, "ended")
    return unit.connection


def _latency(unit: HandlerState | ListenerState) -> LatencyView:
    latency = unit.window.latency()
    if not latency.count:
        return LatencyView(None, None)
    return LatencyView(latency.percentile(50.0), latency.percentile(99.0))
