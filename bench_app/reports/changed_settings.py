"""What a preset sets: specs -> **values that differ from their default**, by path. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from bench_app.model import Preset
from bench_app.model.json_path import JsonPath, format_path
from bench_app.model.keys import keys_of

Change = tuple[str, Any, Any]
"""The path, the value and the default; None as the default of a required key."""


def changed_settings(preset: Preset) -> list[Change]:
    """Every value that differs from its default, in the order of the preset."""
    return [(format_path(path), value, default) for path, value, default in _changes(preset, ())]


def _changes(spec: msgspec.Struct, path: JsonPath) -> Iterator[tuple[JsonPath, Any, Any]]:
    for key in keys_of(type(spec)):
        value = getattr(spec, key.name)
        default = None if key.required else key.default
        if key.required or value != default:
            yield from _of_value(value, default, (*path, key.name))


def _of_value(value: Any, default: Any, path: JsonPath) -> Iterator[tuple[JsonPath, Any, Any]]:
    if isinstance(value, msgspec.Struct):
        yield from _changes(value, path)
    elif isinstance(value, Mapping) and any(_holds_specs(inner) for inner in value.values()):
        for name, inner in value.items():
            yield from _of_value(inner, None, (*path, str(name)))
    elif isinstance(value, list | tuple) and any(isinstance(inner, msgspec.Struct) for inner in value):
        for number, inner in enumerate(value):
            yield from _of_value(inner, None, (*path, number))
    else:
        yield path, msgspec.to_builtins(value), msgspec.to_builtins(default)


def _holds_specs(value: Any) -> bool:
    if isinstance(value, list | tuple):
        return any(isinstance(inner, msgspec.Struct) for inner in value)
    return isinstance(value, msgspec.Struct)
