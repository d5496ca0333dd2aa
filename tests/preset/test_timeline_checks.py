"""Faults of a timeline name the path, the value and what was expected, all at once."""

from __future__ import annotations

from typing import Any

import pytest

from bench_app.errors import PresetError
from bench_app.preset import documents
from bench_app.preset.timeline_checks import UnitName, find_unit
from tests.runs import preset


def with_timeline(*steps: dict[str, Any]) -> dict[str, Any]:
    return preset({"socket_type": "PUB", "topic": "t"}, listeners=[{"name": "a"}, {"name": "b"}], timeline=list(steps))


def faults(*steps: dict[str, Any]) -> list[tuple[str, str, str]]:
    with pytest.raises(PresetError) as caught:
        documents.parse(with_timeline(*steps), "test")
    prefix = "bench.timeline"
    return [(fault.path.removeprefix(prefix), fault.value, fault.expected) for fault in caught.value.faults]


GOOD: list[dict[str, Any]] = [
    {"at_s": 0, "caption": "{{no reading} {h/a: received} of {h: accepted}", "show": "h"},
    {"at_s": 1.5, "set": {"bench.listeners.h[1].delay_ms": 2}, "until": "h/a: received > 5"},
    {"at_s": "next", "set": {"bench.listeners.h[1].delay_ms": 0, "output.handlers.h.config.linger": 5}},
    {"at_s": 1.5, "act": "kill", "unit": "h/b"},
    {"at_s": 2, "act": "stall", "unit": "h", "for_s": 0.5},
    {"at_s": 3, "act": "send", "unit": "h", "event": {"a": 1}, "until": ["h: lost == 0", "h/a: received > 1"]},
    {"at_s": 4, "act": "end"},
    {"at_s": "end", "caption": "over", "until": "h: lost == 0"},
]


def test_a_good_timeline_is_read() -> None:
    timeline = documents.parse(with_timeline(*GOOD), "test").preset.bench.timeline
    assert [step.at_s for step in timeline] == [0, 1.5, "next", 1.5, 2, 3, 4, "end"]
    assert timeline[1].conditions == ("h/a: received > 5",)
    assert len(timeline[5].conditions) == 2


@pytest.mark.parametrize(
    ("step", "path", "value", "expected"),
    [
        ({"at_s": "soon", "caption": "x"}, "[0].at_s", '"soon"', "one of end, next"),
        ({"at_s": -1, "caption": "x"}, "[0].at_s", "-1", "a number from 0"),
        ({"caption": "x"}, "[0].at_s", "", "this key is required"),
        ({"at_s": 0}, "[0]", "", "a step that does something"),
        ({"at_s": 0, "act": "burn", "unit": "h"}, "[0].act", '"burn"', "one of end, kill, pause"),
        ({"at_s": 0, "act": "kill"}, "[0].unit", "", "this key is required: kill acts on a unit"),
        ({"at_s": 0, "unit": "h", "caption": "x"}, "[0].act", "", "this key is required"),
        ({"at_s": 0, "act": "kill", "unit": "h/c"}, "[0].unit", '"h/c"', "a handler or HANDLER/LISTENER: h, h/a, h/b"),
        ({"at_s": 0, "act": "send", "unit": "h/a"}, "[0].unit", '"h/a"', "a handler, because a listener cannot send"),
        ({"at_s": 0, "show": "latncy"}, "[0].show", '"latncy"', "a handler or a plot: h, latency,"),
        ({"at_s": 0, "caption": "{h/z: lost}"}, "[0].caption", '"{h/z: lost}"', "at column 4, a listener of h"),
        ({"at_s": 0, "caption": "x", "until": "h: los > 1"}, "[0].until", '"h: los > 1"', "at column 4, a metric"),
        ({"at_s": 0, "caption": "x", "until": ["drops == 0", "x"]}, "[0].until[1]", '"x"', "at column 1, a metric"),
        ({"at_s": "end", "act": "end", "caption": "x"}, "[0].act", '"end"', "nothing, because the run is over"),
    ],
)
def test_a_fault_names_path_value_and_expectation(step: dict[str, Any], path: str, value: str, expected: str) -> None:
    ((found_path, found_value, found_expected),) = faults(step)
    assert (found_path, found_value) == (path, value)
    assert found_expected.startswith(expected)


@pytest.mark.parametrize(
    ("key", "value", "expected"),
    [
        ("bench.listeners.h[1].delay_ms", -1, "bench.listeners.h[1].delay_ms: a number from 0"),
        ("bench.listeners.h[7].delay_ms", 1, "a path in the preset: bench.listeners.h[7]: the list has 2 items"),
        ("bench.duration_s", 5, "a path in the preset: a run under way does not take over this key"),
        ("bench.timeline", [], "a path in the preset: a run under way does not take over this key"),
        ("foo.bar", 5, "a path in the preset: it begins with output or bench"),
        ("bench..x", 5, 'a path in the preset: "bench..x", column 7'),
        ("output.handlers.hh.config.linger", 5, "output.handlers.hh.uri: this key is required"),
    ],
)
def test_a_value_that_the_preset_cannot_have_is_a_fault(key: str, value: object, expected: str) -> None:
    ((path, _, found),) = faults({"at_s": 0, "set": {key: value}})
    assert path.startswith("[0].set")
    assert found.startswith(expected)


def test_all_faults_come_at_once_and_in_their_order() -> None:
    steps: list[dict[str, Any]] = [
        {"at_s": 3, "set": {"bench.listeners.h[0].delay_ms": "fast"}},
        {"at_s": 1, "caption": "{x}"},
        {"at_s": "end", "caption": "over"},
        {"at_s": "next", "show": "nothing"},
    ]
    assert [path for path, _, _ in faults(*steps)] == [
        '[0].set["bench.listeners.h[0].delay_ms"]',
        "[1].at_s",
        "[1].caption",
        "[3].at_s",
        "[3].show",
    ]


def test_a_value_is_checked_beside_those_of_the_steps_before() -> None:
    longer = {"at_s": 0, "set": {"bench.listeners.h[0].stall": [1, 2]}}
    assert documents.parse(with_timeline(longer), "test")
    ((path, _, expected),) = faults(longer, {"at_s": 1, "set": {"bench.listeners.h[0].stall[0]": 3}})
    assert path.startswith("[1].set") and "from before to" in expected


def test_units_may_have_slashes_in_their_names() -> None:
    known = {"a": ["b", "b/c"], "a/b": ["c"]}
    assert find_unit("a/b", known) == UnitName("a/b")
    assert find_unit("a/b/c", known) == UnitName("a/b", "c")
    assert find_unit("a/b/d", known) is None
