"""The selection: which handlers, or which single listener, panels and plots show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from bench_app.engine.unit_key import UnitKey


@dataclass(frozen=True)
class Scope:
    """The handlers to show, by their names in the preset, or one listener of one handler.

    A handler that restarted in the run counts together with its predecessors. ``everything`` also includes handlers
    that have left the run.
    """

    handlers: tuple[str, ...] = ()
    listener: str = ""
    everything: bool = False
    is_own_consumer: bool = False

    def includes(self, unit: UnitKey) -> bool:
        """Whether this handler of the run, or the handler of this listener, is to be shown."""
        return self.everything or unit.handler in self._names

    def includes_listener(self, unit: UnitKey) -> bool:
        """Whether this listener of the run is to be shown."""
        return self.includes(unit) and self.listener in ("", unit.listener)

    @cached_property
    def _names(self) -> frozenset[str]:
        return frozenset(self.handlers)

    def label(self, included: Sequence[str], total: int) -> str:
        """A short text for the selection. ``included`` are its handlers in a run that has ``total`` handlers."""
        if len(included) == 1:
            return f"{included[0]}/{self.listener}" if self.listener else included[0]
        return "all handlers" if len(included) == total else f"{len(included)} handlers"
