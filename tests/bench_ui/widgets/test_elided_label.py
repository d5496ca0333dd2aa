"""A remark gives way to the controls beside it."""

from __future__ import annotations

from bench_ui.widgets.elided_label import ElidedLabel
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget
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
