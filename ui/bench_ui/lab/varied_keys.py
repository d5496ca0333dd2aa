"""Which keys of a preset a sweep can vary: document -> **varied keys** -> form. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import msgspec

from bench_app.model import BenchSpec, HandlerBench, HandlerConfig, ListenerSpec
from bench_app.model.json_path import JsonPath, format_path
from bench_app.model.keys import keys_of
from bench_app.preset.defaults import handler_bench, listeners_of, sources_of
from bench_app.preset.documents import Document
from bench_app.sweeps.axes import LIBZMQ, PLANE
from bench_ui.forms.fields import FieldInfo, read_fields

_NUMBERS = frozenset({"int", "float"})
_FIXED = frozenset({"socket_type", "duration_s", "warmup_s", "name", "kind"})
"""Keys that make another preset, or that the panel has a field for."""


@dataclass(frozen=True)
class VariedKey:
    """One key that can be varied.

    Attributes:
        path: its path, as on the command line.
        title: its name for people, after the name of its handler or listener.
        unit: the unit of its values; "" if they have none.
        is_number: whether its values are numbers.
        is_whole: whether its values are integers.
        choices: its values, if there are only a few.
        current: its value in the document.
        description: what the key means.
    """

    path: str
    title: str
    unit: str = ""
    is_number: bool = False
    is_whole: bool = False
    choices: tuple[Any, ...] = ()
    current: Any = None
    description: str = ""


def varied_keys(document: Document) -> list[VariedKey]:
    """The keys of a document that a sweep can vary, those of each handler together."""
    preset = document.preset
    found: list[VariedKey] = []
    for name, spec in preset.output.handlers.items():
        if not spec.enabled:
            continue
        pattern = spec.config.socket_type
        found += _keys(spec.config, HandlerConfig, ("output", "handlers", name, "config"), name, pattern)
        for place, listener in enumerate(listeners_of(preset, name)):
            path: JsonPath = ("bench", "listeners", name, place)
            found += _keys(listener, ListenerSpec, path, f"{name} / {listener.name}", pattern)
        found += _keys(handler_bench(preset, name), HandlerBench, ("bench", "handlers", name), name, pattern)
    for sink, source in sources_of(preset).items():
        found += _keys(source.load, type(source.load), ("bench", "sources", sink, "load"), f"load of {sink}", None)
        found += _keys(source, type(source), ("bench", "sources", sink), f"events of {sink}", None)
    found += _keys(preset.bench, BenchSpec, ("bench",), "bench", None)
    found.append(VariedKey(PLANE, "data plane", choices=("compiled", "python"), current="compiled"))
    found.append(VariedKey(LIBZMQ, "libzmq", current="installed", description="Files of libzmq, or installed."))
    return found


def usual_key(keys: Iterable[VariedKey]) -> VariedKey | None:
    """The key that most people vary first: the high-water mark of the first handler."""
    listed = list(keys)
    named = (key for key in listed if key.path.endswith(".high_water_mark"))
    return next(named, next(iter(listed), None))


def _keys(
    spec: msgspec.Struct, struct: type[msgspec.Struct], path: JsonPath, owner: str, pattern: Any
) -> Iterator[VariedKey]:
    patterns = {key.name: key.info.patterns for key in keys_of(struct)}
    for field in read_fields(struct).values():
        usable = pattern is None or not patterns[field.name] or pattern in patterns[field.name]
        if field.name in _FIXED or not usable:
            continue
        if (key := _key(field, format_path((*path, field.name)), owner, getattr(spec, field.name, None))) is not None:
            yield key


def _key(field: FieldInfo, path: str, owner: str, current: Any) -> VariedKey | None:
    kinds = set(field.kind.split(" | "))
    title = f"{owner}: {field.label.lower()}"
    choices = field.choices or ((True, False) if "bool" in kinds else ())
    if choices:
        return VariedKey(path, title, choices=choices, current=current, description=field.description)
    if kinds & _NUMBERS:
        return VariedKey(
            path,
            title,
            unit=field.unit,
            is_number=True,
            is_whole="float" not in kinds,
            current=current,
            description=field.description,
        )
    return None
