"""The file of a run, or of repeated runs: JSON -> **results** -> comparison, report."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from bench_app.engine.result import FORMAT, RunResult
from bench_app.errors import InputError
from bench_app.untrusted.json_reader import ANY_JSON, BadJsonError
from bench_app.untrusted.visible_text import visible

REPEAT_FORMAT = "zmq-bench-repeat/1"


def read_json_file(path: Path) -> Any:
    """The JSON of a file, as plain data. Raises InputError."""
    try:
        return ANY_JSON.read(path.read_bytes())
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror or error}") from error
    except BadJsonError as error:
        raise InputError(f"{path} is not JSON: {error}") from error


def read_runs(path: Path) -> list[RunResult]:
    """The results in a file of ``run --json``, with ``--repeat`` or without. Raises InputError."""
    return runs_of(read_json_file(path), path)


def runs_of(plain: Any, path: Path) -> list[RunResult]:
    """The results in the JSON of a file; ``path`` is for messages. Raises InputError."""
    found = plain.get("format") if isinstance(plain, dict) else None
    try:
        if found == FORMAT:
            return [msgspec.convert(plain, RunResult)]
        if found == REPEAT_FORMAT:
            return msgspec.convert(plain.get("runs"), list[RunResult])
    except msgspec.ValidationError as error:
        raise InputError(f"{path} is no result of zmq-bench run --json: {visible(str(error))}") from error
    named = f"has the format {visible(str(found))}" if found is not None else "has no format"
    raise InputError(f"{path} {named}; {FORMAT} or {REPEAT_FORMAT} was expected")
