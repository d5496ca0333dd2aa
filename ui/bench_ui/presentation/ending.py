"""How a run ended, for an audience: result -> **ending** -> scene, run bar. Pure.

An audience wants to know whether what it saw is true. A machine that was busy bends times, and the verdict of the run
is *invalid*; but its ledger balances, so each message was counted. The presentation says both in a calm note, without
the word that makes people doubt the counts. The badge outside the presentation, and the ledger, have the verdict.
"""

from __future__ import annotations

from dataclasses import dataclass

from bench_app.engine.finding import FindingKind
from bench_app.engine.result import Outcome, RunResult, format_balance

COLORS = {
    Outcome.PASS: "received",
    Outcome.FAIL: "lost",
    Outcome.INVALID: "overflow",
    Outcome.INTERRUPTED: "muted",
}
_BUSY = {
    FindingKind.WAITING,
    FindingKind.STALLED,
    FindingKind.SATURATED,
    FindingKind.SILENT,
    FindingKind.WINDOW,
}
"""What comes of a busy machine. It bends times and rates, and no count."""
BUSY_TEXT = "busy machine: times not exact"


@dataclass(frozen=True)
class Ending:
    """How a run ended.

    Attributes:
        text: the ending in words.
        color: the colour by its meaning, as the theme names it.
        is_calm: whether it is only a note, and no badge.
    """

    text: str
    color: str
    is_calm: bool = False


def ending_of(result: RunResult, outcome: Outcome) -> Ending:
    """The ending of a run: its verdict, or a note if only a busy machine is the reason for it."""
    if outcome is Outcome.INVALID and was_only_busy(result):
        return Ending(f"{format_balance(result)}; {BUSY_TEXT}", "muted", is_calm=True)
    return Ending(f"{outcome.upper()}: {format_balance(result)}", COLORS[outcome])


def was_only_busy(result: RunResult) -> bool:
    """Whether a busy machine is the only reason for the verdict, and each message was counted."""
    busy = {finding.message for finding in result.findings if finding.invalidates and finding.kind in _BUSY}
    return result.balanced and bool(result.reasons) and busy.issuperset(result.reasons)
