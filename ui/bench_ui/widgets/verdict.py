"""The verdict of a run as text: result -> **headline** (banner), **text** and **details** (ledger)."""

from __future__ import annotations

from collections.abc import Iterable

from bench_app.engine.finding import Finding
from bench_app.engine.result import Outcome, RunResult, first_reasons, format_balance
from bench_app.measure.histogram_delta import percentile_label
from bench_ui.widgets import number_format


def verdict_headline(result: RunResult, outcome: Outcome) -> str:
    """The outcome of a run and its first reason."""
    name, more = outcome.upper(), len(result.reasons) - 1
    if not result.reasons:
        return name
    return f"{name} – {result.reasons[0]}" + (f" (and {more:,} more, see Ledger)" if more else "")


def verdict_text(result: RunResult, outcome: Outcome) -> str:
    """The outcome of a run with all reasons and notes, in a line or two."""
    reasons = f": {'; '.join(_with_shares(result, first_reasons(result)))}" if result.reasons else ""
    notes = f". Note: {'; '.join(_with_shares(result, result.notes))}" if result.notes else ""
    return f"{outcome.upper()} – {format_balance(result)}{reasons}{notes}"


def verdict_details(result: RunResult, outcome: Outcome) -> str:
    """The same with a line for each reason and each note."""
    lines = [f"{outcome.upper()} – {format_balance(result)}"]
    lines += [f"• {reason}" for reason in _with_shares(result, first_reasons(result))]
    lines += [f"Note: {note}" for note in _with_shares(result, result.notes)]
    return "\n".join(lines)


def _with_shares(result: RunResult, sentences: Iterable[str]) -> list[str]:
    """The sentences of findings, with the part of the metric that the bench itself can explain, where it is known."""
    findings = {finding.message: finding for finding in result.findings}
    return [f"{sentence}{_share_of(findings.get(sentence))}" for sentence in sentences]


def _share_of(finding: Finding | None) -> str:
    if finding is None or finding.share is None or finding.metric is None:
        return ""
    quantile = percentile_label(finding.metric.rpartition(".")[2].removesuffix("_ms"))
    return f" (up to {number_format.percent(100 * finding.share)} of this {quantile})"
