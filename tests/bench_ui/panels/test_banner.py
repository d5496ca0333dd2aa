"""The messages above the plots."""

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
    end_time(banner)
    assert not banner.isVisible() and banner.text() == ""


def test_a_lasting_message_stays_until_it_is_closed_or_replaced(banner: Banner) -> None:
    banner.show_message("INVALID – the machine was busy", stays=True)
    banner.show_message("FAIL – 3 drops", stays=True)
    assert banner.text() == "FAIL – 3 drops"
    end_time(banner)
    assert banner.isVisible()
    banner.findChild(QToolButton).click()
    assert not banner.isVisible() and banner.text() == ""


def test_a_passing_and_a_lasting_message_do_not_hide_each_other(banner: Banner) -> None:
    banner.show_message("the run could not be kept")
    banner.show_message("INVALID – the machine was busy", stays=True)
    assert banner.text() == "INVALID – the machine was busy\nthe run could not be kept"
    banner.show_message("saved")
    assert banner.text() == banner.accessibleName() == "INVALID – the machine was busy\nsaved"
    end_time(banner)
    assert banner.isVisible() and banner.text() == "INVALID – the machine was busy"


def end_time(banner: Banner) -> None:
    """End the time of a passing message."""
    timer = banner.findChild(QTimer)
    assert timer.interval() == SHOWN_MS or not timer.isActive()
    timer.timeout.emit()


def test_a_message_is_plain_text(banner: Banner, qtbot: QtBot) -> None:
    banner.show_message("<b>not bold</b>")
    assert banner.text() == "<b>not bold</b>"


def test_letters_grow_in_the_presentation(banner: Banner, qtbot: QtBot) -> None:
    banner.show_message("INVALID", stays=True)
    usual = banner.sizeHint().height()
    banner.set_large(True, 3.0)
    qtbot.waitUntil(lambda: banner.sizeHint().height() > 2 * usual)
