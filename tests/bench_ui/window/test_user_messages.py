"""Messages to the user: one at a time, for a while or until it is closed, and always in a visible place."""

from __future__ import annotations

import pytest
from bench_ui.panels.banner import Banner
from bench_ui.window.user_messages import UserMessages
from PySide6.QtWidgets import QStackedWidget, QStatusBar, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot


class Shown:
    """A banner on the first of two pages, and a status bar."""

    def __init__(self, qtbot: QtBot) -> None:
        self.pages, self.banner, self.status_bar = QStackedWidget(), Banner(), QStatusBar()
        plots = QWidget()
        QVBoxLayout(plots).addWidget(self.banner)
        self.pages.addWidget(plots)
        self.pages.addWidget(QWidget())
        for widget in (self.pages, self.status_bar):
            qtbot.addWidget(widget)
            widget.show()
        self.messages = UserMessages(self.banner, self.status_bar)


@pytest.fixture
def shown(qtbot: QtBot) -> Shown:
    return Shown(qtbot)


def test_a_message_is_above_the_plots_for_a_while(shown: Shown) -> None:
    shown.messages.show("saved")
    assert shown.banner.isVisible() and shown.banner.text() == "saved"
    assert shown.status_bar.currentMessage() == ""
    shown.messages.clear()
    assert not shown.banner.isVisible()


def test_a_message_is_in_the_status_bar_too_while_the_banner_cannot_be_seen(shown: Shown) -> None:
    shown.pages.setCurrentIndex(1)
    shown.messages.show("a run is under way")
    assert shown.status_bar.currentMessage() == "a run is under way"
    shown.pages.setCurrentIndex(0)
    assert shown.banner.isVisible() and shown.banner.text() == "a run is under way"


def test_a_message_before_the_window_is_shown_is_not_written_over_the_status_line(shown: Shown) -> None:
    shown.pages.hide()
    shown.messages.show("noted")
    assert shown.banner.text() == "noted" and shown.status_bar.currentMessage() == ""


def test_a_message_that_stays_is_replaced_by_the_next_one_that_stays(shown: Shown) -> None:
    shown.messages.show_until_closed("FAIL")
    shown.messages.show("saved")
    assert shown.banner.text() == "FAIL\nsaved"
    shown.messages.show_until_closed("PASS")
    assert shown.banner.text() == "PASS\nsaved"
