"""model -> form: what a form shows of a field: label, type, range, unit and help, all read from the model."""

from __future__ import annotations

import functools
import re
import typing
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal

import msgspec
from msgspec import inspect

from bench_app.errors import Fault
from bench_app.model.keys import Key, keys_of
from bench_app.model.type_text import describe_type
from bench_app.model.validation import validate

_DECIMAL_COMMA = re.compile(r"[+-]?[0-9]+,[0-9]+")
_NAMES: dict[type[inspect.Type], str] = {
    inspect.IntType: "int",
    inspect.FloatType: "float",
    inspect.StrType: "str",
    inspect.BoolType: "bool",
    inspect.LiteralType: "literal",
    inspect.AnyType: "any",
    inspect.NoneType: "none",
    inspect.StructType: "struct",
}


@dataclass(frozen=True)
class Bounds:
    """The range of a number. ``open_below``: ``least`` itself is outside. ``whole``: integers only."""

    least: float
    most: float
    open_below: bool
    whole: bool

    def holds(self, value: float) -> bool:
        """Whether the value lies in the range."""
        return (self.least < value if self.open_below else self.least <= value) and value <= self.most


@dataclass(frozen=True)
class FieldInfo:
    """One field of a struct.

    Attributes:
        kind: the type by its name in the registry of editors (``"int"``, ``"none | str"``).
        expected: a text that describes type and range.
        start: the value in a new struct: the default, else a usual value, else None if only the user can know it.
        example: a possible value; None if the field needs no example.
        lines: the height of a text, in lines.
        hint: the annotation in the model.
    """

    name: str
    label: str
    kind: str
    description: str
    unit: str
    expected: str
    default: Any
    start: Any
    required: bool
    choices: tuple[str, ...]
    bounds: Bounds | None
    example: Any
    lines: int
    hint: Any

    def reason(self, data: Any) -> str:
        """Why plain JSON data is wrong for this field: "must be an integer from 0 to 9"; "" if it is right."""
        faults = validate(data, self.hint).faults
        if not faults:
            return ""
        fault = faults[0]
        where = f"{fault.path} " if fault.parts else ""
        if isinstance(data, str) and _DECIMAL_COMMA.fullmatch(data.strip()):
            with_point = data.strip().replace(",", ".")
            if not validate(float(with_point), self.hint).faults:
                return f"Use a point: {with_point}"
        return f"{where}must be {fault.expected}"


def reason_at(fault: Fault, field: str) -> str:
    """A fault of a preset as a sentence at a field; a fault of another key names that key."""
    keys = [part for part in fault.parts or () if isinstance(part, str)]
    if keys and field not in keys:
        return f"{keys[-1]} must be {fault.expected}"
    if fault.value in ("", "null"):
        # The help of a key that is missing follows a dash.
        return f"Fill this in: {fault.expected.rpartition(' - ')[2]}"
    return f"must be {fault.expected}"


@functools.cache
def read_fields(struct: type[msgspec.Struct]) -> Mapping[str, FieldInfo]:
    """The fields of a struct, in the order of the struct."""
    hints = typing.get_type_hints(struct, include_extras=True)
    return MappingProxyType({key.name: _read(key, hints[key.name]) for key in keys_of(struct)})


def plain(value: Any) -> Any:
    """A value of the model as plain JSON data: lists instead of tuples, and 5 instead of 5.0."""
    data = msgspec.to_builtins(value)
    if isinstance(value, msgspec.Struct):
        return {key: _whole(item) for key, item in data.items()}
    return _whole(data)


def _whole(data: Any) -> Any:
    match data:
        case list() | tuple():
            return [_whole(item) for item in data]
        case float() if data.is_integer() and abs(data) < 1e15:
            return int(data)
    return data


def _read(key: Key, hint: Any) -> FieldInfo:
    default = None if key.required else plain(key.default)
    return FieldInfo(
        name=key.name,
        label=key.label,
        kind=_kind(key.type),
        description=key.description,
        unit=key.info.unit,
        expected=describe_type(key.type).replace("true or false", "on or off"),
        default=default,
        start=key.info.start if key.required else default,
        required=key.required,
        choices=_choices(hint),
        bounds=_bounds(key.type),
        example=next(iter(key.examples), None),
        lines=key.info.lines,
        hint=hint,
    )


def _kind(node: inspect.Type) -> str:
    match node:
        case inspect.Metadata():
            return _kind(node.type)
        case inspect.UnionType():
            return " | ".join(sorted({_kind(member) for member in node.types}))
        case inspect.VarTupleType() | inspect.ListType():
            return f"[{_kind(node.item_type)}, ...]"
        case inspect.TupleType():
            return f"[{', '.join(_kind(item) for item in node.item_types)}]"
        case inspect.DictType():
            return f"{{{_kind(node.value_type)}}}"
    return _NAMES.get(type(node), type(node).__name__)


def _choices(hint: Any) -> tuple[str, ...]:
    """The values of a Literal in the order of the model; msgspec would sort them."""
    if typing.get_origin(hint) is Literal:
        return typing.get_args(hint)
    if typing.get_origin(hint) is typing.Annotated:
        return _choices(typing.get_args(hint)[0])
    return ()


def _bounds(node: inspect.Type) -> Bounds | None:
    match node:
        case inspect.Metadata():
            return _bounds(node.type)
        case inspect.UnionType():
            return next(filter(None, map(_bounds, node.types)), None)
        case inspect.IntType() | inspect.FloatType():
            least = node.gt if node.ge is None else node.ge
            most = node.lt if node.le is None else node.le
            return Bounds(
                least=float("-inf") if least is None else least,
                most=float("inf") if most is None else most,
                open_below=node.gt is not None,
                whole=isinstance(node, inspect.IntType),
            )
    return None
