"""Document -> **edits** -> document: sets values and checks the whole preset again. Edits return a new document."""

from __future__ import annotations

import copy
import dataclasses
from collections.abc import Iterable
from typing import Any

import msgspec

from bench_app.errors import InputError
from bench_app.model import Load, Preset
from bench_app.model.json_path import JsonPath, assign, format_path, lookup
from bench_app.model.validation import did_you_mean
from bench_app.preset.defaults import default_source
from bench_app.preset.documents.document import Document, parse


def replace(document: Document, path: str | JsonPath, value: Any) -> Document:
    """The document with one value set, such as ``bench.duration_s``. The whole preset is checked again."""
    return replace_all(document, [(path, value)])


def replace_all(document: Document, assignments: Iterable[tuple[str | JsonPath, Any]]) -> Document:
    """The document with several values set in turn and then checked together. A value may be a spec of the model."""
    raw = document.raw
    for path, value in assignments:
        raw = assign(_with_source(raw, document.preset, path), path, _plain(value))
    _refuse_unknown_handlers(document.raw, raw)
    return with_raw(document, raw)


def with_raw(document: Document, raw: dict[str, Any]) -> Document:
    """The document with other JSON, checked completely; raises :class:`PresetError`."""
    return dataclasses.replace(parse(raw, document.name, document.base_dir, checked=document.raw), path=document.path)


def with_load(document: Document, sink: str, load: Load | dict[str, Any]) -> Document:
    """The document with another load on one sink; the rest of the sink's source stays."""
    return replace(document, ("bench", "sources", sink, "load"), load)


def copy_of(raw: dict[str, Any]) -> dict[str, Any]:
    """A copy of a document's JSON that the caller may change."""
    return copy.deepcopy(raw)


def _refuse_unknown_handlers(before: dict[str, Any], after: dict[str, Any]) -> None:
    """Refuse a value for a handler that does not exist.

    Otherwise the value would create a handler, and the message would be about the missing uri of that handler.
    """
    where: JsonPath = ("output", "handlers")
    known = lookup(before, where)
    changed = lookup(after, where)
    if not isinstance(known, dict) or not isinstance(changed, dict):
        return
    for name, entry in changed.items():
        if name not in known and not (isinstance(entry, dict) and "uri" in entry):
            others = f"there {'are' if len(known) > 1 else 'is'} {', '.join(known) or 'none'}"
            raise InputError(f"{format_path((*where, name))}: no such handler; {others}{did_you_mean(name, known)}")


def _with_source(raw: dict[str, Any], preset: Preset, path: str | JsonPath) -> dict[str, Any]:
    """``raw`` with the default source of a sink written out, if the path leads into a source that ``raw`` leaves out.

    Otherwise ``bench.sources.events.load.rate=500`` would create a source that has only a rate, which is a fault.
    """
    for handler in preset.output.handlers.values():
        source: JsonPath = ("bench", "sources", handler.sink)
        if lookup(raw, source) is None and _leads_into(path, source):
            return assign(raw, source, _plain(default_source(handler.sink)))
    return raw


def _leads_into(path: str | JsonPath, parent: JsonPath) -> bool:
    if not isinstance(path, str):
        return path[: len(parent)] == parent and len(path) > len(parent)
    written = (format_path(parent), ".".join(str(part) for part in parent))
    return path.startswith(tuple(start + separator for start in written for separator in ".["))


def _plain(value: Any) -> Any:
    return _with_lists(msgspec.to_builtins(value))


def _with_lists(value: Any) -> Any:
    """A copy with lists in place of tuples, because a preset that was read has only lists."""
    if isinstance(value, dict):
        return {key: _with_lists(inner) for key, inner in value.items()}
    return [_with_lists(inner) for inner in value] if isinstance(value, list | tuple) else value
