"""The tracks of all units of a session, sampled on one clock: unit states -> **tracks** -> plots and archive."""

from __future__ import annotations

import asyncio
from typing import Protocol

from bench_app.engine.live_ledger import in_flight_of, ledger_of
from bench_app.engine.state import HandlerState, ListenerState, UnitState
from bench_app.measure.ledger import HandlerLedger
from bench_app.measure.time_series import QUANTILES, TimeSeries

SAMPLE_S = 0.2
SAMPLED_AT_ONCE = 5
"""A loop that also draws gets its turn after so many handlers."""
HANDLER_COUNTS = (
    "offered",
    "queue_overflow",
    "send_timeout",
    "aborted",
    "accepted",
    "bytes",
    "replied",
    "request_timeout",
    "retries",
)
HANDLER_SUMS = ("received", "lost", "before_join")
GAUGES = ("queued", "in_flight")
LISTENER_COUNTS = ("received", "bytes", "lost", "before_join")
HANDLER_MEASURES = ("lateness", "round_trip")
LISTENER_MEASURES = ("service", "response")
CLOCKS = ("at_s", "report_s", "received_s")


def _quantile_columns(measures: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(f"{measure}.{quantile}" for measure in measures for quantile in QUANTILES)


HANDLER_COLUMNS = (
    "at_s",
    "report_s",
    "received_s",
    *HANDLER_COUNTS,
    *HANDLER_SUMS,
    *GAUGES,
    *_quantile_columns(HANDLER_MEASURES),
)
LISTENER_COLUMNS = ("at_s", "report_s", *LISTENER_COUNTS, *_quantile_columns(LISTENER_MEASURES))


class SampledRun(Protocol):
    """A session as tracks see it."""

    start_ns: int | None

    @property
    def handlers(self) -> dict[str, HandlerState]:
        """Its handlers by name."""
        ...

    @property
    def now_s(self) -> float:
        """Seconds since the start."""
        ...

    def listeners_of(self, handler: HandlerState) -> list[ListenerState]:
        """A handler's listeners."""
        ...


class Sampler:
    """One track for each handler (``"pub"``) and each listener (``"pub/slow"``)."""

    def __init__(self) -> None:
        self.by_name: dict[str, TimeSeries] = {}
        self._taken: list[tuple[TimeSeries, tuple[float, ...]]] = []

    def __getitem__(self, name: str) -> TimeSeries:
        return self.by_name[name]

    @property
    def sampled_to_s(self) -> float:
        """The time of the newest row, 0 before there is one."""
        track = next(iter(self.by_name.values()), None)
        return float(track.column("at_s")[-1]) if track else 0.0

    def sample(
        self,
        at_s: float,
        start_ns: int,
        handler: HandlerState,
        listeners: list[ListenerState],
        final: bool = False,
    ) -> None:
        """Take a row for a handler and its listeners: ledger as it is now, or as settled; latencies since the last row
        (ns).

        It stands in the tracks from the next :meth:`commit` on, so that all of them always have as many rows.
        """
        ledger = ledger_of(handler, listeners, final)
        track = self._track(handler.title, HANDLER_COLUMNS, HANDLER_MEASURES, GAUGES)
        self._taken.append((track, _handler_row(at_s, start_ns, handler, listeners, ledger)))
        for listener in listeners:
            books = ledger.listeners[listener.plan.name]
            row = (
                at_s,
                _report_s(listener, at_s, start_ns),
                listener.counts.received,
                listener.counts.bytes,
                books.lost,
                books.before_join,
                *listener.fresh_service.take(),
                *listener.fresh_response.take(),
            )
            self._taken.append((self._track(listener.title, LISTENER_COLUMNS, LISTENER_MEASURES), row))

    def rename(self, was: str, name: str) -> None:
        """Keep what a handler and its listeners did under another name; who takes theirs gets tracks of its own."""
        listeners = f"{was}/"
        tracks = list(self.by_name.items())
        # In place: whoever draws them holds this very mapping.
        self.by_name.clear()
        for key, track in tracks:
            moves = key == was or key.startswith(listeners)
            self.by_name[name + key.removeprefix(was) if moves else key] = track

    def commit(self) -> None:
        """Add all rows taken since the last time."""
        for track, row in self._taken:
            track.append(row)
        self._taken.clear()

    async def follow(self, run: SampledRun) -> None:
        """Take and commit a row each :data:`SAMPLE_S`, from the start of the run until cancelled."""
        number = 0
        while True:
            if run.start_ns is None:
                await asyncio.sleep(SAMPLE_S / 10)
                continue
            number = max(number + 1, int(run.now_s / SAMPLE_S) + 1)
            await asyncio.sleep(number * SAMPLE_S - run.now_s)
            for place, handler in enumerate(list(run.handlers.values()), start=1):
                self.sample(number * SAMPLE_S, run.start_ns, handler, run.listeners_of(handler))
                if place % SAMPLED_AT_ONCE == 0:
                    await asyncio.sleep(0)
            self.commit()

    def finish(self, run: SampledRun) -> None:
        """One last row, when the books are closed: what was missing until then is lost."""
        self._taken.clear()
        if run.start_ns is None:
            return
        at_s = run.now_s
        for handler in run.handlers.values():
            self.sample(at_s, run.start_ns, handler, run.listeners_of(handler), final=True)
        self.commit()

    def _track(
        self, name: str, columns: tuple[str, ...], measures: tuple[str, ...], gauges: tuple[str, ...] = ()
    ) -> TimeSeries:
        if name not in self.by_name:
            quantiles = _quantile_columns(measures)
            track = TimeSeries(columns, (*gauges, *quantiles))
            if self.by_name:
                # Whoever joins later has as many rows as all others.
                track.begin_beside(next(iter(self.by_name.values())), CLOCKS, quantiles)
            self.by_name[name] = track
        return self.by_name[name]


def _handler_row(
    at_s: float, start_ns: int, handler: HandlerState, listeners: list[ListenerState], ledger: HandlerLedger
) -> tuple[float, ...]:
    reports = [_report_s(listener, at_s, start_ns) for listener in listeners if listener.last_report_ns]
    return (
        at_s,
        _report_s(handler, at_s, start_ns),
        sum(reports) / len(reports) if reports else float("nan"),
        *(getattr(handler.counts, name) for name in HANDLER_COUNTS),
        sum(listener.counts.received for listener in listeners),
        ledger.lost,
        ledger.before_join,
        handler.counts.queued,
        in_flight_of(handler, listeners, ledger),
        *handler.fresh_lateness.take(),
        *handler.fresh_round_trip.take(),
    )


def _report_s(unit: UnitState, at_s: float, start_ns: int) -> float:
    """As of when a unit's counts are; those of one that is done stay true, so that its rates become 0."""
    if not unit.last_report_ns:
        return float("nan")
    return at_s if unit.done else (unit.last_report_ns - start_ns) / 1e9
