"""Made-up events: **synthetic source** -> sink. A pool of distinct events is rendered before the run and repeated."""

from __future__ import annotations

import base64
import itertools
import string
from collections.abc import Callable, Iterator
from random import Random
from typing import TypeVar

import msgspec

from bench_app.model import ChoiceSize, EventKind, LognormalSize, SizeDistribution, SyntheticSource, UniformSize
from bench_app.sources.jpeg import grey_jpeg
from bench_app.sources.shapes import MAKERS

Rendered = TypeVar("Rendered")

POOL_BYTES = 64 * 1024 * 1024
"""Most memory of a pool. A pool of very large events has fewer distinct events."""
_OBJECT_BYTES = 100
"""Memory of an event in addition to its text."""
_LETTERS = string.ascii_letters + string.digits

_KIND_OF_WORD: dict[str, EventKind] = {
    "crossing": "line_crossing",
    "line": "line_crossing",
    "area": "area",
    "intrusion": "area",
    "loiter": "loitering",
    "crowd": "crowd",
    "crop": "crop",
    "track": "track",
    "statistic": "statistics",
    "diagnostic": "diagnostics",
    "alert": "alert",
    "request": "service_request",
    "service": "service_request",
    "task": "task",
}


def event_for_sink(sink: str) -> EventKind:
    """The event kind that fits a sink's name, such as ``task`` for ``processing_tasks``; otherwise ``detection``."""
    name = sink.lower()
    return next((kind for word, kind in _KIND_OF_WORD.items() if word in name), "detection")


def make_pool(spec: SyntheticSource, render: Callable[[bytes], Rendered], reserve: int) -> list[Rendered]:
    """Render the distinct events of a source: ``spec.pool`` events, or as many as POOL_BYTES holds, at least one.

    ``reserve`` is the number of bytes that ``render`` adds, so that a rendered event has the size of the spec.
    """
    return pool_of(event_texts(spec, reserve), spec.pool, render, reserve)


def pool_of(texts: Iterator[bytes], most: int, render: Callable[[bytes], Rendered], reserve: int) -> list[Rendered]:
    """Render the first ``most`` events, or as many as POOL_BYTES holds, at least one."""
    pool: list[Rendered] = []
    used = 0
    for event in itertools.islice(texts, most):
        pool.append(render(event))
        taken = len(event) + reserve + _OBJECT_BYTES
        used += taken
        if used + taken > POOL_BYTES:
            break
    return pool


def event_texts(spec: SyntheticSource, reserve: int) -> Iterator[bytes]:
    """The source's events as JSON, one after the other. A seed gives the same bytes on every machine."""
    random = Random(spec.seed)
    make = MAKERS[spec.event]
    fill = FILLERS.get(spec.event, _fill)
    for index in itertools.count():
        event = make(random, index)
        size = spec.size if isinstance(spec.size, int) else _draw_size(spec.size, random)
        text = fill(event, size - reserve, random)
        # The stamp in an empty object needs no comma after it, so the event may have one byte more.
        yield text.ljust(size - reserve + 1) if reserve and text.startswith(b"{}") else text


def _fill(event: dict[str, object], size: int, random: Random) -> bytes:
    """Pad the event with a text field to ``size`` bytes; a larger event is not changed."""
    text = msgspec.json.encode(event)
    if len(text) >= size:
        return text
    grown: dict[str, object] = {**event, "pad": ""}
    room = size - len(msgspec.json.encode(grown))
    if room < 0:
        # There is no room for one more key. Blanks after an object are valid JSON.
        return text.ljust(size)
    # A repeated random stretch is cheap to make, and is hard to compress.
    stretch = "".join(random.choices(_LETTERS, k=min(room, 4096)))
    grown["pad"] = (stretch * (room // len(stretch) + 1))[:room] if room else ""
    return msgspec.json.encode(grown)


def _fill_image(event: dict[str, object], size: int, random: Random) -> bytes:
    """Enlarge the image in steps of 4 characters, as base64 needs; blanks fill the last few bytes."""
    room = size - len(msgspec.json.encode({**event, "image": ""}))
    image = base64.b64encode(grey_jpeg(room // 4 * 3, random)).decode("ascii")
    return msgspec.json.encode({**event, "image": image}).ljust(size)


FILLERS: dict[EventKind, Callable[[dict[str, object], int, Random], bytes]] = {"crop": _fill_image}
"""The kinds of event that reach their size in another way than by a text in ``pad``."""


def _draw_size(distribution: SizeDistribution, random: Random) -> int:
    match distribution:
        case UniformSize():
            return random.randint(distribution.min, distribution.max)
        case LognormalSize():
            return min(distribution.max, round(distribution.median * random.lognormvariate(0.0, distribution.sigma)))
        case ChoiceSize():
            return random.choices(distribution.sizes, distribution.weights)[0]
