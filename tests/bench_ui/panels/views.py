"""Views of a handler in a run, as the panels get them five times a second."""

from __future__ import annotations

from bench_app.engine.unit_key import UnitKey
from bench_app.engine.view import NO_LATENCY, HandlerView, ListenerView
from bench_app.measure.ledger import HandlerCounts, HandlerLedger, ListenerCounts, ListenerLedger
from bench_app.model import pattern_of
from bench_app.transport.connection import ConnectionState, ConnectionStatus


def live_handler(socket_type: str, in_flight: int = 0, arrivals_known: bool = True, **received: int) -> HandlerView:
    """A handler that accepted 90 of 100 events and has 3 queued; ``received`` are its listeners' messages."""
    pattern = pattern_of(socket_type)
    counts = HandlerCounts(offered=100, queue_overflow=7, accepted=90, queued=3, replied=80)
    ledger = HandlerLedger(
        delivery=pattern.delivery,
        counts=counts,
        lost=5,
        in_flight=in_flight,
        listeners={
            name: ListenerLedger(counts=ListenerCounts(received=count), expected=90, lost=4, in_flight=in_flight)
            for name, count in received.items()
        },
        balanced=True,
        problems=[],
        arrivals_known=arrivals_known,
    )
    return HandlerView(
        key=UnitKey("h"),
        socket_type=socket_type,
        endpoints=("tcp://127.0.0.1:5555",),
        status=ConnectionStatus(ConnectionState.BOUND, "bound", "1 peer"),
        offered_rate=100.0,
        accepted_rate=90.0,
        ledger=ledger,
        in_flight=in_flight,
        round_trip=NO_LATENCY,
        listeners=tuple(
            ListenerView(
                name=name,
                listener_type=pattern.listener_type,
                status=ConnectionStatus(ConnectionState.CONNECTED, "connected"),
                received_rate=float(count),
                received=count,
                lost=4,
                before_join=0,
                service=NO_LATENCY,
            )
            for name, count in received.items()
        ),
    )
