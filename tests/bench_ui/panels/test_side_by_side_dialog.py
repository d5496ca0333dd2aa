from __future__ import annotations

from bench_ui.panels.side_by_side_dialog import SideBySideDialog
from pytestqt.qtbot import QtBot

from bench_app.reports.side_by_side import put_side_by_side
from tests.reports.test_side_by_side import made_run


def test_the_dialog_shows_what_differs(qtbot: QtBot) -> None:
    dialog = SideBySideDialog(put_side_by_side([made_run("one"), made_run("two", "4.4.0")]))
    qtbot.addWidget(dialog)
    assert [row[0] for row in dialog.settings.table.rows] == ["libzmq"]
    assert any(row[0] == "drops" for row in dialog.metrics.table.rows)
    assert dialog.curves == []
