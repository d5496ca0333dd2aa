"""The JSON Schema of a preset, for text editors: made from the model, with the unit of every quantity."""

from __future__ import annotations

from typing import Any

import msgspec

from bench_app.model import Preset
from bench_app.model.keys import keys_of, walk_specs

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def schema() -> dict[str, Any]:
    """The schema, ready for JSON. It allows unknown keys, because a preset keeps them."""
    return {
        "$schema": DIALECT,
        "title": "ZMQ Test Bench preset",
        "description": "A production file with output handlers, and an optional bench section.",
        **schema_of(Preset),
    }


def schema_of(spec: type[msgspec.Struct]) -> dict[str, Any]:
    """The schema of one spec and of all that it is made of."""
    made = msgspec.json.schema(spec)
    for struct in {struct.cls for _, struct in walk_specs(spec)}:
        properties = made["$defs"][struct.__name__]["properties"]
        for key in keys_of(struct):
            _add_unit(properties[key.name], key.info.unit)
    return made


def _add_unit(described: dict[str, Any], unit: str) -> None:
    if not unit:
        return
    described["x-unit"] = unit
    described["description"] = f"{described.get('description', '')} [{unit}]".lstrip()
