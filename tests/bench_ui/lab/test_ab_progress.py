"""The pairs of A and B while they are made."""

from __future__ import annotations

import msgspec
from bench_ui.lab.ab_progress import AbProgress, comparison_rows, settings_of, summary
from bench_ui.lab.journal_reader import JournalEntry
from bench_ui.lab.question import Question

from bench_app.engine.result import RunResult
from tests.bench_ui.lab.entries import INVALID, P50, run

QUESTION = Question("ab", ["--a", "x.y=1", "--b", "x.y=2", "--pairs", "9"])


def entry(side: str, result: RunResult) -> JournalEntry:
    return JournalEntry(side, msgspec.json.encode(result), 0)


def filled() -> AbProgress:
    """Nine pairs in which B takes 1 ms more."""
    progress = AbProgress(QUESTION)
    for number in range(progress.planned):
        side = progress.side_of(number)
        progress.add(entry(side.lower(), run(1.0 + (side == "B") + number / 100)))
    return progress


def test_a_shift_is_shown_once_there_are_enough_pairs() -> None:
    comparison = filled().comparison
    assert comparison is not None and comparison.pairs == 9
    assert comparison.metrics[P50].shown and abs(comparison.metrics[P50].shift - 1) < 0.1
    rows = {row[0]: row for row in comparison_rows(comparison)}
    assert rows[P50][3].startswith("+1.0") and rows[P50][5] == "worse"
    assert rows["drops"][3] == "~" and rows["drops"][5] == ""
    assert summary(comparison).startswith("9 pairs: ") and "for the worse in B" in summary(comparison)


def test_one_pair_shows_nothing() -> None:
    progress = AbProgress(QUESTION)
    assert progress.comparison is None
    progress.add(entry("a", run()))
    assert progress.comparison is None
    progress.add(entry("b", run()))
    assert progress.comparison is not None and "nothing is shown" in summary(progress.comparison)


def test_invalid_runs_are_replaced_in_their_order() -> None:
    progress = AbProgress(QUESTION)
    for side, result in (("a", INVALID), ("b", run()), ("b", INVALID), ("a", run())):
        progress.add(entry(side, result))
    progress.add(entry("again a", INVALID))
    progress.add(entry("again b", run()))
    assert [one.verdict for one in progress.results] == ["invalid", "pass", "pass", "pass"]
    assert not progress.add(entry("again b", run())) and not progress.add(entry("c", run()))


def test_the_settings_of_a_side_are_read() -> None:
    assert settings_of(QUESTION, "--b") == [("x.y", 2)]
