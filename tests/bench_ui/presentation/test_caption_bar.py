"""The caption grows with the window, and a long one still fits."""

from __future__ import annotations

import pytest
from bench_ui.presentation.caption_bar import CaptionBar
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot


def rows_with_ink(bar: CaptionBar) -> list[int]:
    image: QImage = bar.grab().toImage()
    ground = image.pixel(2, image.height() - 2)
    return [y for y in range(image.height()) if any(image.pixel(x, y) != ground for x in range(0, image.width(), 3))]


@pytest.mark.parametrize(("width", "height"), [(1280, 720), (3840, 2160)])
def test_a_caption_of_the_longest_length_is_not_cut(qtbot: QtBot, width: int, height: int) -> None:
    bar = CaptionBar()
    qtbot.addWidget(bar)
    bar.fit(height)
    bar.resize(width, bar.height())
    bar.show_caption("Wide words wander " * 9, "1 of 2")
    rows = rows_with_ink(bar)
    assert rows and rows[0] > 0 and rows[-1] < bar.height() - 1


def test_the_letters_grow_with_the_window(qtbot: QtBot) -> None:
    bar = CaptionBar()
    qtbot.addWidget(bar)
    bar.show_caption("short", "")
    heights = []
    for height in (720, 2160):
        bar.fit(height)
        bar.resize(height * 16 // 9, bar.height())
        rows = rows_with_ink(bar)
        heights.append(rows[-1] - rows[0])
    assert heights[1] > 2.5 * heights[0]
    assert bar.accessibleName() == "Caption : short"


def test_an_advice_takes_the_place_of_the_caption(qtbot: QtBot) -> None:
    bar = CaptionBar()
    qtbot.addWidget(bar)
    bar.fit(720)
    bar.resize(1280, bar.height())
    bar.show_caption("title", "")
    before = bar.grab().toImage()
    bar.show_advice("h/slow, 44,000 lost: slow takes 470/s of 5,000/s: set delay_ms 0.022")
    assert bar.accessibleName().startswith("Advice: h/slow") and bar.grab().toImage() != before
    bar.show_advice("")
    assert bar.accessibleName() == "Caption : title" and bar.grab().toImage() == before
