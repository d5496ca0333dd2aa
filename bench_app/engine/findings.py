"""Where the bench, and not the system under test, failed: session -> **findings** -> verdict, notes.

Readings that it only bent are in :mod:`bench_app.engine.bent_readings`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from bench_app.engine.finding import Finding, FindingKind
from bench_app.engine.result import GuiFigures
from bench_app.engine.state import HandlerState, ListenerState, UnitState
from bench_app.engine.worker_state import WAITED_SHARE, WorkerSecond, WorkerState
from bench_app.measure.clock import NS_PER_MS, NS_PER_S
from bench_app.model import MaxLoad

STALL_NS = 300 * NS_PER_MS
"""From there on a process that stood still, and a unit that sent no report, make the run invalid."""
SAME_NS = 200 * NS_PER_MS
"""A silence that is no longer than a stall of its process by more than this is the same. Reports come each 100 ms."""
LEAST_SATURATED_S = 2
"""In fewer seconds, start and end of the run are too large a part of them."""
GUI_LAG_LIMIT_MS = 250.0
"""A window that lags more than this does not show what happens."""


def unit_findings(units: Iterable[UnitState], workers: Collection[WorkerState] = ()) -> Iterator[Finding]:
    """Units that failed, crashed or fell silent, and sources that did not deliver."""
    for unit in units:
        if unit.failed:
            yield _about(unit, FindingKind.FAILED, unit.failed)
            continue
        if unit.hung:
            yield _about(unit, FindingKind.CRASHED, f"it {unit.hung}, so its worker process was ended by force")
        elif unit.restarts + unit.crashed > unit.kills:
            how = f": it {unit.ending}" if unit.ending else ""
            yield _about(unit, FindingKind.CRASHED, f"its worker process ended unexpectedly{how}")
        stall_ns = max((worker.longest_stall_ns for worker in workers if unit.unit in worker.units), default=0)
        if unit.longest_silence_ns > max(STALL_NS, stall_ns + SAME_NS):
            text = f"it sent no report for {unit.longest_silence_ns / NS_PER_S:.1f} s, while ten a second are due"
            yield _about(unit, FindingKind.SILENT, text)
        if isinstance(unit, HandlerState):
            yield from _source_findings(unit)
        elif isinstance(unit, ListenerState) and unit.plan.counts_receipts:
            yield from _receipt_findings(unit)


def _source_findings(handler: HandlerState) -> Iterator[Finding]:
    if handler.source_failure:
        yield _about(handler, FindingKind.SOURCE, f"its source ended early: {handler.source_failure}")
    if handler.source_underruns and isinstance(handler.plan.source.load, MaxLoad):
        text = f"its source was the bottleneck: {handler.source_underruns:,} times no event was ready"
        yield _about(handler, FindingKind.SOURCE, text)


def _receipt_findings(listener: ListenerState) -> Iterator[Finding]:
    reporters = listener.reporters
    if not reporters.consumers and listener.handler.ever_connected and listener.handler.counts.accepted:
        text = f"no receipt came to {listener.endpoint}, so what your consumer received is not known"
        yield _about(listener, FindingKind.RECEIPTS, text)
    if reporters.dropped:
        text = (
            f"your consumer could not keep {reporters.dropped:,} receipts, so up to so many messages were received "
            f"that count as lost"
        )
        yield _about(listener, FindingKind.RECEIPTS, text)


def worker_findings(workers: Iterable[WorkerState], units: Mapping[str, UnitState]) -> Iterator[Finding]:
    """Worker processes that did not run for a while, or that had more work than a thread can do."""
    for worker in workers:
        titles = ", ".join(units[unit].title for unit in worker.units)
        if worker.stall.max_ns >= STALL_NS:
            yield Finding(
                FindingKind.STALLED,
                worker.name,
                None,
                None,
                f"{titles}: its process ({worker.name}) did not run for {worker.stall.max_ns / NS_PER_S:.2f} s",
            )
        is_paced = not any(isinstance(_load_of(units[unit]), MaxLoad) for unit in worker.units)
        saturated = [second for second in worker.seconds if second.is_saturated]
        if is_paced and len(worker.seconds) >= LEAST_SATURATED_S and len(saturated) * 2 > len(worker.seconds):
            yield Finding(
                FindingKind.SATURATED,
                worker.name,
                None,
                None,
                f"{titles}: the bench's own process ({worker.name}) had more work than it could do for "
                f"{len(saturated)} of {len(worker.seconds)} s{_waited(saturated)}; it was the bottleneck, and not the "
                f"socket{_sharing(worker)}",
            )


def _waited(seconds: Sequence[WorkerSecond]) -> str:
    """Which part of its work a saturated process waited for a processor, where that is much."""
    share = sum(one.run_wait_ns or 0 for one in seconds) / max(1, sum(one.wanted_ns for one in seconds))
    return f", and waited for a processor for {share * 100:.0f} % of it" if share >= WAITED_SHARE else ""


def _sharing(worker: WorkerState) -> str:
    """What would help where several units share the process."""
    return ": fewer units in it, or a lower rate, would help" if len(worker.units) > 1 else ""


def _load_of(unit: UnitState) -> object:
    handler = unit.handler if isinstance(unit, ListenerState) else unit
    return handler.plan.source.load if isinstance(handler, HandlerState) else None


def engine_finding(text: str) -> Finding:
    """Something that went wrong while the run was conducted."""
    return Finding(FindingKind.ENGINE, "", None, None, text)


def unbalanced_finding(handler: str, problem: str) -> Finding:
    """A number in a ledger that cannot be true."""
    return Finding(FindingKind.UNBALANCED, handler, None, None, f"{handler}: {problem}")


def window_findings(gui: GuiFigures) -> Iterator[Finding]:
    """A window that does not show what happens."""
    if gui.loop_lag_p99_ms > GUI_LAG_LIMIT_MS:
        text = f"the window lagged: 1 % of the turns of its loop were more than {gui.loop_lag_p99_ms:.0f} ms late"
        yield Finding(FindingKind.WINDOW, "", None, None, text)


def _about(unit: UnitState, kind: FindingKind, text: str) -> Finding:
    return Finding(kind, unit.title, None, None, f"{unit.title}: {text}")
