"""Presets: files <-> what a run wants. Everything downstream of here is frozen, valid data.

A :class:`Document` keeps the JSON as it came beside the specs made from it, so that what the bench does not know is
not lost when a preset is saved.
"""

from __future__ import annotations

import copy
import dataclasses
import json
import pathlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import msgspec

from bench_app.errors import Fault, InputError, PresetError
from bench_app.model import BenchSpec, Load, OutputSpec, Preset
from bench_app.model.json_path import JsonPath, assign, format_path, lookup, parse_path
from bench_app.model.validation import TOP, Survey, did_you_mean, survey
from bench_app.preset.cross_checks import Scene, cross_faults
from bench_app.preset.defaults import default_source, handler_bench, listeners_of, sources_of
from bench_app.preset.json_reader import data_faults, decode
from bench_app.preset.notes import notes
from bench_app.preset.other_schemes import foreign_handlers, without
from bench_app.preset.schema import schema
from bench_app.system.files import dump_json, rebase_replays, write_atomically

__all__ = [
    "DEFAULT",
    "PRODUCTION",
    "Document",
    "copy_of",
    "dump",
    "exists",
    "handler_bench",
    "listeners_of",
    "load",
    "parse",
    "replace",
    "replace_all",
    "save",
    "schema",
    "shipped",
    "shipped_documents",
    "sources_of",
    "with_load",
    "with_raw",
]

SIZE_MAX = 64 * 1024 * 1024
DEFAULT = "multi-pattern"
"""The preset that ships for who names none, and the first to look at."""

PRODUCTION = (
    DEFAULT,
    "basic-publisher",
    "multi-consumer-broadcast",
    "advanced-push",
    "analytics-pipeline",
    "edge-to-cloud",
    "local-ipc",
)
"""Those that ship and are the production plugin's examples, as one may want to meet them; each of the others shows
something that ZeroMQ does."""

_PACKAGE = pathlib.Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Document:
    """A preset and where it came from. ``raw`` is shared between documents: it is read, never changed in place.

    ``path`` is None for a preset that has no file of the user's own (one that ships, or a new one); relative replay
    files are looked for in ``base_dir``.
    """

    raw: dict[str, Any]
    preset: Preset
    name: str
    path: pathlib.Path | None = None
    base_dir: pathlib.Path = field(default_factory=pathlib.Path.cwd)
    notes: list[str] = field(default_factory=list)


def load(path_or_name: str | pathlib.Path) -> Document:
    """The preset in a file, or the one that ships under a bare name.

    Raises :class:`PresetError` with all faults of its content, :class:`InputError` if it cannot be read at all.
    """
    path = pathlib.Path(path_or_name)
    if _kind(path) != "file" and (found := _shipped_file(str(path_or_name))):
        return _load_shipped(found)
    raw = decode(_read(path), str(path_or_name))
    return dataclasses.replace(parse(raw, path.stem, path.absolute().parent, label=str(path_or_name)), path=path)


def exists(path_or_name: str) -> bool:
    """Whether there is anything under that name for :func:`load` to look at: a file, or a preset that ships."""
    return _kind(pathlib.Path(path_or_name)) != "nothing" or path_or_name in _shipped_names()


def parse(
    raw: Any,
    name: str,
    base_dir: str | pathlib.Path | None = None,
    *,
    label: str | None = None,
    checked: dict[str, Any] | None = None,
) -> Document:
    """The document in decoded JSON; raises :class:`PresetError` with all faults, in the order of the file.

    ``label`` is what messages call it (default: ``name``). ``checked`` is the JSON of a document with which this one
    may share parts: those need not be looked through again, and a production file may have many that are not ours.
    """
    folder = pathlib.Path(base_dir) if base_dir is not None else pathlib.Path.cwd()
    if faults := data_faults(raw, checked):
        raise PresetError(label or name, faults)
    foreign = foreign_handlers(raw)
    ours = without(raw, foreign)
    found = survey(ours, Preset)
    faults = [_with_hint(fault, ours) for fault in found.faults]
    if isinstance(ours, dict):
        faults += cross_faults(Scene(ours, _best_preset(ours, found), found.faults, folder))
    if faults:
        raise PresetError(label or name, _in_file_order(faults, raw))
    told = [
        f"{format_path(('output', 'handlers', key))}: {foreign[key]}:// is not ZeroMQ, so this handler takes no part"
        for key in foreign
    ]
    return Document(raw, found.value, name, None, folder, told + notes(ours, found.value, found))


def replace(document: Document, path: str | JsonPath, value: Any) -> Document:
    """The document with one value set, such as ``bench.listeners.pub[0].delay_ms``; all of it is checked again."""
    return replace_all(document, [(path, value)])


def replace_all(document: Document, assignments: Iterable[tuple[str | JsonPath, Any]]) -> Document:
    """The document with values set one after the other and checked together. Values may be specs of the model."""
    raw = document.raw
    for path, value in assignments:
        raw = assign(_with_source(raw, document.preset, path), path, _plain(value))
    _refuse_stray_handlers(document.raw, raw)
    return with_raw(document, raw)


def _refuse_stray_handlers(before: dict[str, Any], after: dict[str, Any]) -> None:
    """A value set on a handler that is not there would make one, and its missing uri be the fault."""
    where: JsonPath = ("output", "handlers")
    known = lookup(before, where)
    changed = lookup(after, where)
    if not isinstance(known, dict) or not isinstance(changed, dict):
        return
    for name, entry in changed.items():
        if name not in known and not (isinstance(entry, dict) and "uri" in entry):
            others = f"there {'are' if len(known) > 1 else 'is'} {', '.join(known) or 'none'}"
            raise InputError(f"{format_path((*where, name))}: no such handler; {others}{did_you_mean(name, known)}")


def with_raw(document: Document, raw: dict[str, Any]) -> Document:
    """The document with other JSON, all of it checked; raises :class:`PresetError`."""
    return dataclasses.replace(parse(raw, document.name, document.base_dir, checked=document.raw), path=document.path)


def copy_of(raw: dict[str, Any]) -> dict[str, Any]:
    """JSON that may be altered, as a document's own must not."""
    return copy.deepcopy(raw)


def with_load(document: Document, sink: str, load: Load | dict[str, Any]) -> Document:
    """The document with another load on one sink; the rest of the sink's source stays."""
    return replace(document, ("bench", "sources", sink, "load"), load)


def dump(document: Document) -> bytes:
    """The preset as a file's content: indented JSON in UTF-8, with all the keys it came with."""
    return dump_json(document.raw)


def save(document: Document, path: str | pathlib.Path) -> Document:
    """Writes the preset, whole or not at all, and gives the document that the file now holds.

    Relative replay files still name the same files from the new folder. Raises :class:`SaveError`.
    """
    target = pathlib.Path(path)
    folder = target.absolute().parent
    raw = rebase_replays(document.raw, document.base_dir, folder)
    write_atomically(target, dump_json(raw))
    preset = survey(raw, Preset).value
    return dataclasses.replace(document, raw=raw, preset=preset, name=target.stem, path=target, base_dir=folder)


def shipped() -> list[tuple[str, str]]:
    """(name, title) of every preset that ships."""
    return [(document.name, document.preset.bench.title) for document in shipped_documents()]


def shipped_documents() -> Iterator[Document]:
    """Every preset that ships, by name."""
    for name in _shipped_names():
        yield _load_shipped(_shipped_folder() / f"{name}.json")


def _load_shipped(file: pathlib.Path) -> Document:
    return parse(decode(_read(file), file.stem), file.stem, file.parent)


def _shipped_folder() -> pathlib.Path:
    """Where the presets that ship are: in the package once installed, beside it in a checkout."""
    installed = _PACKAGE / "shipped"
    return installed if installed.is_dir() else _PACKAGE.parent / "presets"


def _shipped_names() -> list[str]:
    return sorted(file.stem for file in _shipped_folder().glob("*.json"))


def _shipped_file(name: str) -> pathlib.Path | None:
    return _shipped_folder() / f"{name}.json" if name in _shipped_names() else None


def _kind(path: pathlib.Path) -> str:
    """``file``, ``folder``, ``other`` (a pipe or a device) or ``nothing``."""
    try:
        if path.is_file():
            return "file"
        if path.is_dir():
            return "folder"
        return "other" if path.exists() else "nothing"
    except (OSError, ValueError):  # a name too long for the file system, or with a NUL in it
        return "nothing"


def _read(path: pathlib.Path) -> bytes:
    kind = _kind(path)
    if kind == "nothing":
        raise InputError(_not_found(path))
    if kind != "file":
        raise InputError(f"{path} is a folder, not a preset" if kind == "folder" else f"{path} is not a regular file")
    try:
        with path.open("rb") as file:
            data = file.read(SIZE_MAX + 1)
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}") from error
    if len(data) > SIZE_MAX:
        raise InputError(f"{path} is too large for a preset: over {SIZE_MAX // 1024**2} MiB")
    return data


def _not_found(path: pathlib.Path) -> str:
    hint = did_you_mean(path.stem, _shipped_names())
    return f'"{path}" is neither a file nor the name of a preset that ships{hint}'


def _best_preset(raw: dict[str, Any], found: Survey) -> Preset:
    """What there is to check across, however little is left of the file."""
    if found.value is not None:
        return found.value  # type: ignore[no-any-return]
    bench = survey(raw.get("bench", {}), BenchSpec).value
    output = survey(raw.get("output"), OutputSpec).value
    return Preset(output=output or OutputSpec(handlers={}), bench=bench or BenchSpec())


def _with_hint(fault: Fault, raw: Any) -> Fault:
    """Says where a fragment belongs that was taken for a whole preset."""
    if fault.path != "output" or fault.value:
        return fault
    if "config" in raw or "uri" in raw:
        hint = "; this file looks like a part of one handler, which belongs at output.handlers.NAME"
    elif "handlers" in raw:
        hint = "; the handlers of this file belong in it, at output.handlers"
    else:
        return fault
    return dataclasses.replace(fault, expected=fault.expected + hint)


def _in_file_order(faults: list[Fault], raw: Any) -> list[Fault]:
    return sorted(faults, key=lambda fault: _position(raw, () if fault.path == TOP else parse_path(fault.path)))


def _position(raw: Any, path: JsonPath) -> tuple[int, ...]:
    """Where in the file a path is; keys that are missing come after those that are there."""
    places = []
    for part in path:
        if isinstance(raw, dict):
            keys = list(raw)
            places.append(keys.index(str(part)) if part in raw else len(keys))
        else:
            places.append(int(part) if isinstance(part, int) else 0)
        raw = lookup(raw, [part])
    return tuple(places)


def _with_source(raw: dict[str, Any], preset: Preset, path: str | JsonPath) -> dict[str, Any]:
    """``raw`` with the default source of a sink written out, if the path leads into one that is left to the default.

    Without this, ``bench.sources.events.load.rate=500`` would make a source of nothing but a rate.
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
    return json.loads(json.dumps(msgspec.to_builtins(value)))
