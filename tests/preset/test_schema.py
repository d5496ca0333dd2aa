"""The JSON Schema describes every key of the model."""

from __future__ import annotations

import json
from typing import Any

import msgspec

from bench_app.model import Preset
from bench_app.preset.schema import schema


def test_lists_every_key_with_its_unit() -> None:
    made = schema()
    assert made["$schema"].startswith("https://json-schema.org/")
    assert made["title"]
    text = json.dumps(made)
    assert '"additionalProperties": false' not in text
    structs = _structs(Preset)
    assert set(made["$defs"]) == {struct.__name__ for struct in structs}
    for struct in structs:
        described = made["$defs"][struct.__name__]["properties"]
        assert set(struct.__struct_encode_fields__) <= set(described)
    linger = made["$defs"]["HandlerConfig"]["properties"]["linger"]
    assert linger["x-unit"] == "ms"
    assert linger["description"].endswith("[ms]")
    assert (linger["type"], linger["minimum"], linger["default"]) == ("integer", -1, 1000)


def test_does_not_change_from_call_to_call() -> None:
    assert schema() == schema()


def _structs(type_: Any) -> set[type[msgspec.Struct]]:
    """Every Struct that a type is made of, found through its annotations."""
    found: set[type[msgspec.Struct]] = set()
    waiting = [type_]
    while waiting:
        one = waiting.pop()
        if isinstance(one, type) and issubclass(one, msgspec.Struct):
            if one not in found:
                found.add(one)
                waiting.extend(field.type for field in msgspec.structs.fields(one))
        else:
            waiting.extend(getattr(one, "__args__", ()))
    return found
