"""The events of one run: parts of the session -> **event log** -> callback, log, result."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

import msgspec

from bench_app.engine.events import CHANGE, ENGINE, NOTE, TIMELINE, EventKind, RunEvent, joined_change
from bench_app.engine.run_clock import RunClock
from bench_app.engine.run_log import log_event
from bench_app.engine.state import UnitState

EVENTS_KEPT = 5000
ONE_CHANGE_S = 2.0
"""Changes of one key that follow each other within this time are one change: a slider is dragged."""


class EventLog:
    """Emits events to ``on_event`` and to the log, and keeps the newest ones.

    Attributes:
        events: the newest :data:`EVENTS_KEPT` events, oldest first.
    """

    def __init__(self, clock: RunClock, on_event: Callable[[RunEvent], None]) -> None:
        self.events: deque[RunEvent] = deque(maxlen=EVENTS_KEPT)
        self._clock = clock
        self._on_event = on_event
        self._change: RunEvent | None = None
        """The last change, as it is kept."""
        self._changed_s = 0.0
        """The time of its last step."""

    def emit_unit(
        self,
        unit: UnitState,
        message: str,
        *,
        marker: bool = False,
        is_error: bool = False,
        at_ns: int | None = None,
        kind: EventKind = EventKind.UNIT,
    ) -> None:
        """Something happened to a unit: now, or at ``at_ns`` (``perf_counter_ns``) in its worker."""
        at_s = self._clock.now_s if at_ns is None else self._clock.run_time_s(at_ns)
        self._emit(RunEvent(at_s, unit.title, message, marker, is_error, kind))

    def emit_engine(self, message: str, *, marker: bool = False) -> None:
        """Something happened to the run as a whole."""
        self._emit(RunEvent(self._clock.now_s, ENGINE, message, marker, kind=EventKind.ENGINE))

    def emit_change(self, message: str) -> None:
        """A setting was changed. A further step of the last change, as a slider makes it, takes the place of that."""
        now_s, last = self._clock.now_s, self._change
        is_soon = last is not None and now_s - self._changed_s <= ONE_CHANGE_S
        joined = joined_change(last.message, message) if last is not None and is_soon else None
        self._changed_s = now_s
        if last is None or joined is None or last not in self.events:
            self._change = RunEvent(now_s, CHANGE, message, marker=True, kind=EventKind.CHANGE)
            self._emit(self._change)
            return
        self._change = msgspec.structs.replace(last, message=joined)
        self.events[self.events.index(last)] = self._change
        self._publish(msgspec.structs.replace(self._change, kind=EventKind.FURTHER_CHANGE))

    def emit_step(self, message: str, number: int) -> None:
        """A step of the timeline has come; ``message`` is its caption, or what it does."""
        self._emit(RunEvent(self._clock.now_s, f"{TIMELINE} {number}", message, marker=True, kind=EventKind.STEP))

    def emit_note(self, at_s: float, message: str) -> RunEvent:
        """A user wrote a note about a moment of the run. Returns the event."""
        event = RunEvent(at_s, NOTE, message, marker=True, kind=EventKind.NOTE)
        self._emit(event)
        return event

    def _emit(self, event: RunEvent) -> None:
        self.events.append(event)
        self._publish(event)

    def _publish(self, event: RunEvent) -> None:
        log_event(event)
        self._on_event(event)
