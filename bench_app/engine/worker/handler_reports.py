"""A handler's reports to the session: counters so far, latencies since the last report, state of the connections."""

from __future__ import annotations

from bench_app.engine.control.messages import HandlerReport
from bench_app.engine.worker.handler_parts import HandlerParts
from bench_app.engine.worker.handler_peers import HandlerPeers
from bench_app.engine.worker.unit import ReportTimer, UnitChannel
from bench_app.measure.ledger import HandlerCounts
from bench_app.sources.supply_feed import SupplyFeed


class HandlerReports:
    """Sends the reports of one handler."""

    def __init__(
        self, parts: HandlerParts, peers: HandlerPeers, feed: SupplyFeed[bytearray], channel: UnitChannel
    ) -> None:
        self._parts = parts
        self._peers = peers
        self._feed = feed
        self._channel = channel
        self._timer = ReportTimer()

    def send_if_due(self, now_ns: int) -> None:
        """Send a report if the last one was long enough ago."""
        if self._timer.is_due(now_ns):
            self.send(now_ns)

    def send(self, now_ns: int) -> None:
        """Send a report now."""
        self._timer.reported(now_ns)
        parts, core, tracker = self._parts, self._parts.core, self._parts.socket.tracker
        counters = parts.counters.values()
        counters.pop("attempted")
        self._channel.send(
            HandlerReport(
                unit=self._channel.unit,
                at_ns=now_ns,
                counts=HandlerCounts(**counters, queued=core.queued, in_flight=core.in_flight),
                spans=tuple(parts.spans),
                joins=self._peers.joins,
                rejoins=self._peers.rejoins,
                connection=tracker.status,
                # An inproc socket has no connection events, so its peers count as connected.
                ever_connected=tracker.ever_connected or parts.socket.target.is_inproc,
                is_blocked=core.is_blocked,
                lateness=parts.lateness.take(),
                offer_lateness=parts.offer_lateness.take(),
                round_trip=parts.round_trip.take(),
                fidelity=parts.fidelity.take(),
                first_subscription=self._peers.first_subscription,
                source_underruns=self._feed.underruns,
                source=self._feed.counts,
            )
        )
