"""One run on a page: result, settings, series, events -> **sections**. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from bench_app.engine.events import RunEvent
from bench_app.engine.machine_samples import machine_series
from bench_app.engine.result import HandlerResult, RunResult, format_balance
from bench_app.engine.run_once import FinishedRun
from bench_app.engine.unit_key import UnitKey
from bench_app.measure.loss_causes import LOSS_CAUSES
from bench_app.measure.time_series import TimeSeries
from bench_app.model import Preset
from bench_app.reports.changed_settings import changed_settings
from bench_app.reports.markup import element, paragraphs, section, table, text
from bench_app.reports.plot import Plot, render_plot
from bench_app.reports.run_plots import latencies_of, percentile_plot, run_markers, series_plots, worker_plots

_MOST_EVENTS = 300
_HOW = (
    "Offered = overflow + timeout + aborted + queued + accepted, and every accepted event was received, lost or came "
    "before the subscription. The ledger balances if these sums hold to the last event.",
    "Service: from the actual send to the receipt. Response: from the time the event was due to the receipt, so it has "
    "no coordinated omission. Lateness: from the time the event was due to the actual send. Round trip: from a request "
    "to its reply.",
    "Events that were sent during the warm-up are in the ledger and not in the latencies. A run is invalid where the "
    "bench's own waiting could have made the difference.",
)


@dataclass(frozen=True)
class RunReport:
    """What is known of a run. A result file has the result alone.

    Attributes:
        result: the result.
        preset: the settings of the run; None if they are not known.
        title: the title of the preset.
        series: the time series of the units.
        machine: the time series of the machine.
        events: what happened, oldest first.
    """

    result: RunResult
    preset: Preset | None = None
    title: str = ""
    series: Mapping[UnitKey, TimeSeries] = field(default_factory=dict)
    machine: TimeSeries = field(default_factory=machine_series)
    events: Sequence[RunEvent] = ()


def report_of(finished: FinishedRun) -> RunReport:
    """Everything that is known of a run that has just ended."""
    preset = finished.document.preset
    return RunReport(finished.result, preset, preset.bench.title, finished.series, finished.machine, finished.events)


def run_sections(run: RunReport) -> list[str]:
    """The sections of a run, its title and verdict first."""
    result = run.result
    parts = [
        _title(run),
        section("Checks", _checks(result)) if result.checks else "",
        section("Settings that differ from the default", _settings(run.preset)) if run.preset is not None else "",
        section("Ledger", _ledger(result), paragraphs([format_balance(result)], "soft")),
        section("Latency, us", _latencies(result), render_plot(percentile_plot(result))),
        section("Over time", *map(render_plot, _plots(run))),
        section("Changes and faults", _events(run)) if run.events else "",
        section("Machine and resources", _machine(result), _workers(result)),
        section("Notes", paragraphs([*result.notes, *(finding.message for finding in result.findings)])),
        section("How it was measured", paragraphs(_HOW)),
    ]
    return [part for part in parts if part]


def _title(run: RunReport) -> str:
    result = run.result
    heading = element("h1", text(run.title or result.preset))
    badge = element("span", text(result.verdict), class_=f"verdict {result.verdict}")
    facts = f"{result.preset}, {result.started_at}, {result.duration_s:g} s"
    return element("header", heading + element("p", badge) + paragraphs([facts], "soft") + paragraphs(result.reasons))


def _checks(result: RunResult) -> str:
    return table(
        ("check", "value", "holds"),
        [
            (check.check, "-" if check.value is None else f"{check.value:,g}", "yes" if check.passed else "no")
            for check in result.checks
        ],
    )


def _settings(preset: Preset) -> str:
    rows = [
        (path, _json(value), "" if default is None else _json(default))
        for path, value, default in changed_settings(preset)
    ]
    return table(("key", "value", "default"), rows, left=3)


def _json(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _ledger(result: RunResult) -> str:
    causes = [cause for cause in LOSS_CAUSES if any(one.loss(cause) for one in result.handlers.values())]
    headings = ("handler / listener", "offered", *(cause.label for cause in causes), "accepted", "received")
    handlers = list(result.handlers.values())

    def losses(handler: HandlerResult) -> list[str]:
        return [f"{handler.loss(cause):,}" for cause in causes]

    rows: list[Sequence[str]] = []
    for name, handler in result.handlers.items():
        rows.append((name, f"{handler.offered:,}", *losses(handler), f"{handler.accepted:,}", f"{handler.received:,}"))
        for listener, row in handler.listeners.items():
            own = [f"{row.loss(cause):,}" if cause.known_at_listeners else "" for cause in causes]
            rows.append((f"  {listener}", "", *own, "", f"{row.received:,}"))
    sums = [sum(handler.loss(cause) for handler in handlers) for cause in causes]
    totals = (sum(one.offered for one in handlers), *sums, sum(one.accepted for one in handlers))
    rows.append(("sum", *(f"{total:,}" for total in totals), f"{sum(one.received for one in handlers):,}"))
    return table(headings, rows)


def _latencies(result: RunResult) -> str:
    columns = ("count", "mean", "p50", "p90", "p99", "p99_9", "p99_99", "max")
    rows = [
        (name, *(f"{getattr(latency, column):,.{0 if column == 'count' else 1}f}" for column in columns))
        for name, latency in latencies_of(result)
        if latency.count
    ]
    return table(("latency", *(column.replace("_", ".") for column in columns)), rows)


def _plots(run: RunReport) -> Iterator[Plot]:
    if run.series:
        yield from series_plots(run.series, run.machine, run.events)
    else:
        yield from worker_plots(run.result)


def _events(run: RunReport) -> str:
    marked = {marker.label for marker in run_markers(run.events)}
    rows = [(f"{event.at_s:.2f}", event.source, event.message) for event in run.events[:_MOST_EVENTS]]
    more = len(run.events) - _MOST_EVENTS
    told = f"{len(marked):,} of them are marked in the plots" + (f"; {more:,} more are left out" if more > 0 else "")
    return table(("s", "what", "happened"), rows, left=3, caption=told)


def _machine(result: RunResult) -> str:
    machine = result.machine
    facts = {
        "processors": machine.cpus,
        "Python": machine.python,
        "pyzmq": machine.pyzmq,
        "libzmq": machine.libzmq,
        "file of libzmq": machine.libzmq_path,
        "data plane": machine.data_plane,
        "I/O threads": machine.io_threads,
        "pinned to processors": machine.cpu_affinity,
        "tasks waited for a processor, %": machine.cpu_pressure_pct,
        "stolen by the hypervisor, %": machine.steal_pct,
        "throttled, ms": machine.throttled_ms,
    }
    return table(("machine", ""), [(name, str(value)) for name, value in facts.items() if value is not None], left=2)


def _workers(result: RunResult) -> str:
    if not result.workers:
        return ""
    rows = [
        (
            ", ".join(worker.units) or name,
            f"{worker.cpu_s:,.2f}",
            _known(worker.run_wait_s, 3),
            f"{worker.stall_us.p99 / 1000:,.2f}",
            f"{worker.stall_us.max / 1000:,.2f}",
            _known(worker.rss_mb, 1),
        )
        for name, worker in result.workers.items()
    ]
    return table(("worker", "CPU s", "run wait s", "stall p99 ms", "stall max ms", "memory MB"), rows)


def _known(value: float | None, digits: int) -> str:
    return "-" if value is None else f"{value:,.{digits}f}"
