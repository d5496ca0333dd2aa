"""The selection: which handlers, or which single listener, panels and plots show."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from bench_app.engine.state import name_before


@dataclass(frozen=True)
class Scope:
    """What is looked at: handlers by name, or of a single one a single listener. A handler that restarted in the run
    counts with what it was before; with ``everything`` so do those that have left it."""

    handlers: tuple[str, ...] = ()
    listener: str = ""
    everything: bool = False

    def takes(self, handler: str) -> bool:
        """Does it take in this handler of the run?"""
        return self.everything or handler in self._names or name_before(handler) in self._names

    @cached_property
    def _names(self) -> frozenset[str]:
        return frozenset(self.handlers)

    @property
    def words(self) -> str:
        """For a heading."""
        if self.listener:
            return f"{self.handlers[0]}/{self.listener}"
        return self.handlers[0] if len(self.handlers) == 1 else f"{len(self.handlers)} handlers"
