"""The events of one run: parts of the session -> **event log** -> callback, log, result."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from bench_app.engine.events import CHANGE, ENGINE, EventKind, RunEvent
from bench_app.engine.run_clock import RunClock
from bench_app.engine.run_log import log_event
from bench_app.engine.state import UnitState

EVENTS_KEPT = 5000


class EventLog:
    """Emits events to ``on_event`` and to the log, and keeps the newest ones.

    Attributes:
        events: the newest :data:`EVENTS_KEPT` events, oldest first.
    """

    def __init__(self, clock: RunClock, on_event: Callable[[RunEvent], None]) -> None:
        self.events: deque[RunEvent] = deque(maxlen=EVENTS_KEPT)
        self._clock = clock
        self._on_event = on_event

    def emit_unit(
        self, unit: UnitState, message: str, *, marker: bool = False, is_error: bool = False, at_ns: int | None = None
    ) -> None:
        """Something happened to a unit: now, or at ``at_ns`` (``perf_counter_ns``) in its worker."""
        at_s = self._clock.now_s if at_ns is None else self._clock.run_time_s(at_ns)
        self._emit(RunEvent(at_s, unit.title, message, marker, is_error, EventKind.UNIT))

    def emit_engine(self, message: str, *, marker: bool = False) -> None:
        """Something happened to the run as a whole."""
        self._emit(RunEvent(self._clock.now_s, ENGINE, message, marker, kind=EventKind.ENGINE))

    def emit_change(self, message: str) -> None:
        """A setting was changed."""
        self._emit(RunEvent(self._clock.now_s, CHANGE, message, marker=True, kind=EventKind.CHANGE))

    def _emit(self, event: RunEvent) -> None:
        self.events.append(event)
        log_event(event)
        self._on_event(event)
