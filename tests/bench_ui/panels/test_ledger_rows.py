"""The rows of the ledger: one for each handler and listener, a column for each number."""

from __future__ import annotations

import msgspec
from bench_ui.panels.ledger_rows import COUNTS, DOES_NOT_BALANCE, STILL_RUNNING, head_of, rows_of_result, rows_of_run
from bench_ui.widgets import number_format

from tests.bench_ui.panels.results import a_handler, a_result, pub, push, req
from tests.bench_ui.panels.views import live_handler


def result_rows() -> list[list[str]]:
    return [list(row) for row in rows_of_result(a_result(pub=pub(), push=push(), req=req()))]


def test_a_handler_has_every_number_and_a_listener_its_own() -> None:
    rows = result_rows()
    assert rows[:3] == [
        ["PUB pub", "100", "1", "2", "4", "0", "90", "120", "32", "28", "0", "0", "0", "", "", "balances"],
        ["      SUB a", "", "", "", "", "", "", "50", "32", "8", "", "", "0", "0", "0", ""],
        ["      SUB b", "", "", "", "", "", "", "70", "0", "20", "", "", "0", "0", "0", ""],
    ]


def test_listeners_that_share_have_no_losses_of_their_own() -> None:
    rows = result_rows()
    assert rows[3:5] == [
        ["PUSH push", "100", "0", "0", "0", "0", "90", "70", "20", "0", "0", "0", "0", "", "", "balances"],
        ["      PULL a", "", "", "", "", "", "", "30", "", "", "", "", "", "0", "0", ""],
    ]


def test_for_requests_received_are_the_replies() -> None:
    rows = result_rows()
    assert rows[6:] == [
        ["REQ req", "100", "0", "0", "0", "0", "90", "80", "0", "0", "10", "0", "0", "", "", "balances"],
        ["      REP rep", "", "", "", "", "", "", "95", "", "", "", "", "", "0", "0", ""],
    ]


def cell(row: list[str], count: str) -> str:
    return row[1 + COUNTS.index(count)]


def test_a_run_that_goes_on_has_counts_and_no_balance_yet() -> None:
    handler, listener = (list(row) for row in rows_of_run([live_handler("PUB", in_flight=2, a=80)], live=True))
    counts = ("offered", "queue_overflow", "queued", "accepted", "received", "in_flight")
    assert [cell(handler, name) for name in counts] == ["100", "7", "3", "90", "80", "2"]
    assert handler[-1] == STILL_RUNNING
    assert listener[0] == "      SUB a" and cell(listener, "received") == "80" and cell(listener, "in_flight") == "2"


def test_at_the_end_the_balance_is_shown() -> None:
    view = live_handler("PUSH", a=90)
    assert rows_of_run([view], live=False)[0][-1] == "balances"
    wrong = msgspec.structs.replace(push(), balanced=False)
    assert rows_of_result(a_result(push=wrong))[0][-1] == DOES_NOT_BALANCE


def test_without_a_counting_listener_arrivals_are_unknown() -> None:
    uncounted = msgspec.structs.replace(a_handler("PUB", {}), arrivals_known=False)
    handler, counted, _, _ = (list(row) for row in rows_of_result(a_result(uncounted=uncounted, pub=pub())))
    unknown = ("received", "lost", "before_join", "in_flight")
    assert [cell(handler, name) for name in unknown] == [number_format.NOTHING] * 4
    assert handler[-1] == number_format.NOTHING
    assert (cell(handler, "offered"), cell(handler, "accepted")) == ("100", "90")
    assert number_format.NOTHING not in counted
    live = list(rows_of_run([live_handler("PUSH", arrivals_known=False)], live=True)[0])
    assert cell(live, "received") == number_format.NOTHING


def test_a_listener_belongs_to_the_handler_above_it() -> None:
    rows = rows_of_result(a_result(pub=pub(), push=push()))
    assert [head_of(rows, row) for row in range(len(rows))] == [0, 0, 0, 3, 3, 3]
