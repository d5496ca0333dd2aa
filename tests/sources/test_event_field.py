"""Fields of events by name and by path."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench_app.errors import InputError
from bench_app.model.json_path import format_path
from bench_app.sources.event_field import MISSING, EventField, FieldProbe


@pytest.mark.parametrize(
    ("path", "event", "value"),
    [
        ("t", {"t": 1}, 1),
        ("a.b", {"a": {"b": 2}}, 2),
        ("a.b", {"a.b": 3, "a": {"b": 2}}, 3),
        ("a.b.c", {"a.b": {"c": 4}}, 4),
        ("a.b.c", {"a.b": {}, "a": {"b.c": 5}}, 5),
        ("a[1].b", {"a": [0, {"b": 6}]}, 6),
        ("a.1", {"a": [0, 7]}, 7),
        ('Time "UTC"', {'Time "UTC"': 8}, 8),
        ("Temp. [C]", {"Temp. [C]": 9}, 9),
        ('["x y"].z', {"x y": {"z": 10}}, 10),
        ('h.Time "UTC".t', {"h": {'Time "UTC"': {"t": 13}}}, 13),
        ("h.a\\b", {"h": {"a\\b": 14}}, 14),
        ("Temp. [C].t", {"Temp. [C]": {"t": 15}}, 15),
        ("", {"": 11}, 11),
        ("a\nb", {"a\nb": 12}, 12),
        ("t", {"t": None}, None),
        ("a.b", {"a": 1}, MISSING),
        ("a[3]", {"a": [1]}, MISSING),
        ("t", [1], MISSING),
    ],
)
def test_a_field_is_found(path: str, event: Any, value: Any) -> None:
    field = EventField(path)
    assert field.find(event) is value or field.find(event) == value
    if isinstance(event, dict):
        found = field.find(FieldProbe([field]).read(json.dumps(event).encode()))
        assert found is value or found == value


def test_an_empty_part_is_refused() -> None:
    with pytest.raises(InputError, match="column"):
        EventField("a..b")


NAMES = st.text(min_size=1, max_size=8)


@given(st.lists(NAMES, min_size=1, max_size=4), st.integers())
def test_any_names_are_found_by_their_path(names: list[str], value: int) -> None:
    event: Any = value
    for name in reversed(names):
        event = {name: event}
    field = EventField(format_path(names))
    assert field.find(event) == value
    text = json.dumps(event).encode("utf-8", "surrogatepass")
    assert field.find(FieldProbe([field]).read(text)) == value


@given(NAMES.filter(lambda name: ".." not in name), st.integers())
def test_any_name_of_a_column_is_found_as_it_is(name: str, value: int) -> None:
    field = EventField(name)
    assert field.find(FieldProbe([field]).read(json.dumps({name: value}).encode())) == value


def test_the_presence_of_a_further_key_is_seen() -> None:
    probe = FieldProbe([EventField("a.b")], ["_bench"])
    assert "_bench" in probe.read(b'{"_bench":1,"a":{"b":1}}')
    assert "_bench" not in probe.read(b'{"c":1}')
    awkward = FieldProbe([EventField('a"')], ["_bench"])
    assert "_bench" in awkward.read(b'{"_bench":1}')
