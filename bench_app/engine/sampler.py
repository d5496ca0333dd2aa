"""Time series of all units of a session, sampled on one clock: unit states -> **sampler** -> plots and archive."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from typing import Protocol

from bench_app.engine.live_ledger import in_flight_of, ledger_of
from bench_app.engine.machine_samples import MachineReadings, machine_series
from bench_app.engine.state import HandlerState, ListenerState, UnitState
from bench_app.engine.unit_key import UnitKey
from bench_app.engine.worker_state import WorkerState
from bench_app.measure.clock import NS_PER_S
from bench_app.measure.latency_measures import HANDLER_MEASURES, LISTENER_MEASURES
from bench_app.measure.ledger import HandlerLedger
from bench_app.measure.quantiles import QUANTILES
from bench_app.measure.time_series import TimeSeries
from bench_app.system.machine_usage import machine_usage

SAMPLE_S = 0.2
SAMPLED_AT_ONCE = 5
"""Handlers sampled before the event loop gets a turn: a window's loop has to draw in between."""
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
STALL = "stall_ns"
"""The longest stall of the unit's worker since the last row; NaN without a report of the worker."""
WORKER = "worker"
"""The number of the worker that the unit lived in."""
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
    STALL,
    WORKER,
    *_quantile_columns(HANDLER_MEASURES),
)
LISTENER_COLUMNS = ("at_s", "report_s", *LISTENER_COUNTS, STALL, WORKER, *_quantile_columns(LISTENER_MEASURES))


_WorkerSample = tuple[float, float]
"""A stall in ns, and the number of its worker."""
_NO_WORKER: _WorkerSample = (float("nan"), float("nan"))


class SampledRun(Protocol):
    """The part of a session that the sampler needs."""

    @property
    def start_ns(self) -> int | None:
        """When the run started (``perf_counter_ns``); None before."""
        ...

    @property
    def handlers(self) -> dict[str, HandlerState]:
        """Its handlers by name."""
        ...

    @property
    def workers(self) -> dict[str, WorkerState]:
        """Its worker processes by name."""
        ...

    @property
    def now_s(self) -> float:
        """Seconds since the start."""
        ...

    def listeners_of(self, handler: HandlerState) -> list[ListenerState]:
        """A handler's listeners."""
        ...


class Sampler:
    """A time series for each handler and each listener of a run, and one of the machine.

    All series have the same number of rows. So rows are taken first (:meth:`sample`) and then added to all series at
    once (:meth:`commit`).

    Attributes:
        series: the time series of each unit. The mapping is changed in place, because plots keep a reference to it.
        machine: what the machine kept from the bench.
        take_window_stall_ns: returns the longest lag of the window since its last call; None without a window.
    """

    def __init__(self) -> None:
        self.take_window_stall_ns: Callable[[], float] | None = None
        self.series: dict[UnitKey, TimeSeries] = {}
        self.machine = machine_series()
        self._readings = MachineReadings()
        self._workers: Mapping[str, _WorkerSample] = {}
        """The workers as of the sample that is being taken."""
        self._taken: list[tuple[TimeSeries, tuple[float, ...]]] = []

    @property
    def sampled_to_s(self) -> float:
        """The time of the newest row, 0 before there is one."""
        series = next(iter(self.series.values()), None)
        return float(series.column("at_s")[-1]) if series else 0.0

    def sample(
        self,
        at_s: float,
        start_ns: int,
        handler: HandlerState,
        listeners: list[ListenerState],
        final: bool = False,
    ) -> None:
        """Take a row for a handler and its listeners: the ledger as it is now, and latencies in ns since the last row.

        ``final``: messages that are missing count as lost. The row is added with the next :meth:`commit`.
        """
        ledger = ledger_of(handler, listeners, final)
        series = self._series_of(handler.key, HANDLER_COLUMNS, HANDLER_MEASURES, GAUGES)
        self._taken.append((series, self._handler_row(at_s, start_ns, handler, listeners, ledger)))
        for listener in listeners:
            account = ledger.listeners[listener.plan.name]
            row = (
                at_s,
                _report_s(listener, at_s, start_ns),
                listener.counts.received,
                listener.counts.bytes,
                account.lost,
                account.before_join,
                *self._worker_values(listener),
                *listener.fresh_service.drain(),
                *listener.fresh_response.drain(),
            )
            self._taken.append((self._series_of(listener.key, LISTENER_COLUMNS, LISTENER_MEASURES), row))

    def begin(self, run: SampledRun) -> None:
        """Forget what happened before the run started."""
        self._readings.begin(machine_usage(), time.perf_counter_ns())
        if self.take_window_stall_ns is not None:
            self.take_window_stall_ns()
        self._sample_workers(run)

    def sample_machine(self, at_s: float, run: SampledRun) -> None:
        """Take a row for the machine, and read how well the workers ran. Call this before :meth:`sample`."""
        self._sample_workers(run)
        window_ns = float("nan") if self.take_window_stall_ns is None else self.take_window_stall_ns()
        row = self._readings.row(at_s, machine_usage(), time.perf_counter_ns())
        self._taken.append((self.machine, (*row, window_ns)))

    def _sample_workers(self, run: SampledRun) -> None:
        # Several units share a worker, so its stall is read once for all of them.
        sample_ns = int(SAMPLE_S * NS_PER_S)
        self._workers = {
            name: (worker.sample_stall_ns(sample_ns), float(worker.number)) for name, worker in run.workers.items()
        }

    def _worker_values(self, unit: UnitState) -> _WorkerSample:
        """The values of the columns ``STALL`` and ``WORKER``. The worker of a finished unit may end at any time."""
        stall_ns, number = self._workers.get(unit.worker, _NO_WORKER)
        return (_NO_WORKER[0] if unit.done else stall_ns), number

    def rename(self, before: UnitKey, now: UnitKey) -> None:
        """Keep the series of a handler and its listeners under another key of the handler."""
        entries = list(self.series.items())
        self.series.clear()
        for key, series in entries:
            renamed = key.handler == before.handler and key.departure == before.departure
            self.series[now.of_listener(key.listener) if renamed else key] = series

    def commit(self) -> None:
        """Add all rows taken since the last time."""
        for series, row in self._taken:
            series.append(row)
        self._taken.clear()

    async def follow(self, run: SampledRun) -> None:
        """Take and commit a row each :data:`SAMPLE_S`, from the start of the run until cancelled."""
        number = 0
        while True:
            if run.start_ns is None:
                await asyncio.sleep(SAMPLE_S / 10)
                continue
            if not number:
                self.begin(run)
            number = max(number + 1, int(run.now_s / SAMPLE_S) + 1)
            await asyncio.sleep(number * SAMPLE_S - run.now_s)
            self.sample_machine(number * SAMPLE_S, run)
            for place, handler in enumerate(list(run.handlers.values()), start=1):
                self.sample(number * SAMPLE_S, run.start_ns, handler, run.listeners_of(handler))
                if place % SAMPLED_AT_ONCE == 0:
                    await asyncio.sleep(0)
            self.commit()

    def finish(self, run: SampledRun) -> None:
        """Take the last row when the run is over. Messages that are missing count as lost."""
        self._taken.clear()
        if run.start_ns is None:
            return
        at_s = run.now_s
        self.sample_machine(at_s, run)
        for handler in run.handlers.values():
            self.sample(at_s, run.start_ns, handler, run.listeners_of(handler), final=True)
        self.commit()

    def _handler_row(
        self, at_s: float, start_ns: int, handler: HandlerState, listeners: list[ListenerState], ledger: HandlerLedger
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
            *self._worker_values(handler),
            *handler.fresh_lateness.drain(),
            *handler.fresh_round_trip.drain(),
        )

    def _series_of(
        self, key: UnitKey, columns: tuple[str, ...], measures: tuple[str, ...], gauges: tuple[str, ...] = ()
    ) -> TimeSeries:
        if key not in self.series:
            quantiles = _quantile_columns(measures)
            series = TimeSeries(columns, (*gauges, STALL, *quantiles))
            if self.series:
                # A unit that joins later gets as many rows as all others have.
                series.align_with(next(iter(self.series.values())), CLOCKS, (STALL, WORKER, *quantiles))
            self.series[key] = series
        return self.series[key]


def _report_s(unit: UnitState, at_s: float, start_ns: int) -> float:
    """The time of a unit's counts. The counts of a finished unit are those of now, so that its rates become 0."""
    if not unit.last_report_ns:
        return float("nan")
    return at_s if unit.done else (unit.last_report_ns - start_ns) / 1e9
