"""Document -> **file**, written completely or not at all. Replay paths are adapted to the new folder."""

from __future__ import annotations

import dataclasses
import os
import pathlib
from typing import Any

from bench_app.model import Preset
from bench_app.model.json_path import JsonPath, assign, lookup
from bench_app.model.validation import validate
from bench_app.preset.documents.document import Document
from bench_app.preset.other_schemes import handlers_of_other_schemes, without
from bench_app.system.files import dump_json, write_atomically


def dump(document: Document) -> bytes:
    """The preset as a file's content: indented JSON in UTF-8, with all keys of the original file."""
    return dump_json(document.raw)


def save(document: Document, path: str | pathlib.Path) -> Document:
    """Write the preset, completely or not at all, and return the document that the file now holds.

    Relative replay paths are rewritten, so that they lead to the same files from the new folder. Raises
    :class:`SaveError`.
    """
    target = pathlib.Path(path)
    folder = target.absolute().parent
    raw = _with_rebased_replays(document.raw, document.base_dir, folder)
    write_atomically(target, dump_json(raw))
    # As in parse(): the specs have no handlers of other schemes, and the JSON keeps them.
    preset = validate(without(raw, handlers_of_other_schemes(raw)), Preset).value
    return dataclasses.replace(document, raw=raw, preset=preset, name=target.stem, path=target, base_dir=folder)


def _with_rebased_replays(raw: dict[str, Any], old: pathlib.Path, new: pathlib.Path) -> dict[str, Any]:
    """``raw`` with relative replay paths rewritten, so that they lead to the same files from another folder."""
    if old.resolve() == new.resolve():
        return raw
    for sink, source in lookup(raw, ("bench", "sources"), {}).items():
        if source["kind"] != "replay" or pathlib.Path(source["path"]).is_absolute():
            continue
        path: JsonPath = ("bench", "sources", sink, "path")
        raw = assign(raw, path, _relative(old / source["path"], new))
    return raw


def _relative(file: pathlib.Path, folder: pathlib.Path) -> str:
    try:
        return pathlib.Path(os.path.relpath(file.resolve(), folder.resolve())).as_posix()
    except ValueError:  # another drive
        return str(file.resolve())
