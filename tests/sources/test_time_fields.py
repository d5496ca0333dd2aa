"""The field with the recorded time is found in a file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from bench_app.errors import SourceError
from bench_app.sources.time_fields import time_fields


def fields_of(folder: Path, *events: dict[str, Any]) -> list[str]:
    file = folder / "a.jsonl"
    file.write_text("\n".join(map(json.dumps, events)))
    return time_fields(file)


def test_dates_are_found_and_other_numbers_are_not(tmp_path: Path) -> None:
    events = [{"id": n, "until": 1.7e9 + n, "header": {"sent_at": f"2025-01-01T00:00:0{n}Z"}} for n in range(3)]
    assert fields_of(tmp_path, *events) == ["header.sent_at", "until"]


def test_a_field_that_an_event_lacks_is_none(tmp_path: Path) -> None:
    assert fields_of(tmp_path, {"time": 1.7e9}, {"id": 1}) == []
    assert fields_of(tmp_path, {"id": 1}) == []


def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError):
        time_fields(tmp_path / "none.jsonl")
