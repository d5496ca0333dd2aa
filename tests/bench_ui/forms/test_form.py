"""One form for a struct: every field of the model has its line, and values go through unchanged."""

from __future__ import annotations

import typing
from typing import Any

import msgspec
import pytest
from bench_ui.forms import Form
from bench_ui.forms.fields import plain, read_fields
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QCheckBox, QComboBox, QLabel, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from bench_app.model import (
    BenchSpec,
    BurstLoad,
    HandlerBench,
    HandlerConfig,
    HandlerSpec,
    ListenerSpec,
    Load,
    LognormalSize,
    MaxLoad,
    RecordedLoad,
    ReplaySource,
    SineLoad,
    StepsLoad,
    SyntheticSource,
)
from bench_app.model.validation import convert_all
from tests.bench_ui.forms.driving import line, reasons, retype

STRUCTS: list[type[msgspec.Struct]] = [
    HandlerSpec,
    HandlerConfig,
    HandlerBench,
    ListenerSpec,
    SyntheticSource,
    ReplaySource,
    BenchSpec,
    *typing.get_args(Load),
]


VALUES: list[msgspec.Struct] = [
    HandlerSpec(uri="zmq://tcp://*:5555", sink="out", enabled=False),
    HandlerConfig(socket_type="REQ", topic=" a ", high_water_mark=0, linger=-1, queue_size=10_000_000),
    HandlerBench(mode="connect", framing="joined", paired=False, high_water_mark_set="after"),
    ListenerSpec(name="slow", topics=("a", "", 'x,"y', "[]"), delay_ms=0.25, reply={"ok": [1, 2.0]}, stall=(1.5, 3)),
    ListenerSpec(topics=(), endpoint="bind:tcp://*:1", drop_replies=0.125),
    SyntheticSource(event="line_crossing", size=LognormalSize(median=100), seed=2**63 - 1),
    ReplaySource(path="a b.csv", format="csv", time_field="at", loop=True, on_bad_line="fail"),
    BenchSpec(title="Täst", duration_s=0.5, warmup_s=1e-7),
    BurstLoad(rate=1000.5, events=3, every_s=2),
    StepsLoad(rates=(0, 1000, 2.5), each_s=1),
    SineLoad(mean=1, amplitude=0, period_s=0.1),
    MaxLoad(),
    RecordedLoad(speed=2),
]


def on_screen(widget: QWidget) -> Any:
    if isinstance(widget, QCheckBox):
        return widget.isChecked()
    if isinstance(widget, QComboBox):
        return widget.currentText()
    return widget.typed()  # type: ignore[attr-defined]


@pytest.mark.parametrize("struct", STRUCTS, ids=lambda struct: struct.__name__)
def test_every_struct_has_a_form_that_explains_itself(struct: type[msgspec.Struct], show: Any) -> None:
    form, _ = show(Form(struct, sliders=struct.__struct_fields__))
    fields = read_fields(struct)
    nested = {name for name, field in fields.items() if "struct" in field.kind.split(" | ")} - {"size"}
    tables = {"sources", "handlers", "listeners", "checks", "timeline"} if struct is BenchSpec else set()
    assert set(form.fields) == set(fields) - nested - tables
    for name in form.fields:
        widget = form.widget(name)
        assert widget.accessibleName() == fields[name].label
        assert widget.accessibleDescription() == fields[name].description
        assert fields[name].expected in widget.toolTip()
        assert any(label.buddy() is widget for label in form.findChildren(QLabel))
    assert form.minimumSizeHint().width() <= 260


@pytest.mark.parametrize("struct", VALUES, ids=lambda struct: type(struct).__name__)
def test_values_round_trip_unedited(struct: msgspec.Struct, show: Any, qtbot: QtBot) -> None:
    """The values read back from the screen are the values that the form was given."""
    form, emitted = show(Form(type(struct), sliders=type(struct).__struct_fields__))
    form.set_value(struct)
    seen = {name: on_screen(form.widget(name)) for name in form.fields}
    data = {**plain(struct), **seen}
    assert convert_all(data, type(struct)) == (struct, [])
    assert emitted == []
    for name in form.fields:
        if isinstance(form.widget(name), QLineEdit):
            qtbot.keyClick(form.widget(name), Qt.Key.Key_Return)
    assert emitted == []


def test_setting_values_replaces_wrong_text(show: Any, qtbot: QtBot) -> None:
    form, _ = show(Form(HandlerConfig))
    retype(qtbot, line(form, "queue_size"), "x", end=Qt.Key.Key_Tab)
    assert reasons(form)
    form.set_value(HandlerConfig())
    assert reasons(form) == []
    assert line(form, "queue_size").text() == "1,000"


def test_faults_from_outside(show: Any, qtbot: QtBot) -> None:
    form, _ = show(Form(HandlerConfig))
    form.set_fault("topic", "is taken")
    form.set_fault("linger", "is long")
    form.set_value(HandlerConfig())
    assert reasons(form) == ["is taken", "is long"]
    retype(qtbot, line(form, "topic"), "t")
    assert reasons(form) == ["is long"]
    form.clear_faults()
    assert reasons(form) == []
    assert not form.widget("linger").property("fault")


def test_only_names_fields_and_order() -> None:
    with pytest.raises(ValueError, match="config"):
        Form(HandlerSpec, only=["config"])
    with pytest.raises(KeyError):
        Form(HandlerSpec, only=["nothing"])


def test_tab_goes_down_the_form(show: Any, qtbot: QtBot) -> None:
    form, _ = show(Form(HandlerConfig, only=["topic", "linger", "retries"], sliders=["linger"]))
    form.widget("topic").setFocus()
    stops = []
    for _ in range(3):
        qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
        stops.append(QApplication.focusWidget())
    assert stops == [form.widget("linger"), form.slider("linger"), form.widget("retries")]


def test_notes_are_shown_before_a_run_and_nothing_moves_when_one_starts(show: Any) -> None:
    form, _ = show(Form(HandlerConfig, notes={"linger": "recreates the socket", "topic": "restarts the handler"}))
    notes = form.findChildren(QLabel, "note")
    assert {note.text() for note in notes if note.isVisible()} == {"recreates the socket", "restarts the handler"}
    places = [stop.geometry() for stop in form.tab_stops()]
    form.set_running(True)
    QApplication.processEvents()
    assert [stop.geometry() for stop in form.tab_stops()] == places
