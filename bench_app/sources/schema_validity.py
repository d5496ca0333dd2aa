"""Whether a value fulfils a JSON Schema, draft 2020-12: **made value** -> event.

A made value is checked, because parts of a schema can contradict a value that fulfils the other parts. Formats are not
checked: they are made right.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Any

Resolve = Callable[[str], Any]

UNREAD = ("$dynamicRef", "unevaluatedItems", "unevaluatedProperties", "$recursiveRef")
"""Keywords that are not read. A schema with one of them is refused."""


def is_valid(value: Any, schema: Any, resolve: Resolve) -> bool:
    """Whether a value fulfils a schema. ``resolve`` finds what a reference leads to."""
    if isinstance(schema, bool):
        return schema
    return all(check(value, schema[key], schema, resolve) for key, check in _CHECKS.items() if key in schema)


def same(a: Any, b: Any) -> bool:
    """Whether two JSON values are equal: 1 and 1.0 are, 1 and true are not."""
    if isinstance(a, bool) or isinstance(b, bool):
        return a is b
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(same(a[key], b[key]) for key in a)
    return bool(a == b)


def type_names(value: Any) -> tuple[str, ...]:
    """The names of the types that a JSON value has. A whole number is a number and an integer."""
    match value:
        case None:
            return ("null",)
        case bool():
            return ("boolean",)
        case int():
            return ("integer", "number")
        case float():
            return ("integer", "number") if value.is_integer() else ("number",)
        case str():
            return ("string",)
        case list():
            return ("array",)
    return ("object",)


def is_multiple(value: float, of: float) -> bool:
    """Whether a number is a multiple of another, also in the arithmetic of floats that validators use."""
    if isinstance(value, int) and isinstance(of, int):
        return value % of == 0
    quotient = value / of
    return math.isfinite(quotient) and quotient == int(quotient)


Check = Callable[[Any, Any, dict[str, Any], Resolve], bool]


def _type(value: Any, types: Any, schema: Any, resolve: Resolve) -> bool:
    wanted = [types] if isinstance(types, str) else types
    return any(name in wanted for name in type_names(value))


def _number(check: Callable[[Any, Any], bool]) -> Check:
    def checked(value: Any, limit: Any, schema: Any, resolve: Resolve) -> bool:
        return isinstance(value, bool) or not isinstance(value, int | float) or check(value, limit)

    return checked


def _of(kind: type, check: Callable[[Any, Any], bool]) -> Check:
    def checked(value: Any, limit: Any, schema: Any, resolve: Resolve) -> bool:
        return not isinstance(value, kind) or check(value, limit)

    return checked


def _properties(value: Any, properties: Any, schema: Any, resolve: Resolve) -> bool:
    return not isinstance(value, dict) or all(
        is_valid(value[name], inner, resolve) for name, inner in properties.items() if name in value
    )


def _pattern_properties(value: Any, patterns: Any, schema: Any, resolve: Resolve) -> bool:
    return not isinstance(value, dict) or all(
        is_valid(item, inner, resolve)
        for pattern, inner in patterns.items()
        for name, item in value.items()
        if re.search(pattern, name)
    )


def _additional_properties(value: Any, inner: Any, schema: dict[str, Any], resolve: Resolve) -> bool:
    return not isinstance(value, dict) or all(
        is_valid(item, inner, resolve)
        for name, item in value.items()
        if name not in schema.get("properties", ())
        and not any(re.search(pattern, name) for pattern in schema.get("patternProperties", ()))
    )


def _items(value: Any, inner: Any, schema: dict[str, Any], resolve: Resolve) -> bool:
    if not isinstance(value, list):
        return True
    if isinstance(inner, list):
        return all(is_valid(item, each, resolve) for item, each in zip(value, inner, strict=False))
    return all(is_valid(item, inner, resolve) for item in value[len(schema.get("prefixItems", ())) :])


def _prefix_items(value: Any, inner: Any, schema: Any, resolve: Resolve) -> bool:
    return not isinstance(value, list) or all(
        is_valid(item, each, resolve) for item, each in zip(value, inner, strict=False)
    )


def _contains(value: Any, inner: Any, schema: dict[str, Any], resolve: Resolve) -> bool:
    if not isinstance(value, list):
        return True
    found = sum(is_valid(item, inner, resolve) for item in value)
    least: int = schema.get("minContains", 1)
    most: int = schema.get("maxContains", len(value))
    return least <= found <= most


def _condition(value: Any, condition: Any, schema: dict[str, Any], resolve: Resolve) -> bool:
    branch = "then" if is_valid(value, condition, resolve) else "else"
    return is_valid(value, schema.get(branch, True), resolve)


def _dependent_required(value: Any, needs: Any, schema: Any, resolve: Resolve) -> bool:
    return not isinstance(value, dict) or all(
        need in value for name, needed in needs.items() if name in value for need in needed
    )


def _dependent_schemas(value: Any, inner: Any, schema: Any, resolve: Resolve) -> bool:
    return not isinstance(value, dict) or all(
        is_valid(value, each, resolve) for name, each in inner.items() if name in value
    )


def _unique(value: list[Any], wanted: bool) -> bool:
    return not wanted or not any(same(a, b) for place, a in enumerate(value) for b in value[:place])


_CHECKS: dict[str, Check] = {
    "$ref": lambda value, ref, _, resolve: is_valid(value, resolve(ref), resolve),
    "type": _type,
    "enum": lambda value, values, *_: any(same(value, each) for each in values),
    "const": lambda value, const, *_: same(value, const),
    "minimum": _number(lambda value, limit: value >= limit),
    "maximum": _number(lambda value, limit: value <= limit),
    "exclusiveMinimum": _number(lambda value, limit: value > limit),
    "exclusiveMaximum": _number(lambda value, limit: value < limit),
    "multipleOf": _number(is_multiple),
    "minLength": _of(str, lambda value, limit: len(value) >= limit),
    "maxLength": _of(str, lambda value, limit: len(value) <= limit),
    "pattern": _of(str, lambda value, pattern: re.search(pattern, value) is not None),
    "required": _of(dict, lambda value, names: all(name in value for name in names)),
    "minProperties": _of(dict, lambda value, limit: len(value) >= limit),
    "maxProperties": _of(dict, lambda value, limit: len(value) <= limit),
    "properties": _properties,
    "patternProperties": _pattern_properties,
    "additionalProperties": _additional_properties,
    "propertyNames": lambda value, inner, _, resolve: (
        not isinstance(value, dict) or all(is_valid(name, inner, resolve) for name in value)
    ),
    "dependentRequired": _dependent_required,
    "dependentSchemas": _dependent_schemas,
    "minItems": _of(list, lambda value, limit: len(value) >= limit),
    "maxItems": _of(list, lambda value, limit: len(value) <= limit),
    "uniqueItems": _of(list, _unique),
    "prefixItems": _prefix_items,
    "items": _items,
    "contains": _contains,
    "allOf": lambda value, inner, _, resolve: all(is_valid(value, each, resolve) for each in inner),
    "anyOf": lambda value, inner, _, resolve: any(is_valid(value, each, resolve) for each in inner),
    "oneOf": lambda value, inner, _, resolve: sum(is_valid(value, each, resolve) for each in inner) == 1,
    "not": lambda value, inner, _, resolve: not is_valid(value, inner, resolve),
    "if": _condition,
}
