"""Units of a run without processes and sockets, and reports as workers would send them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from bench_app.data_plane.choice import PlaneReport
from bench_app.engine.control.messages import HandlerReport, ListenerReport
from bench_app.engine.plan import make_plan
from bench_app.engine.roster import UnitRoster
from bench_app.engine.state import HandlerState, ListenerState
from bench_app.measure.histogram_delta import EMPTY_DELTA, HistogramDelta
from bench_app.measure.ledger import HandlerCounts, ListenerCounts, TopicSpan
from bench_app.measure.recorder import Recorder
from bench_app.preset import documents
from bench_app.transport.connection import ConnectionState, ConnectionStatus
from tests.runs import preset

CONNECTED = ConnectionStatus(ConnectionState.CONNECTED, "connected", "to its peer")

PLANE = PlaneReport(name="python", reason="for a test", libzmq="4.3.5", libzmq_path=None)


def a_roster(folder: Path, raw: dict[str, Any] | None = None) -> UnitRoster:
    """A roster with all handlers of a preset, by default a PUB with the listeners ``a`` and ``b``."""
    listeners = [{"name": name, "topics": [""]} for name in ("a", "b")]
    raw = raw or preset({"socket_type": "PUB", "topic": "t"}, listeners=listeners)
    roster = UnitRoster()
    for plan in make_plan(documents.parse(raw, "test").preset).handlers:
        roster.add(plan, folder, folder, joined_s=0.0)
    return roster


def a_handler(folder: Path, socket_type: str = "PUB") -> tuple[HandlerState, list[ListenerState]]:
    """A handler with the listeners ``a`` and ``b``."""
    listeners = [{"name": name} for name in ("a", "b")]
    roster = a_roster(folder, preset({"socket_type": socket_type}, listeners=listeners))
    handler = roster.handlers["h"]
    return handler, roster.listeners_of(handler)


def latencies(*values_ns: int) -> HistogramDelta:
    recorder = Recorder()
    recorder.add(np.array(values_ns, np.int64))
    return recorder.take()


def handler_report(
    handler: HandlerState,
    at_ns: int = 1,
    *,
    joins: dict[str, int] | None = None,
    rejoins: dict[str, int] | None = None,
    is_blocked: bool = False,
    ever_connected: bool = True,
    lateness: HistogramDelta = EMPTY_DELTA,
    round_trip: HistogramDelta = EMPTY_DELTA,
    **counts: int,
) -> HandlerReport:
    return HandlerReport(
        unit=handler.unit,
        at_ns=at_ns,
        counts=HandlerCounts(**counts),
        spans=(TopicSpan("t", 1),),
        joins=joins or {},
        rejoins=rejoins or {},
        connection=CONNECTED,
        ever_connected=ever_connected,
        is_blocked=is_blocked,
        lateness=lateness,
        offer_lateness=EMPTY_DELTA,
        round_trip=round_trip,
    )


def listener_report(
    listener: ListenerState,
    at_ns: int = 1,
    *,
    peers: int = 1,
    idle_ns: int = 0,
    service: HistogramDelta = EMPTY_DELTA,
    **counts: int,
) -> ListenerReport:
    return ListenerReport(
        unit=listener.unit,
        at_ns=at_ns,
        counts=ListenerCounts(**counts),
        connection=CONNECTED,
        peers=peers,
        idle_ns=idle_ns,
        busy_ns=0,
        service=service,
        response=EMPTY_DELTA,
    )
