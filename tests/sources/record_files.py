"""Writes a file for a test and reads its records."""

from __future__ import annotations

from pathlib import Path

from bench_app.sources.record import BadRecord, Record
from bench_app.sources.records import ReadOptions, read_records

BOM = b"\xef\xbb\xbf"


def read(path: Path, content: bytes, wanted: str = "auto") -> list[Record | BadRecord]:
    path.write_bytes(content)
    return list(read_records(path, ReadOptions(wanted)))


def texts(found: list[Record | BadRecord]) -> list[bytes]:
    assert all(isinstance(record, Record) for record in found)
    return [record.text for record in found if isinstance(record, Record)]
