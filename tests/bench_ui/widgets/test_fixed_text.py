"""Text that keeps its size while it changes."""

from __future__ import annotations

from bench_ui.widgets.fixed_text import FixedWidthText
from PySide6.QtGui import QColor
from pytestqt.qtbot import QtBot


def test_the_size_is_that_of_the_sample(qtbot: QtBot) -> None:
    text = FixedWidthText("000,000/s", "Events a second")
    qtbot.addWidget(text)
    before = text.sizeHint()
    text.show_text("123,456,789/s")
    assert text.sizeHint() == before
    assert text.text == text.accessibleDescription() == "123,456,789/s"


def test_only_a_new_text_or_colour_is_painted(qtbot: QtBot) -> None:
    text = FixedWidthText("000", "Count", right=False)
    qtbot.addWidget(text)
    text.show()
    text.show_text("1")
    first = text.grab().toImage()
    text.show_text("1")
    assert text.grab().toImage() == first
    text.show_text("1", QColor("#ff0000"))
    assert text.grab().toImage() != first and text.color == QColor("#ff0000")
