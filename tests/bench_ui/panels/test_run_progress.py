"""How far a run is."""

from __future__ import annotations

import pytest
from bench_ui.panels.run_progress import RunProgress
from bench_ui.widgets.theme import DARK, LIGHT
from pytestqt.qtbot import QtBot


@pytest.fixture
def progress(qtbot: QtBot) -> RunProgress:
    found = RunProgress()
    qtbot.addWidget(found)
    found.show()
    return found


def test_the_line_is_filled_up_to_the_share(progress: RunProgress) -> None:
    progress.show_share(0.5, "", LIGHT)
    image = progress.grab().toImage()
    accepted, line = LIGHT.accepted, LIGHT.line
    assert [image.pixelColor(x, 9).name() for x in (2, 30, 34, 60)] == [accepted, accepted, line, line]
    assert progress.share == 0.5 and progress.accessibleDescription() == "50%"


def test_a_word_stands_in_its_place(progress: RunProgress) -> None:
    progress.show_share(0.0, "opening", LIGHT)
    image = progress.grab().toImage()
    assert LIGHT.line not in {image.pixelColor(x, 9).name() for x in range(image.width())}
    assert progress.accessibleDescription() == "opening"


def test_another_theme_keeps_the_share(progress: RunProgress) -> None:
    progress.show_share(1.0, "", LIGHT)
    progress.show_theme(DARK)
    assert progress.share == 1.0
    assert progress.grab().toImage().pixelColor(60, 9).name() == DARK.accepted
