"""Whether a run can be trusted: unit states -> **verdict** with its reasons -> result.

A run is invalid if the bench itself was the bottleneck, if a part of the bench failed, if the ledger does not balance,
or if the run was interrupted: its figures do not describe the system under test. A valid run fails if a check failed.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from enum import Enum

from bench_app.engine.result import Outcome, Verdict
from bench_app.engine.state import HandlerState, ListenerState
from bench_app.measure.clock import NS_PER_MS, NS_PER_S
from bench_app.model import MaxLoad

LATE_OFFER_NS = 50 * NS_PER_MS
"""An event that is offered later than this after its due time was delayed by the bench: offering never waits for a
socket."""
STARVED_NS = 2 * NS_PER_S
BUSY_SHARE = 0.95
LEAST_BUSY_S = 1.0
"""In a shorter run, the drain, in which a listener never waits, would be too large a part of the time."""


class ReasonKind(Enum):
    """Why a run did not pass."""

    FAULT = "fault"
    """The result cannot be trusted."""
    INTERRUPTED = "interrupted"
    """A user ended the run before its time."""
    CHECK_FAILED = "check failed"
    """The result can be trusted, and a check of the preset does not hold."""


@dataclass(frozen=True)
class Reason:
    """One reason why a run did not pass."""

    kind: ReasonKind
    text: str

    @classmethod
    def fault(cls, text: str) -> Reason:
        """The result cannot be trusted, because of ``text``."""
        return cls(ReasonKind.FAULT, text)

    @classmethod
    def interrupted(cls, elapsed_s: float) -> Reason:
        """The run was ended after ``elapsed_s``."""
        return cls(ReasonKind.INTERRUPTED, f"interrupted after {elapsed_s:.1f} s")

    @classmethod
    def check_failed(cls, check: str) -> Reason:
        """A check of the preset does not hold."""
        return cls(ReasonKind.CHECK_FAILED, f"check failed: {check}")


def verdict_of(reasons: Collection[Reason]) -> Verdict:
    """The verdict that follows from all reasons."""
    if any(reason.kind is not ReasonKind.CHECK_FAILED for reason in reasons):
        return "invalid"
    return "fail" if reasons else "pass"


def outcome_of(reasons: Collection[Reason]) -> Outcome:
    """The verdict, or *interrupted* if the run is invalid for no other reason."""
    doubts = {reason.kind for reason in reasons} - {ReasonKind.CHECK_FAILED}
    return Outcome.INTERRUPTED if doubts == {ReasonKind.INTERRUPTED} else Outcome(verdict_of(reasons))


def bench_faults(
    handlers: Iterable[HandlerState],
    listeners: Iterable[ListenerState],
    seconds_of: Callable[[HandlerState], float],
) -> list[str]:
    """Each case in which the bench, and not the system under test, was the bottleneck or failed.

    ``seconds_of`` says how long a handler took part in the run.
    """
    reasons: list[str] = []
    for handler in handlers:
        reasons += _handler_faults(handler)
    for listener in listeners:
        reasons += _listener_faults(listener, seconds_of(listener.handler))
    return reasons


def _handler_faults(handler: HandlerState) -> list[str]:
    name = handler.name
    if handler.failed:
        return [f"{name}: {handler.failed}"]
    reasons = _common_faults(handler, name)
    if handler.source_failure:
        reasons.append(f"{name}: its source ended early: {handler.source_failure}")
    if handler.source_underruns and isinstance(handler.plan.source.load, MaxLoad):
        reasons.append(f"{name}: its source was the bottleneck: {handler.source_underruns:,} times no event was ready")
    late_ns = handler.offer_lateness.percentile(99.0)
    if late_ns > LATE_OFFER_NS:
        reasons.append(
            f"{name}: the bench was too slow for this load: 1 % of the events were offered more than "
            f"{late_ns / 1e6:.0f} ms late, without back-pressure"
        )
    return reasons


def _listener_faults(listener: ListenerState, seconds: float) -> list[str]:
    name = listener.title
    if listener.failed:
        return [f"{name}: {listener.failed}"]
    reasons = _common_faults(listener, name)
    paced = not isinstance(listener.handler.plan.source.load, MaxLoad)
    if paced and seconds >= LEAST_BUSY_S and listener.busy_ns / 1e9 > BUSY_SHARE * seconds:
        reasons.append(
            f"{name}: the bench's own listener was busy all the time, so it was the bottleneck, and not the socket"
        )
    return reasons


def _common_faults(unit: HandlerState | ListenerState, name: str) -> list[str]:
    reasons = []
    if unit.restarts + unit.crashed > unit.kills:
        how = f": it {unit.ending}" if unit.ending else ""
        reasons.append(f"{name}: its worker process ended unexpectedly{how}")
    if unit.longest_silence_ns > STARVED_NS:
        reasons.append(
            f"{name}: its worker was starved: "
            f"no report for {unit.longest_silence_ns / 1e9:.1f} s, while ten a second are due"
        )
    return reasons
