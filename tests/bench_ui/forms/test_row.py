"""One field on screen: valid input is emitted, wrong input is marked and not emitted."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
from bench_ui.forms import Form
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from bench_app.model import (
    ConstantLoad,
    HandlerConfig,
    HandlerSpec,
    ListenerSpec,
    StepsLoad,
    SyntheticSource,
)
from tests.bench_ui.forms.driving import line, reasons, retype, slider_of


def test_the_tooltip_has_the_range_and_the_default_with_its_unit(show: Any) -> None:
    form, _ = show(Form(HandlerConfig))
    tip = form.widget("high_water_mark").toolTip()
    assert "default 1,000 messages" in tip
    assert "an integer from 0 to 2147483647" in tip


@pytest.mark.parametrize(
    ("struct", "field", "typed", "reason"),
    [
        (HandlerConfig, "high_water_mark", "-1", "must be an integer from 0 to 2147483647"),
        (HandlerConfig, "high_water_mark", "many", "must be an integer from 0 to 2147483647"),
        (HandlerConfig, "high_water_mark", "1.5", "must be an integer from 0 to 2147483647"),
        (HandlerConfig, "high_water_mark", "1,5", "must be an integer from 0 to 2147483647"),
        (HandlerConfig, "high_water_mark", "", "must be an integer from 0 to 2147483647"),
        (HandlerConfig, "high_water_mark", "1e999999999", "must be an integer from 0 to 2147483647"),
        (ConstantLoad, "rate", "0", "must be a number above 0 and at most 10000000"),
        (ConstantLoad, "rate", "nan", "must be a number above 0 and at most 10000000"),
        (HandlerSpec, "sink", "", "must be text of 1 to 200 characters"),
        (ListenerSpec, "stall", "5", "must be a list of 2 items or null, written from - to"),
        (ListenerSpec, "reply", "[1]", 'must be an object or null, written {"ok": true}'),
        (StepsLoad, "rates", "", "must be a list of 1 to 10000 items, written 1000, 5000"),
        (StepsLoad, "rates", "1000, x", "[1] must be a number from 0 to 10000000, written 1000, 5000"),
        (SyntheticSource, "size", "{", 'must be an integer from 0 to 67108864 or an object with "distribution"'),
    ],
)
def test_wrong_input_is_marked_and_never_applied(
    struct: type[msgspec.Struct], field: str, typed: str, reason: str, show: Any, qtbot: QtBot
) -> None:
    form, emitted = show(Form(struct))
    if typed == "":
        retype(qtbot, line(form, field), "x", end=None)
    retype(qtbot, line(form, field), typed)
    (fault,) = form.findChildren(QLabel, "fault")
    assert fault.text() == reason
    assert fault.isVisible()
    assert form.widget(field).property("fault") is True
    assert fault.text() in form.widget(field).accessibleDescription()
    assert line(form, field).text() == typed
    assert emitted == []


def test_the_reason_disappears_while_typing_once_the_input_is_valid(show: Any, qtbot: QtBot) -> None:
    form, emitted = show(Form(HandlerConfig))
    box = line(form, "queue_size")
    retype(qtbot, box, "0")
    assert reasons(form) == ["must be an integer from 1 to 10000000"]
    qtbot.keyClick(box, Qt.Key.Key_Backspace)
    qtbot.keyClicks(box, "5")
    assert reasons(form) == []
    assert emitted == []
    qtbot.keyClick(box, Qt.Key.Key_Return)
    assert emitted == [("queue_size", 5)]


@pytest.mark.parametrize(
    ("struct", "field", "typed", "value", "shown"),
    [
        (HandlerConfig, "high_water_mark", "2,000", 2000, "2,000"),
        (HandlerConfig, "high_water_mark", "2e3", 2000, "2,000"),
        (HandlerConfig, "high_water_mark", "5k", 5000, "5,000"),
        (HandlerConfig, "linger", "-1", -1, "-1"),
        (ListenerSpec, "delay_ms", ".5", 0.5, "0.5"),
        (ListenerSpec, "name", " slow ", "slow", "slow"),
        (ListenerSpec, "topics", 'a,b , ""', ["a", "b", ""], 'a, b, ""'),
        (ListenerSpec, "stall", "2 - 4.5", [2, 4.5], "2 - 4.5"),
        (ListenerSpec, "reply", '{"a":[1]}', {"a": [1]}, '{"a": [1]}'),
        (StepsLoad, "rates", "1000,5k", [1000, 5000], "1000, 5000"),
        (SyntheticSource, "size", "2k", 2000, "2,000"),
    ],
)
def test_valid_input_is_emitted_as_plain_json(
    struct: type[msgspec.Struct], field: str, typed: str, value: Any, shown: str, show: Any, qtbot: QtBot
) -> None:
    form, emitted = show(Form(struct))
    retype(qtbot, line(form, field), typed)
    assert emitted == [(field, value)]
    assert json.loads(json.dumps(emitted[0][1])) == value
    assert line(form, field).text() == shown


def test_true_in_a_reply_is_not_one(show: Any, qtbot: QtBot) -> None:
    form, emitted = show(Form(ListenerSpec))
    form.set_value(ListenerSpec(reply={"ok": 1}))
    retype(qtbot, line(form, "reply"), '{"ok": true}')
    assert [value for _, value in emitted] == [{"ok": True}]


def test_a_field_being_typed_in_is_not_disturbed(show: Any, qtbot: QtBot) -> None:
    form, emitted = show(Form(HandlerConfig))
    box = line(form, "queue_size")
    retype(qtbot, box, "12", end=None)
    form.set_value(HandlerConfig(queue_size=99, retries=9))
    assert (box.text(), line(form, "retries").text()) == ("12", "9")
    qtbot.keyClick(box, Qt.Key.Key_Escape)
    assert box.text() == "99"
    assert emitted == []


def test_slider_and_box_show_the_same(show: Any, qtbot: QtBot) -> None:
    form, emitted = show(Form(HandlerConfig, sliders=["queue_size"]))
    slider = slider_of(form, "queue_size")
    before = slider.value()
    retype(qtbot, line(form, "queue_size"), "20k")
    assert slider.value() > before
    qtbot.keyClick(slider, Qt.Key.Key_Right)
    assert emitted == [("queue_size", 20_000), ("queue_size", 50_000)]
    assert line(form, "queue_size").text() == "50,000"
    form.set_value(HandlerConfig(queue_size=10_000_000))
    assert slider.value() == slider.maximum()
    assert line(form, "queue_size").text() == "10,000,000"
    assert len(emitted) == 2


def test_a_changed_value_has_a_bold_label(show: Any, qtbot: QtBot) -> None:
    form, _ = show(Form(HandlerConfig))
    label = next(label for label in form.findChildren(QLabel) if label.buddy() is form.widget("retries"))
    assert not label.font().bold()
    retype(qtbot, line(form, "retries"), "4")
    assert label.font().bold()
    form.set_value(HandlerConfig())
    assert not label.font().bold()
