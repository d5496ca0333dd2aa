"""Where the bench, and not the system under test, bent a reading or failed: session -> **findings** -> verdict, notes.

The limits are relative to what is read. A stall of 5 ms does not matter to a p99 of 200 ms, and makes a p99 of 6 ms
worthless. Three rules:

* A percentile is *bent* if the bench's own waiting can explain more than a tenth of it, and more than
  :data:`ORDINARY_WAIT_NS`. Then the run is invalid. This is about the percentiles up to p99, which at least a hundredth
  of the messages reached, and about every percentile that a check uses.
* A check that failed on a latency needs a sound reading: if the check would hold without the bench's own waiting, the
  run is invalid, and the check did not fail.
* Below that, a note says how much of a percentile can be this machine.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from bench_app.engine.finding import Finding, FindingKind
from bench_app.engine.own_waiting import MeasuredLatency
from bench_app.engine.result import GuiFigures
from bench_app.engine.state import HandlerState, ListenerState, UnitState
from bench_app.engine.worker_state import WorkerState
from bench_app.measure.clock import NS_PER_MS, NS_PER_S
from bench_app.measure.histogram_delta import PERCENTILES
from bench_app.model import MaxLoad
from bench_app.preset.checks import Check

BENT_SHARE = 0.1
"""The bench's own waiting may explain this part of a percentile."""
ORDINARY_WAIT_NS = 5 * NS_PER_MS
"""Up to this, a thread waits for a processor on any machine that also does something else: a turn or two of another
task. Beats of 5 ms do not resolve less either."""
NOTED_WAIT_NS = NS_PER_MS
SURE_PERCENTILES = ("p50", "p90", "p99")
LEAST_SAMPLES_BEYOND = 10
"""A percentile with fewer samples beyond it says more about a single message than about the system."""
STALL_NS = 300 * NS_PER_MS
SILENCE_NS = 2 * NS_PER_S
"""A unit that recreates its socket or waits for a port is silent, too, so this is longer than a stall."""
LEAST_SATURATED_S = 2
"""In fewer seconds, start and end of the run are too large a part of them."""
MOST_WAITING_NOTES = 3
GUI_LAG_LIMIT_MS = 250.0
"""A window that lags more than this does not show what happens."""


def unit_findings(units: Iterable[UnitState]) -> Iterator[Finding]:
    """Units that failed, crashed or fell silent, and sources that did not deliver."""
    for unit in units:
        if unit.failed:
            yield _about(unit, FindingKind.FAILED, unit.failed)
            continue
        if unit.restarts + unit.crashed > unit.kills:
            how = f": it {unit.ending}" if unit.ending else ""
            yield _about(unit, FindingKind.CRASHED, f"its worker process ended unexpectedly{how}")
        if unit.longest_silence_ns > SILENCE_NS:
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
        busy = sum(second.is_saturated for second in worker.seconds)
        if is_paced and len(worker.seconds) >= LEAST_SATURATED_S and busy * 2 > len(worker.seconds):
            yield Finding(
                FindingKind.SATURATED,
                worker.name,
                None,
                None,
                f"{titles}: the bench's own process ({worker.name}) had more work than it could do for {busy} of "
                f"{len(worker.seconds)} s; it was the bottleneck, and not the socket",
            )


def _load_of(unit: UnitState) -> object:
    handler = unit.handler if isinstance(unit, ListenerState) else unit
    return handler.plan.source.load if isinstance(handler, HandlerState) else None


def waiting_findings(
    latencies: Sequence[MeasuredLatency], checks: Iterable[Check]
) -> tuple[list[Finding], list[Finding]]:
    """The percentiles that the bench's own waiting bent, and those for which it is only worth a note."""
    used = {check.metric for check in checks}
    bent, noted = [], []
    for latency in latencies:
        names = [name for name, percentile in PERCENTILES.items() if _is_enough(latency, percentile)]
        judged = [name for name in names if name in SURE_PERCENTILES or _metric(latency, name) in used]
        found = [name for name in judged if _is_bent(latency, PERCENTILES[name])]
        if found:
            # The highest first: it is the one that people quote.
            bent += [_waiting(latency, name) for name in reversed(found)]
            continue
        worth = [name for name in names if latency.own_ns(PERCENTILES[name]) >= NOTED_WAIT_NS]
        if worth:
            # The lowest of them concerns most messages.
            noted.append(_waiting(latency, worth[0], invalidates=False))
    return bent, noted


def _is_enough(latency: MeasuredLatency, percentile: float) -> bool:
    return latency.histogram.count * (1 - percentile / 100) >= LEAST_SAMPLES_BEYOND


def _is_bent(latency: MeasuredLatency, percentile: float) -> bool:
    own_ns = latency.own_ns(percentile)
    return own_ns > ORDINARY_WAIT_NS and own_ns > BENT_SHARE * latency.at_ns(percentile)


def _waiting(latency: MeasuredLatency, name: str, invalidates: bool = True) -> Finding:
    percentile = PERCENTILES[name]
    whole_ns, own_ns = latency.at_ns(percentile), latency.own_ns(percentile)
    title, label = latency.unit.title, name.replace("_", ".")
    measure = latency.name.replace("_", " ")
    if invalidates:
        text = (
            f"{title}: of its {measure} {label} of {_ms(whole_ns)}, up to {_ms(own_ns)} are the bench's own waiting: "
            f"{latency.main_cause(percentile)}"
        )
    else:
        text = f"{title}: {measure} {label} of {_ms(whole_ns)} includes up to {_ms(own_ns)} of this machine"
    share = round(own_ns / whole_ns, 3) if whole_ns else 0.0
    return Finding(FindingKind.WAITING, title, _metric(latency, name), share, text, invalidates)


def _metric(latency: MeasuredLatency, name: str) -> str:
    return f"latency.{latency.name}.{name}_ms"


def without_own_waiting(handlers: Mapping[str, Any], latencies: Iterable[MeasuredLatency]) -> dict[str, Any]:
    """A copy of the ``handlers`` of a result in which each percentile is shorter by the bench's own waiting."""
    reduced = {
        name: {**handler, "listeners": {one: dict(figures) for one, figures in handler["listeners"].items()}}
        for name, handler in handlers.items()
    }
    for latency in latencies:
        unit = latency.unit
        figures = reduced[unit.key.name]
        if unit.key.listener:
            figures = figures["listeners"][unit.key.listener]
        key = f"{latency.name}_us"
        if figures.get(key):
            own_us = {name: latency.own_ns(percentile) / 1000 for name, percentile in PERCENTILES.items()}
            own_us |= {"mean": latency.own_mean_ns() / 1000, "max": latency.own_ns(100.0) / 1000}
            figures[key] = {
                name: value - own_us.get(name, 0.0) if name != "count" else value
                for name, value in figures[key].items()
            }
    return reduced


def unsound_check(check: Check) -> Finding:
    """A check that failed, and would hold without the bench's own waiting."""
    unit = "/".join(name for name in (check.handler, check.listener) if name)
    text = f"check not decided: {check.text} does not hold, but would without the bench's own waiting"
    return Finding(FindingKind.WAITING, unit, check.metric, None, text)


def summarised(noted: Sequence[Finding]) -> list[str]:
    """The sentences of the notes; of many the ones with the largest share, and how many more there are."""
    worst = sorted(noted, key=lambda finding: -(finding.share or 0.0))
    shown = [finding.message for finding in worst[:MOST_WAITING_NOTES]]
    more = len(noted) - len(shown)
    return (
        [*shown, f"{_more_latencies(more)} waiting of this machine; the JSON result has them all"]
        if more > 0
        else shown
    )


def _more_latencies(count: int) -> str:
    return "1 more latency includes" if count == 1 else f"{count} more latencies include"


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


def _ms(value_ns: float) -> str:
    ms = value_ns / NS_PER_MS
    return f"{ms:,.0f} ms" if ms >= 100 else f"{ms:.1f} ms"
