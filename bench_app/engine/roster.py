"""The states of all handlers and listeners of a run, also of handlers that have left. No process and no socket."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from bench_app.engine.control.messages import unit_identity
from bench_app.engine.plan import HandlerPlan
from bench_app.engine.state import HandlerState, ListenerState, UnitState
from bench_app.measure.counters import HandlerSlot, ListenerSlot, MappedCounters


class UnitRoster:
    """The units of one run.

    Attributes:
        handlers: every handler by its name in the result, in the order in which they joined.
        listeners: every listener by its unit.
        units: all handlers and listeners, by the name of the unit in messages.
    """

    def __init__(self) -> None:
        self.handlers: dict[str, HandlerState] = {}
        self.listeners: dict[str, ListenerState] = {}
        self.units: dict[str, UnitState] = {}

    @property
    def present(self) -> dict[str, HandlerState]:
        """The handlers that have not left the run, by name."""
        return {name: handler for name, handler in self.handlers.items() if not handler.has_left}

    @property
    def highest_number(self) -> int:
        """The highest number that a handler has; 0 without handlers.

        A number is never used twice in a run, because stamps name the sending handler by its number.
        """
        return max((handler.plan.number for handler in self.handlers.values()), default=0)

    def add(self, plan: HandlerPlan, folder: Path, base_dir: Path, joined_s: float) -> HandlerState:
        """Add a handler and its listeners, each with a new file of counters in ``folder``.

        Raises EngineError if the disk is full.
        """
        handler = HandlerState(
            plan.unit,
            _new_counters(folder, plan.unit, HandlerSlot),
            plan=plan,
            base_dir=base_dir,
            joined_s=joined_s,
        )
        self.handlers[plan.name] = self.units[plan.unit] = handler
        for one in plan.listeners:
            counters = _new_counters(folder, one.unit, ListenerSlot)
            self.listeners[one.unit] = self.units[one.unit] = ListenerState(
                one.unit, counters, plan=one, handler=handler
            )
        return handler

    def depart(self, handler: HandlerState, at_s: float) -> None:
        """Mark a handler as departed. Its new name says when it left, so that a successor can have the old one."""
        handler.departure = handler.key.departed(at_s, self.handlers).departure
        # The new dict has the new name. The handler keeps its position; a successor is added at the end.
        self.handlers = {one.name: one for one in self.handlers.values()}

    def listeners_of(self, handler: HandlerState) -> list[ListenerState]:
        """The listeners of a handler, in the order of the preset."""
        return [self.listeners[listener.unit] for listener in handler.plan.listeners]

    def units_of(self, handlers: Iterable[HandlerState]) -> list[UnitState]:
        """Handlers with their listeners."""
        units: list[UnitState] = []
        for handler in handlers:
            units += [handler, *self.listeners_of(handler)]
        return units

    def sender(self, identity: str, unit: str) -> UnitState | None:
        """The unit that sent a message; None if the worker of the sender was replaced since.

        A late message of a replaced worker must not be used: its counters were already read from disk.
        """
        state = self.units.get(unit)
        return None if state is None or unit_identity(state.unit, state.restarts) != identity else state


def _new_counters(folder: Path, unit: str, slots: type[HandlerSlot] | type[ListenerSlot]) -> Path:
    file = folder / f"{unit.replace('/', '-')}.counters"
    MappedCounters(file, slots, create=True).close()
    return file
