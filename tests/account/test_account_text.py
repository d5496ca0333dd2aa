"""The account of a consumer as text."""

from __future__ import annotations

from bench_app.account.account_text import GAPS_SHOWN, account_lines
from tests.account.test_consumer_account import account_of


def test_the_sum_comes_first_and_then_the_gaps() -> None:
    lines = account_lines(account_of(8, [1, 2, 5, 5, 8]))
    assert lines == [
        "h/consumer-1: 8 accepted = 4 received + 4 lost, balances",
        "  1 duplicates, 0 reordered, 0 of other runs",
        "  gap: numbers 3 to 4 (2), due at 2.000 to 3.000 s",
        "  gap: numbers 6 to 7 (2), due at 5.000 to 6.000 s",
    ]


def test_of_many_gaps_the_first_are_shown() -> None:
    lines = account_lines(account_of(100, list(range(1, 100, 2))))
    assert len(lines) == 2 + GAPS_SHOWN + 1
    assert lines[-1] == "  and 30 more gaps; the JSON result has all"
