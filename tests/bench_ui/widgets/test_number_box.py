"""Boxes for numbers: their text does not touch the border."""

from __future__ import annotations

from bench_ui.widgets.number_box import TEXT_MARGIN, decimal_box, whole_box
from pytestqt.qtbot import QtBot


def test_the_text_keeps_away_from_the_border(qtbot: QtBot) -> None:
    for box in (whole_box(), decimal_box()):
        qtbot.addWidget(box)
        margins = box.lineEdit().textMargins()
        assert margins.left() == margins.right() == TEXT_MARGIN
