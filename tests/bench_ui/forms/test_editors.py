"""The registry of editors: each type of field has the right editor."""

from __future__ import annotations

from typing import Any

from bench_ui.forms import Form
from bench_ui.forms.choice_editors import CheckEditor, ChoiceEditor
from bench_ui.forms.editors import KINDS
from bench_ui.forms.entry_boxes import EntryBox, NumberBox, TextBox
from bench_ui.forms.fields import read_fields
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from bench_app.model import BenchSpec, HandlerBench, HandlerConfig, HandlerSpec, ListenerSpec, SyntheticSource
from tests.bench_ui.forms.driving import line, retype


def test_size_takes_a_distribution(show: Any, qtbot: QtBot) -> None:
    form, emitted = show(Form(SyntheticSource))
    retype(qtbot, line(form, "size"), '{"distribution": "uniform", "min": 1, "max": 9}')
    assert emitted == [("size", {"distribution": "uniform", "min": 1, "max": 9})]
    qtbot.keyClick(line(form, "size"), Qt.Key.Key_Up)
    assert len(emitted) == 1


def test_processors_are_a_word_or_numbers(show: Any, qtbot: QtBot) -> None:
    form, emitted = show(Form(BenchSpec, only=["cpu_affinity"]))
    for text in ("Spread", "0, 1", "elsewhere", "-1"):
        retype(qtbot, line(form, "cpu_affinity"), text)
    assert emitted == [("cpu_affinity", "spread"), ("cpu_affinity", [0, 1])]
    assert "must be" in read_fields(BenchSpec)["cpu_affinity"].reason("elsewhere")


def test_an_empty_field_shows_an_example(show: Any) -> None:
    form, _ = show(Form(ListenerSpec))
    shown = {name: line(form, name).placeholderText() for name in ("stall", "topics", "endpoint", "reply")}
    assert shown == {
        "stall": "e.g. 5 - 10",
        "topics": "e.g. analytics, alerts",
        "endpoint": "e.g. connect:tcp://127.0.0.1:5560",
        "reply": 'e.g. {"ok": true}',
    }
    fields = read_fields(ListenerSpec)
    assert all(not fields[name].reason(fields[name].example) for name in shown)


def test_every_kind_of_field_has_its_editor(qtbot: QtBot) -> None:
    expected = {
        (HandlerConfig, "high_water_mark"): NumberBox,
        (HandlerConfig, "topic"): EntryBox,
        (HandlerBench, "paired"): CheckEditor,
        (HandlerBench, "mode"): ChoiceEditor,
        (BenchSpec, "description"): TextBox,
    }
    for (struct, name), editor in expected.items():
        field = read_fields(struct)[name]
        parent = QWidget()
        qtbot.addWidget(parent)
        assert type(KINDS[field.kind].make(field, parent)) is editor


def test_a_struct_has_no_editor() -> None:
    assert read_fields(HandlerSpec)["config"].kind not in KINDS
