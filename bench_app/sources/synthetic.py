"""Made-up events: **synthetic source** -> sink. A pool of distinct events, rendered before the run, sent in turn."""

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
"""What a pool may take at most; of very large events there are fewer distinct ones."""
_OBJECT_BYTES = 100
"""What an event takes in memory beside its text."""
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
    """The event kind that fits a sink's name, ``processing_tasks`` -> ``task``; detections where none does."""
    name = sink.lower()
    return next((kind for word, kind in _KIND_OF_WORD.items() if word in name), "detection")


def make_pool(spec: SyntheticSource, render: Callable[[bytes], Rendered], reserve: int) -> list[Rendered]:
    """Render the distinct events of a source: ``spec.pool`` of them, or as many as POOL_BYTES holds, at least one.

    ``reserve`` is how many bytes ``render`` adds; a rendered event has the size the spec asks for.
    """
    pool: list[Rendered] = []
    used = 0
    for event in itertools.islice(event_texts(spec, reserve), spec.pool):
        pool.append(render(event))
        taken = len(event) + reserve + _OBJECT_BYTES
        used += taken
        if used + taken > POOL_BYTES:
            break
    return pool


def event_texts(spec: SyntheticSource, reserve: int) -> Iterator[bytes]:
    """The source's events as JSON, one after the other; the same seed gives the same bytes everywhere."""
    random = Random(spec.seed)
    make = MAKERS[spec.event]
    fill = FILLERS.get(spec.event, _fill)
    for index in itertools.count():
        event = make(random, index)
        size = spec.size if isinstance(spec.size, int) else _draw_size(spec.size, random)
        text = fill(event, size - reserve, random)
        # The stamp of an object without other keys needs no comma after it, so there is room for one byte more.
        yield text.ljust(size - reserve + 1) if reserve and text.startswith(b"{}") else text


def _fill(event: dict[str, object], size: int, random: Random) -> bytes:
    """Grow a text field until the event has ``size`` bytes; an event that is larger stays as it is."""
    text = msgspec.json.encode(event)
    if len(text) >= size:
        return text
    grown: dict[str, object] = {**event, "pad": ""}
    room = size - len(msgspec.json.encode(grown))
    if room < 0:
        # Too near to the size for one more key; blanks after an object are JSON, too.
        return text.ljust(size)
    # Text that does not compress to nothing, yet cheap to make: a random stretch, repeated.
    stretch = "".join(random.choices(_LETTERS, k=min(room, 4096)))
    grown["pad"] = (stretch * (room // len(stretch) + 1))[:room] if room else ""
    return msgspec.json.encode(grown)


def _fill_image(event: dict[str, object], size: int, random: Random) -> bytes:
    """Grow the image, in the steps of 4 characters that base64 allows; the few bytes left over are blanks."""
    room = size - len(msgspec.json.encode({**event, "image": ""}))
    image = base64.b64encode(grey_jpeg(room // 4 * 3, random)).decode("ascii")
    return msgspec.json.encode({**event, "image": image}).ljust(size)


FILLERS: dict[EventKind, Callable[[dict[str, object], int, Random], bytes]] = {"crop": _fill_image}
"""How a kind grows to a wanted size where it is not by a text in ``pad``."""


def _draw_size(distribution: SizeDistribution, random: Random) -> int:
    match distribution:
        case UniformSize():
            return random.randint(distribution.min, distribution.max)
        case LognormalSize():
            return min(distribution.max, round(distribution.median * random.lognormvariate(0.0, distribution.sigma)))
        case ChoiceSize():
            return random.choices(distribution.sizes, distribution.weights)[0]
