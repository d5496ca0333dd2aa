"""A listener's reports to the session: counters so far, latencies since the last report, state of the connections."""

from __future__ import annotations

import time

from bench_app.engine.control.messages import ListenerReport
from bench_app.engine.worker.unit import ReportTimer, UnitChannel
from bench_app.listeners.core import ListenerCore
from bench_app.listeners.socket import ListenerSocket
from bench_app.measure.counters import MappedCounters
from bench_app.measure.ledger import ListenerCounts


class ListenerReports:
    """Sends the reports of one listener. It belongs to the listener's thread, whose processor time it reports."""

    def __init__(
        self, core: ListenerCore, socket: ListenerSocket, counters: MappedCounters, channel: UnitChannel
    ) -> None:
        self._core = core
        self._socket = socket
        self._counters = counters
        self._channel = channel
        self._timer = ReportTimer()
        self._busy_before_ns = 0

    def count_busy_from_now(self) -> None:
        """Report the processor time that the thread takes from now on: the run starts."""
        self._busy_before_ns = time.thread_time_ns()

    def send_if_due(self, now_ns: int) -> None:
        """Send a report if the last one was long enough ago."""
        if self._timer.is_due(now_ns):
            self.send(now_ns)

    def send(self, now_ns: int) -> None:
        """Send a report now, with every message received so far."""
        self._timer.reported(now_ns)
        core, tracker = self._core, self._socket.tracker
        core.settle()
        service, response, backlog = core.take_latencies()
        self._channel.send(
            ListenerReport(
                unit=self._channel.unit,
                at_ns=now_ns,
                counts=ListenerCounts(**self._counters.values()),
                connection=tracker.status,
                peers=tracker.peers,
                idle_ns=now_ns - core.last_message_ns,
                busy_ns=time.thread_time_ns() - self._busy_before_ns,
                service=service,
                response=response,
                backlog=backlog,
                samples=core.take_samples(),
                reporters=core.reporters,
            )
        )
