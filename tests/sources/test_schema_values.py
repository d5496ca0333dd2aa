"""Events by a schema fulfil the schema, as an independent validator says."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random
from typing import Any

import jsonschema
import pytest

from bench_app.errors import SourceError
from bench_app.sources.schema_document import SchemaDocument
from bench_app.sources.schema_validity import is_valid
from bench_app.sources.schema_values import SchemaValues
from tests.sources.random_schemas import random_schema

BLOCKS = 10
SCHEMAS = 100


def document(folder: Path, schema: Any) -> SchemaDocument:
    path = folder / "a.schema.json"
    path.write_text(json.dumps(schema))
    return SchemaDocument(path)


@pytest.mark.parametrize("block", range(BLOCKS))
def test_no_event_of_a_thousand_schemas_is_invalid(block: int, tmp_path: Path) -> None:
    for number in range(SCHEMAS):
        random = Random(f"schema {block} {number}")
        schema = random_schema(random)
        kind = jsonschema.Draft202012Validator
        validator = kind(schema, format_checker=kind.FORMAT_CHECKER)
        values = SchemaValues(document(tmp_path, schema))
        for _ in range(2):
            validator.validate(json.loads(json.dumps(values.make(schema, random))))


def test_both_validators_agree(tmp_path: Path) -> None:
    for number in range(SCHEMAS):
        random = Random(f"agree {number}")
        schema, other = random_schema(random), random_schema(random)
        made = document(tmp_path, schema)
        event = SchemaValues(document(tmp_path, other)).make(other, random)
        assert is_valid(event, schema, made.resolve) == jsonschema.Draft202012Validator(schema).is_valid(event)


def make(folder: Path, schema: Any, count: int = 30) -> list[Any]:
    values = SchemaValues(document(folder, schema))
    random = Random(1)
    return [values.make(schema, random) for _ in range(count)]


def test_a_seed_gives_the_same_values(tmp_path: Path) -> None:
    schema = random_schema(Random(3))
    assert make(tmp_path, schema) == make(tmp_path, schema)


def test_examples_are_preferred(tmp_path: Path) -> None:
    found = make(tmp_path, {"type": "integer", "minimum": 5, "examples": [1, 7, 9]})
    assert set(found) == {7, 9}


def test_one_branch_of_oneof_and_not_two(tmp_path: Path) -> None:
    schema = {"oneOf": [{"type": "integer", "minimum": 0}, {"type": "integer", "maximum": 10}]}
    assert all(value > 10 or value < 0 for value in make(tmp_path, schema))


def test_a_schema_that_contains_itself_has_an_end(tmp_path: Path) -> None:
    tree = {
        "type": "object",
        "required": ["children"],
        "properties": {"children": {"type": "array", "items": {"$ref": "#"}}},
    }
    assert len(make(tmp_path, tree)) == 30


@pytest.mark.parametrize(
    ("schema", "message"),
    [
        (False, "must not exist"),
        ({"type": "integer", "minimum": 5, "maximum": 4}, "higher than it may be"),
        ({"allOf": [{"type": "string"}, {"type": "null"}]}, "exclude each other"),
        ({"type": "string", "minLength": 5, "pattern": "^a$"}, "contradict"),
        ({"type": "object", "required": ["a"], "properties": {"a": {"$ref": "#"}}}, "contains itself"),
        ({"$ref": "#/$defs/none"}, "nothing there"),
        ({"$ref": "other.json"}, "another file"),
        ({"type": "string", "pattern": "(?=a)b"}, "is not read"),
        ({"unevaluatedProperties": False}, "unevaluatedProperties"),
        ({"type": "float"}, "a type float"),
    ],
)
def test_a_schema_that_no_event_fulfils_is_named(tmp_path: Path, schema: Any, message: str) -> None:
    with pytest.raises(SourceError, match=message):
        make(tmp_path, schema)
