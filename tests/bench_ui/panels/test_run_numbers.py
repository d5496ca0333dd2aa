"""Rate, p99 and drops of a run."""

from __future__ import annotations

import pytest
from bench_ui.panels.run_numbers import RunNumbers
from bench_ui.widgets.theme import DARK, LIGHT
from PySide6.QtCore import QEvent, QObject
from pytestqt.qtbot import QtBot


@pytest.fixture
def numbers(qtbot: QtBot) -> RunNumbers:
    found = RunNumbers()
    qtbot.addWidget(found)
    return found


def test_a_run_has_numbers_of_the_last_moment(numbers: RunNumbers) -> None:
    numbers.show_numbers(5000.0, 412_000.0, 0, "round_trip", over=False)
    assert (numbers.rate.text, numbers.p99.text, numbers.lost.text) == ("5,000/s", "p99 412 µs", "0 drops")
    assert "over the last second" in numbers.rate.toolTip()
    assert "last 0.2 s" in numbers.p99.toolTip() and "(round trip)" in numbers.p99.toolTip()


def test_a_finished_run_has_numbers_of_all_of_it(numbers: RunNumbers) -> None:
    numbers.show_numbers(5000.0, None, 3, "service", over=True)
    assert "mean of the run" in numbers.rate.toolTip() and "of the run took" in numbers.p99.toolTip()
    assert numbers.p99.text == "p99 –"


def test_drops_are_coloured_as_losses(numbers: RunNumbers) -> None:
    numbers.show_numbers(0.0, None, 0, "service", over=False)
    assert numbers.lost.color is None
    numbers.show_numbers(0.0, None, 1_234, "service", over=False)
    assert numbers.lost.text == "1,234 drops" and numbers.lost.color == LIGHT.color("lost")
    numbers.show_theme(DARK)
    assert numbers.lost.color == DARK.color("lost")


def test_messages_that_nobody_had_subscribed_to_are_no_drops(numbers: RunNumbers) -> None:
    numbers.show_numbers(0.0, None, 1_234, "service", over=False, before_join=1_234)
    assert numbers.lost.text == "1,234 before join" and numbers.lost.color == LIGHT.color("before_join")
    numbers.explain_lost("")
    assert "subscribed" in numbers.lost.toolTip()
    numbers.show_numbers(0.0, None, 45_678, "service", over=False, before_join=45_678)
    assert numbers.lost.text == "45.7k before join"
    numbers.show_numbers(0.0, None, 1_235, "service", over=False, before_join=1_234)
    numbers.explain_lost("")
    assert numbers.lost.text == "1,235 drops" and "subscribed" not in numbers.lost.toolTip()


def test_the_p99_can_change_alone(numbers: RunNumbers) -> None:
    numbers.show_numbers(5.0, 1_000.0, 0, "service", over=False)
    numbers.show_p99(2_000.0)
    assert (numbers.rate.text, numbers.p99.text) == ("5.0/s", "p99 2.00 µs")


def test_the_presentation_has_larger_numbers(numbers: RunNumbers) -> None:
    numbers.set_scale(1.0)
    normal = numbers.rate.sizeHint()
    numbers.set_scale(1.9)
    assert numbers.rate.sizeHint().height() > normal.height()


def test_the_drops_say_how_a_lower_bound_is_known(numbers: RunNumbers) -> None:
    numbers.explain_lost("at least 7 lost")
    assert numbers.lost.toolTip().endswith("each cause\nat least 7 lost")
    numbers.explain_lost("")
    assert numbers.lost.toolTip().endswith("each cause")


def test_a_number_that_is_left_out_while_the_others_are_shown_again_stays_hidden(
    numbers: RunNumbers, qtbot: QtBot
) -> None:
    class LeavesOut(QObject):
        def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 (Qt's name)
            if event.type() == QEvent.Type.ShowToParent:
                numbers.leave_out(numbers.rate if watched is numbers.p99 else numbers.p99)
            return False

    numbers.show()
    whole = numbers.sizeHint().width()
    for text in (numbers.rate, numbers.p99):
        assert numbers.leave_out(text) > 0
    assert numbers.sizeHint().width() < whole
    watching = LeavesOut()
    for text in (numbers.rate, numbers.p99):
        text.installEventFilter(watching)
    numbers.show_all()
    assert [numbers.rate.isHidden(), numbers.p99.isHidden()].count(True) == 1
    for text in (numbers.rate, numbers.p99):
        text.removeEventFilter(watching)
    numbers.show_all()
    assert not numbers.rate.isHidden() and not numbers.p99.isHidden() and numbers.sizeHint().width() == whole
