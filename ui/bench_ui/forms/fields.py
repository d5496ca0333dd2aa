"""model -> form: what a form must know of one field of a struct: its name for people, type, range, unit, help.

Everything comes from the metadata of the model; only the spelling of names is decided here.
"""

from __future__ import annotations

import typing
from dataclasses import dataclass
from typing import Any, Literal

import msgspec
from msgspec import NODEFAULT, inspect

from bench_app.model.type_words import describe
from bench_app.model.validation import TOP, survey

_LABELS = {
    "uri": "URI",
    "high_water_mark": "High-water mark",
    "high_water_mark_set": "HWM set",
    "max_reconnect_attempts": "Max reconnects",
    "delay_ms": "Delay",
    "delay_jitter_ms": "Delay jitter",
    "duration_s": "Duration",
    "warmup_s": "Warm-up",
    "every_s": "Every",
    "over_s": "Over",
    "each_s": "Each",
    "period_s": "Period",
    "on_bad_line": "Bad line",
    "reconnect_interval_max": "Max interval",
    "heartbeat_interval": "Heartbeat",
    "ipv6": "IPv6",
    "tcp_keepalive": "TCP keep-alive",
    "tcp_keepalive_idle": "Keep-alive idle",
    "tcp_keepalive_interval": "Keep-alive interval",
    "max_message_size": "Max message",
    "no_drop": "No drop",
}
_STARTS: dict[str, Any] = {
    "rate": 1000,
    "events": 100,
    "every_s": 1,
    "start": 0,
    "end": 5000,
    "over_s": 10,
    "rates": [1000, 5000],
    "each_s": 2,
    "mean": 1000,
    "amplitude": 500,
    "period_s": 5,
}
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
    """The range of a number: ``least`` and ``most`` as in the model; ``open_below`` if ``least`` itself is outside."""

    least: float
    most: float
    open_below: bool
    whole: bool

    def holds(self, value: float) -> bool:
        """Whether the value lies in the range."""
        return (self.least < value if self.open_below else self.least <= value) and value <= self.most


@dataclass(frozen=True)
class FieldInfo:
    """One field of a struct. ``kind`` is its type as the registry of editors names it (``"int"``, ``"none | str"``),
    ``words`` its type and range in words, ``start`` what a new struct begins with: the default, or something sensible
    where there is none, or None where only the user can know. ``example`` is one of what may stand here, None where
    that needs none; ``lines`` is how many a text may want.
    """

    name: str
    label: str
    kind: str
    description: str
    unit: str
    words: str
    default: Any
    start: Any
    required: bool
    choices: tuple[str, ...]
    bounds: Bounds | None
    example: Any
    lines: int
    hint: Any

    def reason(self, data: Any) -> str:
        """Why plain JSON data cannot stand in this field: "must be an integer from 0 to 9"; "" if it can."""
        faults = survey(data, self.hint).faults
        if not faults:
            return ""
        fault = faults[0]
        where = "" if fault.path == TOP else f"{fault.path} "
        return f"{where}must be {fault.expected}"


def read_fields(struct: type[msgspec.Struct]) -> dict[str, FieldInfo]:
    """The fields of a struct in its order."""
    node = inspect.type_info(struct)
    assert isinstance(node, inspect.StructType)
    hints = typing.get_type_hints(struct, include_extras=True)
    return {field.name: _read(field, hints[field.name]) for field in node.fields}


def label_of(name: str) -> str:
    """``request_timeout`` as "Request timeout"."""
    return _LABELS.get(name) or name.replace("_", " ").capitalize()


def plain(value: Any) -> Any:
    """A value of the model as plain JSON data: lists, no tuples; a field's whole number is 5, not 5.0."""
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


def _read(field: inspect.Field, hint: Any) -> FieldInfo:
    node, schema, extra = field.type, {}, {}
    if isinstance(node, inspect.Metadata):
        schema, extra, node = node.extra_json_schema or {}, node.extra or {}, node.type
    has_default = field.default is not NODEFAULT
    default = plain(field.default) if has_default else None
    return FieldInfo(
        name=field.name,
        label=label_of(field.name),
        kind=_kind(node),
        description=schema.get("description", ""),
        unit=extra.get("unit", ""),
        words=describe(node),
        default=default,
        start=default if has_default else _STARTS.get(field.name),
        required=field.required,
        choices=_choices(hint),
        bounds=_bounds(node),
        example=next(iter(schema.get("examples", ())), None),
        lines=extra.get("lines", 1),
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
    """The values of a Literal in the order they are written in; msgspec sorts them."""
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
