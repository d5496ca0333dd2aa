"""The verdict as text: a headline for the banner, all of it for the ledger."""

from __future__ import annotations

import msgspec
from bench_ui.widgets.verdict import verdict_details, verdict_headline, verdict_text

from bench_app.engine.finding import Finding, FindingKind
from bench_app.engine.result import Outcome, RunResult
from tests.bench_ui.panels.results import a_handler, a_result, push


def judged(verdict: str, *reasons: str) -> RunResult:
    return msgspec.structs.replace(a_result(push=push()), verdict=verdict, reasons=list(reasons))


def test_a_run_that_passed_has_no_reason() -> None:
    result = judged("pass")
    assert verdict_headline(result, Outcome.PASS) == "PASS"
    assert verdict_text(result, Outcome.PASS) == "PASS – the ledger balances"


def test_the_headline_has_the_first_reason_and_how_many_more_there_are() -> None:
    assert verdict_headline(judged("fail", "check failed: a"), Outcome.FAIL) == "FAIL – check failed: a"
    many = judged("invalid", "the machine was busy", "the window lagged", "a handler crashed")
    assert verdict_headline(many, Outcome.INVALID) == "INVALID – the machine was busy (and 2 more, see Ledger)"


def test_the_text_has_every_reason() -> None:
    text = verdict_text(judged("invalid", "the machine was busy", "the window lagged"), Outcome.INVALID)
    assert text == "INVALID – the ledger balances: the machine was busy; the window lagged"


def test_the_text_has_the_notes() -> None:
    uncounted = a_result(push=msgspec.structs.replace(a_handler("PUSH", {}), arrivals_known=False))
    result = msgspec.structs.replace(uncounted, notes=["h: no listener counted"])
    assert (
        verdict_text(result, Outcome.PASS)
        == "PASS – the ledger balances; nobody counted what arrived from push. Note: h: no listener counted"
    )


def test_a_finding_has_its_share_and_each_finding_a_line_in_the_details() -> None:
    bent = Finding(FindingKind.WAITING, "h/a", "latency.service.p99_ms", 0.985, "h/a: up to 9 ms are the bench's own")
    still = Finding(FindingKind.STALLED, "worker-1", None, None, "h/a: its process did not run for 1.12 s")
    noted = Finding(FindingKind.WAITING, "h/b", "latency.service.p50_ms", 0.04, "h/b: includes 1 ms", invalidates=False)
    result = msgspec.structs.replace(
        judged("invalid", still.message, bent.message), findings=[still, bent, noted], notes=[noted.message, "a note"]
    )
    assert verdict_text(result, Outcome.INVALID) == (
        "INVALID – the ledger balances: h/a: its process did not run for 1.12 s; "
        "h/a: up to 9 ms are the bench's own (up to 98 % of this p99). "
        "Note: h/b: includes 1 ms (up to 4.0 % of this p50); a note"
    )
    assert verdict_details(result, Outcome.INVALID).splitlines() == [
        "INVALID – the ledger balances",
        "• h/a: its process did not run for 1.12 s",
        "• h/a: up to 9 ms are the bench's own (up to 98 % of this p99)",
        "Note: h/b: includes 1 ms (up to 4.0 % of this p50)",
        "Note: a note",
    ]
