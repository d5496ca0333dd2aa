"""A remark gives way to the controls beside it."""

from __future__ import annotations

import pytest
from bench_ui.widgets.elided_label import ElidedLabel, whole_words
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QApplication, QHBoxLayout, QPushButton, QWidget
from pytestqt.qtbot import QtBot


def test_the_controls_beside_it_keep_their_width(qtbot: QtBot) -> None:
    page = QWidget()
    qtbot.addWidget(page)
    label, button = ElidedLabel("a remark that is longer than the room for it"), QPushButton("a control")
    row = QHBoxLayout(page)
    row.addWidget(label)
    row.addWidget(button)
    page.resize(button.sizeHint().width() + 60, 40)
    page.show()
    assert button.width() == button.sizeHint().width()
    assert 0 < label.width() < label.sizeHint().width()
    assert label.text().startswith("a remark")
    before = label.grab().toImage()
    label.setText("other")
    assert label.grab().toImage() != before


@pytest.mark.parametrize(
    "text", ["highest of 5 listeners", "p99 of all listeners", "set queue_size 10,000, linger 15,000."]
)
def test_no_word_and_no_number_is_cut(qapp: QApplication, text: str) -> None:
    metrics = QFontMetrics(qapp.font())
    full, words = metrics.horizontalAdvance(text), text.split(" ")
    beginnings = {""} | {" ".join(words[:count]).rstrip(" ,") + " …" for count in range(1, len(words))}
    for width in range(0, full):
        shown = whole_words(text, metrics, width)
        assert shown in beginnings and metrics.horizontalAdvance(shown) <= width
    assert whole_words(text, metrics, full) == text


def test_the_tooltip_has_what_is_cut(qtbot: QtBot) -> None:
    label = ElidedLabel("highest of 5 listeners")
    qtbot.addWidget(label)
    label.setToolTip("Each curve is that of one listener.")
    label.resize(label.sizeHint())
    label.show()
    assert label.shown_text == label.text() and label.tip == label.toolTip()
    label.resize(60, label.height())
    assert label.tip == "highest of 5 listeners\nEach curve is that of one listener."
