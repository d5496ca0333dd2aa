"""Preset or result -> **file**, written completely or not at all."""

from __future__ import annotations

import contextlib
import json
import os
import pathlib
import stat
from typing import Any

from bench_app.errors import SaveError


def dump_json(raw: dict[str, Any]) -> bytes:
    """Indented JSON in UTF-8, with a newline at the end."""
    return (json.dumps(raw, indent=2, ensure_ascii=False) + "\n").encode()


def write_atomically(path: pathlib.Path, data: bytes) -> None:
    """Write a preset so that a crash leaves either the old file or the new one; raises :class:`SaveError`.

    A symbolic link is followed, and a replaced file keeps its permissions.
    """
    try:
        target = pathlib.Path(os.path.realpath(path))
        if target.is_dir():
            raise SaveError(f"{path} cannot be written: it is a folder")
        if target.exists() and not target.is_file():
            # The replacement would turn a pipe or a device into a file.
            raise SaveError(f"{path} cannot be written: it is not a regular file")
        _write_beside(target, data)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else None
        raise SaveError(f"{path} cannot be written: {reason or error}") from error


def write_out(path: pathlib.Path, data: bytes) -> None:
    """Write a result. Raises OSError.

    A file is written completely or not at all, so that a full disk does not destroy the earlier result. A pipe or a
    device is written to directly.
    """
    target = pathlib.Path(os.path.realpath(path))
    if target.exists() and not target.is_file():
        path.write_bytes(data)
        return
    try:
        _write_beside(target, data)
    except PermissionError:
        # The folder refuses new files, but the existing file may be writable.
        if not target.exists():
            raise
        target.write_bytes(data)


def _write_beside(target: pathlib.Path, data: bytes) -> None:
    beside = target.with_name(f".zmq-bench-{os.urandom(8).hex()}")
    try:
        with beside.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if target.exists():
            beside.chmod(stat.S_IMODE(target.stat().st_mode))
        beside.replace(target)
    finally:
        with contextlib.suppress(OSError):
            beside.unlink(missing_ok=True)
