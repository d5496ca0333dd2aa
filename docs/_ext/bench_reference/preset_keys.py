"""The reference of a preset's keys, made by walking the model from its root."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import msgspec
from msgspec import inspect

from bench_app.model import Preset
from bench_app.model.type_words import describe
from bench_reference import changing
from bench_reference.markdown import code, prose, table

_HEADINGS = ("key", "meaning", "type and range", "default", "unit", "a change applies")


@dataclass(frozen=True)
class Section:
    """The keys of one spec, and where in a preset they stand."""

    path: str
    struct: inspect.StructType

    @property
    def name(self) -> str:
        """The spec's name in the model."""
        return self.struct.cls.__name__

    @property
    def tag(self) -> tuple[str, str] | None:
        """The key that says which kind it is, and its value."""
        tag_field = self.struct.tag_field
        return (tag_field, str(self.struct.tag)) if tag_field else None

    @property
    def title(self) -> str:
        """The heading: where it stands, and of which kind it is."""
        kind = f', `"{self.tag[0]}": "{self.tag[1]}"`' if self.tag else ""
        return f"{code(self.path) if self.path else 'The file'}{kind}"


def preset_keys() -> str:
    """All sections as Markdown."""
    return "\n".join(_section(section) for section in sections())


def sections() -> list[Section]:
    """Every spec that a preset is made of, each once, in the order of the file."""
    root = inspect.type_info(Preset)
    found: dict[str, Section] = {}
    for section in _walk(root, ""):
        found.setdefault(section.name, section)
    return list(found.values())


def _walk(node: inspect.Type, path: str) -> Iterator[Section]:
    match node:
        case inspect.Metadata():
            yield from _walk(node.type, path)
        case inspect.UnionType():
            for member in node.types:
                yield from _walk(member, path)
        case inspect.DictType():
            yield from _walk(node.value_type, f"{path}.{_name_at(path)}")
        case inspect.VarTupleType():
            yield from _walk(node.item_type, f"{path}[0]")
        case inspect.StructType():
            yield Section(path, node)
            for field in node.fields:
                yield from _walk(field.type, f"{path}.{field.encode_name}" if path else field.encode_name)


def _name_at(path: str) -> str:
    return "SINK" if path.endswith("sources") else "NAME"


def _section(section: Section) -> str:
    anchor = f"(spec-{section.name.lower()})="
    rows = [[code(section.tag[0]), "Which kind it is", code(f'"{section.tag[1]}"'), "", "", ""]] if section.tag else []
    rows += [_row(section, field) for field in section.struct.fields]
    keys = table(_HEADINGS, rows) if rows else ""
    return f"{anchor}\n## {section.title}\n\n{prose(section.struct.cls.__doc__)}\n\n{keys}"


def _row(section: Section, field: inspect.Field) -> list[str]:
    struct = section.struct.cls
    links = [_link(inner) for inner in _structs(field.type)]
    text = metadata(field.type, "description") + (f": {', '.join(links)}" if links else "")
    return [
        code(field.encode_name),
        text,
        _type_words(field.type),
        _default(field),
        metadata(field.type, "unit"),
        "" if _is_container(field) else changing.effect(struct, field.encode_name),
    ]


def _link(struct: inspect.StructType) -> str:
    words = code(str(struct.tag)) if struct.tag_field else "its keys"
    return f"[{words}](#spec-{struct.cls.__name__.lower()})"


def _structs(node: inspect.Type) -> Iterator[inspect.StructType]:
    """The specs that are this value, or of which it is a list or an object; not what is in those."""
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


def _is_container(field: inspect.Field) -> bool:
    """Whether its keys have rows of their own, so that it has no change of its own."""
    return bool(list(_structs(field.type))) and field.encode_name not in ("load", "size")


def _type_words(node: inspect.Type) -> str:
    words = describe(node)
    return words.replace("one of ", "one of `").replace(", ", "`, `") + "`" if words.startswith("one of ") else words


def _default(field: inspect.Field) -> str:
    if field.required:
        return "required"
    if field.default is msgspec.NODEFAULT or isinstance(field.default, msgspec.Struct):
        return "all defaults" if field.default is not msgspec.NODEFAULT and _is_container(field) else _made(field)
    return code(msgspec.json.encode(field.default).decode())


def _made(field: inspect.Field) -> str:
    value = field.default if field.default_factory is msgspec.NODEFAULT else field.default_factory()
    return code(msgspec.json.encode(value).decode())


def metadata(node: inspect.Type, what: str) -> str:
    """The ``unit`` or the ``description`` that the model gives a key; "" where none."""
    if not isinstance(node, inspect.Metadata):
        return ""
    if what == "unit":
        return str((node.extra or {}).get("unit", ""))
    return str((node.extra_json_schema or {}).get(what, ""))
