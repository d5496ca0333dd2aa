"""A choice that shows less of its text where the plot is narrow."""

from __future__ import annotations

from bench_ui.plots.plot_choice import PlotChoice
from pytestqt.qtbot import QtBot


def test_a_short_choice_shows_the_name_alone_and_its_list_the_whole_text(qtbot: QtBot) -> None:
    choice = PlotChoice({"service": "service: send → received", "round_trip": "round trip: send → reply"})
    qtbot.addWidget(choice)
    choice.show()
    whole = choice.sizeHint().width()
    assert choice.shown_text == "service: send → received"
    choice.set_short(True)
    assert choice.shown_text == "service" and choice.itemText(0) == "service: send → received"
    assert choice.sizeHint().width() == choice.minimumSizeHint().width() == whole - choice.spared < whole
    choice.setCurrentIndex(1)
    assert choice.shown_text == "round trip" and choice.currentData() == "round_trip"
    choice.set_short(False)
    assert choice.sizeHint().width() == whole


def test_a_choice_of_single_words_has_nothing_to_spare(qtbot: QtBot) -> None:
    choice = PlotChoice({"messages": "messages/s", "bytes": "MB/s"})
    qtbot.addWidget(choice)
    choice.set_short(True)
    assert choice.spared == 0 and choice.shown_text == "messages/s"


def test_a_plain_choice_has_no_box(qtbot: QtBot) -> None:
    choice = PlotChoice({"messages": "messages/s"})
    qtbot.addWidget(choice)
    choice.show()
    corner = choice.grab().toImage().pixelColor(choice.width() // 2, 0)
    choice.set_plain(True)
    plain = choice.grab().toImage()
    assert plain.pixelColor(choice.width() // 2, 0) != corner
    assert any(plain.pixelColor(x, choice.height() // 2) != plain.pixelColor(0, 0) for x in range(choice.width()))
