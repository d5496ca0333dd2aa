"""Formats the types of the model for messages and documentation: "an integer from 0 to 65535", "one of PUB, REQ"."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from msgspec import Meta, inspect


def leaf_type(node: inspect.Type) -> Any:
    """The Python type, with its constraints, of a leaf: a value that is neither an object nor a list."""
    match node:
        case inspect.Metadata():
            return leaf_type(node.type)
        case inspect.IntType():
            return Annotated[int, _range(node)]
        case inspect.FloatType():
            return Annotated[float, _range(node)]
        case inspect.StrType():
            return Annotated[str, Meta(min_length=node.min_length, max_length=node.max_length, pattern=node.pattern)]
        case inspect.LiteralType():
            return Literal[node.values]
        case inspect.BoolType():
            return bool
        case inspect.NoneType():
            return None
    raise TypeError(f"not a leaf of a preset: {node}")


def _range(node: inspect.IntType | inspect.FloatType) -> Meta:
    limits: dict[str, Any] = {"gt": node.gt, "ge": node.ge, "lt": node.lt, "le": node.le}
    return Meta(multiple_of=node.multiple_of, **limits)


def describe_type(node: inspect.Type, *, with_meaning: bool = False) -> str:
    """A text for messages about the values of this type; ``with_meaning`` adds the description of the field."""
    match node:
        case inspect.Metadata():
            meaning = (node.extra_json_schema or {}).get("description", "")
            kind = describe_type(node.type)
            return f"{kind} - {meaning}" if with_meaning and meaning else kind
        case inspect.IntType():
            return f"an integer{_format_bounds(node)}"
        case inspect.FloatType():
            return f"a number{_format_bounds(node)}"
        case inspect.StrType():
            return f"text{_format_length(node.min_length, node.max_length, 'character')}"
        case inspect.LiteralType():
            return f"one of {', '.join(str(value) for value in node.values)}"
        case inspect.UnionType():
            return _describe_union(node)
        case inspect.VarTupleType() | inspect.ListType():
            return f"a list{_format_length(node.min_length, node.max_length, 'item')}"
        case inspect.TupleType():
            return f"a list of {len(node.item_types)} items"
        case inspect.StructType() | inspect.DictType():
            return f"an object{' with at least one key' if getattr(node, 'min_length', None) else ''}"
        case inspect.BoolType():
            return "true or false"
        case inspect.NoneType():
            return "null"
    return "anything"


def _describe_union(node: inspect.UnionType) -> str:
    members: list[str] = []
    for member in node.types:
        tag_field = isinstance(member, inspect.StructType) and member.tag_field
        described = f'an object with "{tag_field}"' if tag_field else describe_type(member)
        if described not in members:
            members.append(described)
    return " or ".join(members)


def _format_bounds(node: inspect.IntType | inspect.FloatType) -> str:
    if node.ge is not None and node.le is not None:
        least, most = _format_number(node.ge), _format_number(node.le)
        return f" equal to {least}" if node.ge == node.le else f" from {least} to {most}"
    limits = [
        f" {relation} {_format_number(limit)}"
        for relation, limit in (("above", node.gt), ("at least", node.ge), ("below", node.lt), ("at most", node.le))
        if limit is not None
    ]
    return " and".join(limits)


def _format_number(limit: float) -> str:
    return str(int(limit)) if limit == int(limit) else str(limit)


def _format_length(least: int | None, most: int | None, unit: str) -> str:
    if least and most:
        return f" of {least} to {most} {unit}s"
    if most:
        return f" of at most {most} {unit}s"
    return f" of at least {least} {unit}{'' if least == 1 else 's'}" if least else ""
