"""The ledger of a handler as one sum in words, which is true for each pattern."""

from __future__ import annotations

import re

import pytest
from bench_ui.presentation.balance import balance_text

from tests.bench_ui.panels.views import live_handler


def test_of_a_pub_the_sum_is_of_the_subscriber_that_lost_most() -> None:
    text = balance_text(live_handler("PUB", a=80, b=80))
    assert text == "100 offered = 90 sent + 7 dropped + 3 waiting;  a: 90 sent = 80 received + 4 lost + 6 on the way"


def test_of_a_push_the_sum_is_over_all_workers() -> None:
    assert balance_text(live_handler("PUSH", a=40, b=45)).endswith("h: 90 sent = 85 received + 5 lost")


def test_of_a_req_the_sum_has_replies() -> None:
    assert balance_text(live_handler("REQ", a=90)).endswith("h: 90 asked = 80 replied + 10 on the way")


@pytest.mark.parametrize("socket_type", ["PUB", "PUSH"])
@pytest.mark.parametrize("received", [0, 85, 90, 200])
def test_the_sum_balances_whichever_end_reports_first(socket_type: str, received: int) -> None:
    _, _, own = balance_text(live_handler(socket_type, a=received)).rpartition(";  ")
    total, *parts = [int(number) for number in re.findall(r"\d+", own)]
    assert total == sum(parts)


def test_without_listeners_only_what_was_sent_is_known() -> None:
    assert balance_text(live_handler("PUB")) == "h: 100 offered = 90 sent + 7 dropped + 3 waiting"
