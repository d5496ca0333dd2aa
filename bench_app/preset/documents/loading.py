"""A path or the name of a preset that ships -> **document**."""

from __future__ import annotations

import dataclasses
import pathlib

from bench_app.errors import InputError
from bench_app.model.validation import did_you_mean
from bench_app.preset.documents.document import Document, parse
from bench_app.preset.documents.reading import FileKind, file_kind, read_bytes
from bench_app.preset.documents.shipped_presets import load_shipped, shipped_names
from bench_app.preset.json_reader import decode


def load(path_or_name: str | pathlib.Path) -> Document:
    """The preset in a file, or the preset that ships under this name. If both exist, the file is taken.

    Raises :class:`PresetError` with all faults of the content, or :class:`InputError` if the file cannot be read.
    """
    path, label = pathlib.Path(path_or_name), str(path_or_name)
    kind = file_kind(path)
    if kind is not FileKind.FILE and label in shipped_names():
        return load_shipped(label)
    if kind is FileKind.NOTHING:
        hint = did_you_mean(path.stem, shipped_names())
        raise InputError(f'"{path}" is neither a file nor the name of a preset that ships{hint}')
    raw = decode(read_bytes(path), label)
    return dataclasses.replace(parse(raw, path.stem, path.absolute().parent, label=label), path=path)


def exists(path_or_name: str) -> bool:
    """Whether the path exists in the file system, or a preset ships under this name."""
    return file_kind(pathlib.Path(path_or_name)) is not FileKind.NOTHING or path_or_name in shipped_names()
