"""The ledger tab: headings, colours and the verdict."""

from __future__ import annotations

import msgspec
import pytest
from bench_ui.panels.ledger import LedgerPanel
from bench_ui.widgets.theme import LIGHT
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor

from tests.bench_ui.panels.results import a_result, pub, push, req
from tests.bench_ui.panels.views import live_handler

pytestmark = pytest.mark.usefixtures("qapp")

COLUMNS = ["handler / listener", "offered", "overflow", "timeout", "aborted", "queued", "accepted", "received", "lost"]
COLUMNS += ["before join", "no reply", "retries", "in flight", "duplicates", "foreign", "balance"]


def shown() -> LedgerPanel:
    panel = LedgerPanel()
    panel.show_result(a_result(pub=pub(), push=push(), req=req()))
    return panel


def test_the_columns_follow_the_way_of_an_event() -> None:
    model = shown().view.model()
    headings = [model.headerData(column, Qt.Orientation.Horizontal) for column in range(model.columnCount())]
    assert headings == COLUMNS


def color_of(panel: LedgerPanel, row: int, heading: str) -> QColor | None:
    color = panel.view.model().index(row, COLUMNS.index(heading)).data(Qt.ItemDataRole.ForegroundRole)
    assert color is None or isinstance(color, QColor)
    return color


def test_losses_and_the_balance_have_their_colours() -> None:
    panel = shown()
    assert color_of(panel, 0, "overflow") == LIGHT.color("overflow")
    assert color_of(panel, 0, "lost") == LIGHT.color("lost")
    assert color_of(panel, 0, "no reply") is None, "nothing was lost"
    assert color_of(panel, 0, "accepted") is None
    assert color_of(panel, 0, "balance") == LIGHT.color("received")


def test_a_ledger_that_does_not_balance_is_coloured_as_a_loss() -> None:
    panel = LedgerPanel()
    panel.show_result(a_result(push=msgspec.structs.replace(push(), balanced=False)))
    assert color_of(panel, 0, "balance") == LIGHT.color("lost")
    panel.refresh([live_handler("PUSH", a=90)], live=True)
    assert color_of(panel, 0, "balance") == LIGHT.color("muted")


def test_the_verdict_is_above_the_table() -> None:
    panel = shown()
    assert panel.verdict == "No run yet."
    panel.show_verdict("PASS – the ledger balances")
    assert panel.verdict == panel.verdict_details == "PASS – the ledger balances"
    panel.show_verdict("INVALID – a; b", "INVALID\na\nb")
    assert (panel.verdict, panel.verdict_details) == ("INVALID – a; b", "INVALID\na\nb")


def test_a_new_run_has_no_rows() -> None:
    panel = shown()
    panel.refresh([])
    assert panel.rows == []
