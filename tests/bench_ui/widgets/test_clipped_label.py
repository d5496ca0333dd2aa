"""A label of a few lines at most."""

from __future__ import annotations

import pytest
from bench_ui.widgets.clipped_label import ClippedLabel
from pytestqt.qtbot import QtBot

TEXT = "A rather long text, of many words, that has no room in a narrow label of two lines only."


@pytest.fixture
def label(qtbot: QtBot) -> ClippedLabel:
    found = ClippedLabel(TEXT, 2)
    qtbot.addWidget(found)
    found.show()
    return found


def test_a_text_that_fits_is_whole(label: ClippedLabel) -> None:
    label.resize(1000, 20)
    assert label.text() == TEXT


def test_a_long_text_is_cut_between_words(label: ClippedLabel) -> None:
    label.resize(160, 20)
    shown = label.text()
    assert shown.endswith(" …") and TEXT.startswith(shown.removesuffix(" …"))
    assert shown.removesuffix(" …").split()[-1] in TEXT.replace(",", "").split()
    assert label.height() <= 2 * label.fontMetrics().lineSpacing() + 2


def test_a_wider_label_shows_more_again(label: ClippedLabel) -> None:
    label.resize(160, 20)
    label.resize(1000, 20)
    assert label.text() == TEXT
