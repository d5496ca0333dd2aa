"""The time in which a listener reads nothing, as its spec's ``stall`` says. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from bench_app.measure.clock import NEVER_NS, NS_PER_S


@dataclass(frozen=True)
class Stall:
    """Begins at ``begins_ns`` and ends before ``ends_ns`` (``perf_counter_ns``)."""

    begins_ns: int = NEVER_NS
    ends_ns: int = NEVER_NS

    def holds_at(self, now_ns: int) -> bool:
        """True while the listener reads nothing."""
        return self.begins_ns <= now_ns < self.ends_ns


def stall_of(seconds: tuple[float, float] | None, start_ns: int | None) -> Stall:
    """The stall of a spec, in seconds of the run, for a run that starts at ``start_ns``; None: not known yet.

    A stall that begins with the run holds before the start is known. Otherwise the listener would read what comes
    between the start and the moment when it hears of the start.
    """
    if seconds is None:
        return Stall()
    if start_ns is None:
        return Stall(begins_ns=0) if seconds[0] == 0 else Stall()
    return Stall(start_ns + int(seconds[0] * NS_PER_S), start_ns + int(seconds[1] * NS_PER_S))
