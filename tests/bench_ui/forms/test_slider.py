"""The log slider: which numbers it emits, and when."""

from __future__ import annotations

from typing import Any

from bench_ui.forms import Form
from bench_ui.forms.codecs import (
    write_number,
)
from pytestqt.qtbot import QtBot

from bench_app.model import (
    HandlerConfig,
)
from tests.bench_ui.forms.driving import line, slider_of


def test_dragging_emits_at_most_ten_a_second_and_the_last_place(show: Any, qtbot: QtBot) -> None:
    form, emitted = show(Form(HandlerConfig, sliders=["high_water_mark"]))
    slider = slider_of(form, "high_water_mark")
    slider.setSliderDown(True)
    for place in range(50, 100):
        slider.setSliderPosition(place)
    assert len(emitted) == 1
    assert line(form, "high_water_mark").text() != write_number(emitted[0][1])
    qtbot.waitUntil(lambda: len(emitted) == 2)
    form.set_value(HandlerConfig(high_water_mark=emitted[0][1]))
    slider.setSliderPosition(slider.maximum())
    assert len(emitted) == 2
    slider.setSliderDown(False)
    assert emitted[2:] == [("high_water_mark", 1_000_000)]
    assert line(form, "high_water_mark").text() == "1,000,000"


def test_a_slider_that_recreates_the_socket_waits_in_a_run_until_the_thumb_rests(show: Any, qtbot: QtBot) -> None:
    form, emitted = show(Form(HandlerConfig, sliders=["high_water_mark"], notes={"high_water_mark": "recreates"}))
    form.set_running(True)
    slider = slider_of(form, "high_water_mark")
    slider.setSliderDown(True)
    for place in range(50, 100):
        slider.setSliderPosition(place)
    assert emitted == []
    qtbot.waitUntil(lambda: len(emitted) == 1)
    slider.setSliderPosition(slider.maximum())
    slider.setSliderDown(False)
    assert emitted[1:] == [("high_water_mark", 1_000_000)]


def test_the_left_end_of_a_slider_has_the_special_values_of_the_range(show: Any) -> None:
    form, emitted = show(Form(HandlerConfig, sliders=["linger", "high_water_mark", "queue_size"]))
    for name in ("linger", "high_water_mark", "queue_size"):
        slider_of(form, name).setValue(0)
    assert [value for _, value in emitted] == [-1, 0, 1]
