"""The ledger of a handler as one sum in words, which is true for each pattern."""

from __future__ import annotations

import re
from dataclasses import replace

import msgspec
import pytest
from bench_ui.presentation.balance import balance_text

from bench_app.engine.view import HandlerView
from tests.bench_ui.panels.views import live_handler


def without_drops(view: HandlerView) -> HandlerView:
    counts = msgspec.structs.replace(view.ledger.counts, queue_overflow=0)
    return replace(view, ledger=msgspec.structs.replace(view.ledger, counts=counts))


def test_of_a_pub_the_sum_is_of_the_subscriber_that_lost_most() -> None:
    view = live_handler("PUB", a=80, b=80)
    assert balance_text(without_drops(view)) == "a: 90 sent = 80 received + 4 lost + 6 not there yet"
    assert balance_text(view) == "a: 100 offered = 80 received + 4 lost + 7 dropped + 9 not there yet"


def test_what_was_sent_before_a_subscriber_joined_is_not_lost() -> None:
    view = without_drops(live_handler("PUB", a=80))
    late = replace(view.listeners[0], lost=0, before_join=10)
    assert balance_text(replace(view, listeners=(late,))) == "a: 90 sent = 80 received + 10 before it joined"


def test_of_a_push_the_sum_is_over_all_workers() -> None:
    assert balance_text(without_drops(live_handler("PUSH", a=40, b=45))) == "h: 90 sent = 85 received + 5 lost"


def test_of_a_req_the_sum_has_replies() -> None:
    view = live_handler("REQ", a=90)
    assert balance_text(without_drops(view)) == "h: 90 asked = 80 replied + 10 waiting"
    assert balance_text(view) == "h: 100 offered = 80 replied + 7 dropped + 13 waiting"


@pytest.mark.parametrize("socket_type", ["PUB", "PUSH", "REQ"])
@pytest.mark.parametrize("received", [0, 85, 90, 200])
@pytest.mark.parametrize("drops", [True, False])
def test_the_sum_balances_whichever_end_reports_first(socket_type: str, received: int, drops: bool) -> None:
    view = live_handler(socket_type, a=received)
    total, *parts = [int(number) for number in re.findall(r"\d+", balance_text(view if drops else without_drops(view)))]
    assert total == sum(parts)


def test_without_listeners_only_what_was_sent_is_known() -> None:
    assert balance_text(live_handler("PUB")) == "h: 100 offered = 90 sent + 7 dropped + 3 waiting"
    assert balance_text(without_drops(live_handler("PUSH"))) == "h: 90 sent"


def test_a_handler_that_was_started_anew_has_its_former_drops_too() -> None:
    view = without_drops(live_handler("PUSH", a=85))
    assert balance_text(view, [live_handler("PUSH")]).endswith(
        "5 lost;  before its restart: 90 sent (5 of them lost) + 7 dropped"
    )
    assert "restart" not in balance_text(view, [view])
