"""Reads the bytes of a preset file, or refuses the path with a reason. Reading never hangs, not even at a pipe."""

from __future__ import annotations

import pathlib
from enum import Enum

from bench_app.errors import InputError

SIZE_MAX = 64 * 1024 * 1024


class FileKind(Enum):
    """The kind of thing at a path."""

    FILE = "file"
    FOLDER = "folder"
    OTHER = "other"
    """A pipe or a device."""
    NOTHING = "nothing"


def file_kind(path: pathlib.Path) -> FileKind:
    """The kind of thing at a path. A path that the system does not accept counts as NOTHING."""
    try:
        if path.is_file():
            return FileKind.FILE
        if path.is_dir():
            return FileKind.FOLDER
        return FileKind.OTHER if path.exists() else FileKind.NOTHING
    except (OSError, ValueError):  # a name too long for the file system, or with a NUL in it
        return FileKind.NOTHING


def read_bytes(path: pathlib.Path) -> bytes:
    """The content of a preset file.

    Raises :class:`InputError` for anything but a readable, regular file of at most ``SIZE_MAX`` bytes.
    """
    match file_kind(path):
        case FileKind.FOLDER:
            raise InputError(f"{path} is a folder, not a preset")
        case FileKind.OTHER:
            raise InputError(f"{path} is not a regular file")
    try:
        with path.open("rb") as file:
            data = file.read(SIZE_MAX + 1)
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}") from error
    if len(data) > SIZE_MAX:
        raise InputError(f"{path} is too large for a preset: over {SIZE_MAX // 1024**2} MiB")
    return data
