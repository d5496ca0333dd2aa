"""The bar on top: which buttons have an effect, and what it shows."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from bench_ui.app import make_app
from bench_ui.panels.run_bar import RunBar, RunBarState
from bench_ui.panels.run_numbers import RunNumbers
from bench_ui.widgets.style_sheet import apply_theme
from bench_ui.widgets.theme import DARK, LIGHT
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QApplication, QLabel, QMainWindow, QToolButton
from pytestqt.qtbot import QtBot

from bench_app.engine.result import Outcome
from bench_app.engine.session import Phase


class Window(QMainWindow):
    def __init__(self) -> None:
        super().__init__()
        self.bar = RunBar()
        self.addToolBar(self.bar)
        self.resize(1280, 200)


@pytest.fixture
def window(qapp: QApplication, qtbot: QtBot) -> Window:
    # In the style of the application: its buttons are wider than those of a bare one.
    apply_theme(make_app(), LIGHT)
    found = Window()
    qtbot.addWidget(found)
    found.show()
    with qtbot.waitActive(found):
        found.activateWindow()
    return found


def enabled(bar: RunBar) -> tuple[bool, bool, bool]:
    return bar.start.isEnabled(), bar.pause.isEnabled(), bar.stop.isEnabled()


def test_the_buttons_follow_the_run(window: Window) -> None:
    bar = window.bar
    bar.show_phase(can_start=True, running=False, paused=False, stopping=False)
    assert enabled(bar) == (True, False, False)
    bar.show_phase(can_start=False, running=True, paused=False, stopping=False)
    assert enabled(bar) == (False, True, True) and bar.pause.text().endswith("Pause")
    bar.show_phase(can_start=False, running=True, paused=True, stopping=False)
    assert bar.pause.isChecked() and bar.pause.accessibleName() == "Resume"
    bar.show_phase(can_start=False, running=True, paused=False, stopping=True)
    assert enabled(bar) == (False, False, True)


def test_in_a_narrow_bar_the_buttons_that_have_an_effect_are_shown(window: Window, qtbot: QtBot) -> None:
    bar = window.bar
    bar.show_name("multi-pattern", "")
    bar.show_numbers(5000.0, 412_000.0, 2, "service")
    window.resize(800, 200)
    for _ in range(2):
        bar.show_phase(can_start=True, running=False, paused=False, stopping=False)
        qtbot.waitUntil(lambda: bar.start.isVisible() and not bar.stop.isVisible())
        assert bar.start.isEnabled()
        bar.show_phase(can_start=False, running=True, paused=False, stopping=False)
        qtbot.waitUntil(lambda: bar.stop.isVisible() and not bar.start.isVisible())
        assert bar.stop.isEnabled()


def test_a_button_gives_way_only_where_there_is_no_room_for_it(window: Window, qtbot: QtBot) -> None:
    bar = window.bar
    bar.show_name("multi-pattern", "")
    bar.show_numbers(5000.0, 412_000.0, 2, "service")
    window.resize(900, 200)
    bar.show_phase(can_start=False, running=True, paused=False, stopping=False)
    qtbot.waitUntil(lambda: bar.width() == 900 and bar.pause.isVisible() and bar.stop.isVisible())
    assert bar.duration.isVisible() and bar.pause.isEnabled()


def test_without_a_document_nothing_can_be_saved_or_timed_and_start_stays(window: Window, qtbot: QtBot) -> None:
    bar = window.bar
    window.resize(900, 200)
    bar.show_phase(can_start=False, running=False, paused=False, stopping=False)
    bar.show_open(False)
    qtbot.waitUntil(lambda: bar.width() == 900 and bar.start.isVisible() and not bar.stop.isVisible())
    assert not bar.start.isEnabled() and not bar.duration.isEnabled() and not bar.save.isEnabled()
    window.resize(1600, 200)
    qtbot.waitUntil(bar.save.isVisible)
    assert not bar.save.isEnabled()
    bar.show_open(True)
    assert bar.duration.isEnabled() and bar.save.isEnabled()


@pytest.mark.parametrize(("width", "growth"), [(900, 1.0), (1280, 1.0), (1280, 1.5)])
def test_every_number_of_the_presentation_is_in_a_narrow_bar(
    window: Window, qtbot: QtBot, width: int, growth: float
) -> None:
    bar = window.bar
    bar.show_name("multi-consumer-broadcast", "")
    bar.show_numbers(88_888.0, 12_300_000.0, 123_456, "service")
    window.resize(width, 300)
    bar.set_large(True, growth)
    numbers = bar.findChildren(RunNumbers)[0]
    texts = (numbers.rate, numbers.p99, numbers.lost)
    qtbot.waitUntil(lambda: bar.width() == width and 0 < numbers.geometry().right() <= width)
    qtbot.waitUntil(lambda: all(one.isVisible() and one.width() >= one.sizeHint().width() for one in texts))
    assert numbers.lost.font().pointSizeF() >= bar.font().pointSizeF()
    window.resize(3840, 300)
    qtbot.waitUntil(lambda: numbers.lost.font().pointSizeF() > 1.8 * growth * bar.font().pointSizeF())


def test_the_focus_goes_to_the_button_that_space_presses_next(window: Window) -> None:
    bar = window.bar
    bar.show_phase(can_start=True, running=False, paused=False, stopping=False)
    bar.start.setFocus()
    bar.show_phase(can_start=False, running=True, paused=False, stopping=False)
    assert window.focusWidget() is bar.pause
    bar.show_phase(can_start=True, running=False, paused=False, stopping=False)
    assert window.focusWidget() is bar.start


def test_the_state_has_time_numbers_and_progress(window: Window) -> None:
    bar = window.bar
    bar.show_time(12.4, 0.25, Phase.RUNNING)
    bar.show_numbers(5000.0, 412_000.0, 2, "service")
    assert bar.state == RunBarState("00:12.4", "5,000/s", "p99 412 µs", "2 drops", 0.25)
    bar.show_time(99.0, 1.5, Phase.DONE)
    assert (bar.state.progress, bar.state.progress_word) == (1.0, "done")


def test_events_that_are_offered_late_are_shown_in_place_of_the_progress(window: Window) -> None:
    bar = window.bar
    for late_s, phase, word in (
        (0.2, Phase.RUNNING, ""),
        (6.84, Phase.RUNNING, "6.8 s late"),
        (6.84, Phase.DRAINING, "draining"),
    ):
        bar.show_time(12.4, 0.25, phase, late_s)
        assert bar.state.progress_word == word


def test_a_long_name_is_cut_and_whole_in_the_tooltip(window: Window) -> None:
    name = "a-preset-with-a-very-long-name-indeed*"
    window.bar.show_name(name, "What it shows")
    label = next(one for one in window.bar.findChildren(QLabel) if one.objectName() == "title")
    assert "…" in label.text() and label.toolTip() == f"{name}\nWhat it shows"


def test_the_duration_is_passed_on(window: Window, qtbot: QtBot) -> None:
    window.bar.show_duration(2.5)
    assert window.bar.duration.text() == "2.5"
    window.bar.duration.setText("7")
    with qtbot.waitSignal(window.bar.duration_edited) as edited:
        window.bar.duration.editingFinished.emit()
    assert edited.args == [7.0]


def test_the_presentation_hides_what_it_does_not_need(window: Window, qtbot: QtBot) -> None:
    bar = window.bar
    bar.set_large(True)
    qtbot.waitUntil(lambda: not bar.start.isVisible())
    assert not bar.duration.isVisible() and bar.present.isVisible()
    bar.set_large(False)
    qtbot.waitUntil(bar.start.isVisible)
    assert bar.duration.isVisible()


def test_in_the_presentation_everything_grows_with_the_window(window: Window, qtbot: QtBot) -> None:
    bar = window.bar
    bar.show_numbers(5_000, None, 0, "response")
    bar.set_large(True)
    usual = bar.sizeHint().height(), bar.present.sizeHint().height()
    assert bar.state.p99 == "", "a latency that is not known takes no room before an audience"
    window.resize(3 * 1280, 600)
    bar.set_large(True, 3.0)
    assert bar.sizeHint().height() > 2 * usual[0] and bar.present.sizeHint().height() > 2 * usual[1]
    bar.set_large(False)


def test_another_theme_keeps_what_is_shown(window: Window) -> None:
    window.bar.show_time(12.4, 0.25, Phase.RUNNING)
    before = window.bar.state
    window.bar.show_theme(DARK)
    assert window.bar.state == before and window.bar.theme is DARK


def test_a_button_has_the_number_of_notes_and_their_text(window: Window, qtbot: QtBot) -> None:
    bar = window.bar
    assert not bar.notes.isVisible()
    bar.show_notes(["<b>h</b>: no peer was ever connected", "second"])
    qtbot.waitUntil(bar.notes.isVisible)
    assert bar.notes.text() == "2 notes"
    assert "no peer" in bar.notes.toolTip() and "<b>" not in bar.notes.toolTip(), "it is shown as plain text"
    bar.set_large(True)
    qtbot.waitUntil(lambda: not bar.notes.isVisible())
    bar.set_large(False)
    qtbot.waitUntil(bar.notes.isVisible)
    bar.show_notes(())
    qtbot.waitUntil(lambda: not bar.notes.isVisible())


@pytest.mark.parametrize("outcome", Outcome)
def test_a_badge_has_the_verdict_in_place_of_the_progress(window: Window, qtbot: QtBot, outcome: Outcome) -> None:
    bar = window.bar
    assert not bar.verdict.isVisible()
    bar.show_verdict(outcome, "h: <b>lost</b> 3")
    qtbot.waitUntil(bar.verdict.isVisible)
    assert bar.verdict.text() == outcome.upper() and bar.verdict.accessibleName() == f"Verdict: {outcome}"
    assert bar.verdict.property("outcome") == outcome.value
    assert "lost" in bar.verdict.toolTip() and "<b>" not in bar.verdict.toolTip(), "it is shown as plain text"
    bar.set_large(True)
    qtbot.waitUntil(bar.verdict.isVisible)
    bar.set_large(False)
    bar.show_verdict(None)
    qtbot.waitUntil(lambda: not bar.verdict.isVisible())


def test_in_the_presentation_a_calm_ending_is_no_verdict_in_capitals(window: Window, qtbot: QtBot) -> None:
    bar = window.bar
    bar.show_verdict(Outcome.INVALID, "the machine was busy", is_calm=True)
    assert bar.verdict.text() == "INVALID"
    bar.set_large(True)
    assert bar.verdict.text() == "DONE" and bar.verdict.property("outcome") == ""
    assert bar.verdict.accessibleName() == "Verdict: invalid" and "busy" in bar.verdict.toolTip()
    bar.set_large(False)
    assert bar.verdict.text() == "INVALID" and bar.verdict.property("outcome") == "invalid"


@pytest.mark.parametrize("width", [900, 1000, 1280, 1600])
def test_parts_give_way_by_rank_and_never_the_verdict(window: Window, qtbot: QtBot, width: int) -> None:
    bar = window.bar
    bar.show_verdict(Outcome.INTERRUPTED, "stopped")
    bar.show_notes(["one", "two"])
    bar.show_numbers(5_000_000, 123_456_789.0, 88_888_888, "service")
    window.resize(width, 100)
    qtbot.waitUntil(lambda: bar.width() == width)
    shown = [bar.widgetForAction(action) for action in bar.actions() if action.isVisible()]
    assert bar.verdict in shown and bar.start in shown and bar.stop in shown
    qtbot.waitUntil(lambda: all(one.isVisible() and one.geometry().right() <= width for one in shown))
    if width in (900, 1600):
        assert (bar.scheme in shown) == (width == 1600)


@pytest.fixture
def text_percent(request: pytest.FixtureRequest, qapp: QApplication) -> Iterator[int]:
    """The application has text of this size."""
    usual = QApplication.font()
    font = QFont(usual)
    font.setPointSizeF(usual.pointSizeF() * request.param / 100)
    QApplication.setFont(font)
    yield request.param
    QApplication.setFont(usual)


STATES = {
    "before a run": lambda bar: bar.show_phase(can_start=True, running=False, paused=False, stopping=False),
    "running": lambda bar: bar.show_phase(can_start=False, running=True, paused=False, stopping=False),
    "paused": lambda bar: bar.show_phase(can_start=False, running=True, paused=True, stopping=False),
    "over": lambda bar: bar.show_verdict(Outcome.INTERRUPTED, "stopped"),
    "presented": lambda bar: bar.set_large(True, 1.5),
}


@pytest.mark.parametrize("text_percent", [100, 125, 150, 200, 250], indirect=True)
def test_nothing_is_cut_or_gives_way_without_need_in_any_width(text_percent: int, window: Window) -> None:
    bar = window.bar
    numbers = bar.findChildren(RunNumbers)[0]
    bar.show_name("multi-consumer-broadcast *", "")
    bar.show_notes(["one", "two"])
    bar.show_numbers(88_888.0, 12_300_000.0, 1_234_567, "service")
    for state, enter in STATES.items():
        enter(bar)
        buttons = None
        for width in (*range(900, 2000, 60), *range(2000, 3841, 460)):
            window.resize(width, 300)
            for _ in range(4):
                QApplication.processEvents()
            case = f"{state}, {width} pixels, text of {text_percent} %"
            shown = [bar.widgetForAction(action) for action in bar.actions() if action.isVisible()]
            assert all(one.isVisible() and one.geometry().right() < width for one in shown), case
            texts = [one for one in (numbers.rate, numbers.p99, numbers.lost) if not one.isHidden()]
            assert numbers in shown and numbers.lost in texts, case
            for one in (*texts, *(one for one in shown if isinstance(one, QToolButton))):
                assert one.width() >= one.sizeHint().width(), case
            assert bar.verdict in shown or state not in ("over", "presented"), case
            assert state != "before a run" or bar.start in shown, case
            assert state not in ("running", "paused") or bar.stop in shown, case
            # A wider bar shows all that a narrower one has room for.
            found = {one for one in shown if isinstance(one, QToolButton)} | set(texts)
            assert buttons is None or buttons <= found, case
            buttons = found
        assert {numbers.rate, numbers.p99} <= found, state
