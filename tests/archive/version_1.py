"""Records as version 1 of the archive wrote them."""

from __future__ import annotations

import zlib
from typing import Any

import msgspec

from bench_app.archive import Archive, RunRecord
from bench_app.engine.unit_key import UnitKey
from tests.archive.runs import execute

LEFT_ONCE, LEFT_TWICE = UnitKey("pub").departed(1.5, ()), UnitKey("pub").departed(1.5, {"pub (until 1.5 s)"})


def as_version_1(record: RunRecord) -> dict[str, Any]:
    """The record as version 1 of the archive wrote it."""
    former: dict[str, Any] = msgspec.msgpack.decode(msgspec.msgpack.encode(record), strict=False)
    former.pop("handlers")
    former.pop("outcome")
    former.pop("machine")
    for event in former["events"]:
        del event["kind"]
    for handler in former["result"]["handlers"].values():
        del handler["seconds"]
    former["history"] = {unit.title: columns for unit, columns in record.history.items()}
    histograms = record.histograms.items()
    former["histograms"] = {key.title: msgspec.to_builtins(delta, builtin_types=(bytes,)) for key, delta in histograms}
    return former


def replace_record(archive: Archive, run: int, record: dict[str, Any]) -> None:
    packed = zlib.compress(msgspec.msgpack.encode(record))
    execute(archive.file, "UPDATE run SET record = ? WHERE id = ?", packed, run)
