"""Results and views for tests of tables, with the longest figures and names."""

from __future__ import annotations

from bench_app.engine.result import HandlerResult, LatencySummary, ListenerResult, RunResult
from bench_app.engine.running_conditions import this_machine
from bench_app.engine.unit_key import UnitKey
from bench_app.engine.view import HandlerView, LatencyView, ListenerView
from bench_app.measure.ledger import HandlerCounts, HandlerLedger, ListenerCounts, ListenerLedger
from bench_app.model import Delivery
from bench_app.transport.connection import ConnectionState, ConnectionStatus

LONG = "a-name-that-is-so-long-that-no-terminal-has-enough-room-for-all"
SLOW = LatencySummary(9_999_999, 123456.7, 123456.7, 999949.9, 123456.7, 987654.3, 999949.9, 999949.9)
MANY = 98_765_432
LOSSES = ("queue_overflow", "send_timeout", "aborted", "request_timeout", "lost")


def listener(lost: int = 0, before_join: int = 0, duplicates: int = 0) -> ListenerResult:
    return ListenerResult(
        received=MANY,
        lost=lost,
        before_join=before_join,
        duplicates=duplicates,
        reordered=duplicates,
        foreign=0,
        malformed=0,
        rate=1.0,
        service_us=SLOW,
        response_us=SLOW,
    )


def handler(listeners: dict[str, ListenerResult], arrivals_known: bool = True, **losses: int) -> HandlerResult:
    return HandlerResult(
        socket_type="PUB",
        endpoint="tcp://127.0.0.1:5555",
        offered=MANY,
        accepted=MANY,
        bytes=MANY,
        replied=0,
        retries=0,
        seconds=2.0,
        rate=1.0,
        balanced=True,
        arrivals_known=arrivals_known,
        lateness_us=SLOW,
        listeners=listeners,
        **{name: losses.get(name, 0) for name in LOSSES},
    )


def result(*handlers: HandlerResult, notes: tuple[str, ...] = ()) -> RunResult:
    return RunResult(
        preset="p",
        started_at="",
        duration_s=1.0,
        verdict="pass",
        reasons=[],
        notes=list(notes),
        balanced=True,
        handlers={f"{LONG}-{number}": one for number, one in enumerate(handlers)},
        checks=[],
        machine=this_machine(),
    )


def view(name: str, rate: float, lost: int) -> HandlerView:
    counts = HandlerCounts(offered=MANY, accepted=MANY)
    listener_ledger = ListenerLedger(counts=ListenerCounts(), expected=MANY, lost=lost)
    ledger = HandlerLedger(
        delivery=Delivery.EACH,
        counts=counts,
        lost=lost,
        in_flight=MANY,
        listeners={name: listener_ledger},
        balanced=True,
        problems=[],
    )
    latency = LatencyView(123_456_000, 99_999_000_000)
    connected = ConnectionStatus(ConnectionState.CONNECTED, "connected")
    retrying = ConnectionStatus(ConnectionState.CONNECTED, "retrying 123 of 1000")
    one = ListenerView(name, "SUB", retrying, rate, MANY, lost, lost, latency)
    return HandlerView(
        UnitKey(name), "PUB", ("tcp://127.0.0.1:1",), connected, rate, rate, ledger, MANY, latency, (one,)
    )
