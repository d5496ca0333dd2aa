"""Two schemas as one."""

from __future__ import annotations

from typing import Any

import pytest

from bench_app.sources.schema_merge import ContradictionError, merged


@pytest.mark.parametrize(
    ("a", "b", "both"),
    [
        ({"minimum": 1}, {"minimum": 3, "maximum": 9}, {"minimum": 3, "maximum": 9}),
        ({"type": "integer"}, {"type": ["number", "null"]}, {"type": ["integer"]}),
        ({"required": ["a"]}, {"required": ["b", "a"]}, {"required": ["a", "b"]}),
        ({"enum": [1, True, "x"]}, {"enum": [1.0, "x"]}, {"enum": [1, "x"]}),
        ({"multipleOf": 4}, {"multipleOf": 6}, {"multipleOf": 12}),
        (
            {"properties": {"a": {"minimum": 1}, "b": True}},
            {"properties": {"a": {"maximum": 2}}},
            {"properties": {"a": {"allOf": [{"minimum": 1}, {"maximum": 2}]}, "b": True}},
        ),
        ({"prefixItems": [{"type": "null"}]}, {"prefixItems": [True, {}]}, {"prefixItems": [{"type": "null"}, {}]}),
        (
            {"dependentRequired": {"a": ["b"]}},
            {"dependentRequired": {"a": ["c"]}},
            {"dependentRequired": {"a": ["b", "c"]}},
        ),
    ],
)
def test_keywords_of_both(a: dict[str, Any], b: dict[str, Any], both: dict[str, Any]) -> None:
    assert merged(a, b) == both


@pytest.mark.parametrize("key", ["type", "enum", "const"])
def test_what_excludes_each_other_is_a_contradiction(key: str) -> None:
    values: tuple[Any, Any] = {"type": ("string", "null"), "enum": ([1], [2]), "const": (1, True)}[key]
    with pytest.raises(ContradictionError):
        merged({key: values[0]}, {key: values[1]})
