"""The reference of a preset's keys, made from the description of each key in the model."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import msgspec
from msgspec import inspect

from bench_app.model import Preset
from bench_app.model.key_info import Change
from bench_app.model.keys import Key, keys_of, walk_specs
from bench_app.model.type_text import describe_type
from bench_reference import changing
from bench_reference.markdown import code, prose, table

_HEADINGS = ("key", "meaning", "type and range", "default", "unit", "a change applies")


@dataclass(frozen=True)
class Section:
    """The keys of one spec, and their path in a preset."""

    path: str
    struct: inspect.StructType

    @property
    def name(self) -> str:
        """The spec's name in the model."""
        return self.struct.cls.__name__

    @property
    def tag(self) -> tuple[str, str] | None:
        """The key that names the kind of the spec, and its value."""
        tag_field = self.struct.tag_field
        return (tag_field, str(self.struct.tag)) if tag_field else None

    @property
    def title(self) -> str:
        """The heading: the path of the spec, and its kind."""
        kind = f', `"{self.tag[0]}": "{self.tag[1]}"`' if self.tag else ""
        return f"{code(self.path) if self.path else 'The file'}{kind}"


def preset_keys() -> str:
    """All sections as Markdown."""
    return "\n".join(_section(section) for section in sections())


def sections() -> list[Section]:
    """Every spec that a preset is made of, each once, in the order of the file."""
    found: dict[str, Section] = {}
    for path, struct in walk_specs(Preset):
        found.setdefault(struct.cls.__name__, Section(path, struct))
    return list(found.values())


def _section(section: Section) -> str:
    anchor = f"(spec-{section.name.lower()})="
    rows = [[code(section.tag[0]), "The kind", code(f'"{section.tag[1]}"'), "", "", ""]] if section.tag else []
    rows += [row(key) for key in keys_of(section.struct.cls)]
    keys = table(_HEADINGS, rows) if rows else ""
    return f"{anchor}\n## {section.title}\n\n{prose(section.struct.cls.__doc__)}\n\n{keys}"


def row(key: Key) -> list[str]:
    """The cells of one key."""
    links = [_link(inner) for inner in _structs(key.type)]
    text = key.description + (f": {', '.join(links)}" if links else "")
    change = changing.EFFECT_OF[key.info.change]
    return [code(key.name), text, _format_type(key.type), _default(key), key.info.unit, change]


def _link(struct: inspect.StructType) -> str:
    text = code(str(struct.tag)) if struct.tag_field else "its keys"
    return f"[{text}](#spec-{struct.cls.__name__.lower()})"


def _structs(node: inspect.Type) -> Iterator[inspect.StructType]:
    """The specs that this value may be, or whose instances it contains; not the specs inside them."""
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


def _format_type(node: inspect.Type) -> str:
    described = describe_type(node)
    if not described.startswith("one of "):
        return described
    values, separator, rest = described.removeprefix("one of ").partition(" or ")
    return "one of " + ", ".join(code(value) for value in values.split(", ")) + separator + rest


def _default(key: Key) -> str:
    if key.required:
        return "required"
    if key.info.change is Change.PER_KEY and isinstance(key.default, msgspec.Struct):
        return "all defaults"
    return code(msgspec.json.encode(key.default).decode())
