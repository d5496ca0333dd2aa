"""Whether values fulfil schemas; test_schema_values.py compares the answers with those of another validator."""

from __future__ import annotations

from typing import Any

import pytest

from bench_app.sources.schema_validity import is_multiple, is_valid, same, type_names

CASES: list[tuple[Any, list[Any], list[Any]]] = [
    (True, [1, None], []),
    (False, [], [1, None]),
    ({"type": "integer"}, [1, 1.0], [1.5, True, "1"]),
    ({"type": ["null", "boolean"]}, [None, True], [0]),
    ({"enum": [1, "a"]}, [1, 1.0, "a"], [True, "b"]),
    ({"const": {"a": [1]}}, [{"a": [1]}], [{"a": [True]}, {}]),
    ({"minimum": 1, "exclusiveMaximum": 3}, [1, 2.9, "x"], [0, 3]),
    ({"multipleOf": 0.5}, [1, 1.5, 0], [0.3]),
    ({"minLength": 2, "maxLength": 3, "pattern": "^a"}, ["ab", "abc", 5], ["a", "abcd", "bb"]),
    ({"required": ["a"], "maxProperties": 2}, [{"a": 1}, []], [{}, {"a": 1, "b": 2, "c": 3}]),
    ({"properties": {"a": False}}, [{"b": 1}], [{"a": 1}]),
    (
        {"patternProperties": {"^x": {"type": "null"}}, "additionalProperties": False},
        [{"x1": None}],
        [{"x": 1}, {"y": 1}],
    ),
    ({"propertyNames": {"maxLength": 1}}, [{"a": 1}], [{"ab": 1}]),
    ({"dependentRequired": {"a": ["b"]}}, [{}, {"a": 1, "b": 1}], [{"a": 1}]),
    ({"dependentSchemas": {"a": {"required": ["b"]}}}, [{"b": 1}], [{"a": 1}]),
    ({"items": {"type": "null"}, "prefixItems": [{"type": "string"}]}, [["a", None], []], [[None], ["a", 1]]),
    ({"uniqueItems": True, "minItems": 1, "maxItems": 2}, [[1, True], [[1]]], [[], [1, 1.0], [1, 2, 3]]),
    ({"contains": {"const": 1}, "maxContains": 1}, [[1, 2]], [[2], [1, 1]]),
    ({"allOf": [{"minimum": 1}, {"maximum": 2}]}, [1], [3]),
    ({"anyOf": [{"minimum": 5}, {"maximum": 2}]}, [1, 5], [3]),
    ({"oneOf": [{"minimum": 1}, {"maximum": 2}]}, [0, 3], [1]),
    ({"not": {"type": "null"}}, [1], [None]),
    ({"if": {"minimum": 5}, "then": {"multipleOf": 2}, "else": {"const": 1}}, [6, 1], [7, 2]),
    ({"$ref": "#x"}, [None], [1]),
]


@pytest.mark.parametrize(("schema", "valid", "invalid"), CASES)
def test_each_keyword(schema: Any, valid: list[Any], invalid: list[Any]) -> None:
    for value in valid:
        assert is_valid(value, schema, lambda _: {"type": "null"}), value
    for value in invalid:
        assert not is_valid(value, schema, lambda _: {"type": "null"}), value


def test_values_multiples_and_types() -> None:
    assert same({"a": [1, None]}, {"a": [1.0, None]})
    assert not same([1], [1, 2])
    assert is_multiple(0.75, 0.25)
    assert not is_multiple(7, 2)
    assert type_names(1.0) == ("integer", "number")
