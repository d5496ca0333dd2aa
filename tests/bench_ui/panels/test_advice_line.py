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


def test_a_wide_line_has_the_whole_sum_and_a_narrow_one_what_is_proposed(line: AdviceLine) -> None:
    line.resize(3000, 30)
    line.show_advice(ADVICE)
    whole, short, shortest = ADVICE.texts
    assert shown(line) == ["h/slow: 44,000 lost", whole]
    text = line.findChildren(PlainLabel)[1]
    metrics = text.fontMetrics()
    for wanted in (short, shortest):
        text.resize(metrics.horizontalAdvance(wanted) + 5, text.height())
        assert text.text() == wanted and text.height() == metrics.lineSpacing()
    assert all(setting in shortest for setting in ("delay_ms 0.022", "high_water_mark 50,000", "linger 68,000"))


def test_a_text_that_is_too_long_for_one_line_takes_two_and_is_then_cut(line: AdviceLine) -> None:
    line.show_advice(ADVICE)
    text = line.findChildren(PlainLabel)[1]
    metrics = text.fontMetrics()
    text.resize(int(0.8 * metrics.horizontalAdvance(ADVICE.texts[2])), 20)
    assert text.text() in ADVICE.texts and text.height() == 2 * metrics.lineSpacing()
    text.resize(100, 20)
    assert text.text().startswith("slow ") and text.text().endswith("…")
    assert ADVICE.message in text.toolTip()


def test_a_bent_reading_is_said_first(line: AdviceLine) -> None:
    line.show_advice(msgspec.structs.replace(ADVICE, caveat="The reading is bent: it did not run"))
    assert shown(line)[0] == "Reading bent. h/slow: 44,000 lost"
    assert line.accessibleName().startswith("The reading is bent: it did not run. h/slow, 44,000 lost: ")


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
