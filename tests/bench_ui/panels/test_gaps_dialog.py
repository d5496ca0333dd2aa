"""The dialog with what the user's own consumer missed."""

from __future__ import annotations

from bench_ui.panels.gaps_dialog import GapsDialog
from bench_ui.runs.consumer_file import CompletedRun
from pytestqt.qtbot import QtBot

from tests.account.test_consumer_account import result


def test_it_has_the_sums_and_every_gap(qtbot: QtBot) -> None:
    gaps = [("h", "3", "4", "2", "2.000 s", "3.000 s")]
    dialog = GapsDialog(CompletedRun(result(8), ["h/consumer-1: balances", "  gap: numbers 3 to 4"], gaps), "a.csv")
    qtbot.addWidget(dialog)
    assert dialog.text.text() == "h/consumer-1: balances"
    model = dialog.view.model()
    assert [model.index(0, column).data() for column in range(model.columnCount())] == list(gaps[0])
