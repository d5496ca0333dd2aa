"""Random schemas as people write them for messages. A value can fulfil each of them."""

from __future__ import annotations

from random import Random
from typing import Any

PATTERNS = (
    *(
        "^[A-Z]{3}-[0-9]{4}$",
        r"^\d{3}\.\d{3}$",
        "^(cam|door)-[a-z0-9_]+$",
        "[a-f0-9]{8}",
        "^[^@\\s]+@x$",
        r"^\w+(\.\w+)*$",
    ),
    *("^v[0-9]+(?:\\.[0-9]+){1,2}$", "^(GET|POST) /[a-z/]*$", r"^\+?[1-9]\d{6,14}$", "^.{2,5}$", "^$|^x$"),
)
FORMATS = ("date-time", "date", "time", "email", "hostname", "ipv4", "ipv6", "uuid", "uri", "duration", "json-pointer")


def random_schema(random: Random, depth: int = 0) -> dict[str, Any]:
    """A schema of an object, with parts of its own in ``$defs``."""
    schema = _object(random, 0)
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    schema["$defs"] = {
        "leaf": _leaf(random),
        "node": {
            "type": "object",
            "properties": {"value": {"$ref": "#/$defs/leaf"}, "next": {"$ref": "#/$defs/node"}},
            "required": ["value"],
            "additionalProperties": random.random() < 0.5,
        },
        "list": {"$anchor": "list", "type": "array", "items": {"$ref": "#/$defs/node"}, "maxItems": 3},
    }
    return schema


def _any(random: Random, depth: int) -> dict[str, Any] | bool:
    if depth > 3 or random.random() < 0.55:
        return _leaf(random)
    return random.choice((_object, _object, _array, _choice, _reference, _both, _condition, _nullable))(
        random, depth + 1
    )


def _object(random: Random, depth: int) -> dict[str, Any]:
    names = [f"p{number}" for number in range(random.randint(0, 5))]
    schema: dict[str, Any] = {"type": "object", "properties": {name: _any(random, depth) for name in names}}
    schema["required"] = [name for name in names if random.random() < 0.5]
    schema["additionalProperties"] = random.choice([True, False, {"type": "integer"}])
    if random.random() < 0.2:
        schema["additionalProperties"] = True
        schema["patternProperties"] = {"^x_[a-z]+$": _leaf(random)}
        schema["minProperties"] = len(names) + random.randint(0, 2)
    elif random.random() < 0.2 and schema["additionalProperties"] is True:
        schema["propertyNames"] = {"pattern": "^[a-z0-9_]+$"}
        schema["minProperties"] = len(names) + 1
    elif random.random() < 0.2:
        schema["maxProperties"] = max(1, len(schema["required"]))
    if len(names) > 2 and random.random() < 0.2 and "maxProperties" not in schema:
        schema["dependentRequired"] = {names[0]: [names[1]], names[1]: [names[2]]}
    return schema


def _array(random: Random, depth: int) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "array", "items": _any(random, depth), "minItems": random.randint(0, 3)}
    if random.random() < 0.4:
        schema["maxItems"] = schema["minItems"] + random.randint(0, 3)
    if random.random() < 0.2:
        schema["items"] = {"type": "integer", "minimum": 0, "maximum": 1000}
        schema["uniqueItems"] = True
    elif random.random() < 0.2:
        schema["prefixItems"] = [_any(random, depth), _leaf(random)]
    elif random.random() < 0.2:
        schema.pop("maxItems", None)
        schema["items"] = True
        schema["contains"] = _leaf(random)
    return schema


def _choice(random: Random, depth: int) -> dict[str, Any]:
    if random.random() < 0.5:
        return {"anyOf": [_any(random, depth), _any(random, depth)]}
    kinds = ["a", "b", "c"]
    return {
        "type": "object",
        "required": ["kind"],
        "oneOf": [
            {"properties": {"kind": {"const": kind}, kind: _any(random, depth)}, "required": [kind]} for kind in kinds
        ],
    }


def _reference(random: Random, depth: int) -> dict[str, Any]:
    return {"$ref": random.choice(["#/$defs/leaf", "#/$defs/node", "#/$defs/list", "#list"])}


def _both(random: Random, depth: int) -> dict[str, Any]:
    parts = [_object(random, depth), _object(random, depth)]
    for place, part in enumerate(parts):
        part["properties"] = {f"{'ab'[place]}_{name}": inner for name, inner in part["properties"].items()}
        part["required"] = [f"{'ab'[place]}_{name}" for name in part["required"]]
        part["additionalProperties"] = True
        for key in ("patternProperties", "propertyNames", "minProperties", "maxProperties", "dependentRequired"):
            part.pop(key, None)
    return {"allOf": parts, "description": "both"}


def _condition(random: Random, depth: int) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {"on": {"type": "boolean"}, "level": {"type": "integer"}},
        "required": ["on"],
        "if": {"properties": {"on": {"const": True}}},
        "then": {"required": ["level"], "properties": {"level": {"minimum": 10}}},
        "else": {"properties": {"level": {"maximum": 0}}},
    }


def _nullable(random: Random, depth: int) -> dict[str, Any]:
    return {"type": ["object", "null"], "properties": {"p": _any(random, depth)}, "not": {"required": ["q"]}}


def _leaf(random: Random) -> dict[str, Any]:
    return random.choice((_integer, _number, _text, _text, _fixed))(random)


def _integer(random: Random) -> dict[str, Any]:
    low = random.randint(-100, 100)
    schema: dict[str, Any] = {"type": "integer"}
    if random.random() < 0.6:
        schema[random.choice(["minimum", "exclusiveMinimum"])] = low
    if random.random() < 0.6:
        schema[random.choice(["maximum", "exclusiveMaximum"])] = low + random.randint(20, 1000)
    if random.random() < 0.3:
        schema["multipleOf"] = random.randint(1, 9)
    return schema


def _number(random: Random) -> dict[str, Any]:
    low = random.choice([0, -1.5, 0.25, -180, 10])
    schema: dict[str, Any] = {"type": "number"}
    if random.random() < 0.6:
        schema[random.choice(["minimum", "exclusiveMinimum"])] = low
    if random.random() < 0.6:
        schema[random.choice(["maximum", "exclusiveMaximum"])] = low + random.choice([1, 0.75, 360])
    if random.random() < 0.3:
        schema["multipleOf"] = random.choice([0.5, 0.01, 0.1, 0.25])
    return schema


def _text(random: Random) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "string"}
    kind = random.random()
    if kind < 0.3:
        schema["format"] = random.choice(FORMATS)
    elif kind < 0.6:
        schema["pattern"] = random.choice(PATTERNS)
    elif kind < 0.9:
        schema["minLength"] = random.randint(0, 20)
        schema["maxLength"] = schema["minLength"] + random.randint(0, 20)
    return schema


def _fixed(random: Random) -> dict[str, Any]:
    return random.choice(
        [
            {"enum": ["red", "green", 3, None, True, {"a": [1]}]},
            {"const": {"version": 1}},
            {"type": "boolean"},
            {"type": "null"},
            {"type": ["string", "integer"], "examples": ["like this", 7]},
            {},
        ]
    )
