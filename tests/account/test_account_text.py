"""The account of a consumer as text."""

from __future__ import annotations

import msgspec

from bench_app.account.account_text import GAPS_SHOWN, account_lines
from bench_app.account.consumer_account import make_accounts
from tests.account.test_consumer_account import account_of, received, result


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


def test_the_sum_has_what_listeners_received_that_share_the_messages() -> None:
    example = result(10, socket_type="PUSH")
    listener = account_of(4, [1, 2, 4]).row
    pushed = msgspec.structs.replace(example.handlers["h"], listeners={"pull-1": listener})
    (account,) = make_accounts(msgspec.structs.replace(example, handlers={"h": pushed}), received([3, 5]))
    assert account_lines(account)[0] == (
        "h/consumer-1: 10 accepted = 2 received + 5 lost + 3 received by the listeners of the bench, balances"
    )
