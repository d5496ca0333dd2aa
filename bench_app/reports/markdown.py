"""A run as Markdown, for a pull request: result -> **tables**. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from bench_app.engine.result import RunResult, format_balance
from bench_app.measure.loss_causes import LOSS_CAUSES
from bench_app.reports.run_plots import latencies_of
from bench_app.untrusted.visible_text import visible

_SIGNS = {"pass": "✅", "fail": "❌", "invalid": "⚠️"}
_SPECIAL = re.compile(r"[\\`*_{}\[\]#!|~@<>&]")
_COLUMNS = ("p50", "p99", "p99_9", "max")


def run_markdown(result: RunResult) -> str:
    """Verdict with reasons, checks, ledger and latencies. Texts from outside are escaped."""
    lines = [
        f"### {_SIGNS[result.verdict]} {_text(result.preset)}: {result.verdict}",
        "",
        *(f"- {_text(reason)}" for reason in result.reasons),
        "",
    ]
    if result.checks:
        lines += _table(
            ("check", "value", "holds"),
            [
                (check.check, "-" if check.value is None else f"{check.value:,g}", "yes" if check.passed else "**no**")
                for check in result.checks
            ],
            raw=2,
        )
    causes = [cause for cause in LOSS_CAUSES if any(one.loss(cause) for one in result.handlers.values())]
    rows = [
        (
            name,
            f"{one.offered:,}",
            *(f"{one.loss(cause):,}" for cause in causes),
            f"{one.accepted:,}",
            f"{one.received:,}",
        )
        for name, one in result.handlers.items()
    ]
    lines += _table(("handler", "offered", *(cause.label for cause in causes), "accepted", "received"), rows)
    measured = [
        (name, *(f"{getattr(latency, column) / 1000:,.3f}" for column in _COLUMNS))
        for name, latency in latencies_of(result)
        if latency.count
    ]
    if measured:
        lines += _table(("latency, ms", *(column.replace("_", ".") for column in _COLUMNS)), measured)
    lines += [f"{_text(format_balance(result))}. {result.duration_s:g} s, {result.machine.cpus} processors.", ""]
    return "\n".join(lines)


def _table(headings: Sequence[str], rows: Iterable[Sequence[str]], raw: int | None = None) -> list[str]:
    """The lines of a table. The cells of the column ``raw`` are Markdown already."""
    lines = ["| " + " | ".join(headings) + " |", "|" + " --- |" + " ---: |" * (len(headings) - 1)]
    for row in rows:
        cells = [cell if place == raw else _text(cell) for place, cell in enumerate(row)]
        lines.append("| " + " | ".join(cells) + " |")
    return [*lines, ""]


def _text(value: str) -> str:
    """A text without any meaning for Markdown or HTML: each character of theirs is an entity.

    An entity is a number, so that not even ``@name`` calls a user.
    """
    return _SPECIAL.sub(lambda found: f"&#{ord(found[0])};", visible(value))
