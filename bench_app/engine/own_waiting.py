"""The bench's own waiting in each latency: unit and worker states -> **own waiting** -> findings.

A latency is bent where the bench itself made messages wait: a worker process did not run, a listener was behind with
earlier messages, an event was offered late. For each latency, :func:`latencies_of` has the places at which this can
happen, and :mod:`bench_app.measure.waiting` computes how much of a percentile they can explain.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from bench_app.engine.state import HandlerState, ListenerState, UnitState
from bench_app.engine.worker_state import WorkerState
from bench_app.measure.histogram import Histogram
from bench_app.measure.waiting import WaitBound, Waits
from bench_app.model import MaxLoad


@dataclass(frozen=True)
class Place:
    """A place at which the bench can make messages wait. ``cause`` is the end of a sentence about it."""

    cause: str
    waits: Waits

    @cached_property
    def bound(self) -> WaitBound:
        """The bound for this place alone. Several latencies ask for it."""
        return WaitBound((self.waits,))


@dataclass(frozen=True)
class MeasuredLatency:
    """A latency of one unit, with the places at which the bench can have lengthened it.

    Attributes:
        unit: the unit that the latency belongs to in the result.
        name: its name in a check, such as ``service``.
        histogram: what was measured.
        places: where the bench can have made messages wait.
    """

    unit: UnitState
    name: str
    histogram: Histogram
    places: Sequence[Place]

    @cached_property
    def _bound(self) -> WaitBound:
        return WaitBound(place.waits for place in self.places)

    @cached_property
    def _known_ns(self) -> dict[float, int]:
        """The latency at the percentiles that were asked for, as each costs a pass over all buckets."""
        return {}

    def at_ns(self, percentile: float) -> int:
        """The latency at ``percentile``."""
        if percentile not in self._known_ns:
            self._known_ns[percentile] = self.histogram.percentile(percentile)
        return self._known_ns[percentile]

    def own_ns(self, percentile: float) -> int:
        """How much of the latency at ``percentile`` can be the bench's own waiting. Never more than the latency."""
        return min(self._bound.at(percentile), self.at_ns(percentile))

    def own_mean_ns(self) -> float:
        """How much of the mean can be the bench's own waiting."""
        sums = (place.waits.histogram.sum_ns / max(1, place.waits.total) for place in self.places)
        return min(sum(sums), self.histogram.mean_ns)

    def main_cause(self, percentile: float) -> str:
        """The cause at the place that can explain most."""
        return max(self.places, key=lambda place: place.bound.at(percentile)).cause


def latencies_of(
    handler: HandlerState, listeners: Sequence[ListenerState], workers: Mapping[str, WorkerState]
) -> Iterator[MeasuredLatency]:
    """The latencies of a handler and its listeners."""
    is_paced = not isinstance(handler.plan.source.load, MaxLoad)
    own = list(_stalls(handler, "the process of the handler", workers))
    # A replacement worker offers what was due while there was none: the fault was planted, or is reported by itself.
    if is_paced and not handler.restarts:
        late = Waits(handler.offer_lateness, handler.offer_lateness.count)
        offered = [*own, Place("the bench offered the events late", late)]
    else:
        offered = own
    far: list[Place] = []
    for listener in listeners:
        # What receipts are about arrived in the user's own process, so only the way to it can be the bench's.
        near = [] if listener.plan.counts_receipts else list(_stalls(listener, "the process of the listener", workers))
        if is_paced and not listener.plan.counts_receipts:
            cause = "the listener was busy with earlier messages"
            near.append(Place(cause + _sharing(listener, workers), Waits(listener.backlog, listener.backlog.count)))
        yield MeasuredLatency(listener, "service", listener.service, [*own, *near])
        yield MeasuredLatency(listener, "response", listener.response, [*offered, *near])
        far += near
    if handler.plan.pattern.gets_replies:
        yield MeasuredLatency(handler, "round_trip", handler.round_trip, [*own, *far])
    yield MeasuredLatency(handler, "lateness", handler.lateness, offered)


def _stalls(unit: UnitState, process: str, workers: Mapping[str, WorkerState]) -> Iterator[Place]:
    """The stalls of each worker process that the unit lived in, by the time it lived there."""
    lived_in = [worker for worker in workers.values() if unit.unit in worker.units]
    total = sum(worker.stall.count for worker in lived_in)
    for worker in lived_in:
        cause = f"{process} ({worker.name}) did not run when it should have"
        yield Place(cause + _sharing(unit, workers), Waits(worker.stall, total))


def _sharing(unit: UnitState, workers: Mapping[str, WorkerState]) -> str:
    """That the unit shares its process, where it does."""
    worker = workers.get(unit.worker)
    others = 0 if worker is None else len(worker.units) - 1
    if not others:
        return ""
    return (
        f"; it shares its process with {others} other{'s' if others > 1 else ''}, so fewer of them, or a lower rate, "
        "would help"
    )
