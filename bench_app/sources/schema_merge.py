"""Two schemas that both hold, as one schema: ``allOf`` -> **merged keywords** -> value."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from bench_app.sources.schema_validity import same


class ContradictionError(ValueError):
    """No value fulfils a schema, or the random choice of a branch leads to none. The text says why."""


def merged(a: dict[str, Any], b: dict[str, Any]) -> dict[str, Any]:
    """A schema that has the keywords of both. Raises ContradictionError if no value can fulfil both.

    It may ask for less than both: a value made by it is checked against the schemas themselves.
    """
    both = {**a, **b}
    for key in a.keys() & b.keys():
        combine = _COMBINED.get(key)
        if combine is not None:
            both[key] = combine(a[key], b[key])
    return both


def _all_of(a: Any, b: Any) -> Any:
    return b if a is True else a if b is True or same(a, b) else {"allOf": [a, b]}


def _properties(a: dict[str, Any], b: dict[str, Any]) -> dict[str, Any]:
    return {name: _all_of(a.get(name, True), b.get(name, True)) for name in {**a, **b}}


def _types(a: Any, b: Any) -> list[str]:
    first, second = ([types] if isinstance(types, str) else list(types) for types in (a, b))
    kept = [name for name in first if name in second or (name == "integer" and "number" in second)]
    kept += [name for name in second if name == "integer" and "number" in first and name not in kept]
    if not kept:
        raise ContradictionError("two types exclude each other")
    return kept


def _enum(a: list[Any], b: list[Any]) -> list[Any]:
    kept = [value for value in a if any(same(value, other) for other in b)]
    if not kept:
        raise ContradictionError("two lists of values exclude each other")
    return kept


def _const(a: Any, b: Any) -> Any:
    if not same(a, b):
        raise ContradictionError("two constants exclude each other")
    return a


def _multiple(a: Any, b: Any) -> Any:
    return math.lcm(a, b) if isinstance(a, int) and isinstance(b, int) else max(a, b)


def _needs(a: dict[str, list[str]], b: dict[str, list[str]]) -> dict[str, list[str]]:
    return {name: [*a.get(name, ()), *b.get(name, ())] for name in {**a, **b}}


def _prefix(a: list[Any], b: list[Any]) -> list[Any]:
    longer, shorter = (a, b) if len(a) >= len(b) else (b, a)
    return [_all_of(each, shorter[place] if place < len(shorter) else True) for place, each in enumerate(longer)]


_COMBINED: dict[str, Callable[[Any, Any], Any]] = {
    "type": _types,
    "enum": _enum,
    "const": _const,
    "required": lambda a, b: list(dict.fromkeys([*a, *b])),
    "properties": _properties,
    "patternProperties": _properties,
    "additionalProperties": _all_of,
    "propertyNames": _all_of,
    "items": _all_of,
    "prefixItems": _prefix,
    "dependentRequired": _needs,
    "multipleOf": _multiple,
    "allOf": lambda a, b: [*a, *b],
    "uniqueItems": lambda a, b: a or b,
    **dict.fromkeys(("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties", "minContains"), max),
    **dict.fromkeys(("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties", "maxContains"), min),
}
"""How a keyword of both schemas becomes one. Of any other keyword, that of the second schema is kept."""
