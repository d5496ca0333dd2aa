"""Reads the facts about each key from the fields of a spec.

Forms, documentation, JSON Schema, change plans and the checks of a preset use this module.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from typing import Any

import msgspec
from msgspec import NODEFAULT, inspect

from bench_app.model.key_info import Change, Group, KeyInfo, info_in
from bench_app.model.patterns import SocketType

_PLAIN = KeyInfo()


class Key(msgspec.Struct, frozen=True):
    """One key of a spec, with everything that its field declares.

    Attributes:
        name: the key as it is written in a preset.
        type: the type of the value with range and length, as msgspec describes it, without the annotations.
        description: what the key means.
        examples: valid values, for the documentation.
        info: the other facts about the key.
        required: whether the key has no default.
        default: the value if the preset leaves the key out; None if the key is required.
        is_declared: whether the field is declared with :func:`bench_app.model.key_info.key`.
    """

    name: str
    type: inspect.Type
    description: str
    examples: tuple[Any, ...]
    info: KeyInfo
    required: bool
    default: Any
    is_declared: bool

    @property
    def label(self) -> str:
        """The key's name for people."""
        return self.info.label or spell_out(self.name)


@functools.cache
def keys_of(spec: type[msgspec.Struct]) -> tuple[Key, ...]:
    """The keys of a spec, in its order. The keys of any other struct have a :class:`KeyInfo` of defaults."""
    return tuple(_key(field) for field in struct_type(spec).fields)


def key_of(spec: type[msgspec.Struct], name: str) -> Key:
    """One key of a spec; raises KeyError for a name that the spec does not have."""
    for key in keys_of(spec):
        if key.name == name:
            return key
    raise KeyError(f"{spec.__name__} has no key {name}")


def keys_that(change: Change, *specs: type[msgspec.Struct]) -> frozenset[str]:
    """The names of the keys whose change has this effect on a run."""
    return frozenset(key.name for spec in specs for key in keys_of(spec) if key.info.change is change)


def form_keys(spec: type[msgspec.Struct], group: Group, pattern: SocketType | None = None) -> tuple[str, ...]:
    """The keys of a part of a form, in its order: all keys of the group, or only those that a pattern can use."""
    shown = [key for key in keys_of(spec) if key.info.group is group]
    if pattern is not None:
        shown = [key for key in shown if pattern in key.info.patterns]
    return tuple(key.name for key in sorted(shown, key=lambda key: key.info.position))


def slider_keys(*specs: type[msgspec.Struct]) -> frozenset[str]:
    """The names of the keys that have a slider on the form."""
    return frozenset(key.name for spec in specs for key in keys_of(spec) if key.info.slider)


def differing_keys(old: msgspec.Struct, new: msgspec.Struct) -> list[Key]:
    """The keys in which two specs of one type differ, in the order of the spec."""
    return [key for key in keys_of(type(old)) if getattr(old, key.name) != getattr(new, key.name)]


def recreates_socket(old: msgspec.Struct, new: msgspec.Struct) -> bool:
    """Whether a change from one spec to another of the same type needs a new socket."""
    return any(key.info.change is Change.RECREATES_SOCKET for key in differing_keys(old, new))


def walk_specs(root: type[msgspec.Struct]) -> Iterator[tuple[str, inspect.StructType]]:
    """Every struct that a root is made of, with its path. A struct that is used at two paths comes twice.

    A path has ``NAME``, or the key's own placeholder such as ``SINK``, for the keys of an object, and ``[0]`` for the
    items of a list.
    """
    yield from _walk(struct_type(root), "", _PLAIN.entry)


def spell_out(name: str) -> str:
    """``request_timeout`` as "Request timeout"."""
    return name.replace("_", " ").capitalize()


@functools.cache
def struct_type(spec: type[msgspec.Struct]) -> inspect.StructType:
    """The description of a struct by msgspec."""
    described = inspect.type_info(spec)
    assert isinstance(described, inspect.StructType)
    return described


def _walk(node: inspect.Type, path: str, entry: str) -> Iterator[tuple[str, inspect.StructType]]:
    match node:
        case inspect.Metadata():
            yield from _walk(node.type, path, entry)
        case inspect.UnionType():
            for member in node.types:
                yield from _walk(member, path, entry)
        case inspect.DictType():
            yield from _walk(node.value_type, f"{path}.{entry}", entry)
        case inspect.VarTupleType() | inspect.ListType():
            yield from _walk(node.item_type, f"{path}[0]", entry)
        case inspect.StructType():
            yield path, node
            for key in keys_of(node.cls):
                yield from _walk(key.type, f"{path}.{key.name}" if path else key.name, key.info.entry)


def _key(field: inspect.Field) -> Key:
    node, schema, info = field.type, {}, None
    if isinstance(node, inspect.Metadata):
        schema, info, node = node.extra_json_schema or {}, info_in(node.extra), node.type
    return Key(
        name=field.encode_name,
        type=node,
        description=schema.get("description", ""),
        examples=tuple(schema.get("examples", ())),
        info=info or _PLAIN,
        required=field.required,
        default=_default(field),
        is_declared=info is not None,
    )


def _default(field: inspect.Field) -> Any:
    if field.default is not NODEFAULT:
        return field.default
    return None if field.default_factory is NODEFAULT else field.default_factory()
