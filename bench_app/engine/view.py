"""What a run looks like right now, as plain figures: unit states -> **view** -> terminal table or window."""

from __future__ import annotations

from dataclasses import dataclass

from bench_app.engine.live_ledger import in_flight_of, ledger_of
from bench_app.engine.session import Phase, Session
from bench_app.engine.state import HandlerState, ListenerState
from bench_app.engine.unit_key import UnitKey
from bench_app.measure.ledger import HandlerLedger, total_arrived, total_received
from bench_app.measure.loss_causes import LossCause
from bench_app.model import Pattern, pattern_of
from bench_app.transport.connection import ConnectionState


@dataclass(frozen=True)
class LatencyView:
    """Percentiles of the last second in ns; None where nothing was measured in it."""

    p50_ns: int | None
    p99_ns: int | None


NO_LATENCY = LatencyView(None, None)


@dataclass(frozen=True)
class ListenerView:
    """One listener: messages a second and service latency (actual send -> received) of the last second."""

    name: str
    listener_type: str
    state: str
    label: str
    sentence: str
    received_rate: float
    received: int
    lost: int
    before_join: int
    service: LatencyView

    def loss(self, cause: LossCause) -> int:
        """How many messages this listener missed by one cause, of those in ``LISTENER_LOSS_CAUSES``."""
        count: int = getattr(self, cause.key)
        return count


@dataclass(frozen=True)
class HandlerView:
    """One handler: rates of the last second, its ledger so far, for REQ the round trip (send -> reply)."""

    key: UnitKey
    socket_type: str
    endpoint: str
    state: str
    label: str
    sentence: str
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


def view_of(session: Session, latencies: bool = True) -> list[HandlerView]:
    """All handlers of the session, in the preset's order. Without ``latencies`` it costs a tenth.

    The ledger of a session that is done is the settled one: nothing is on the way any more.
    """
    final = session.phase is Phase.DONE
    return [
        _handler_view(handler, session.listeners_of(handler), latencies, final) for handler in session.handlers.values()
    ]


def _handler_view(handler: HandlerState, listeners: list[ListenerState], latencies: bool, final: bool) -> HandlerView:
    ledger = ledger_of(handler, listeners, final)
    # Who is done has no last second any more, only one that was.
    rates = (0.0, 0.0) if handler.done else handler.window.rates() or (0.0, 0.0)
    state, label, sentence = _standing(handler)
    return HandlerView(
        key=handler.key,
        socket_type=handler.plan.spec.config.socket_type,
        endpoint=handler.endpoint or str(handler.plan.endpoint),
        state=state,
        label=label,
        sentence=sentence,
        offered_rate=rates[0],
        accepted_rate=rates[1],
        ledger=ledger,
        in_flight=in_flight_of(handler, listeners, ledger),
        round_trip=_latency(handler) if latencies else NO_LATENCY,
        listeners=tuple(_listener_view(listener, ledger, latencies) for listener in listeners),
    )


def _listener_view(listener: ListenerState, ledger: HandlerLedger, latencies: bool) -> ListenerView:
    books = ledger.listeners[listener.plan.name]
    rates = (0.0,) if listener.done else listener.window.rates() or (0.0,)
    state, label, sentence = _standing(listener)
    return ListenerView(
        name=listener.plan.name,
        listener_type=listener.plan.listener_type,
        state=state,
        label=label,
        sentence=sentence,
        received_rate=rates[0],
        received=listener.counts.received,
        lost=books.lost,
        before_join=books.before_join,
        service=_latency(listener) if latencies else NO_LATENCY,
    )


def _standing(unit: HandlerState | ListenerState) -> tuple[str, str, str]:
    """State, label, sentence. Who is done is connected to nobody; that somebody gave up is worth knowing after it."""
    if unit.failed:
        return "failed", "failed", unit.failed
    if unit.done and unit.connection not in (ConnectionState.GAVE_UP, ConnectionState.FAILED):
        return ConnectionState.IDLE, "ended", ""
    return unit.connection, unit.label, unit.sentence


def _latency(unit: HandlerState | ListenerState) -> LatencyView:
    latency = unit.window.latency()
    if not latency.count:
        return LatencyView(None, None)
    return LatencyView(latency.percentile(50.0), latency.percentile(99.0))
