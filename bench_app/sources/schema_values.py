"""Random values that fulfil a JSON Schema, draft 2020-12: schema -> **value** -> event by a schema.

A value is made from the keywords that say what it is, and then checked against all of them. Where they contradict each
other, it is made again. ``examples`` are preferred, because they look like real events.
"""

from __future__ import annotations

import math
import re
import string
from collections.abc import Callable, Iterator
from decimal import Decimal
from functools import cache
from random import Random
from typing import Any

from bench_app.errors import SourceError
from bench_app.sources.regex_text import Maker, UnreadPatternError, maker_of
from bench_app.sources.schema_document import SchemaDocument
from bench_app.sources.schema_formats import FORMATS
from bench_app.sources.schema_merge import ContradictionError, merged
from bench_app.sources.schema_validity import UNREAD, is_multiple, is_valid

ATTEMPTS = 200
"""How often a whole event is made, until one fulfils its schema."""
_PART_ATTEMPTS = 20
_MOST_PARTS = 50_000
"""How many parts are made for one event, so that a schema that no value fulfils is refused after a moment."""
_SHALLOW, _DEEP, _DEEPEST = 3, 6, 40
"""From these depths on, fewer optional parts are made, none, and nothing at all: a schema can contain itself."""
_SPAN = 1000
_MORE_ITEMS = 3
_MORE_CHARACTERS = 12
_LETTERS = string.ascii_lowercase
_CHOICES = ("oneOf", "anyOf")
_TYPES_BY_KEYWORD = {
    **dict.fromkeys(("properties", "required", "additionalProperties", "patternProperties", "minProperties"), "object"),
    **dict.fromkeys(("items", "prefixItems", "contains", "minItems", "maxItems", "uniqueItems"), "array"),
    **dict.fromkeys(("pattern", "format", "minLength", "maxLength"), "string"),
    **dict.fromkeys(("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"), "number"),
}


class SchemaValues:
    """Makes values by the schemas of a document; the same random numbers make the same values."""

    def __init__(self, document: SchemaDocument) -> None:
        self._resolve = document.resolve
        self._parts_left = 0
        self._makers: dict[str, Callable[[dict[str, Any], Random, int], Any]] = {
            "object": self._object,
            "array": self._array,
            "string": self._string,
            "integer": self._integer,
            "number": self._real,
            "boolean": self._boolean,
            "null": self._null,
        }

    def make(self, schema: Any, random: Random) -> Any:
        """A value. Raises SourceError if no value is found that fulfils the schema."""
        reason = "its keywords contradict each other"
        self._parts_left = _MOST_PARTS
        for _ in range(ATTEMPTS):
            try:
                value = self._value(schema, random, 0)
            except ContradictionError as error:
                reason = str(error)
                continue
            if is_valid(value, schema, self._resolve):
                return value
        raise SourceError(f"no event fulfils the schema: {reason}")

    def _value(self, schema: Any, random: Random, depth: int) -> Any:
        """A value; most likely it fulfils the schema."""
        if schema is False:
            raise ContradictionError("a value that must not exist is required")
        self._parts_left -= 1
        if self._parts_left < 0:
            raise SourceError("no event fulfils the schema: its keywords contradict each other")
        if depth > _DEEPEST:
            raise ContradictionError("it contains itself without an end")
        if schema is True or not schema:
            return "".join(random.choices(_LETTERS, k=6))
        for _ in range(_PART_ATTEMPTS):
            value = self._attempt(schema, random, depth)
            if is_valid(value, schema, self._resolve):
                break
        return value

    def _attempt(self, schema: dict[str, Any], random: Random, depth: int) -> Any:
        flat = self._flat(schema, random, depth)
        if "const" in flat:
            return flat["const"]
        examples = [each for each in flat.get("examples") or () if is_valid(each, schema, self._resolve)]
        if examples:
            return random.choice(examples)
        if "enum" in flat:
            return random.choice(flat["enum"])
        type_ = _type_of(flat, random)
        if type_ not in self._makers:
            raise SourceError(f"the schema has a type {type_}, which is none")
        return self._makers[type_](flat, random, depth)

    def _flat(self, schema: dict[str, Any], random: Random, depth: int) -> dict[str, Any]:
        """The schema with its references and choices replaced by what they lead to."""
        flat = schema
        for _ in range(_DEEPEST):
            if unread := next((keyword for keyword in UNREAD if keyword in flat), None):
                raise SourceError(f"the keyword {unread} of the schema is not read")
            part = self._part(flat, random, depth)
            if part is None:
                return flat
            keywords, inner = part
            rest = {key: value for key, value in flat.items() if key not in keywords}
            for each in inner:
                if each is False:
                    raise ContradictionError("a branch allows no value")
                rest = rest if each is True else merged(rest, each)
            flat = rest
        raise ContradictionError("its references go in a circle")

    def _part(self, flat: dict[str, Any], random: Random, depth: int) -> tuple[tuple[str, ...], list[Any]] | None:
        """The keywords to replace next, and the schemas in place of them; None if nothing is left to replace."""
        if "$ref" in flat:
            return ("$ref",), [self._resolve(flat["$ref"])]
        if "allOf" in flat:
            return ("allOf",), flat["allOf"]
        for keyword in _CHOICES:
            if keyword in flat:
                branches = flat[keyword]
                if depth > _DEEP:
                    branches = [branch for branch in branches if not _goes_deeper(branch)] or branches
                return (keyword,), [random.choice(branches)]
        if "if" in flat:
            is_then = random.random() < 0.5
            inner = [flat["if"], flat.get("then", True)] if is_then else [flat.get("else", True)]
            return ("if", "then", "else"), inner
        return None

    def _object(self, schema: dict[str, Any], random: Random, depth: int) -> dict[str, Any]:
        properties: dict[str, Any] = schema.get("properties") or {}
        names = self._names(schema, properties, random, depth)
        ordered = [name for name in properties if name in names] + [name for name in names if name not in properties]
        return {name: self._value(_property(schema, name), random, depth + 1) for name in ordered}

    def _names(self, schema: dict[str, Any], properties: dict[str, Any], random: Random, depth: int) -> dict[str, None]:
        names = dict.fromkeys(schema.get("required") or ())
        optional = [name for name, inner in properties.items() if name not in names and inner is not False]
        share = 0.8 if depth < _SHALLOW else 0.3 if depth < _DEEP else 0.0
        least, most = schema.get("minProperties", 0), schema.get("maxProperties", math.inf)
        for name in random.sample(optional, len(optional)):
            if len(names) < most and (random.random() < share or len(names) < least):
                names[name] = None
        needs = schema.get("dependentRequired") or {}
        for _ in range(len(needs)):
            names.update(dict.fromkeys(need for name in list(names) for need in needs.get(name, ())))
        for name in self._further_names(schema, random, depth):
            if len(names) >= least:
                break
            names[name] = None
        return names

    def _further_names(self, schema: dict[str, Any], random: Random, depth: int) -> Iterator[str]:
        patterns = [pattern for pattern, inner in (schema.get("patternProperties") or {}).items() if inner is not False]
        for number in range(1, _SPAN):
            if "propertyNames" in schema:
                wanted = {"type": "string"} if schema["propertyNames"] is True else schema["propertyNames"]
                yield str(self._value(merged({"type": "string"}, wanted), random, depth + 1))
            elif patterns:
                yield _maker(random.choice(patterns))(random)
            else:
                yield f"extra_{number}"

    def _array(self, schema: dict[str, Any], random: Random, depth: int) -> list[Any]:
        items = schema.get("items", True)
        prefix = schema.get("prefixItems") or (items if isinstance(items, list) else [])
        rest = schema.get("additionalItems", True) if isinstance(items, list) else items
        wanted = schema.get("minContains", 1) if "contains" in schema else 0
        least = max(schema.get("minItems", 0), wanted)
        most = min(schema.get("maxItems", math.inf), least + _MORE_ITEMS if depth < _DEEP else least)
        if rest is False:
            most = min(most, len(prefix))
        if least > most:
            raise ContradictionError("an array must be longer than it may be")
        made: list[Any] = []
        count = random.randint(least, int(most))
        with_contained = set(random.sample(range(count), min(wanted, count)))
        for place in range(count):
            inner = prefix[place] if place < len(prefix) else rest
            if place in with_contained:
                inner = _both(inner, schema["contains"])
            value = self._value(inner, random, depth + 1)
            for _ in range(_PART_ATTEMPTS if schema.get("uniqueItems") else 0):
                if value not in made:
                    break
                value = self._value(inner, random, depth + 1)
            made.append(value)
        return made

    def _string(self, schema: dict[str, Any], random: Random, depth: int) -> str:
        least = schema.get("minLength", 0)
        most = schema.get("maxLength", max(least, 3) + _MORE_CHARACTERS)
        make = _maker(schema["pattern"]) if "pattern" in schema else FORMATS.get(schema.get("format", ""))
        if make is None:
            return "".join(random.choices(_LETTERS, k=random.randint(min(max(least, 3), most), most)))
        text = make(random)
        for _ in range(_PART_ATTEMPTS):
            if least <= len(text) <= schema.get("maxLength", len(text)):
                break
            text = make(random)
        if len(text) < least and not schema.get("pattern", "$").endswith("$"):
            text += "".join(random.choices(_LETTERS, k=least - len(text)))
        return text

    def _boolean(self, schema: dict[str, Any], random: Random, depth: int) -> bool:
        return random.random() < 0.5

    def _null(self, schema: dict[str, Any], random: Random, depth: int) -> None:
        return None

    def _integer(self, schema: dict[str, Any], random: Random, depth: int) -> int:
        step = schema.get("multipleOf", 1)
        step = int(step) if step == int(step) else 1
        return random.randint(*_steps(schema, step)) * step

    def _real(self, schema: dict[str, Any], random: Random, depth: int) -> float:
        if "multipleOf" in schema:
            step = schema["multipleOf"]
            for _ in range(_PART_ATTEMPTS):
                value = Decimal(str(step)) * random.randint(*_steps(schema, step))
                number = int(value) if value == int(value) else float(value)
                if is_multiple(number, step):
                    break
            return number
        low, high = _limits(schema)
        number = random.uniform(low, high)
        rounded = round(number, 3)
        return rounded if low < rounded < high else number


def _limits(schema: dict[str, Any]) -> tuple[float, float]:
    """The lowest and the highest number. Where a limit is exclusive, it is left to the check of the value."""
    lows = [schema[key] for key in ("minimum", "exclusiveMinimum") if not isinstance(schema.get(key, True), bool)]
    highs = [schema[key] for key in ("maximum", "exclusiveMaximum") if not isinstance(schema.get(key, True), bool)]
    low = max(lows) if lows else min(highs) - _SPAN if highs else 0
    high = min(highs) if highs else low + _SPAN
    step = schema.get("multipleOf", 0)
    if not (lows and highs) and step > _SPAN:
        low, high = (low, low + 10 * step) if lows or not highs else (high - 10 * step, high)
    if low > high:
        raise ContradictionError("a number must be higher than it may be")
    return low, high


def _steps(schema: dict[str, Any], step: float) -> tuple[int, int]:
    """The lowest and the highest number of steps that make a number between its limits."""
    low, high = _limits(schema)
    unit = Decimal(str(step))
    lowest, highest = Decimal(str(low)) / unit, Decimal(str(high)) / unit
    first, last = math.ceil(lowest), math.floor(highest)
    first += first == lowest and schema.get("exclusiveMinimum") == low
    last -= last == highest and schema.get("exclusiveMaximum") == high
    if first > last:
        raise ContradictionError("no multiple lies between the limits of a number")
    return first, last


def _type_of(schema: dict[str, Any], random: Random) -> str:
    types = schema.get("type")
    if types is None:
        return next((name for key, name in _TYPES_BY_KEYWORD.items() if key in schema), "string")
    if isinstance(types, str):
        return types
    if not types:
        raise ContradictionError("two types exclude each other")
    return str(random.choice(types))


def _property(schema: dict[str, Any], name: str) -> Any:
    """What a property must be: what its name, and each pattern that fits the name, ask for."""
    found = [schema["properties"][name]] if name in (schema.get("properties") or {}) else []
    patterns = schema.get("patternProperties") or {}
    found += [inner for pattern, inner in patterns.items() if re.search(pattern, name)]
    if not found:
        return schema.get("additionalProperties", True)
    return found[0] if len(found) == 1 else {"allOf": found}


def _both(a: Any, b: Any) -> Any:
    return b if a is True else a if b is True else {"allOf": [a, b]}


def _goes_deeper(schema: Any) -> bool:
    return isinstance(schema, dict) and ("$ref" in schema or schema.get("type") in ("object", "array"))


@cache
def _maker(pattern: str) -> Maker:
    try:
        return maker_of(pattern)
    except UnreadPatternError as error:
        raise SourceError(f"the pattern {pattern} of the schema is not read: {error}") from error
