"""Decoded JSON -> specs: every fault at once, each with its path, its value and the value that was expected.

``msgspec.convert`` stops at the first fault. Presets are edited by hand, and the user wants to see all faults. So this
module walks along the types of the model itself, and msgspec converts only the leaves.
"""

from __future__ import annotations

import functools
import json
import math
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Any

import msgspec
from msgspec import inspect

from bench_app.errors import Fault
from bench_app.model.json_path import JsonPath, format_path, parse_path
from bench_app.model.note import Note
from bench_app.model.type_text import describe_type, leaf_type

VALUE_LENGTH = 60
TOP = "the top level"

_NOTHING: Any = object()


@dataclass
class Validation:
    """The result of :func:`validate`.

    Attributes:
        value: the data as specs. If there are faults, the specs have the valid data only: a faulty key has its
            default, and a faulty entry of an object is left out. None if a required part is missing.
        faults: every fault, in the order in which the data has them.
        notes: a note on each unknown key.
    """

    value: Any = None
    faults: list[Fault] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)


def convert_all(data: Any, type_: Any, path: str = "") -> tuple[Any, list[Fault]]:
    """(``data`` as ``type_``, no faults), or (None, all faults). ``path`` is the path of the data in the preset."""
    found = validate(data, type_, path)
    return (None if found.faults else found.value), found.faults


def validate(data: Any, type_: Any, path: str = "") -> Validation:
    """Compare ``data`` with ``type_``, a Struct or a type made of Structs; finds all faults and all unknown keys."""
    found = Validation()
    walk = _Walk(found)
    value = walk.visit(data, _type_info(type_), parse_path(path) if path else ())
    found.value = None if value is _NOTHING else value
    return found


def _type_info(type_: Any) -> inspect.Type:
    # Cached, because a form validates its preset at every keystroke and the description of a class never changes.
    return _class_info(type_) if isinstance(type_, type) else inspect.type_info(type_)


@functools.cache
def _class_info(type_: type) -> inspect.Type:
    return inspect.type_info(type_)


def fault(path: JsonPath, value: Any, expected: str) -> Fault:
    """A fault of the value at ``path``."""
    return fault_at(path, compact(value), expected)


def fault_at(path: JsonPath, text: str, expected: str) -> Fault:
    """A fault at ``path``, with the JSON text that was found there; "" if there is none."""
    return Fault(format_path(path) or TOP, text, expected, path)


def compact(value: Any) -> str:
    """A value as JSON on one line, cut to the length of a message."""
    try:
        text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=repr)
    except (RecursionError, TypeError, ValueError):
        return "..."
    text = text.encode("utf-8", "backslashreplace").decode()
    return text if len(text) <= VALUE_LENGTH else text[: VALUE_LENGTH - 3] + "..."


def did_you_mean(word: str, known: Iterable[str], cutoff: float = 0.6) -> str:
    """``"; did you mean x?"`` for the closest known word, or "" if no known word is close.

    ``cutoff`` is the similarity that a known word needs: 1 accepts only the same word.
    """
    # Imported here, because only a mistake needs it, and every process reads this module.
    import difflib

    close = difflib.get_close_matches(word, list(known), n=1, cutoff=cutoff)
    return f"; did you mean {close[0]}?" if close else ""


class _Walk:
    """One walk along data and type. ``visit`` returns the value, or ``_NOTHING`` after it has recorded the fault."""

    def __init__(self, found: Validation) -> None:
        self._found = found

    def visit(self, data: Any, node: inspect.Type, path: JsonPath) -> Any:
        match node:
            case inspect.Metadata():
                return self.visit(data, node.type, path)
            case inspect.AnyType():
                return data
            case inspect.UnionType():
                return self._union(data, node, path)
            case inspect.StructType():
                return self._struct(data, node, path)
            case inspect.DictType():
                return self._object(data, node, path)
            case inspect.TupleType():
                return self._fixed_list(data, node, path)
            case inspect.VarTupleType() | inspect.ListType():
                return self._list(data, node, path)
        return self._leaf(data, node, path)

    def _refuse(self, data: Any, expected: str, path: JsonPath) -> Any:
        self._found.faults.append(fault(path, data, expected))
        return _NOTHING

    def _leaf(self, data: Any, node: inspect.Type, path: JsonPath) -> Any:
        try:
            value = msgspec.convert(data, leaf_type(node))
        except (msgspec.ValidationError, OverflowError):
            return self._refuse(data, describe_type(node), path)
        if isinstance(value, float) and not math.isfinite(value):
            return self._refuse(data, describe_type(node), path)
        return value

    def _union(self, data: Any, node: inspect.UnionType, path: JsonPath) -> Any:
        members = [member for member in node.types if not isinstance(member, inspect.NoneType)]
        if data is None and len(members) < len(node.types):
            return None
        fitting = [member for member in members if _could_be(data, member)]
        if not fitting:
            return self._refuse(data, describe_type(node), path)
        if len(fitting) == 1 and len(members) == 1:
            return self.visit(data, fitting[0], path)
        tagged = [member for member in fitting if isinstance(member, inspect.StructType)]
        if tagged:
            return self._tagged(data, tagged, path)
        return self.visit(data, fitting[0], path)

    def _tagged(self, data: dict[str, Any], members: list[inspect.StructType], path: JsonPath) -> Any:
        """Visit the member that the tag names. Without a valid tag the other keys are not checked."""
        tag_field = str(members[0].tag_field)
        expected = f"one of {', '.join(str(member.tag) for member in members)}"
        if tag_field not in data:
            self._require(tag_field, expected, path)
            return _NOTHING
        for member in members:
            if data[tag_field] == member.tag:
                return self._struct(data, member, path)
        return self._refuse(data[tag_field], expected, (*path, tag_field))

    def _struct(self, data: Any, node: inspect.StructType, path: JsonPath) -> Any:
        if not isinstance(data, dict):
            return self._refuse(data, describe_type(node), path)
        if node.tag_field and data.get(node.tag_field, node.tag) != node.tag:
            return self._refuse(data[node.tag_field], str(node.tag), (*path, node.tag_field))
        fields = {field.encode_name: field for field in node.fields}
        values = {}
        for key, value in data.items():
            if key in fields:
                values[fields[key].name] = self.visit(value, fields[key].type, (*path, key))
            elif key != node.tag_field:
                self._record_unknown(str(key), fields, path)
        for key, wanted in fields.items():
            if wanted.required and key not in data:
                values[wanted.name] = self._require(key, describe_type(wanted.type, with_meaning=True), path)
        if any(values.get(wanted.name) is _NOTHING for wanted in node.fields if wanted.required):
            return _NOTHING
        return node.cls(**{name: value for name, value in values.items() if value is not _NOTHING})

    def _require(self, key: str, expected: str, path: JsonPath) -> Any:
        self._found.faults.append(fault_at((*path, key), "", f"this key is required: {expected}"))
        return _NOTHING

    def _record_unknown(self, key: str, known: Collection[str], path: JsonPath) -> None:
        self._found.notes.append(Note((*path, key), f"unknown key, kept but not used{did_you_mean(key, known)}"))

    def _object(self, data: Any, node: inspect.DictType, path: JsonPath) -> Any:
        if not isinstance(data, dict):
            return self._refuse(data, describe_type(node), path)
        if len(data) < (node.min_length or 0):
            return self._refuse(data, describe_type(node), path)
        values = {}
        for key, value in data.items():
            where = (*path, str(key))
            name = self._key(key, node.key_type, where)
            entry = self.visit(value, node.value_type, where)
            if name is not _NOTHING and entry is not _NOTHING:
                values[name] = entry
        return values

    def _key(self, key: Any, node: inspect.Type, where: JsonPath) -> Any:
        try:
            return msgspec.convert(key, leaf_type(node))
        except msgspec.ValidationError:
            return self._refuse(key, f"a key that is {describe_type(node)}", where)

    def _fixed_list(self, data: Any, node: inspect.TupleType, path: JsonPath) -> Any:
        if not isinstance(data, list) or len(data) != len(node.item_types):
            return self._refuse(data, describe_type(node), path)
        pairs = zip(data, node.item_types, strict=True)
        items = [self.visit(item, type_, (*path, index)) for index, (item, type_) in enumerate(pairs)]
        return _NOTHING if any(item is _NOTHING for item in items) else tuple(items)

    def _list(self, data: Any, node: inspect.VarTupleType | inspect.ListType, path: JsonPath) -> Any:
        if not isinstance(data, list) or not _fits(len(data), node.min_length, node.max_length):
            return self._refuse(data, describe_type(node), path)
        items = [self.visit(item, node.item_type, (*path, index)) for index, item in enumerate(data)]
        if any(item is _NOTHING for item in items):
            return _NOTHING
        return items if isinstance(node, inspect.ListType) else tuple(items)


def _fits(length: int, least: int | None, most: int | None) -> bool:
    return (least or 0) <= length and (most is None or length <= most)


def _could_be(data: Any, node: inspect.Type) -> bool:
    """Whether the JSON type of the data fits this member of a union. Ranges and keys are checked later."""
    match node:
        case inspect.Metadata():
            return _could_be(data, node.type)
        case inspect.StructType() | inspect.DictType():
            return isinstance(data, dict)
        case inspect.ListType() | inspect.VarTupleType() | inspect.TupleType():
            return isinstance(data, list)
        case inspect.IntType():
            return isinstance(data, int) and not isinstance(data, bool)
        case inspect.FloatType():
            return isinstance(data, int | float) and not isinstance(data, bool)
        case inspect.StrType() | inspect.LiteralType():
            return isinstance(data, str)
        case inspect.BoolType():
            return isinstance(data, bool)
    return True
