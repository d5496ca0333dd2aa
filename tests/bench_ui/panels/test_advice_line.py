"""The line under the head that says which settings would lose nothing."""

from __future__ import annotations

import msgspec
import pytest
from bench_ui.panels.advice_line import NO_ADVICE, AdviceLine
from bench_ui.widgets.plain_text import PlainLabel
from pytestqt.qtbot import QtBot

from tests.bench_ui.panels.advices import ADVICE


@pytest.fixture
def line(qtbot: QtBot) -> AdviceLine:
    found = AdviceLine()
    qtbot.addWidget(found)
    return found


def shown(line: AdviceLine) -> list[str]:
    return [label.text() for label in line.findChildren(PlainLabel)]


def test_without_an_advice_there_is_no_line(line: AdviceLine) -> None:
    assert not line.isVisible() and line.accessibleName() == NO_ADVICE
    line.show_advice(ADVICE)
    assert line.isVisible() and line.accessibleName() == line.text == ADVICE.message
    line.show_advice(None)
    assert not line.isVisible() and line.text == ""


def test_a_wide_line_has_the_whole_sum_and_a_narrow_one_the_main_numbers_and_the_remedy(line: AdviceLine) -> None:
    line.resize(3000, 30)
    line.show_advice(ADVICE)
    assert shown(line) == ["h/slow: 44,000 lost", f"{ADVICE.why}. 0{ADVICE.remedy[1:]}."]
    text = line.findChildren(PlainLabel)[1]
    short = f"slow takes 470/s of 5,000/s. 0{ADVICE.remedy[1:]}."
    text.resize(text.fontMetrics().horizontalAdvance(short) + 5, 20)
    assert text.text() == short
    text.resize(100, 20)
    assert text.text().startswith("slow ") and text.text().endswith("…")
    assert ADVICE.message in text.toolTip()


def test_the_buttons_say_what_they_would_do(line: AdviceLine, qtbot: QtBot) -> None:
    line.show_advice(ADVICE)
    assert "output.handlers.h.config.linger=7" in line.apply.toolTip()
    with qtbot.waitSignal(line.apply_wanted, timeout=1000):
        line.apply.click()
    with qtbot.waitSignal(line.why_wanted, timeout=1000):
        line.why.click()


def test_without_a_setting_that_helps_there_is_nothing_to_apply(line: AdviceLine) -> None:
    line.show_advice(msgspec.structs.replace(ADVICE, proposal={}))
    assert not line.apply.isVisible() and line.why.isVisible()
