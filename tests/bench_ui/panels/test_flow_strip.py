"""The picture of the flow: what is painted, and the tooltip of each number."""

from __future__ import annotations

from typing import Any

import pytest
from bench_ui.panels import flow_strip
from bench_ui.panels.flow import Flow
from bench_ui.panels.flow_strip import FlowStrip, without_idle
from bench_ui.panels.flow_texts import LossText
from bench_ui.widgets.theme import DARK, LIGHT
from PySide6.QtCore import QPoint
from PySide6.QtGui import QImage, QPainter
from pytestqt.qtbot import QtBot

from bench_app.measure.loss_causes import LOSS_CAUSES_BY_STAGE, Stage

LOSSES = {cause.key: 0 for cause in LOSS_CAUSES_BY_STAGE if cause.stage is not Stage.REPLY}
FLOW = Flow(offered=1200, queued=900, queue_size=1000, accepted=1190, received=1180, losses=LOSSES | {"lost": 5})
FLOW.scope_label = "all handlers"


@pytest.fixture
def strip(qtbot: QtBot) -> FlowStrip:
    found = FlowStrip()
    qtbot.addWidget(found)
    found.resize(900, 104)
    found.show()
    return found


def picture(strip: FlowStrip) -> QImage:
    return strip.grab().toImage()


def colors(image: QImage) -> set[str]:
    return {image.pixelColor(x, y).name() for x in range(image.width()) for y in range(image.height())}


def test_new_numbers_are_painted_and_described(strip: FlowStrip) -> None:
    before = picture(strip)
    strip.show_flow(FLOW)
    assert strip.flow is FLOW and strip.baseline is None
    assert picture(strip) != before
    assert "offered 1,200" in strip.accessibleDescription()


def test_each_number_has_a_tooltip(strip: FlowStrip) -> None:
    strip.show_flow(FLOW)
    picture(strip)
    stage = strip.width() / 5
    tips = [strip.tip_at(QPoint(int(stage * (place + 0.5)), 30)) for place in range(5)]
    assert len(set(tips)) == 5 and all(tips)
    assert strip.tip_at(QPoint(40, 90)).startswith("all handlers\n")
    assert strip.tip_at(QPoint(int(stage * 3) + 40, 90)) != ""
    assert strip.tip_at(QPoint(strip.width() - 5, 90)) == ""


def test_a_loss_is_painted_in_its_colour(strip: FlowStrip) -> None:
    for theme in (LIGHT, DARK):
        strip.theme = theme
        strip.show_flow(Flow(losses=dict(LOSSES)))
        assert theme.color("lost").name() not in colors(picture(strip))
        strip.show_flow(FLOW)
        assert theme.color("lost").name() in colors(picture(strip))


def test_a_full_queue_has_the_colour_of_overflow(strip: FlowStrip) -> None:
    strip.show_flow(Flow(queued=999, queue_size=1000, losses=dict(LOSSES)))
    assert LIGHT.color("overflow").name() in colors(picture(strip))
    strip.show_flow(Flow(queued=10, queue_size=1000, losses=dict(LOSSES)))
    assert LIGHT.color("overflow").name() not in colors(picture(strip))


def test_the_baseline_is_painted_beside_the_numbers(strip: FlowStrip) -> None:
    strip.show_flow(FLOW)
    without = picture(strip)
    strip.show_flow(FLOW, Flow(offered=900, accepted=800, received=700, losses=LOSSES | {"lost": 2}))
    assert picture(strip) != without
    assert strip.baseline is not None and "★ 900" in strip.tip_at(QPoint(60, 20))


@pytest.mark.parametrize("width", range(420, 1000, 29))
def test_no_number_of_the_baseline_is_cut(strip: FlowStrip, monkeypatch: pytest.MonkeyPatch, width: int) -> None:
    cut: list[str] = []
    drawn: list[str] = []

    class Watching(QPainter):
        def drawText(self, *arguments: Any) -> None:  # noqa: N802 (Qt's name)
            super().drawText(*arguments)
            room, text = arguments[0], arguments[-1]
            if text.startswith("★"):
                drawn.append(text)
                if self.fontMetrics().horizontalAdvance(text) > room.width():
                    cut.append(text)

    monkeypatch.setattr(flow_strip, "QPainter", Watching)
    strip.resize(width, 104)
    strip.show_flow(FLOW, Flow(offered=470, accepted=26_512, received=1_234_567, losses=LOSSES))
    strip.grab()
    assert not cut and (width < 600 or len(drawn) == 3)


def test_huge_numbers_in_a_narrow_strip_stay_in_their_places(strip: FlowStrip) -> None:
    huge = 10**12
    strip.resize(500, 104)
    strip.show_flow(Flow(offered=huge, accepted=huge, received=huge, losses=dict.fromkeys(LOSSES, huge)))
    image = picture(strip)
    middle = {image.pixelColor(2, y).name() for y in range(5, 95)}
    assert middle == {LIGHT.panel}, "nothing is painted over the left edge"


def test_the_presentation_is_higher(strip: FlowStrip) -> None:
    normal = strip.sizeHint().height()
    strip.set_large(True)
    assert strip.sizeHint().height() > normal and strip.minimumHeight() > 100
    strip.show_flow(FLOW)
    assert not picture(strip).isNull()
    strip.set_large(False)
    assert strip.sizeHint().height() == normal


def loss(text: str, count: int) -> LossText:
    return LossText(f"{text} {count:,}", f"{text} {count:,}", "lost", text, has_losses=bool(count))


def test_causes_without_a_loss_give_way_and_those_with_one_stay() -> None:
    timeout, aborted, nothing = loss("timeout", 263), loss("aborted", 6_300), loss("aborted", 0)
    for losses, room, shown in (
        ([timeout, nothing], 1000.0, [timeout, nothing]),
        ([timeout, nothing], 10.0, [timeout]),
        ([nothing, timeout], 10.0, [timeout]),
        ([timeout, aborted], 10.0, [timeout, aborted]),
        ([nothing, nothing], 10.0, [nothing]),
    ):
        assert without_idle(losses, lambda some: 60.0 * len(some), room) == shown


def test_two_losses_in_a_narrow_strip_are_above_each_other(strip: FlowStrip) -> None:
    strip.resize(640, 104)
    strip.show_flow(Flow(losses=LOSSES | {"send_timeout": 26_300, "aborted": 6_300}))
    picture(strip)
    left = int(strip.width() / 5 * 2) + 30
    tips = [strip.tip_at(QPoint(left, y)) for y in (82, 97)]
    assert "timed out" in tips[0] or "timeout" in tips[0].lower()
    assert tips[0] != tips[1]
