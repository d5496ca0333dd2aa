"""The identity of a handler or listener of a run, for series, histograms, selections and the archive.

A name alone is no identity. A handler that leaves a run keeps its ledger and its series, and its successor may have the
same name. Names may contain slashes, so the text ``handler/listener`` cannot be split without doubt.
"""

from __future__ import annotations

from collections.abc import Collection

import msgspec

from bench_app.measure.latency_measures import Measure


class Departure(msgspec.Struct, frozen=True, array_like=True):
    """When a handler left its run, in seconds of the run.

    ``repeat`` distinguishes handlers of one name that left in the same tenth of a second: 0 for the first.
    """

    at_s: float
    repeat: int = 0


class UnitKey(msgspec.Struct, frozen=True, array_like=True):
    """One handler of a run, or one of its listeners.

    ``handler`` is the handler's name in the preset. ``listener`` is the listener's name, "" for the handler itself.
    ``departure`` is None for a handler that stays to the end of the run.
    """

    handler: str
    listener: str = ""
    departure: Departure | None = None

    @property
    def name(self) -> str:
        """The handler's name in the result and in the window, such as ``h (until 12.3 s)``."""
        if self.departure is None:
            return self.handler
        return f"{self.handler} (until {self.departure.at_s:.1f} s{', too' * self.departure.repeat})"

    @property
    def title(self) -> str:
        """The name of the unit for people: ``handler`` or ``handler/listener``."""
        return f"{self.name}/{self.listener}" if self.listener else self.name

    def of_listener(self, listener: str) -> UnitKey:
        """The key of one of this handler's listeners."""
        return UnitKey(self.handler, listener, self.departure)

    def departed(self, at_s: float, taken: Collection[str]) -> UnitKey:
        """The key of this unit after its handler has left, with a name that is not in ``taken``."""
        repeat = 0
        while (key := UnitKey(self.handler, self.listener, Departure(at_s, repeat))).name in taken:
            repeat += 1
        return key


class HistogramKey(msgspec.Struct, frozen=True, array_like=True):
    """One distribution of a run: a measure of a unit."""

    unit: UnitKey
    measure: Measure

    @property
    def title(self) -> str:
        """The name for people: ``handler/measure`` or ``handler/listener/measure``."""
        return f"{self.unit.title}/{self.measure}"
