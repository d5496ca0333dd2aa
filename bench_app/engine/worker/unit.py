"""What handler and listener units share: the life of a unit's thread, and its end of the control channel.

A unit is opened, serves until the session closes it, and closes. Handler and listener units implement :class:`Unit`.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Protocol

from bench_app.engine.control.client import ControlClient
from bench_app.engine.control.messages import Failed, Finished, Message, Notice, Opened, ToWorker
from bench_app.errors import BenchError, SourceError
from bench_app.measure.clock import NS_PER_MS

CONTROL_POLL_NS, OFTEN_POLL_NS = 50 * NS_PER_MS, 10 * NS_PER_MS
"""How often a unit polls its control messages while events flow, and how often in a run whose timeline acts on it."""
REPORT_NS = 100 * NS_PER_MS


class UnitChannel:
    """A unit's end of the control channel.

    Attributes:
        unit: the unit's name on the channel.
        trace: sends what the unit's socket does to the session's log, if the log records it.
    """

    def __init__(self, client: ControlClient, unit: str) -> None:
        self._client = client
        self.unit = unit
        self.trace = client.trace_of(unit)

    def send(self, message: Message) -> None:
        """Send a message to the session, without ever waiting."""
        self._client.send(message)

    def emit(self, message: str, marker: bool = False) -> None:
        """Send a message for the user; with ``marker``, plots mark it at this moment."""
        self.send(Notice(unit=self.unit, at_ns=time.perf_counter_ns(), message=message, marker=marker))

    def receive(self, timeout_ms: int = 0) -> Iterator[ToWorker]:
        """Every message that has arrived; if there is none, wait up to ``timeout_ms`` for the first."""
        message = self._client.receive(timeout_ms)
        while message is not None:
            yield message
            message = self._client.receive()


class ReportTimer:
    """Says when the next report is due: at once, then REPORT_NS after each report."""

    def __init__(self) -> None:
        self._due_ns = 0

    def is_due(self, now_ns: int) -> bool:
        """True when it is time for a report."""
        return now_ns >= self._due_ns

    def reported(self, now_ns: int) -> None:
        """A report was sent at ``now_ns``, due or not."""
        self._due_ns = now_ns + REPORT_NS


class Unit(Protocol):
    """An open unit.

    Attributes:
        endpoint: where its socket is bound, with the real port, or connects to.
    """

    @property
    def endpoint(self) -> str:
        """See above."""
        ...

    def serve(self) -> None:
        """Do the unit's work until the session asks it to close."""
        ...

    def close(self) -> None:
        """Send the last report, and close the socket and the counters."""
        ...


def run_unit(channel: UnitChannel, open_unit: Callable[[UnitChannel], Unit]) -> None:
    """The life of a unit's thread. ``open_unit`` opens the unit, or raises BenchError and leaves nothing open."""
    try:
        unit = open_unit(channel)
    except BenchError as error:
        skipped = error.skipped if isinstance(error, SourceError) else {}
        failed = Failed(unit=channel.unit, at_ns=time.perf_counter_ns(), reason=str(error), skipped=skipped)
        channel.send(failed)
        return
    channel.send(Opened(unit=channel.unit, endpoint=unit.endpoint))
    unit.serve()
    unit.close()
    channel.send(Finished(unit=channel.unit))
