"""The gallery: every preset on a card, whole words, whatever the width."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from bench_ui import app as ui_app
from bench_ui.panels.gallery import GAP, Gallery, columns_for
from bench_ui.panels.preset_card import CARD_WIDTH, PresetCard
from bench_ui.panels.topology import Topology
from bench_ui.widgets.style_sheet import apply_theme
from bench_ui.widgets.theme import DARK, LIGHT
from PySide6.QtCore import Qt
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QApplication, QLabel, QPushButton
from pytestqt.qtbot import QtBot

from bench_app.preset import documents


@pytest.fixture
def change_text_size(qapp: QApplication) -> Iterator[Callable[[int], None]]:
    """Gives the application text of another size, in percent, until the end of the test."""
    usual = QApplication.font()

    def change(percent: int) -> None:
        font = QFont(usual)
        font.setPointSizeF(usual.pointSizeF() * percent / 100)
        QApplication.setFont(font)

    yield change
    QApplication.setFont(usual)


@pytest.mark.parametrize(("width", "percent"), [(900, 100), (1280, 100), (2560, 100), (900, 250), (1920, 200)])
def test_every_preset_has_a_card_on_which_nothing_is_cut(
    qtbot: QtBot, change_text_size: Callable[[int], None], width: int, percent: int
) -> None:
    apply_theme(ui_app.make_app(), LIGHT)
    shipped = list(documents.shipped_documents())
    gallery = Gallery(lambda: shipped, [])
    qtbot.addWidget(gallery)
    gallery.resize(width, 700)
    gallery.show()
    QApplication.processEvents()
    change_text_size(percent)
    # A text of fewer lines lets those below it move up, which the layout does in turns of its own.
    for _ in range(3):
        QApplication.processEvents()
    cards = [button for button in gallery.findChildren(QPushButton) if button.objectName() == "card"]
    assert [card.findChildren(QLabel)[0].text() for card in cards[: len(documents.PRODUCTION)]] == list(
        documents.PRODUCTION
    )
    assert {card.findChildren(QLabel)[0].text() for card in cards} == {document.name for document in shipped}
    for card in cards:
        parts = [*card.findChildren(QLabel), *card.findChildren(Topology)]
        tops = [part.geometry().top() for part in parts]
        assert tops == sorted(tops)
        for above, below in pairwise(parts):
            assert above.geometry().bottom() < below.geometry().top(), card.accessibleName()
        assert all(card.rect().contains(part.geometry()) for part in parts)
        for label in card.findChildren(QLabel):
            assert label.heightForWidth(label.width()) <= label.height() or not label.wordWrap()
    assert gallery.widget().width() <= gallery.viewport().width()


@given(st.lists(st.integers(1, 40), min_size=1, max_size=3), st.integers(200, 6000))
def test_cards_fit_into_the_width_and_leave_few_places_empty(counts: list[int], width: int) -> None:
    columns = columns_for(counts, width)
    assert columns == 1 or columns * (CARD_WIDTH + GAP) - GAP <= width
    assert columns_for([7, 12], 1232) == 4
    assert columns_for([7, 12], 852) == 2, "no card is wider than it may be while a second one has room"


@pytest.fixture
def gallery(qtbot: QtBot) -> Gallery:
    found = Gallery(documents.shipped_documents, ["/tmp/mine.json", "/tmp/other.json"])
    qtbot.addWidget(found)
    found.resize(1280, 700)
    found.show()
    return found


def button(gallery: Gallery, text: str) -> QPushButton:
    return next(one for one in gallery.findChildren(QPushButton) if one.text() == text)


def test_a_click_runs_a_preset_and_with_shift_only_opens_it(gallery: Gallery, qtbot: QtBot) -> None:
    card = gallery.findChildren(PresetCard)[0]
    with qtbot.waitSignal(gallery.start_wanted) as started:
        qtbot.mouseClick(card, Qt.MouseButton.LeftButton)
    assert started.args[0].name == documents.PRODUCTION[0]
    with qtbot.waitSignal(gallery.chosen), qtbot.assertNotEmitted(gallery.start_wanted):
        qtbot.mouseClick(card, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ShiftModifier)


def test_files_opened_last_and_other_files_can_be_opened(gallery: Gallery, qtbot: QtBot) -> None:
    with qtbot.waitSignal(gallery.file_wanted) as wanted:
        button(gallery, "mine.json").click()
    assert wanted.args == ["/tmp/mine.json"]
    with qtbot.waitSignal(gallery.browse_wanted):
        button(gallery, "Open a file…").click()


def test_another_theme_reaches_every_picture(gallery: Gallery) -> None:
    gallery.set_theme(DARK)
    assert all(picture.theme is DARK for picture in gallery.findChildren(Topology))


def test_a_search_shows_the_cards_that_have_its_words(qtbot: QtBot) -> None:
    gallery = Gallery(documents.shipped_documents, [])
    qtbot.addWidget(gallery)
    gallery.resize(1280, 700)
    gallery.show()

    def shown() -> list[str]:
        return [card.searched_text.split()[0] for card in gallery.findChildren(PresetCard) if card.isVisible()]

    everything = shown()
    gallery.filter_line.setText("silent PUB")
    assert "silent-pub-loss" in shown() and len(shown()) < len(everything)
    assert gallery.filter_line.count == f"{len(shown())} of {len(everything)}"
    gallery.filter_line.setText("no such words")
    assert shown() == []
    gallery.filter_line.clear()
    assert shown() == everything
