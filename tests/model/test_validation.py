import copy
import math
from typing import Annotated, Any, Literal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Meta

from bench_app.errors import Fault
from bench_app.model import HandlerConfig, Load, Preset, Spec
from bench_app.model.json_path import JsonPath, assign, format_path
from bench_app.model.validation import TOP, compact, convert_all, fault_at, validate

GOOD: dict[str, Any] = {
    "output": {
        "handlers": {
            "pub": {"uri": "zmq://tcp://*:5555", "config": {"socket_type": "PUB", "topic": "a", "linger": -1}},
            "push": {"uri": "zmq://tcp://host:5556", "sink": "tasks", "enabled": False, "config": {}},
        }
    },
    "bench": {
        "version": 1,
        "duration_s": 5,
        "sources": {
            "events": {
                "kind": "synthetic",
                "size": {"distribution": "choice", "sizes": [1, 2], "weights": [1, 0.5]},
                "load": {"shape": "steps", "rates": [1, 2.5], "each_s": 1},
            },
            "tasks": {"kind": "replay", "path": "x.jsonl", "time_field": None, "load": {"shape": "max"}},
        },
        "handlers": {"pub": {"paired": False, "mode": "bind"}},
        "listeners": {"pub": [{"topics": ["a"], "stall": [1, 2.0], "reply": {"ok": True}}, {}]},
        "checks": ["drops == 0"],
    },
}
PLACES: list[tuple[str | int, ...]] = [
    ("output",),
    ("output", "handlers"),
    ("output", "handlers", "pub"),
    ("output", "handlers", "pub", "uri"),
    ("output", "handlers", "push", "enabled"),
    ("output", "handlers", "pub", "config", "socket_type"),
    ("output", "handlers", "pub", "config", "linger"),
    ("output", "handlers", "pub", "config", "queue_size"),
    ("output", "handlers", ""),
    ("bench",),
    ("bench", "version"),
    ("bench", "duration_s"),
    ("bench", "sources", "events"),
    ("bench", "sources", "events", "kind"),
    ("bench", "sources", "events", "size"),
    ("bench", "sources", "events", "size", "distribution"),
    ("bench", "sources", "events", "size", "sizes", 1),
    ("bench", "sources", "events", "size", "weights"),
    ("bench", "sources", "events", "load"),
    ("bench", "sources", "events", "load", "shape"),
    ("bench", "sources", "events", "load", "rates"),
    ("bench", "sources", "tasks", "load", "shape"),
    ("bench", "sources", "tasks", "time_field"),
    ("bench", "handlers", "pub", "mode"),
    ("bench", "listeners", "pub"),
    ("bench", "listeners", "pub", 0),
    ("bench", "listeners", "pub", 0, "stall"),
    ("bench", "listeners", "pub", 0, "topics"),
    ("bench", "listeners", "pub", 0, "reply"),
    ("bench", "listeners", "pub", 1, "drop_replies"),
    ("bench", "checks"),
    ("bench", "checks", 0),
]

likely = st.sampled_from(
    [
        0,
        1,
        -1,
        0.5,
        3.0,
        2**31,
        10**400,
        True,
        None,
        "",
        "PUB",
        "max",
        "sine",
        "uniform",
        "replay",
        [],
        {},
        [1, 2],
        math.inf,
    ]
)
json_values: st.SearchStrategy[Any] = st.recursive(
    likely | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
)


@st.composite
def nearly_presets(draw: st.DrawFn) -> Any:
    raw = copy.deepcopy(GOOD)
    for place in draw(st.lists(st.sampled_from(PLACES), max_size=3)):
        try:
            raw = assign(raw, place, draw(json_values))
        except Exception as error:  # noqa: BLE001 - an earlier change may have removed the parent
            assert "InputError" in type(error).__name__
    return raw


def strictly(data: Any) -> Any:
    """The data as msgspec converts it, or None."""
    try:
        return msgspec.convert(data, Preset)
    except (msgspec.ValidationError, OverflowError):
        return None


@given(nearly_presets() | json_values)
def test_validation_agrees_with_msgspec(data: Any) -> None:
    value, faults = convert_all(data, Preset)
    if not faults:
        assert value == msgspec.convert(data, Preset)
        assert validate(data, Preset).value == value
    else:
        assert value is None
        not_finite = any(fault.value in ("Infinity", "-Infinity", "NaN") for fault in faults)
        assert not_finite or strictly(data) is None


def test_a_valid_preset_converts_as_with_msgspec() -> None:
    assert convert_all(GOOD, Preset) == (msgspec.convert(GOOD, Preset), [])


def faults_of(data: Any, type_: Any = Preset) -> list[tuple[str, str, str]]:
    return [(fault.path, fault.value, fault.expected) for fault in convert_all(data, type_)[1]]


def test_all_faults_at_once_in_the_order_of_the_file() -> None:
    data = {
        "output": {
            "handlers": {"a.b": {"sink": 3, "enabled": "yes", "config": {"socket_type": "SUB", "linger": 3.0}}},
        },
        "bench": {
            "duration_s": math.inf,
            "version": 2,
            "sources": {
                "events": {"kind": "synthetic", "size": {"distribution": "uniform", "min": -1}, "load": {"rate": 1}},
                "b": {"kind": "other"},
                "c": {"kind": "synthetic", "size": 1.5, "load": {"shape": "steps", "rates": [True], "each_s": 0}},
            },
            "listeners": {"a.b": [{"stall": [1], "drop_replies": 2}, 4]},
            "checks": "drops == 0",
        },
    }
    size = "an integer from 0 to 67108864"
    assert faults_of(data) == [
        ('output.handlers["a.b"].sink', "3", "text of 1 to 200 characters"),
        ('output.handlers["a.b"].enabled', '"yes"', "true or false"),
        ('output.handlers["a.b"].config.socket_type', '"SUB"', "one of PUB, PUSH, REQ"),
        ('output.handlers["a.b"].config.linger', "3.0", "an integer from -1 to 2147483647"),
        (
            'output.handlers["a.b"].uri',
            "",
            "this key is required: text - ZMQ endpoint URI (zmq://transport://address:port)",
        ),
        ("bench.duration_s", "Infinity", "a number above 0 and at most 2592000"),
        ("bench.version", "2", "an integer equal to 1"),
        ("bench.sources.events.size.min", "-1", size),
        ("bench.sources.events.size.max", "", f"this key is required: {size} - Largest size"),
        (
            "bench.sources.events.load.shape",
            "",
            "this key is required: one of constant, poisson, burst, ramp, steps, sine, max, recorded",
        ),
        ("bench.sources.b.kind", '"other"', "one of synthetic, replay, schema"),
        ("bench.sources.c.size", "1.5", f'{size} or an object with "distribution"'),
        ("bench.sources.c.load.rates[0]", "true", "a number from 0 to 10000000"),
        ("bench.sources.c.load.each_s", "0", "a number above 0 and at most 2592000"),
        ('bench.listeners["a.b"][0].stall', "[1]", "a list of 2 items"),
        ('bench.listeners["a.b"][0].drop_replies', "2", "a number from 0 to 1"),
        ('bench.listeners["a.b"][1]', "4", "an object"),
        ("bench.checks", '"drops == 0"', "a list"),
    ]


@pytest.mark.parametrize("value", [True, False, 3.0, "3", None, [3], {}, 10**400])
def test_values_that_are_not_integers(value: Any) -> None:
    assert [fault[0] for fault in faults_of({"linger": value}, HandlerConfig)] == ["linger"]


@pytest.mark.parametrize("value", [True, math.nan, math.inf, -math.inf, 10**400, "1"])
def test_values_that_are_not_numbers(value: Any) -> None:
    assert [fault[0] for fault in faults_of({"shape": "constant", "rate": value}, Load)] == ["rate"]


@pytest.mark.parametrize(("value", "type_"), [([], Preset), (5, Load), (None, Load), ({}, list[int]), ("x", int)])
def test_a_fault_at_the_top(value: Any, type_: Any) -> None:
    assert [fault[0] for fault in faults_of(value, type_)] == ["the top level"]
    assert convert_all(value, type_, "bench.x")[1][0].path == "bench.x"


class Odd(Spec, frozen=True, tag="odd", tag_field="kind"):
    numbers: list[Annotated[int, Meta(ge=3)]] = msgspec.field(default_factory=list)
    either: int | bool | Literal["x"] = 1
    keyed: Annotated[dict[Literal["a", "b"], int], Meta(min_length=1)] = msgspec.field(default_factory=dict)


def test_types_that_the_model_does_not_use_yet() -> None:
    assert convert_all({"numbers": [3], "either": "x", "keyed": {"a": 1}}, Odd)[0] == Odd(
        numbers=[3], either="x", keyed={"a": 1}
    )
    assert faults_of({"numbers": [2], "either": "y", "keyed": {"c": 1}, "kind": "even"}, Odd) == [
        ("kind", '"even"', "odd")
    ]
    assert faults_of({"numbers": [2], "either": "y", "keyed": {"c": 1}}, Odd) == [
        ("numbers[0]", "2", "an integer at least 3"),
        ("either", '"y"', "one of x"),
        ("keyed.c", '"c"', "a key that is one of a, b"),
    ]
    assert faults_of({"keyed": {}}, Odd) == [("keyed", "{}", "an object with at least one key")]


def test_unknown_keys_are_notes() -> None:
    data = copy.deepcopy(GOOD)
    data["bench"]["listners"] = {}
    data["bench"]["sources"]["events"]["load"]["rate"] = 5
    data["output"]["handlers"]["pub"]["config"]["retires"] = 1
    assert convert_all(data, Preset)[1] == []
    assert [str(note) for note in validate(data, Preset).notes] == [
        "output.handlers.pub.config.retires: unknown key, kept but not used; did you mean retries?",
        "bench.sources.events.load.rate: unknown key, kept but not used; did you mean rates?",
        "bench.listners: unknown key, kept but not used; did you mean listeners?",
    ]


def test_faulty_data_keeps_its_valid_parts() -> None:
    data = copy.deepcopy(GOOD)
    data["bench"]["duration_s"] = "long"
    data["bench"]["sources"]["events"]["load"] = {"shape": "sine"}
    data["bench"]["listeners"]["pub"] = [5]
    del data["output"]["handlers"]["pub"]["uri"]
    best = validate(data, Preset).value
    assert list(best.output.handlers) == ["push"]
    assert best.bench.duration_s == 10
    assert best.bench.sources["events"].load.rate == 1000
    assert best.bench.listeners == {}
    assert validate({}, Preset).value is None


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({"a": [1, None]}, '{"a":[1,null]}'),
        ("é", '"é"'),
        ("\ud800", '"\\ud800"'),
        ("x" * 100, '"' + "x" * 56 + "..."),
        (math.nan, "NaN"),
    ],
)
def test_compact(value: Any, text: str) -> None:
    assert compact(value) == text
    assert len(text) <= 60


def test_compact_survives_nesting() -> None:
    deep: list[Any] = []
    for _ in range(100_000):
        deep = [deep]
    assert compact(deep) == "..."


def test_a_fault_is_formatted_as_one_line() -> None:
    assert str(Fault("bench.version", "2", "an integer equal to 1")) == "bench.version: an integer equal to 1 (found 2)"


@pytest.mark.parametrize("path", [(), ("bench",), ("bench", "listeners", "a.b", 0)])
def test_a_fault_has_its_path_as_text_and_in_parts(path: JsonPath) -> None:
    found = fault_at(path, "1", "a text")
    assert found.parts == path
    assert found.path == (format_path(path) if path else TOP)
