"""One message above the plots."""

from __future__ import annotations

import pytest
from bench_ui.panels.banner import SHOWN_MS, Banner
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QToolButton
from pytestqt.qtbot import QtBot


@pytest.fixture
def banner(qtbot: QtBot) -> Banner:
    found = Banner()
    qtbot.addWidget(found)
    return found


def test_a_message_is_shown_for_a_while(banner: Banner) -> None:
    assert not banner.isVisible()
    banner.show_message("saved as a.json")
    assert banner.isVisible() and banner.text() == banner.accessibleName() == "saved as a.json"
    assert not banner.stays
    timer = banner.findChild(QTimer)
    assert timer.interval() == SHOWN_MS
    timer.timeout.emit()
    assert not banner.isVisible()


def test_a_message_may_stay_until_it_is_closed_or_replaced(banner: Banner) -> None:
    banner.show_message("first")
    banner.show_message("INVALID – the machine was busy", stays=True)
    assert banner.stays
    banner.show_message("saved")
    assert not banner.stays and banner.text() == "saved"
    banner.show_message("INVALID", stays=True)
    banner.findChild(QToolButton).click()
    assert not banner.isVisible()


def test_a_message_is_plain_text(banner: Banner, qtbot: QtBot) -> None:
    banner.show_message("<b>not bold</b>")
    assert banner.text() == "<b>not bold</b>"
