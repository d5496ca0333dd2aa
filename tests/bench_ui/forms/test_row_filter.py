"""Which fields a form shows."""

from __future__ import annotations

from typing import Any

from bench_ui.forms import ChoiceForm, Form
from bench_ui.forms.row_filter import SHOW_ALL, RowFilter

from bench_app.model import BurstLoad, ConstantLoad, HandlerConfig, Load
from tests.bench_ui.forms.driving import reasons


def shown(form: Form | ChoiceForm) -> set[str]:
    return {field for field in form.fields if form.widget(field).isVisible()}


def test_a_field_is_found_by_label_name_help_value_and_group(show: Any) -> None:
    form, _ = show(Form(HandlerConfig))
    assert form.show_rows(RowFilter("high_water_mark"), "") == 1 and shown(form) == {"high_water_mark"}
    assert "send_timeout" in (form.show_rows(RowFilter("  Send   TIMEOUT "), "") and shown(form))
    assert form.show_rows(RowFilter("no such words"), "") == 0 and shown(form) == set()
    assert form.show_rows(RowFilter("connection"), "Connection") == len(form.fields)
    assert form.show_rows(SHOW_ALL, "") == len(form.fields) == len(shown(form))


def test_only_what_differs_from_the_default_is_shown_and_what_has_none(show: Any) -> None:
    form, _ = show(Form(HandlerConfig))
    form.set_value(HandlerConfig(socket_type="PUSH", linger=7))
    form.show_rows(RowFilter(only_changed=True), "")
    before = shown(form)
    assert "linger" in before and "high_water_mark" not in before
    form.show_data({"socket_type": "PUSH", "linger": 7, "high_water_mark": 5})
    assert shown(form) == before | {"high_water_mark"}, "a field that changes meanwhile appears"


def test_a_hidden_field_that_is_wrong_appears_with_the_reason(show: Any) -> None:
    form, _ = show(Form(HandlerConfig))
    form.show_rows(RowFilter("linger"), "")
    form.set_fault("high_water_mark", "must be more")
    assert "high_water_mark" in shown(form) and reasons(form) == ["must be more"]


def test_hidden_fields_take_no_room(show: Any) -> None:
    form, _ = show(Form(HandlerConfig))
    form.show_rows(RowFilter("high_water_mark"), "")
    alone, _ = show(Form(HandlerConfig, only=["high_water_mark"]))
    assert abs(form.sizeHint().height() - alone.sizeHint().height()) <= 4


def test_the_filter_stays_when_another_choice_brings_other_fields(show: Any) -> None:
    form, _ = show(ChoiceForm(Load))
    form.set_value(ConstantLoad(rate=5))
    assert form.show_rows(RowFilter("from the start"), "Load") == 0
    form.set_value(BurstLoad(rate=5, events=10, every_s=1))
    assert shown(form) == {"every_s"}
    assert form.show_rows(RowFilter("burst"), "Load") > 1, "the list of choices counts by its choice"
    form.set_value(ConstantLoad(rate=5))
    assert form.show_rows(RowFilter("constant"), "Load") == 1
