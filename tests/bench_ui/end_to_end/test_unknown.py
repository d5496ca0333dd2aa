"""What nobody counted, in the window; and the pictures it can write."""

from __future__ import annotations

import pytest
from bench_ui.panels.ledger import LedgerPanel
from bench_ui.widgets import number_format
from PySide6.QtGui import QImageWriter

from bench_app.cli.open_command import PICTURE_ENDINGS
from bench_app.engine.result import Outcome
from tests.cli.results import handler, listener, result

pytestmark = pytest.mark.usefixtures("qapp")


def test_the_ledger_claims_nothing_where_nobody_counted() -> None:
    panel = LedgerPanel()
    panel.show_result(result(handler({}, arrivals_known=False), handler({"one": listener()})))
    uncounted, counted, _ = panel.rows
    assert [uncounted[column] for column in (7, 8, 9, 12, 15)] == [number_format.NOTHING] * 5
    assert uncounted[1] == uncounted[6] == "98,765,432"
    assert number_format.NOTHING not in counted
    panel.deleteLater()


def test_the_verdict_has_the_notes() -> None:
    words = number_format.verdict_words(
        result(handler({}, arrivals_known=False), notes=("h: nobody counted",)), Outcome.PASS
    )
    assert words == "PASS – the ledger balances as far as it was counted. Note: h: nobody counted"


def test_the_endings_that_are_offered_are_written() -> None:
    written = {bytes(ending.data()).decode() for ending in QImageWriter.supportedImageFormats()}
    assert {ending.removeprefix(".") for ending in PICTURE_ENDINGS} <= written
