"""The page of a consumer that no listener counts."""

from __future__ import annotations

from bench_ui.panels.inspector.consumer_page import ConsumerPage
from bench_ui.panels.own_consumer import OwnConsumer
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot


def test_it_names_the_handler_and_shows_the_consumer(qtbot: QtBot) -> None:
    page = ConsumerPage()
    qtbot.addWidget(page)
    page.show_consumer(OwnConsumer("h", "", "PULL", "tcp://127.0.0.1:5573", True, ()))
    texts = [label.text() for label in page.findChildren(QLabel)]
    assert "h / your consumer" in texts and "tcp://127.0.0.1:5573" in texts
    assert "socket.bind('tcp://127.0.0.1:5573')" in page.box.text.toPlainText()
