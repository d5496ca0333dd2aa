"""The verdict of a run as text: result -> **headline** (banner), **text** (ledger)."""

from __future__ import annotations

from bench_app.engine.result import Outcome, RunResult, first_reasons, format_balance


def verdict_headline(result: RunResult, outcome: Outcome) -> str:
    """The outcome of a run and its first reason."""
    name, more = outcome.upper(), len(result.reasons) - 1
    if not result.reasons:
        return name
    return f"{name} – {result.reasons[0]}" + (f" (and {more:,} more, see Ledger)" if more else "")


def verdict_text(result: RunResult, outcome: Outcome) -> str:
    """The outcome of a run with all reasons and notes, in a line or two."""
    reasons = f": {'; '.join(first_reasons(result))}" if result.reasons else ""
    notes = f". Note: {'; '.join(result.notes)}" if result.notes else ""
    return f"{outcome.upper()} – {format_balance(result)}{reasons}{notes}"
