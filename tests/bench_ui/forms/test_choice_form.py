"""A form for a choice between structs: loads and sources."""

from __future__ import annotations

from typing import Any

import pytest
from bench_ui.forms import ChoiceForm
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from bench_app.model import (
    ConstantLoad,
    Load,
    MaxLoad,
    RampLoad,
    ReplaySource,
    Source,
    StepsLoad,
    SyntheticSource,
)
from bench_app.model.validation import convert_all
from tests.bench_ui.forms.driving import choose, line, reasons, retype

PLAIN_LOAD = ConstantLoad(rate=7)


@pytest.mark.parametrize("tag", ["constant", "poisson", "burst", "ramp", "steps", "sine", "max", "recorded"])
def test_every_load_can_be_chosen_and_is_complete(tag: str, show: Any, qtbot: QtBot) -> None:
    form, emitted = show(ChoiceForm(Load))
    form.set_value(MaxLoad() if tag != "max" else ConstantLoad(rate=5))
    choose(form, "shape", tag)
    assert len(emitted) == 1
    assert emitted[0]["shape"] == tag
    assert convert_all(emitted[0], Load)[1] == []
    assert form.widget("shape").toolTip()


def test_the_rate_stays_when_the_shape_changes(show: Any) -> None:
    form, emitted = show(ChoiceForm(Load))
    form.set_value(ConstantLoad(rate=42))
    for tag in ("burst", "max", "poisson"):
        choose(form, "shape", tag)
        form.set_value(convert_all(emitted[-1], Load)[0])
    assert emitted == [
        {"shape": "burst", "rate": 42, "events": 100, "every_s": 1},
        {"shape": "max"},
        {"shape": "poisson", "rate": 42},
    ]


def test_an_edit_of_one_field_emits_the_complete_load(show: Any, qtbot: QtBot) -> None:
    form, emitted = show(ChoiceForm(Load, sliders=["rate"], notes={"rate": "at once"}))
    form.set_value(RampLoad(start=1, end=2, over_s=3))
    form.set_running(True)
    retype(qtbot, line(form, "end"), "10k")
    assert emitted == [{"shape": "ramp", "start": 1, "end": 10_000, "over_s": 3}]
    retype(qtbot, line(form, "end"), "-1")
    assert len(emitted) == 1
    form.clear_faults()
    form.set_fault("start", "is odd")
    form.set_fault("shape", "is wrong")
    assert {"is odd", "is wrong"} <= set(reasons(form))
    form.clear_faults()
    choose(form, "shape", "constant")
    assert [note.text() for note in form.findChildren(QLabel, "note") if note.isVisible()] == ["at once"]


def test_a_source_keeps_its_load_and_waits_for_its_path(show: Any, qtbot: QtBot) -> None:
    form, emitted = show(ChoiceForm(Source))
    given = SyntheticSource(load=PLAIN_LOAD)
    form.set_value(given)
    choose(form, "kind", "replay")
    assert emitted == []
    assert len(reasons(form)) == 1
    assert "Fill this in: Path of the file" in reasons(form)[0]
    form.set_value(given)
    assert form.tag == "replay"
    retype(qtbot, line(form, "path"), "a.csv")
    assert convert_all(emitted[0], Source)[0] == ReplaySource(path="a.csv", load=PLAIN_LOAD)
    assert reasons(form) == []
    form.set_value(given)
    assert form.tag == "synthetic"


def test_tab_goes_on_after_the_tag_changed(show: Any, qtbot: QtBot) -> None:
    class Page(QWidget):
        def __init__(self) -> None:
            super().__init__()
            column = QVBoxLayout(self)
            self.choice = ChoiceForm(Load)
            self.last = QLineEdit()
            column.addWidget(self.choice)
            column.addWidget(self.last)
            self.edited = self.choice.edited

    page, _ = show(Page())
    page.choice.set_value(StepsLoad(rates=(1,), each_s=1))
    page.choice.widget("shape").setFocus()
    stops = []
    for _ in range(3):
        qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
        stops.append(QApplication.focusWidget())
    assert stops == [page.choice.widget("rates"), page.choice.widget("each_s"), page.last]
