"""The facts about a field come from the model."""

from __future__ import annotations

import pytest
from bench_ui.forms.fields import Bounds, plain, read_fields

from bench_app.model import (
    BenchSpec,
    ConstantLoad,
    HandlerBench,
    HandlerConfig,
    HandlerSpec,
    ListenerSpec,
    ReplaySource,
    StepsLoad,
)


def test_a_field_has_type_range_unit_and_default_of_the_model() -> None:
    field = read_fields(HandlerConfig)["send_timeout"]
    assert (field.name, field.label, field.kind, field.unit) == ("send_timeout", "Send timeout", "int", "ms")
    assert field.bounds is not None and field.bounds.whole
    assert field.default == field.start == HandlerConfig().send_timeout
    assert not field.required
    assert field.description


@pytest.mark.parametrize(
    ("struct", "name", "kind"),
    [
        (HandlerConfig, "topic", "str"),
        (HandlerBench, "paired", "bool"),
        (HandlerBench, "mode", "literal"),
        (ListenerSpec, "delay_ms", "float"),
        (ListenerSpec, "topics", "[str, ...] | none"),
        (ListenerSpec, "stall", "[float, float] | none"),
        (ListenerSpec, "reply", "none | {any}"),
        (BenchSpec, "cpu_affinity", "[int, ...] | literal"),
        (HandlerSpec, "config", "struct"),
    ],
)
def test_the_kind_names_the_type_for_the_registry(struct: type, name: str, kind: str) -> None:
    assert read_fields(struct)[name].kind == kind


def test_choices_have_the_order_of_the_model() -> None:
    assert read_fields(HandlerBench)["mode"].choices == ("auto", "bind", "connect")
    assert read_fields(HandlerConfig)["topic"].choices == ()


def test_a_required_field_starts_with_a_usual_value_if_there_is_one() -> None:
    rate = read_fields(ConstantLoad)["rate"]
    assert rate.required and rate.default is None and rate.start == 1000
    path = read_fields(ReplaySource)["path"]
    assert path.required and path.start is None, "only the user knows the file"


def test_a_long_text_has_several_lines() -> None:
    fields = read_fields(BenchSpec)
    assert fields["description"].lines > fields["title"].lines == 1


def test_the_reason_says_what_is_expected_and_where() -> None:
    field = read_fields(HandlerConfig)["queue_size"]
    assert field.reason(5) == ""
    assert field.reason(0) == f"must be {field.expected}"
    assert read_fields(StepsLoad)["rates"].reason([1, "x"]).startswith("[1] must be a number")


def test_bounds_hold_their_ends_unless_they_are_open() -> None:
    closed = Bounds(0, 10, open_below=False, whole=False)
    assert [closed.holds(value) for value in (-1, 0, 10, 11)] == [False, True, True, False]
    assert not Bounds(0, 10, open_below=True, whole=False).holds(0)


def test_plain_data_has_lists_and_whole_numbers() -> None:
    data = plain(ListenerSpec(delay_ms=5.0, stall=(1.0, 2.5), topics=("a",)))
    assert data["stall"] == [1, 2.5] and data["topics"] == ["a"]
    assert isinstance(data["delay_ms"], int)
    assert isinstance(plain((1.0,))[0], int)
