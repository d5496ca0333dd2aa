import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench_app.errors import InputError
from bench_app.model.json_path import assign, format_path, lookup, parse_assignment, parse_path

# Small values: a path meets at most one key of each object, and making a value takes most of the time of a test.
words = st.text(max_size=6)
parts = st.lists(words | st.integers(0, 10**6), min_size=1, max_size=6).map(tuple)
json_values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=10,
)


@pytest.mark.parametrize(
    ("text", "path"),
    [
        (
            "output.handlers.zmq-publisher.config.high_water_mark",
            ("output", "handlers", "zmq-publisher", "config", "high_water_mark"),
        ),
        ("bench.listeners.zmq-publisher[0].delay_ms", ("bench", "listeners", "zmq-publisher", 0, "delay_ms")),
        ('output.handlers["a.b"].uri', ("output", "handlers", "a.b", "uri")),
        ('["a b"]["c]"][3][4].d', ("a b", "c]", 3, 4, "d")),
        ('a[""]', ("a", "")),
        ('a["\\""]', ("a", '"')),
        ("a.0.b", ("a", "0", "b")),
    ],
)
def test_a_text_and_its_parts(text: str, path: tuple[str | int, ...]) -> None:
    assert parse_path(text) == path
    assert format_path(path) == text


@given(parts)
def test_every_path_survives_format_and_parse(path: tuple[str | int, ...]) -> None:
    assert parse_path(format_path(path)) == path


@pytest.mark.parametrize(
    ("text", "column"),
    [("", 1), (".a", 1), ("a.", 3), ("a..b", 3), ("a[", 2), ("a[x]", 2), ("a[-1]", 2), ("a b", 2), ('a["b]', 2)],
)
def test_a_faulty_path_is_refused_with_its_column(text: str, column: int) -> None:
    with pytest.raises(InputError, match=f"column {column}:"):
        parse_path(text)


@given(st.text(alphabet='ab.[]"\\0= '))
def test_any_text_is_read_as_a_path_or_refused_with_an_error(text: str) -> None:
    try:
        path = parse_path(text)
    except InputError:
        return
    assert parse_path(format_path(path)) == path


def test_assign_keeps_the_original_and_the_order_of_keys() -> None:
    raw = {"a": {"x": 1, "y": 2}, "b": [1, 2]}
    before = copy.deepcopy(raw)
    changed = assign(raw, "a.x", 5)
    assert changed == {"a": {"x": 5, "y": 2}, "b": [1, 2]}
    assert list(changed["a"]) == ["x", "y"]
    assert raw == before


@pytest.mark.parametrize(
    ("path", "made"),
    [
        ("bench.handlers.pub.mode", {"bench": {"handlers": {"pub": {"mode": 1}}}}),
        ("bench.listeners.pub[0].delay_ms", {"bench": {"listeners": {"pub": [{"delay_ms": 1}]}}}),
        ("bench.listeners.pub.0.delay_ms", {"bench": {"listeners": {"pub": [{"delay_ms": 1}]}}}),
        ('["a.b"].c', {"a.b": {"c": 1}}),
    ],
)
def test_assign_creates_missing_objects_and_lists(path: str, made: Any) -> None:
    assert assign({}, path, 1) == made


def test_assign_replaces_null_on_the_way() -> None:
    assert assign({"reply": None}, "reply.ok", True) == {"reply": {"ok": True}}


def test_assign_sets_and_appends_in_a_list() -> None:
    raw = {"list": [1, 2]}
    assert assign(raw, "list[1]", 5) == {"list": [1, 5]}
    assert assign(raw, "list.1", 5) == {"list": [1, 5]}
    assert assign(raw, "list[2]", 5) == {"list": [1, 2, 5]}
    with pytest.raises(InputError, match=r"the list has 2 items, so \[2\] is the next one"):
        assign(raw, "list[3]", 5)


def test_assign_prefers_the_longest_key_that_exists() -> None:
    raw = {"handlers": {"cam": {"1": {"uri": "old"}}, "cam.1": {"uri": "old"}}}
    assert assign(raw, "handlers.cam.1.uri", "new")["handlers"]["cam.1"] == {"uri": "new"}
    assert assign(raw, 'handlers["cam"].1.uri', "new")["handlers"]["cam"] == {"1": {"uri": "new"}}
    assert assign(raw, "handlers.cam.2.uri", "new")["handlers"]["cam"]["2"] == {"uri": "new"}


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("number.x", "number is 5, which has no x to set"),
        ("list.x", "list is a list: an index, such as [0], was expected, not x"),
        ("object[0]", "object is an object, not a list"),
        ("[0]", "the preset is an object, not a list"),
    ],
)
def test_assign_names_the_value_that_blocks_the_path(path: str, message: str) -> None:
    with pytest.raises(InputError) as caught:
        assign({"number": 5, "list": [], "object": {}}, path, 1)
    assert message in str(caught.value)


def test_assign_does_not_join_parts_given_as_a_tuple() -> None:
    assert assign({"a.b": 1}, ("a", "b"), 2) == {"a.b": 1, "a": {"b": 2}}
    with pytest.raises(InputError):
        assign({}, (), 2)


@given(st.dictionaries(words, json_values, max_size=4), parts, json_values)
def test_lookup_finds_the_assigned_value(raw: dict[str, Any], path: tuple[str | int, ...], value: Any) -> None:
    before = copy.deepcopy(raw)
    try:
        changed = assign(raw, path, value)
    except InputError:
        changed = None
    assert raw == before
    if changed is not None and not any(isinstance(part, str) and part.isdigit() for part in path):
        assert lookup(changed, path, "nothing") == value


def test_lookup() -> None:
    raw = {"a": [{"b": None}]}
    assert lookup(raw, ("a", 0, "b"), "nothing") is None
    assert lookup(raw, ("a", 1), "nothing") == "nothing"
    assert lookup(raw, ("a", "0"), "nothing") == "nothing"
    assert lookup(raw, ()) == raw


@pytest.mark.parametrize(
    ("text", "path", "value"),
    [
        ("bench.duration_s=5", "bench.duration_s", 5),
        ("bench.duration_s=2.5", "bench.duration_s", 2.5),
        ("a.enabled=false", "a.enabled", False),
        ("a.uri=zmq://tcp://*:5555", "a.uri", "zmq://tcp://*:5555"),
        ('a.topic="5"', "a.topic", "5"),
        ("a.topic=", "a.topic", ""),
        ("a.check=drops == 0", "a.check", "drops == 0"),
        ('a.load={"shape": "max"}', "a.load", {"shape": "max"}),
        ("a.x=NaN", "a.x", "NaN"),
        ("a.x=1e400", "a.x", "1e400"),
        ('a["b=c"].d=1', 'a["b=c"].d', 1),
    ],
)
def test_assignments(text: str, path: str, value: Any) -> None:
    assert parse_assignment(text) == (path, value)
    assert type(parse_assignment(text)[1]) is type(value)


@pytest.mark.parametrize("text", ["", "bench.duration_s", "=5", "a b=5", "a=" + "[" * 100_000])
def test_assignments_refused(text: str) -> None:
    with pytest.raises(InputError):
        parse_assignment(text)
