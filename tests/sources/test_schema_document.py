"""Files of schemas, references, and AsyncAPI documents."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from bench_app.errors import SourceError
from bench_app.sources.schema_document import SchemaDocument

ASYNC: dict[str, Any] = {
    "asyncapi": "3.0.0",
    "channels": {
        "lights": {
            "address": "city.lights",
            "messages": {"on": {"$ref": "#/components/messages/on"}, "off": {"payload": {}}},
        },
        "doors": {
            "messages": {"open": {"payload": {"schemaFormat": "application/schema+json", "schema": {"type": "null"}}}}
        },
        "empty": {},
    },
    "components": {
        "messages": {"on": {"payload": {"$ref": "#/components/schemas/on"}, "examples": [{"payload": {"at": 1}}]}},
        "schemas": {"on": {"type": "object"}},
    },
}


def opened(folder: Path, content: Any, channel: str | None = None, name: str = "a.json") -> SchemaDocument:
    path = folder / name
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return SchemaDocument(path, channel)


def test_references(tmp_path: Path) -> None:
    found = opened(tmp_path, {"$defs": {"a/b": {"$anchor": "here", "c~d": [1, {"e": 2}]}}})
    assert found.resolve("#/$defs/a~1b/c~0d/1/e") == 2
    assert found.resolve("#here") == found.resolve("#/%24defs/a~1b")
    assert found.resolve("#") == found.events[0]
    for reference in ("#/none", "#none", "other.json#/a", "#/$defs/a~1b/c~0d/9"):
        with pytest.raises(SourceError, match=r"nothing there|no such|another file"):
            found.resolve(reference)


@pytest.mark.parametrize("channel", ["lights", "city.lights"])
def test_a_channel_by_name_and_by_address(tmp_path: Path, channel: str) -> None:
    assert opened(tmp_path, ASYNC, channel).events == [{"type": "object", "examples": [{"at": 1}]}, {}]


def test_a_payload_in_another_schema_format(tmp_path: Path) -> None:
    assert opened(tmp_path, ASYNC, "doors").events == [{"type": "null"}]


def test_the_only_channel_needs_no_name(tmp_path: Path) -> None:
    only = ASYNC | {"channels": {"doors": ASYNC["channels"]["doors"]}}
    assert opened(tmp_path, only).events == [{"type": "null"}]


@pytest.mark.parametrize(
    ("content", "channel", "message"),
    [
        (ASYNC, None, "several channels.*lights, doors"),
        (ASYNC, "roofs", "no channel roofs"),
        (ASYNC, "empty", "no messages"),
        (ASYNC | {"asyncapi": "2.6.0"}, "doors", "only AsyncAPI 3"),
        ([1], None, "a schema is an object"),
        ("{", None, "no JSON"),
    ],
)
def test_a_document_that_cannot_be_used_is_named(
    tmp_path: Path, content: Any, channel: str | None, message: str
) -> None:
    with pytest.raises(SourceError, match=message):
        opened(tmp_path, content, channel)


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="cannot be read"):
        SchemaDocument(tmp_path / "none.json")


def test_a_document_in_yaml(tmp_path: Path) -> None:
    pytest.importorskip("yaml")
    assert opened(tmp_path, "type: object\n", name="a.yaml").events == [{"type": "object"}]


@pytest.mark.parametrize("text", ["[" * 100_000, "&a [*a]", "type: ["])
def test_a_hostile_document_in_yaml_is_refused(tmp_path: Path, text: str) -> None:
    pytest.importorskip("yaml")
    with pytest.raises(SourceError, match=r"a\.yaml: (nested too deeply|the alias a is|no YAML)"):
        opened(tmp_path, text, name="a.yaml")
