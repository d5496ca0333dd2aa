from __future__ import annotations

import pytest

from bench_app.engine.result import Outcome
from bench_app.engine.verdict import Reason, outcome_of, verdict_of

FAULT, CHECK, STOPPED = Reason.fault("h: interrupted"), Reason.check_failed("drops == 0"), Reason.interrupted(2.34)


@pytest.mark.parametrize(
    ("reasons", "verdict", "outcome"),
    [
        ([], "pass", Outcome.PASS),
        ([CHECK], "fail", Outcome.FAIL),
        ([STOPPED], "invalid", Outcome.INTERRUPTED),
        ([STOPPED, CHECK], "invalid", Outcome.INTERRUPTED),
        ([FAULT], "invalid", Outcome.INVALID),
        ([FAULT, CHECK], "invalid", Outcome.INVALID),
        ([STOPPED, FAULT], "invalid", Outcome.INVALID),
    ],
)
def test_verdict_and_outcome_follow_from_the_kinds_of_reasons(
    reasons: list[Reason], verdict: str, outcome: Outcome
) -> None:
    assert verdict_of(reasons) == verdict
    assert outcome_of(reasons) is outcome


def test_the_texts_are_those_of_the_result() -> None:
    assert [reason.text for reason in (CHECK, STOPPED)] == ["check failed: drops == 0", "interrupted after 2.3 s"]
