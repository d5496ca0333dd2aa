"""Readings that the bench's own waiting bent: latencies, checks -> **bent readings** -> findings -> verdict, notes.

The limits are relative to what is read. A stall of 5 ms does not matter to a p99 of 200 ms, and makes a p99 of 6 ms
worthless. Three rules:

* A percentile is *bent* if the bench's own waiting can explain more than a tenth of it, and more than is ordinary for
  this percentile on a healthy machine, :data:`ORDINARY_WAITS_NS`. Then the run is invalid.
* A check on a latency needs a sound reading: if it comes out otherwise without the bench's own waiting, the check is
  not decided, and the run is invalid. The same holds for a check that fails where a process was saturated.
* Below that, a note says how much of a percentile can be this machine.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from bench_app.engine.finding import Finding, FindingKind
from bench_app.engine.own_waiting import MeasuredLatency
from bench_app.measure.clock import NS_PER_MS
from bench_app.measure.histogram_delta import PERCENTILES, percentile_label
from bench_app.preset.checks import Check

QUANTILES: Mapping[str, float] = {**PERCENTILES, "max": 100.0}
"""What is printed of a latency, and judged, with the percent of the messages that do not exceed it."""
BENT_SHARE = 0.1
"""The bench's own waiting may explain this part of a percentile."""
ORDINARY_WAITS_NS: Mapping[str, int] = {
    "p50": NS_PER_MS // 2,
    "p90": 2 * NS_PER_MS,
    "p99": 5 * NS_PER_MS,
    "p99_9": 25 * NS_PER_MS,
    "p99_99": 100 * NS_PER_MS,
    "max": 100 * NS_PER_MS,
}
"""Up to this, a thread waits for a processor on a healthy machine. With no such limit, no run would be valid: to wake a
thread is most of the latency of a message on an idle machine. ``benchmarks/healthy_runs.py`` measures it."""
NOTED_PART = 5
"""A note begins at this part of what is ordinary, and at :data:`NOTED_FROM_NS`."""
NOTED_FROM_NS = NS_PER_MS // 2
ORDINARY_STALL_NS = ORDINARY_WAITS_NS["p99"]
"""What is shown over time, such as a stall in the machine lane, is compared with a p99."""
LEAST_SAMPLES_BEYOND = 10
"""A percentile with fewer samples beyond it says more about a single message than about the system: no more than the
maximum does, which is judged in any case."""
MOST_WAITING_NOTES = 3


def waiting_findings(
    latencies: Sequence[MeasuredLatency], checks: Iterable[Check]
) -> tuple[list[Finding], list[Finding]]:
    """The percentiles that the bench's own waiting bent, and those for which it is only worth a note."""
    used = {check.metric for check in checks}
    bent: list[Finding] = []
    noted: list[Finding] = []
    for latency in latencies:
        judged = [name for name in ORDINARY_WAITS_NS if _is_enough(latency, name) or _metric(latency, name) in used]
        found = [name for name in judged if _is_bent(latency, name)]
        # The highest first: it is the one that people quote.
        bent += [_bent(latency, name) for name in reversed(found)]
        noted += _noted(latency, [name for name in judged if name not in found and _is_notable(latency, name)])
    return bent, noted


def _is_enough(latency: MeasuredLatency, name: str) -> bool:
    return name == "max" or latency.histogram.count * (1 - QUANTILES[name] / 100) >= LEAST_SAMPLES_BEYOND


def _is_bent(latency: MeasuredLatency, name: str) -> bool:
    own_ns = latency.own_ns(QUANTILES[name])
    return own_ns > ORDINARY_WAITS_NS[name] and own_ns > BENT_SHARE * latency.at_ns(QUANTILES[name])


def _is_notable(latency: MeasuredLatency, name: str) -> bool:
    return latency.own_ns(QUANTILES[name]) >= max(NOTED_FROM_NS, ORDINARY_WAITS_NS[name] // NOTED_PART)


def _bent(latency: MeasuredLatency, name: str) -> Finding:
    whole, own = _parts(latency, name)
    text = (
        f"{latency.unit.title}: of its {_measure(latency)} {_label(name)} of {whole}, up to {own} are the bench's own "
        f"waiting: {latency.main_cause(QUANTILES[name])}"
    )
    return _waiting(latency, name, text)


def _noted(latency: MeasuredLatency, names: Sequence[str]) -> Iterator[Finding]:
    """A finding for each of these percentiles. The sentence of the first one, which concerns most messages, has all."""
    for number, name in enumerate(names):
        whole, own = _parts(latency, name)
        others = [] if number else [_also(latency, other) for other in names[1:]]
        text = (
            f"{latency.unit.title}: {_measure(latency)} {_label(name)} of {whole} includes up to {own} of this machine"
        )
        yield _waiting(latency, name, text + (f" ({'; '.join(others)})" if others else ""), invalidates=False)


def _also(latency: MeasuredLatency, name: str) -> str:
    whole, own = _parts(latency, name)
    return f"{_label(name)} of {whole}: {own}"


def _parts(latency: MeasuredLatency, name: str) -> tuple[str, str]:
    """A percentile, and what the bench itself can have added to it."""
    return _ms(latency.at_ns(QUANTILES[name])), _ms(latency.own_ns(QUANTILES[name]))


def _measure(latency: MeasuredLatency) -> str:
    return latency.name.replace("_", " ")


def _label(name: str) -> str:
    return "maximum" if name == "max" else percentile_label(name)


def _waiting(latency: MeasuredLatency, name: str, text: str, invalidates: bool = True) -> Finding:
    whole_ns, own_ns = latency.at_ns(QUANTILES[name]), latency.own_ns(QUANTILES[name])
    share = round(own_ns / whole_ns, 3) if whole_ns else 0.0
    return Finding(FindingKind.WAITING, latency.unit.title, _metric(latency, name), share, text, invalidates)


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
            own_us = {name: latency.own_ns(percentile) / 1000 for name, percentile in QUANTILES.items()}
            own_us["mean"] = latency.own_mean_ns() / 1000
            figures[key] = {
                name: value - own_us.get(name, 0.0) if name != "count" else value
                for name, value in figures[key].items()
            }
    return reduced


def unsound_check(check: Check, holds: bool) -> Finding:
    """A check that ``holds`` or does not, and comes out otherwise without the bench's own waiting."""
    found = "holds, but would not" if holds else "does not hold, but would"
    text = f"check not decided: {check.text} {found} without the bench's own waiting"
    return Finding(FindingKind.WAITING, _unit_of(check), check.metric, None, text)


def saturated_check(check: Check) -> Finding:
    """A check that does not hold, where a process of the bench was saturated: how much that explains, nobody knows."""
    text = f"check not decided: {check.text} does not hold, but a process of the bench had more work than it could do"
    return Finding(FindingKind.WAITING, _unit_of(check), check.metric, None, text)


def _unit_of(check: Check) -> str:
    return "/".join(name for name in (check.handler, check.listener) if name)


def summarised(noted: Sequence[Finding], bent: Iterable[Finding] = ()) -> list[str]:
    """The sentences of the notes, one for each latency that is not bent; of many the worst, and how many more."""
    told = set(map(_latency_of, bent))
    first: dict[tuple[str, str], Finding] = {}
    for finding in noted:
        # The first finding of a latency has the percentiles of the others in its sentence.
        if _latency_of(finding) not in told:
            first.setdefault(_latency_of(finding), finding)
    worst = sorted(first.values(), key=lambda finding: -(finding.share or 0.0))
    shown = [finding.message for finding in worst[:MOST_WAITING_NOTES]]
    more = len(first) - len(shown)
    return (
        [*shown, f"{_more_latencies(more)} waiting of this machine; the JSON result has them all"]
        if more > 0
        else shown
    )


def _latency_of(finding: Finding) -> tuple[str, str]:
    return finding.unit, (finding.metric or "").rpartition(".")[0]


def _more_latencies(count: int) -> str:
    return "1 more latency includes" if count == 1 else f"{count} more latencies include"


def _ms(value_ns: float) -> str:
    ms = value_ns / NS_PER_MS
    return f"{ms:,.0f} ms" if ms >= 100 else f"{ms:.1f} ms"
