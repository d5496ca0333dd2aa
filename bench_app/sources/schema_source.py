"""Events by a JSON Schema: **schema source** -> sink. A pool of events is made before the run and repeated."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from typing import TypeVar

from bench_app.errors import SourceError
from bench_app.model import SchemaSource
from bench_app.sources.schema_document import SchemaDocument
from bench_app.sources.schema_values import SchemaValues
from bench_app.sources.synthetic import pool_of
from bench_app.transport import stamp

Rendered = TypeVar("Rendered")


def make_schema_pool(
    spec: SchemaSource, base_dir: Path, render: Callable[[bytes], Rendered], reserve: int, objects_only: bool
) -> list[Rendered]:
    """Render the distinct events of a source. Raises SourceError if the file has no schema that events can fulfil."""
    return pool_of(event_texts(spec, base_dir, objects_only), spec.pool, render, reserve)


def event_texts(spec: SchemaSource, base_dir: Path, objects_only: bool) -> Iterator[bytes]:
    """The source's events as JSON, one after the other. A seed gives the same bytes on every machine.

    ``objects_only`` refuses an event that cannot carry the stamp as its first key.
    """
    path = base_dir / spec.schema
    document = SchemaDocument(path, spec.channel)
    values = SchemaValues(document)
    random = Random(spec.seed)
    try:
        for _ in itertools.count():
            event = values.make(random.choice(document.events), random)
            if objects_only and not isinstance(event, dict):
                raise SourceError('an event is no object: set "stamp" of the handler to "frame" or "off"')
            if objects_only and stamp.FIELD in event:
                raise SourceError(f"an event has the key {stamp.FIELD}, which is the key of the stamp")
            yield json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
    except SourceError as error:
        message = str(error)
        raise SourceError(message if message.startswith(str(path)) else f"{path}: {message}") from error
