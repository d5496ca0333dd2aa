"""Whether a run can be trusted: findings, checks -> **verdict** with its reasons -> result.

A run is invalid if the bench itself bent a reading, if a part of the bench failed, if the ledger does not balance, or
if the run was interrupted. Nobody should tune a system on such a reading. A valid run fails if a check failed.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import Enum

from bench_app.engine.finding import Finding, FindingKind
from bench_app.engine.result import Outcome, Verdict


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


def faults_of(findings: Collection[Finding]) -> list[Reason]:
    """The findings because of which the reading is not sound. Of a unit's bent percentiles, the first one."""
    told: dict[tuple[object, ...], str] = {}
    for number, finding in enumerate(findings):
        if finding.invalidates:
            is_percentile = finding.kind is FindingKind.WAITING and finding.share is not None
            told.setdefault((finding.unit,) if is_percentile else (number,), finding.message)
    return [Reason.fault(text) for text in told.values()]


def verdict_of(reasons: Collection[Reason]) -> Verdict:
    """The verdict that follows from all reasons."""
    if any(reason.kind is not ReasonKind.CHECK_FAILED for reason in reasons):
        return "invalid"
    return "fail" if reasons else "pass"


def outcome_of(reasons: Collection[Reason]) -> Outcome:
    """The verdict, or *interrupted* if the run is invalid for no other reason."""
    doubts = {reason.kind for reason in reasons} - {ReasonKind.CHECK_FAILED}
    return Outcome.INTERRUPTED if doubts == {ReasonKind.INTERRUPTED} else Outcome(verdict_of(reasons))
