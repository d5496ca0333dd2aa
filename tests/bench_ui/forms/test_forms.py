"""Forms: every struct of the model has one, values go through unchanged, wrong input stays outside."""

from __future__ import annotations

import json
import typing
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from bench_ui.forms import ChoiceForm, Form, LogSlider
from bench_ui.forms.editors import TextBox
from bench_ui.forms.fields import Bounds, plain, read_fields
from bench_ui.forms.ladder import ladder_of, scale_of
from bench_ui.forms.text import (
    read_json,
    read_list,
    read_number,
    read_numbers,
    read_span,
    write_list,
    write_number,
)
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QShortcut, QWheelEvent
from PySide6.QtWidgets import QApplication, QCheckBox, QComboBox, QLabel, QLineEdit, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from bench_app.model import (
    BenchSpec,
    BurstLoad,
    ConstantLoad,
    HandlerBench,
    HandlerConfig,
    HandlerSpec,
    ListenerSpec,
    Load,
    LognormalSize,
    MaxLoad,
    RampLoad,
    RecordedLoad,
    ReplaySource,
    SineLoad,
    Source,
    StepsLoad,
    SyntheticSource,
)
from bench_app.model.validation import convert_all

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


class Heard(list[Any]):
    """What a signal said."""

    def __call__(self, *said: Any) -> None:
        self.append(said if len(said) > 1 else said[0])


@pytest.fixture
def show(qtbot: QtBot) -> Callable[..., Any]:
    def _show(widget: Any, width: int = 280) -> tuple[Any, Heard]:
        qtbot.addWidget(widget)
        heard = Heard()
        widget.edited.connect(heard)
        widget.resize(width, 600)
        widget.show()
        widget.activateWindow()
        with qtbot.waitActive(widget):
            pass
        return widget, heard

    return _show


def line(form: Form | ChoiceForm, field: str) -> QLineEdit:
    widget = form.widget(field)
    assert isinstance(widget, QLineEdit)
    return widget


def retype(qtbot: QtBot, box: QLineEdit, words: str, *, end: Qt.Key | None = Qt.Key.Key_Return) -> None:
    """As a person does: click, select all, type, Enter."""
    box.setFocus()
    box.selectAll()
    qtbot.keyClick(box, Qt.Key.Key_Delete)
    qtbot.keyClicks(box, words)
    if end is not None:
        qtbot.keyClick(box, end)


def reasons(form: QWidget) -> list[str]:
    return [label.text() for label in form.findChildren(QLabel, "fault") if label.isVisible()]


@pytest.mark.parametrize("struct", STRUCTS, ids=lambda struct: struct.__name__)
def test_every_struct_has_a_form_that_explains_itself(struct: type[msgspec.Struct], show: Any) -> None:
    form, _ = show(Form(struct, sliders=struct.__struct_fields__))
    fields = read_fields(struct)
    nested = {name for name, field in fields.items() if "struct" in field.kind.split(" | ")} - {"size"}
    tables = {"sources", "handlers", "listeners", "checks"} if struct is BenchSpec else set()
    assert set(form.fields) == set(fields) - nested - tables
    for name in form.fields:
        widget = form.widget(name)
        assert widget.accessibleName() == fields[name].label
        assert widget.accessibleDescription() == fields[name].description
        assert fields[name].words in widget.toolTip()
        assert any(label.buddy() is widget for label in form.findChildren(QLabel))
    assert form.minimumSizeHint().width() <= 260


@pytest.mark.parametrize("struct", VALUES, ids=lambda struct: type(struct).__name__)
def test_values_round_trip_unedited(struct: msgspec.Struct, show: Any, qtbot: QtBot) -> None:
    """What the form shows, read back from the screen, is what it was given."""
    form, heard = show(Form(type(struct), sliders=type(struct).__struct_fields__))
    form.set_value(struct)
    seen = {name: on_screen(form.widget(name)) for name in form.fields}
    data = {**plain(struct), **seen}
    assert convert_all(data, type(struct)) == (struct, [])
    assert heard == []
    for name in form.fields:
        if isinstance(form.widget(name), QLineEdit):
            qtbot.keyClick(form.widget(name), Qt.Key.Key_Return)
    assert heard == []


def on_screen(widget: QWidget) -> Any:
    if isinstance(widget, QCheckBox):
        return widget.isChecked()
    if isinstance(widget, QComboBox):
        return widget.currentText()
    return widget.typed()  # type: ignore[attr-defined]


def test_the_tooltip_tells_range_and_default_with_its_unit(show: Any) -> None:
    form, _ = show(Form(HandlerConfig))
    tip = form.widget("high_water_mark").toolTip()
    assert "default 1,000 messages" in tip
    assert "an integer from 0 to 2147483647" in tip


@pytest.mark.parametrize(
    ("struct", "field", "words", "reason"),
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
    struct: type[msgspec.Struct], field: str, words: str, reason: str, show: Any, qtbot: QtBot
) -> None:
    form, heard = show(Form(struct))
    if words == "":
        retype(qtbot, line(form, field), "x", end=None)
    retype(qtbot, line(form, field), words)
    fault = form.findChildren(QLabel, "fault")[list(form.fields).index(field)]
    assert fault.text() == reason
    assert fault.isVisible()
    assert form.widget(field).property("fault") is True
    assert fault.text() in form.widget(field).accessibleDescription()
    assert line(form, field).text() == words
    assert heard == []


def test_the_reason_goes_while_typing_once_the_input_is_right(show: Any, qtbot: QtBot) -> None:
    form, heard = show(Form(HandlerConfig))
    box = line(form, "queue_size")
    retype(qtbot, box, "0")
    assert reasons(form) == ["must be an integer from 1 to 10000000"]
    qtbot.keyClick(box, Qt.Key.Key_Backspace)
    qtbot.keyClicks(box, "5")
    assert reasons(form) == []
    assert heard == []
    qtbot.keyClick(box, Qt.Key.Key_Return)
    assert heard == [("queue_size", 5)]


@pytest.mark.parametrize(
    ("struct", "field", "words", "value", "shown"),
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
def test_right_input_is_told_as_plain_json(
    struct: type[msgspec.Struct], field: str, words: str, value: Any, shown: str, show: Any, qtbot: QtBot
) -> None:
    form, heard = show(Form(struct))
    retype(qtbot, line(form, field), words)
    assert heard == [(field, value)]
    assert json.loads(json.dumps(heard[0][1])) == value
    assert line(form, field).text() == shown


def test_size_takes_a_distribution(show: Any, qtbot: QtBot) -> None:
    form, heard = show(Form(SyntheticSource))
    retype(qtbot, line(form, "size"), '{"distribution": "uniform", "min": 1, "max": 9}')
    assert heard == [("size", {"distribution": "uniform", "min": 1, "max": 9})]
    qtbot.keyClick(line(form, "size"), Qt.Key.Key_Up)
    assert len(heard) == 1


@pytest.mark.parametrize("field", ["name", "topics", "reply", "endpoint", "stall"])
def test_an_empty_line_is_the_default(field: str, show: Any, qtbot: QtBot) -> None:
    form, heard = show(Form(ListenerSpec))
    form.set_value(ListenerSpec(name="n", topics=("a",), reply={}, endpoint="e", stall=(1, 2)))
    retype(qtbot, line(form, field), "")
    assert heard == [(field, None)]


def test_true_in_a_reply_is_not_one(show: Any, qtbot: QtBot) -> None:
    form, heard = show(Form(ListenerSpec))
    form.set_value(ListenerSpec(reply={"ok": 1}))
    retype(qtbot, line(form, "reply"), '{"ok": true}')
    assert [value for _, value in heard] == [{"ok": True}]


def test_boxes_and_words(show: Any, qtbot: QtBot) -> None:
    form, heard = show(Form(HandlerBench))
    qtbot.keyClick(form.widget("paired"), Qt.Key.Key_Space)
    mode = form.widget("mode")
    assert [mode.itemText(place) for place in range(mode.count())] == ["auto", "bind", "connect"]
    mode.setFocus()
    qtbot.keyClick(mode, Qt.Key.Key_Down)
    assert heard == [("paired", False), ("mode", "bind")]


def test_leaving_a_field_gives_it_and_escape_takes_it_back(show: Any, qtbot: QtBot) -> None:
    form, heard = show(Form(HandlerConfig, only=["queue_size", "retries"]))
    retype(qtbot, line(form, "queue_size"), "7", end=Qt.Key.Key_Tab)
    assert QApplication.focusWidget() is form.widget("retries")
    assert heard == [("queue_size", 7)]
    retype(qtbot, line(form, "retries"), "x")
    assert reasons(form)
    qtbot.keyClick(form.widget("retries"), Qt.Key.Key_Escape)
    assert line(form, "retries").text() == "3"
    assert reasons(form) == []
    assert len(heard) == 1


def test_escape_and_space_are_taken_from_the_window_only_while_they_mean_something(show: Any, qtbot: QtBot) -> None:
    form, _ = show(Form(HandlerSpec))
    pressed = Heard()
    for key in (Qt.Key.Key_Escape, Qt.Key.Key_Space):
        QShortcut(key, form, activated=lambda key=key: pressed(key))
    retype(qtbot, line(form, "sink"), "x", end=Qt.Key.Key_Escape)
    assert line(form, "sink").text() == "events"
    form.widget("enabled").setFocus()
    qtbot.keyClick(form.widget("enabled"), Qt.Key.Key_Space)
    assert pressed == []
    qtbot.keyClick(line(form, "sink"), Qt.Key.Key_Escape)
    assert pressed == [Qt.Key.Key_Escape]


def test_a_field_being_typed_in_is_not_disturbed(show: Any, qtbot: QtBot) -> None:
    form, heard = show(Form(HandlerConfig))
    box = line(form, "queue_size")
    retype(qtbot, box, "12", end=None)
    form.set_value(HandlerConfig(queue_size=99, retries=9))
    assert (box.text(), line(form, "retries").text()) == ("12", "9")
    qtbot.keyClick(box, Qt.Key.Key_Escape)
    assert box.text() == "99"
    assert heard == []


def test_setting_values_takes_wrong_text_away(show: Any, qtbot: QtBot) -> None:
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


def test_arrows_go_in_steps_and_give_each(show: Any, qtbot: QtBot) -> None:
    form, heard = show(Form(HandlerConfig))
    box = line(form, "send_timeout")
    box.setFocus()
    for key in "UUDDD":
        qtbot.keyClick(box, Qt.Key.Key_Up if key == "U" else Qt.Key.Key_Down)
    assert [value for _, value in heard] == [200, 500, 200, 100, 50]


def test_the_wheel_steps_only_with_the_focus(show: Any, qtbot: QtBot) -> None:
    form, heard = show(Form(HandlerConfig, sliders=["retries"]))
    form.widget("topic").setFocus()
    for name in ("retries", "socket_type"):
        assert not wheel(form.widget(name))
    assert not wheel(form.slider("retries"))
    assert heard == []
    form.widget("retries").setFocus()
    wheel(form.widget("retries"))
    assert heard == [("retries", 5)]


def wheel(widget: QWidget, delta: int = 120) -> bool:
    event = QWheelEvent(
        QPointF(5, 5),
        QPointF(5, 5),
        QPoint(),
        QPoint(0, delta),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    widget.wheelEvent(event)
    return event.isAccepted()


def slider_of(form: Form, field: str) -> LogSlider:
    slider = form.slider(field)
    assert isinstance(slider, LogSlider)
    return slider


def test_dragging_tells_at_most_ten_a_second_and_the_last_place(show: Any, qtbot: QtBot) -> None:
    form, heard = show(Form(HandlerConfig, sliders=["high_water_mark"]))
    slider = slider_of(form, "high_water_mark")
    slider.setSliderDown(True)
    for place in range(50, 100):
        slider.setSliderPosition(place)
    assert len(heard) == 1
    assert line(form, "high_water_mark").text() != write_number(heard[0][1])
    qtbot.waitUntil(lambda: len(heard) == 2)
    form.set_value(HandlerConfig(high_water_mark=heard[0][1]))
    slider.setSliderPosition(slider.maximum())
    assert len(heard) == 2
    slider.setSliderDown(False)
    assert heard[2:] == [("high_water_mark", 1_000_000)]
    assert line(form, "high_water_mark").text() == "1,000,000"


def test_what_recreates_the_socket_waits_in_a_run_until_the_thumb_rests(show: Any, qtbot: QtBot) -> None:
    form, heard = show(Form(HandlerConfig, sliders=["high_water_mark"], notes={"high_water_mark": "recreates"}))
    form.set_running(True)
    slider = slider_of(form, "high_water_mark")
    slider.setSliderDown(True)
    for place in range(50, 100):
        slider.setSliderPosition(place)
    assert heard == []
    qtbot.waitUntil(lambda: len(heard) == 1)
    slider.setSliderPosition(slider.maximum())
    slider.setSliderDown(False)
    assert heard[1:] == [("high_water_mark", 1_000_000)]


def test_the_left_end_of_a_slider_is_what_the_range_allows(show: Any) -> None:
    form, heard = show(Form(HandlerConfig, sliders=["linger", "high_water_mark", "queue_size"]))
    for name in ("linger", "high_water_mark", "queue_size"):
        slider_of(form, name).setValue(0)
    assert [value for _, value in heard] == [-1, 0, 1]


def test_slider_and_box_show_the_same(show: Any, qtbot: QtBot) -> None:
    form, heard = show(Form(HandlerConfig, sliders=["queue_size"]))
    slider = slider_of(form, "queue_size")
    before = slider.value()
    retype(qtbot, line(form, "queue_size"), "20k")
    assert slider.value() > before
    qtbot.keyClick(slider, Qt.Key.Key_Right)
    assert heard == [("queue_size", 20_000), ("queue_size", 50_000)]
    assert line(form, "queue_size").text() == "50,000"
    form.set_value(HandlerConfig(queue_size=10_000_000))
    assert slider.value() == slider.maximum()
    assert line(form, "queue_size").text() == "10,000,000"
    assert len(heard) == 2


def test_what_a_change_does_in_a_run_is_said_before_it_and_nothing_moves_when_one_starts(show: Any) -> None:
    form, _ = show(Form(HandlerConfig, notes={"linger": "recreates the socket", "topic": "restarts the handler"}))
    notes = form.findChildren(QLabel, "note")
    assert {note.text() for note in notes if note.isVisible()} == {"recreates the socket", "restarts the handler"}
    places = [stop.geometry() for stop in form.stops()]
    form.set_running(True)
    QApplication.processEvents()
    assert [stop.geometry() for stop in form.stops()] == places


def test_a_changed_value_has_a_bold_label(show: Any, qtbot: QtBot) -> None:
    form, _ = show(Form(HandlerConfig))
    label = next(label for label in form.findChildren(QLabel) if label.buddy() is form.widget("retries"))
    assert not label.font().bold()
    retype(qtbot, line(form, "retries"), "4")
    assert label.font().bold()
    form.set_value(HandlerConfig())
    assert not label.font().bold()


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


@pytest.mark.parametrize("tag", ["constant", "poisson", "burst", "ramp", "steps", "sine", "max", "recorded"])
def test_every_load_can_be_chosen_and_is_whole(tag: str, show: Any, qtbot: QtBot) -> None:
    form, heard = show(ChoiceForm(Load))
    form.set_value(MaxLoad() if tag != "max" else ConstantLoad(rate=5))
    choose(form, "shape", tag)
    assert len(heard) == 1
    assert heard[0]["shape"] == tag
    assert convert_all(heard[0], Load)[1] == []
    assert form.widget("shape").toolTip()


def choose(form: ChoiceForm, field: str, word: str) -> None:
    combo = form.widget(field)
    assert isinstance(combo, QComboBox)
    combo.setCurrentText(word)
    combo.activated.emit(combo.currentIndex())


def test_the_rate_stays_when_the_shape_changes(show: Any) -> None:
    form, heard = show(ChoiceForm(Load))
    form.set_value(ConstantLoad(rate=42))
    for tag in ("burst", "max", "poisson"):
        choose(form, "shape", tag)
        form.set_value(convert_all(heard[-1], Load)[0])
    assert heard == [
        {"shape": "burst", "rate": 42, "events": 100, "every_s": 1},
        {"shape": "max"},
        {"shape": "poisson", "rate": 42},
    ]


def test_a_field_of_a_load_gives_the_whole_load(show: Any, qtbot: QtBot) -> None:
    form, heard = show(ChoiceForm(Load, sliders=["rate"], notes={"rate": "at once"}))
    form.set_value(RampLoad(start=1, end=2, over_s=3))
    form.set_running(True)
    retype(qtbot, line(form, "end"), "10k")
    assert heard == [{"shape": "ramp", "start": 1, "end": 10_000, "over_s": 3}]
    retype(qtbot, line(form, "end"), "-1")
    assert len(heard) == 1
    form.clear_faults()
    form.set_fault("start", "is odd")
    form.set_fault("shape", "is wrong")
    assert {"is odd", "is wrong"} <= set(reasons(form))
    form.clear_faults()
    choose(form, "shape", "constant")
    assert [note.text() for note in form.findChildren(QLabel, "note") if note.isVisible()] == ["at once"]


def test_a_source_keeps_its_load_and_waits_for_its_path(show: Any, qtbot: QtBot) -> None:
    form, heard = show(ChoiceForm(Source))
    given = SyntheticSource(load=PLAIN_LOAD)
    form.set_value(given)
    choose(form, "kind", "replay")
    assert heard == []
    assert len(reasons(form)) == 1
    assert "required" in reasons(form)[0]
    form.set_value(given)
    assert form.tag == "replay"
    retype(qtbot, line(form, "path"), "a.csv")
    assert convert_all(heard[0], Source)[0] == ReplaySource(path="a.csv", load=PLAIN_LOAD)
    assert reasons(form) == []
    form.set_value(given)
    assert form.tag == "synthetic"


PLAIN_LOAD = ConstantLoad(rate=7)


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


def test_numbers_as_people_write_them() -> None:
    good = {"1,000": 1000, "1 000": 1000, "−5": -5, "1e3": 1000, "1.5k": 1500, "2M": 2_000_000, "0.25": 0.25, "5.": 5}
    for words, value in good.items():
        assert read_number(words) == value, words
    for words in ("", "1,5", "1,00,000", "inf", "nan", "0x10", "1k5", "--1", "٣"):
        assert read_number(words) == words
    assert isinstance(read_number("1e3"), int)
    assert read_number(str(2**63 - 1)) == 2**63 - 1
    assert read_number("1e99999999999999999999") == read_number("9" * 400) == float("inf")
    assert [write_number(value) for value in (1000, 1000.0, 0.5, -1, 1e-7)] == ["1,000", "1,000", "0.5", "-1", "1e-07"]


def test_lists_as_people_write_them() -> None:
    for items in ([], [""], ["a"], ["a b", " c", 'q"q', "x,y", "\n", "[]", "\\"]):
        assert read_list(write_list(items)) == items
    assert read_list("  ") is None
    assert read_list('"open') == '"open'
    assert read_list("a,,b,") == ["a", "b"]
    assert read_numbers("1,000") == [1, "000"]
    assert read_span("5-10") == [5, 10]
    assert read_span("1e-3 - 5") == [0.001, 5]
    assert read_json("NaN") == "NaN"


def limits(least: float, most: float, *, open_below: bool = False, whole: bool = True) -> Bounds:
    return Bounds(least, most, open_below=open_below, whole=whole)


def test_steps_end_where_the_range_ends() -> None:
    mark = ladder_of(limits(-1, 12))
    climbed = [-1.0]
    while (higher := mark.up(climbed[-1])) != climbed[-1]:
        climbed.append(higher)
    assert climbed == [-1, 0, 1, 2, 5, 10, 12]
    lowered = [12.0]
    while (lower := mark.down(lowered[-1])) != lowered[-1]:
        lowered.append(lower)
    assert lowered == [12, 10, 5, 2, 1, 0, -1]
    rate = ladder_of(limits(0, 100, open_below=True, whole=False))
    assert rate.down(0.1) == 0.05
    share = ladder_of(limits(0, 1, whole=False))
    assert (share.up(0), share.down(0.001), share.up(0.5), share.up(1)) == (0.001, 0, 1, 1)


@pytest.mark.parametrize("default", [None, 0, 3, 1000])
@pytest.mark.parametrize("bounds", [limits(-1, 2**31), limits(0, 1, whole=False), limits(1, 9)])
def test_each_place_of_a_slider_is_a_number_of_the_range(bounds: Bounds, default: float | None) -> None:
    scale = scale_of(bounds, default if default is None or bounds.holds(default) else None)
    values = [scale.value_at(place) for place in range(scale.last + 1)]
    assert values == sorted(values)
    assert all(bounds.holds(value) for value in values)
    assert all(scale.value_at(scale.place_of(value)) == value for value in values)


def test_a_long_text_has_lines_and_is_given_when_it_is_left(show: Any, qtbot: QtBot) -> None:
    form, heard = show(Form(BenchSpec, only=["description", "duration_s"]))
    box = form.widget("description")
    assert isinstance(box, TextBox) and box.height() > 3 * form.widget("duration_s").fontMetrics().height()
    box.setFocus()
    qtbot.keyClicks(box, "first")
    qtbot.keyClick(box, Qt.Key.Key_Return)
    qtbot.keyClicks(box, "second")
    assert heard == []
    # What is shown from outside does not disturb who types.
    form.set_value(BenchSpec(description="from outside"))
    assert box.toPlainText() == "first\nsecond"
    qtbot.keyClick(box, Qt.Key.Key_Tab)
    assert heard == [("description", "first\nsecond")] and not box.hasFocus()

    box.setFocus()
    qtbot.keyClicks(box, "x")
    qtbot.keyClick(box, Qt.Key.Key_Escape)
    assert box.toPlainText() == "first\nsecond"
    qtbot.keyClicks(box, "y")
    qtbot.keyClick(box, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert heard[1:] == [("description", "first\nsecondy")] or heard[1:] == [("description", "yfirst\nsecond")]


def test_an_empty_field_says_what_may_stand_in_it(show: Any) -> None:
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
