from __future__ import annotations

import io

from bench_app.cli.command_console import CommandConsole
from bench_app.cli.comparison_table import format_summary, print_comparison
from bench_app.comparison.comparison import Comparison, compare_pairs


def shown(comparison: Comparison, width: int = 120) -> str:
    out = io.StringIO()
    print_comparison(CommandConsole(file=out, width=width), comparison, ("before", "after"))
    return out.getvalue()


def _row(text: str, name: str) -> str:
    return next(line for line in text.splitlines() if line.split()[:1] == [name])


SLOWER = compare_pairs(
    [{"rate": 100.0, "drops": 0.0, "offered": 7.0, "lost": 1.0}] * 10,
    [{"rate": 90.0, "drops": 0.0, "offered": 7.0}] * 10,
)


def test_what_changed_and_the_main_metrics_have_a_row() -> None:
    text = shown(SLOWER)
    rate = _row(text, "rate")
    assert "100.0 /s" in rate and "-10.0 /s .. -10.0 /s" in rate and rate.rstrip().endswith("worse")
    assert "~" in _row(text, "drops")
    assert "1 other metrics: ~" in text
    assert "not measured in every run: lost" in text


def test_the_table_fits_a_narrow_terminal() -> None:
    assert all(len(line) <= 80 for line in shown(SLOWER, 80).splitlines())


def test_the_summary_names_the_changes() -> None:
    assert format_summary(SLOWER) == "rate -10.0 % (worse)"
    assert format_summary(compare_pairs([{"rate": 1.0}], [{"rate": 2.0}])) == "~ no change is shown"
