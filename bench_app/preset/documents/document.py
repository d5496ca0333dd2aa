"""Decoded JSON -> **document**: the specs of a preset beside its JSON, or all faults of the preset."""

from __future__ import annotations

import pathlib
from dataclasses import dataclass, field
from typing import Any

import msgspec

from bench_app.errors import Fault, PresetError
from bench_app.model import BenchSpec, OutputSpec, Preset
from bench_app.model.json_path import JsonPath, lookup
from bench_app.model.note import Note
from bench_app.model.validation import Validation, validate
from bench_app.preset.cross_checks import Inspection, cross_faults
from bench_app.preset.json_reader import data_faults
from bench_app.preset.notes import notes
from bench_app.preset.other_schemes import handlers_of_other_schemes, without
from bench_app.preset.timeline_checks import set_faults


@dataclass(frozen=True)
class Document:
    """A preset with the JSON and the file that it came from.

    Attributes:
        raw: the JSON. Several documents may share the object, so it is never changed in place.
        preset: the specs made from the JSON.
        name: the name of the preset in results and in the window.
        path: the user's file; None for a preset that ships and for a new one.
        base_dir: the folder to which paths of replay files are relative.
        notes: notes on keys without effect and on parts that will fail in a run.
    """

    raw: dict[str, Any]
    preset: Preset
    name: str
    path: pathlib.Path | None = None
    base_dir: pathlib.Path = field(default_factory=pathlib.Path.cwd)
    notes: list[Note] = field(default_factory=list)


def parse(
    raw: Any,
    name: str,
    base_dir: str | pathlib.Path | None = None,
    *,
    label: str | None = None,
    checked: dict[str, Any] | None = None,
) -> Document:
    """The document in decoded JSON; raises :class:`PresetError` with all faults, in the order of the file.

    ``label`` is the document's name in messages (default: ``name``). ``checked`` is the JSON of a document that was
    parsed before. Parts that both share are not searched again for values that cannot be JSON, because a production
    file may have large parts that the bench does not read.
    """
    folder = pathlib.Path(base_dir) if base_dir is not None else pathlib.Path.cwd()
    if faults := data_faults(raw, checked):
        raise PresetError(label or name, faults)
    foreign = handlers_of_other_schemes(raw)
    ours = without(raw, foreign)
    found, faults = _faults_of(ours, folder)
    if found.value is not None:
        faults += set_faults(ours, found.value.bench.timeline, lambda changed: _faults_of(changed, folder)[1])
    if faults:
        raise PresetError(label or name, _in_file_order(faults, raw))
    foreign_notes = [
        Note(("output", "handlers", key), f"{scheme}:// is not ZeroMQ, so this handler takes no part")
        for key, scheme in foreign.items()
    ]
    return Document(raw, found.value, name, None, folder, foreign_notes + notes(ours, found.value, found))


def _faults_of(raw: Any, folder: pathlib.Path) -> tuple[Validation, list[Fault]]:
    """What the model makes of the JSON, and all faults but those of the values that a timeline sets."""
    found = validate(raw, Preset)
    faults = [_with_hint(fault, raw) for fault in found.faults]
    if isinstance(raw, dict):
        faults += cross_faults(Inspection(raw, _best_preset(raw, found), found.faults, folder))
    return found, faults


def _best_preset(raw: dict[str, Any], found: Validation) -> Preset:
    """A preset for the checks across keys, made from the parts of the file that are valid."""
    if found.value is not None:
        return found.value  # type: ignore[no-any-return]
    bench = validate(raw.get("bench", {}), BenchSpec).value
    output = validate(raw.get("output"), OutputSpec).value
    return Preset(output=output or OutputSpec(handlers={}), bench=bench or BenchSpec())


def _with_hint(fault: Fault, raw: Any) -> Fault:
    """Adds a hint to the fault of a missing ``output`` if the file looks like a part of a preset."""
    if fault.parts != ("output",) or fault.value:
        return fault
    if "config" in raw or "uri" in raw:
        hint = "; this file looks like one handler, which belongs at output.handlers.NAME"
    elif "handlers" in raw:
        hint = "; the handlers of this file belong at output.handlers"
    else:
        return fault
    return msgspec.structs.replace(fault, expected=fault.expected + hint)


def _in_file_order(faults: list[Fault], raw: Any) -> list[Fault]:
    return sorted(faults, key=lambda fault: _position(raw, fault.parts or ()))


def _position(raw: Any, path: JsonPath) -> tuple[int, ...]:
    """A sort key for the place of a path in the file; a missing key comes after the keys that exist."""
    places = []
    for part in path:
        if isinstance(raw, dict):
            keys = list(raw)
            places.append(keys.index(str(part)) if part in raw else len(keys))
        else:
            places.append(int(part) if isinstance(part, int) else 0)
        raw = lookup(raw, [part])
    return tuple(places)
