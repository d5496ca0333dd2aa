"""Simulated connections: what a trial at a rate says, without a run."""

from __future__ import annotations

from dataclasses import dataclass

from bench_app.lab.rate_search import RateSearch, Trial
from bench_app.lab.reading import Reading


@dataclass(frozen=True)
class Link:
    """A connection that carries ``capacity`` messages a second. Of those beyond, ``queue`` wait and the rest is lost.

    ``delay_s`` is the time that each message is on its way. ``bench`` is the highest rate that the bench can offer.
    ``always_lost`` is the part that is lost at any rate.
    """

    capacity: float
    queue: float = 100
    delay_s: float = 0.001
    bench: float = 1e12
    always_lost: float = 0.0

    def measure(self, trial: Trial, check: str = "") -> Reading:
        rate, seconds = trial.rate, trial.duration_s
        limit = "" if rate <= self.bench else "the bench could not offer more"
        beyond = max(0.0, min(rate, self.bench) - self.capacity) * seconds
        waiting = min(beyond, self.queue)
        lost = (beyond - waiting) / (rate * seconds) + self.always_lost
        latency_s = self.delay_s + waiting / self.capacity
        return Reading(
            rate=rate,
            duration_s=seconds,
            loss=min(1.0, lost),
            backlog_s=waiting / rate + self.delay_s,
            causes={"lost": round(lost * rate * seconds) or 1} if lost else {},
            checks={check: latency_s <= self.delay_s + 0.005} if check else {},
            verdict="pass",
            bench_limit=limit,
        )


def searched(search: RateSearch, link: Link, check: str = "", most: int = 100) -> RateSearch:
    """Let a search run on a simulated connection to its end."""
    while (trial := search.next_trial()) is not None:
        assert len(search.readings) < most, [(one.rate, one.duration_s) for one in search.readings]
        search.add(link.measure(trial, check))
    return search
