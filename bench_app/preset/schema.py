"""The JSON Schema of a preset, for editors: made from the model, with the unit of every quantity."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
from msgspec import inspect

from bench_app.model import Preset

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def schema() -> dict[str, Any]:
    """The schema, ready for JSON. Keys it does not name are allowed: a preset keeps them."""
    made = msgspec.json.schema(Preset)
    for struct in _structs(inspect.type_info(Preset)):
        properties = made["$defs"][struct.cls.__name__]["properties"]
        for field in struct.fields:
            _add_unit(properties[field.encode_name], field.type)
    return {
        "$schema": DIALECT,
        "title": "ZMQ Test Bench preset",
        "description": "A production file with output handlers, and an optional bench section.",
        **made,
    }


def _add_unit(described: dict[str, Any], node: inspect.Type) -> None:
    unit = (node.extra or {}).get("unit") if isinstance(node, inspect.Metadata) else None
    if unit is None:
        return
    described["x-unit"] = unit
    described["description"] = f"{described.get('description', '')} [{unit}]".lstrip()


def _structs(node: inspect.Type) -> Iterator[inspect.StructType]:
    """Every Struct a type is made of, some more than once."""
    match node:
        case inspect.Metadata():
            yield from _structs(node.type)
        case inspect.UnionType():
            for member in node.types:
                yield from _structs(member)
        case inspect.DictType():
            yield from _structs(node.value_type)
        case inspect.VarTupleType():
            yield from _structs(node.item_type)
        case inspect.StructType():
            yield node
            for field in node.fields:
                yield from _structs(field.type)
