"""The rows of the ledger tab: one for each handler and listener, a column for each figure."""

from __future__ import annotations

import pytest
from bench_ui.panels.ledger import LedgerPanel
from PySide6.QtCore import Qt

from tests.bench_ui.panels.results import a_result, pub, push, req

pytestmark = pytest.mark.usefixtures("qapp")

COLUMNS = ["handler / listener", "offered", "overflow", "timeout", "aborted", "queued", "accepted", "received", "lost"]
COLUMNS += ["before join", "no reply", "retries", "in flight", "dup.", "foreign", "balance"]


def shown() -> LedgerPanel:
    panel = LedgerPanel()
    panel.show_result(a_result(pub=pub(), push=push(), req=req()))
    return panel


def test_the_columns_follow_the_way_of_an_event() -> None:
    model = shown().view.model()
    headings = [model.headerData(column, Qt.Orientation.Horizontal) for column in range(model.columnCount())]
    assert headings == COLUMNS


def test_a_handler_has_every_figure_and_a_listener_its_own() -> None:
    rows = [list(row) for row in shown().rows]
    assert rows[:3] == [
        ["PUB pub", "100", "1", "2", "4", "0", "90", "120", "32", "28", "0", "0", "0", "", "", "balances"],
        ["      SUB a", "", "", "", "", "", "", "50", "32", "8", "", "", "0", "0", "0", ""],
        ["      SUB b", "", "", "", "", "", "", "70", "0", "20", "", "", "0", "0", "0", ""],
    ]


def test_listeners_that_share_have_no_losses_of_their_own() -> None:
    rows = [list(row) for row in shown().rows]
    assert rows[3:5] == [
        ["PUSH push", "100", "0", "0", "0", "0", "90", "70", "20", "0", "0", "0", "0", "", "", "balances"],
        ["      PULL a", "", "", "", "", "", "", "30", "", "", "", "", "", "0", "0", ""],
    ]


def test_of_requests_the_replies_are_received() -> None:
    rows = [list(row) for row in shown().rows]
    assert rows[6:] == [
        ["REQ req", "100", "0", "0", "0", "0", "90", "80", "0", "0", "10", "0", "0", "", "", "balances"],
        ["      REP rep", "", "", "", "", "", "", "95", "", "", "", "", "", "0", "0", ""],
    ]
