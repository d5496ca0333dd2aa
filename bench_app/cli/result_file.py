"""The file of a command's result, ``--json FILE``: checked before the run, written after it."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from bench_app.cli.console import echo_json
from bench_app.errors import BenchError, InputError
from bench_app.system.files import write_out

json_option = click.option(
    "--json",
    "json_file",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Write the result to FILE ('-': stdout).",
)


def refuse_unwritable(file: Path | None) -> None:
    """Raise :class:`InputError` if the file cannot be written. Call it before the run, so that no result is lost."""
    if file is None or file == Path("-"):
        return
    if file.is_dir():
        raise InputError(f"{file} is a folder; the result needs a file")
    if not file.absolute().parent.is_dir():
        raise InputError(f"the folder of {file} does not exist")
    if not os.access(file if file.exists() else file.absolute().parent, os.W_OK):
        raise InputError(f"{file} cannot be written: permission denied")


def write_json(text: bytes, json_file: Path | None) -> None:
    """Write a result to the file, or to standard output for ``-``. Raises :class:`BenchError` if that fails."""
    if json_file is None:
        return
    if json_file == Path("-"):
        try:
            echo_json(text)
            sys.stdout.flush()
        except OSError as error:
            raise BenchError(f"the result could not be written to standard output: {error.strerror}") from error
        return
    try:
        write_out(json_file, text)
    except OSError as error:
        raise BenchError(f"the result could not be written to {json_file}: {error.strerror}") from error


def write_text(text: str, file: Path | None) -> None:
    """Write a text file in UTF-8. Raises :class:`BenchError` if that fails."""
    if file is None:
        return
    try:
        write_out(file, text.encode(errors="replace"))
    except OSError as error:
        raise BenchError(f"{file} could not be written: {error.strerror}") from error


def append_text(text: str, file: Path) -> None:
    """Append to a text file in UTF-8. Raises :class:`BenchError` if that fails."""
    try:
        with file.open("a", encoding="utf-8") as out:
            out.write(text)
    except OSError as error:
        raise BenchError(f"{file} could not be written: {error.strerror}") from error
