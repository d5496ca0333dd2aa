"""How a run ended, for an audience."""

from __future__ import annotations

import msgspec
import pytest
from bench_ui.presentation.ending import BUSY_TEXT, Ending, ending_of, was_only_busy

from bench_app.engine.finding import Finding, FindingKind
from bench_app.engine.result import Outcome, RunResult
from tests.bench_ui.panels.results import a_result

BUSY = Finding(FindingKind.STALLED, "worker-1", None, 0.3, "worker-1 did not run for 0.4 s")
NOTED = Finding(FindingKind.FAILED, "h", None, None, "only a note", invalidates=False)


def invalid(*findings: Finding, reasons: tuple[str, ...] = (), balanced: bool = True) -> RunResult:
    told = [*(one.message for one in findings if one.invalidates), *reasons]
    changes = {"findings": list(findings), "reasons": told, "balanced": balanced, "verdict": "invalid"}
    return msgspec.structs.replace(a_result(), **changes)


@pytest.mark.parametrize("outcome", [Outcome.PASS, Outcome.FAIL, Outcome.INTERRUPTED])
def test_a_verdict_is_a_badge(outcome: Outcome) -> None:
    ending = ending_of(a_result(), outcome)
    assert ending.text == f"{outcome.upper()}: the ledger balances" and not ending.is_calm


def test_a_busy_machine_is_a_calm_note_that_says_what_holds() -> None:
    text = f"the ledger balances; {BUSY_TEXT}"
    assert ending_of(invalid(BUSY, NOTED), Outcome.INVALID) == Ending(text, "muted", is_calm=True)


@pytest.mark.parametrize(
    "result",
    [
        invalid(BUSY, Finding(FindingKind.FAILED, "h", None, None, "the port is taken")),
        invalid(BUSY, reasons=("check failed: drops == 0",)),
        invalid(BUSY, balanced=False),
        invalid(),
    ],
)
def test_any_other_reason_is_shown_as_the_verdict_it_is(result: RunResult) -> None:
    assert not was_only_busy(result)
    assert ending_of(result, Outcome.INVALID).text.startswith("INVALID: ")
