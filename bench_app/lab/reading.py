"""What a trial says about a rate: result of a run -> **reading** -> search. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from bench_app.engine.finding import FindingKind
from bench_app.engine.result import HandlerResult, RunResult, Verdict
from bench_app.engine.worker_state import SATURATED_SHARE
from bench_app.measure.loss_causes import LOSS_CAUSES
from bench_app.model import Delivery

KEPT_PACE = 0.97
"""A handler that offers less than this part of its rate did not keep the pace: the bench was the limit."""
BUSY_SHARE = 0.2
"""A process of the bench that waits for a processor for this part of a trial is on a busy machine, and so is the
system that is measured."""
SLACK_S = 0.25
"""The end of a source is reported late on a busy machine."""
_BENCH_LIMITS = frozenset({FindingKind.SATURATED, FindingKind.SOURCE})
_BROKEN = frozenset({FindingKind.FAILED, FindingKind.CRASHED, FindingKind.ENGINE})
_PASSING = frozenset({FindingKind.STALLED, FindingKind.SILENT, FindingKind.WAITING})
"""What a busy machine does: at another time the same trial would be valid."""


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """One trial at a constant rate. The worst handler counts.

    Attributes:
        rate: the events a second that each sink should offer.
        duration_s: for how long.
        loss: the part of the offered events that the ledger counts as lost, by all causes. Events from before a
            subscription do not count: they say nothing about the rate.
        backlog_s: how many seconds of events had not arrived when the last event was offered.
        causes: how many events were lost by each cause that lost any.
        checks: whether each goal of one's own held.
        verdict: the verdict of the run.
        stall_s: the longest time for which a process of the bench did not run.
        waited_s: the longest time for which the threads of a process of the bench waited for a processor, together.
        bench_limit: why the bench itself was the limit; "" if it was not.
        broken: why the trial measured nothing, such as a port that is in use; "" if it measured.
        reasons: the reasons of the verdict.
    """

    rate: float
    duration_s: float
    loss: float
    backlog_s: float
    causes: dict[str, int]
    checks: dict[str, bool]
    verdict: Verdict
    stall_s: float = 0.0
    waited_s: float = 0.0
    bench_limit: str = ""
    broken: str = ""
    reasons: list[str] = []

    @property
    def counts(self) -> bool:
        """Whether the trial says something about the connection."""
        return self.verdict != "invalid" and not self.bench_limit and not self.broken

    @property
    def was_busy(self) -> bool:
        """Whether the machine did so much else that a missed goal says little about the connection."""
        return self.waited_s > BUSY_SHARE * self.duration_s

    @property
    def main_cause(self) -> str:
        """The cause that lost most events; "" without a loss."""
        return max(self.causes, key=lambda key: self.causes[key]) if self.causes else ""


def read_trial(result: RunResult, rate: float, duration_s: float) -> Reading:
    """The reading of a run in which every sink was to offer ``rate`` events a second for ``duration_s``."""
    handlers = [handler for handler in result.handlers.values() if handler.offered]
    worst = max(handlers, key=loss_of, default=None)
    waited_s = waited_s_of(result)
    return Reading(
        rate=rate,
        duration_s=duration_s,
        loss=0.0 if worst is None else loss_of(worst),
        backlog_s=max((late_of(handler) / rate for handler in handlers), default=0.0),
        causes={} if worst is None else causes_of(worst),
        checks={check.check: check.passed for check in result.checks},
        verdict=result.verdict,
        stall_s=max((worker.stall_us.max for worker in result.workers.values()), default=0.0) / 1e6,
        waited_s=waited_s,
        bench_limit=_bench_limit(result, rate, waited_s > BUSY_SHARE * duration_s),
        broken=broken(result),
        reasons=list(result.reasons),
    )


def waited_s_of(result: RunResult) -> float:
    """The longest time for which the threads of a process of the bench waited for a processor, together."""
    return round(max((worker.run_wait_s or 0.0 for worker in result.workers.values()), default=0.0), 3)


def was_busy(result: RunResult) -> bool:
    """Whether the machine did so much else in a run that a loss says little about the connection."""
    return waited_s_of(result) > BUSY_SHARE * result.duration_s


def causes_of(handler: HandlerResult) -> dict[str, int]:
    """How many events a handler lost by each cause. Of several subscribers, the one that missed most counts."""
    found = {cause.key: _lost_by(handler, cause.key) for cause in LOSS_CAUSES if cause.key != "before_join"}
    return {key: count for key, count in found.items() if count}


def loss_of(handler: HandlerResult) -> float:
    """The part of the offered events that a handler lost."""
    return min(1.0, sum(causes_of(handler).values()) / handler.offered) if handler.offered else 0.0


def late_of(handler: HandlerResult) -> int:
    """How many events arrived only after the last one was offered. Of several subscribers, the slowest counts."""
    late = [listener.received_in_drain for listener in handler.listeners.values()]
    return max(late, default=0) if handler.pattern.delivery is Delivery.EACH else sum(late)


def _lost_by(handler: HandlerResult, key: str) -> int:
    if key == "lost" and handler.pattern.delivery is Delivery.EACH:
        return max((listener.lost for listener in handler.listeners.values()), default=handler.lost)
    count: int = getattr(handler, key)
    return count


def broken(result: RunResult) -> str:
    """Why a run measured nothing, such as a port that is in use; "" if it measured."""
    found = (finding.message for finding in result.findings if finding.kind in _BROKEN and finding.invalidates)
    return next(found, "" if any(one.offered for one in result.handlers.values()) else "no event was offered")


def _saturated_listener(result: RunResult) -> str:
    """The worker of listeners in which a thread had work to do for all of the time; "" if there is none.

    A second that began before the run says nothing.
    """
    for name, worker in result.workers.items():
        shares = [one.busiest for one in worker.per_second if one.at_s > 1 and one.busiest is not None]
        if shares and min(shares) >= SATURATED_SHARE and all("/" in unit for unit in worker.units):
            return name
    return ""


def _bench_limit(result: RunResult, rate: float, is_busy: bool) -> str:
    kinds = {finding.kind for finding in result.findings if finding.invalidates}
    if kinds & (_BROKEN | _PASSING):
        return ""
    for finding in result.findings:
        if finding.kind in _BENCH_LIMITS and finding.invalidates:
            return finding.message
    if not is_busy and (worker := _saturated_listener(result)):
        return f"the bench's own listener ({worker}) had more work than it could do"
    for name, handler in result.handlers.items():
        due = rate * (handler.seconds - SLACK_S)
        if handler.offered < KEPT_PACE * due:
            offered = handler.offered / handler.seconds
            return f"{name}: the bench offered {offered:,.0f} events/s instead of {rate:,.0f}"
    return ""


def not_counted(readings: Sequence[Reading]) -> Mapping[str, int]:
    """The first reason of each invalid trial, and how often it came, most frequent first."""
    counted: dict[str, int] = {}
    for reading in readings:
        if reading.verdict == "invalid":
            first = reading.reasons[0] if reading.reasons else reading.bench_limit or "no reason given"
            counted[first] = counted.get(first, 0) + 1
    return dict(sorted(counted.items(), key=lambda item: -item[1]))
