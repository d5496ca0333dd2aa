"""Events by a schema, through a complete feed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from bench_app.errors import SourceError
from bench_app.model import ConstantLoad, SchemaSource
from bench_app.sources.open_feed import open_feed

SCHEMA = {
    "type": "object",
    "properties": {"id": {"type": "integer"}, "at": {"format": "date-time"}},
    "required": ["id"],
}


def events(folder: Path, schema: Any, *, objects_only: bool = True, **keys: Any) -> list[bytes]:
    (folder / "a.json").write_text(json.dumps(schema))
    spec = SchemaSource(schema="a.json", load=ConstantLoad(rate=10), **keys)
    feed = open_feed(spec, base_dir=folder, render=bytes, reserve=0, duration_ns=10**10, objects_only=objects_only)
    found = [feed.poll(10**10 - 1) for _ in range(20)]
    return [event[0] for event in found if event is not None]


def test_a_seed_gives_the_same_bytes(tmp_path: Path) -> None:
    first, again = events(tmp_path, SCHEMA, seed=5), events(tmp_path, SCHEMA, seed=5)
    assert first == again != events(tmp_path, SCHEMA, seed=6)
    assert all(isinstance(json.loads(event)["id"], int) for event in first)


def test_the_pool_is_repeated(tmp_path: Path) -> None:
    found = events(tmp_path, SCHEMA, pool=4)
    assert found[:4] * 5 == found


def test_an_event_that_cannot_carry_the_stamp_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="an event is no object"):
        events(tmp_path, {"type": "string"})
    with pytest.raises(SourceError, match="the key _bench"):
        events(tmp_path, {"type": "object", "required": ["_bench"]})
    assert len(events(tmp_path, {"type": "string"}, objects_only=False)) == 20


def test_a_fault_names_the_file(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"a\.json: no event fulfils the schema"):
        events(tmp_path, False)
    with pytest.raises(SourceError, match=r"^[^ ]*a\.json: #/none: the document has nothing there"):
        events(tmp_path, {"$ref": "#/none"})
