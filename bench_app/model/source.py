"""The source of events: made up, with sizes drawn from a distribution, or read from a file."""

from __future__ import annotations

from functools import partial
from typing import Annotated, Literal

from msgspec import Meta

from bench_app.model.key_info import Change, Group, key
from bench_app.model.load import ConstantLoad, Load
from bench_app.model.spec import Seconds, Spec

EventSize = Annotated[int, Meta(ge=0, le=64 * 1024 * 1024)]
EventKind = Literal[
    "detection",
    "track",
    "line_crossing",
    "area",
    "loitering",
    "crowd",
    "crop",
    "statistics",
    "diagnostics",
    "alert",
    "task",
    "service_request",
    "minimal",
]

_events = partial(key, change=Change.RESTARTS_HANDLER, group=Group.EVENTS)
_size = partial(_events, unit="bytes")
_load = key("When each event is due", change=Change.LIVE, group=Group.LOAD)


class UniformSize(Spec, frozen=True, tag="uniform", tag_field="distribution"):
    """Sizes drawn evenly from ``min`` to ``max`` bytes."""

    min: Annotated[EventSize, _size("Smallest size")]
    max: Annotated[EventSize, _size("Largest size")]


class LognormalSize(Spec, frozen=True, tag="lognormal", tag_field="distribution"):
    """Sizes around ``median`` bytes with a long tail; never over ``max``."""

    median: Annotated[int, Meta(ge=1, le=64 * 1024 * 1024), _size("Median size: half of the events are smaller")]
    sigma: Annotated[
        float, Meta(gt=0, le=5), _events("Width of the distribution; a larger value makes a longer tail")
    ] = 0.5
    max: Annotated[EventSize, _size("Largest size")] = 1024 * 1024


class ChoiceSize(Spec, frozen=True, tag="choice", tag_field="distribution"):
    """Sizes drawn from a list, in proportion to ``weights``; without weights all sizes are equally likely."""

    sizes: Annotated[tuple[EventSize, ...], Meta(min_length=1, max_length=1000), _size("Sizes to draw from")]
    weights: Annotated[
        tuple[Annotated[float, Meta(gt=0, le=1e9)], ...] | None,
        _events("Relative frequency of each size; one number for each size"),
    ] = None


SizeDistribution = UniformSize | LognormalSize | ChoiceSize


class SyntheticSource(Spec, frozen=True, tag="synthetic", tag_field="kind"):
    """Made-up events in the shapes production sends; the same seed gives the same bytes."""

    event: Annotated[EventKind, _events("Shape of the events")] = "detection"
    size: Annotated[
        EventSize | SizeDistribution,
        _size("Bytes of a body on the wire, stamp included; a smaller number leaves the event's natural size"),
    ] = 512
    seed: Annotated[int, Meta(ge=0, le=2**63 - 1), _events("Seed of everything random in the source")] = 1
    pool: Annotated[
        int, Meta(ge=1, le=1_000_000), _events("How many distinct events are made ahead", unit="events")
    ] = 256
    load: Annotated[Load, _load] = ConstantLoad(rate=1000)


class ReplaySource(Spec, frozen=True, tag="replay", tag_field="kind"):
    """Events read from a file, ahead of time and in bounded memory."""

    path: Annotated[
        str, Meta(min_length=1), _events("Path of the file, relative to the preset", examples=["events.jsonl"])
    ]
    format: Annotated[
        Literal["auto", "jsonl", "json", "csv", "recording"],
        _events("Format of the file; auto decides by its name and its content, and sees a recording of the bench"),
    ] = "auto"
    delimiter: Annotated[
        str | None,
        _events("Character between two cells of a CSV file, where it is not recognised; or tab", examples=[";"]),
    ] = None
    skip_rows: Annotated[
        Annotated[int, Meta(ge=0, le=1_000_000)] | tuple[Annotated[int, Meta(ge=1)], ...],
        _events(
            "Lines of a CSV file that are neither header nor events: how many at the start, or a list of their numbers",
            examples=[[2]],
        ),
    ] = 0
    time_field: Annotated[
        str | None,
        _events(
            "Field with the recorded time, by its name or its path: a number since 1970, or a text such as ISO 8601",
            examples=["timestamp"],
        ),
    ] = None
    time_format: Annotated[
        str | None,
        _events(
            "Format of the recorded time, where it cannot be guessed: s, ms, us or ns for numbers, day_first or "
            "month_first for dates, or a pattern",
            examples=["day_first", "%d.%m.%Y %H:%M:%S,%f"],
        ),
    ] = None
    max_gap_s: Annotated[
        Seconds | None, _events("A longer gap between two recorded times is cut to this length", unit="s")
    ] = None
    topic_field: Annotated[
        str | None,
        _events(
            "Field with the dynamic path of each event: a PUB sends the event with its topic, a dot and this path",
            examples=["camera"],
        ),
    ] = None
    sink_field: Annotated[
        str | None,
        _events(
            "Field with the sink of each event: each sink gets its own events, also a sink without a source of its own",
            examples=["sink"],
        ),
    ] = None
    loop: Annotated[bool, _events("Begin again at the end of the file")] = False
    on_bad_line: Annotated[
        Literal["skip", "fail"], _events("Skip a line that is no event, or end the source", label="Bad line")
    ] = "skip"
    load: Annotated[Load, _load] = ConstantLoad(rate=1000)


class SchemaSource(Spec, frozen=True, tag="schema", tag_field="kind"):
    """Made-up events that fulfil a JSON Schema; the same seed gives the same bytes."""

    schema: Annotated[
        str,
        Meta(min_length=1),
        _events(
            "Path of a file with a JSON Schema (draft 2020-12) or an AsyncAPI 3 document, relative to the preset",
            examples=["events.schema.json"],
        ),
    ]
    channel: Annotated[
        str | None,
        _events("Channel of an AsyncAPI document, by its name or its address", examples=["detections"]),
    ] = None
    seed: Annotated[int, Meta(ge=0, le=2**63 - 1), _events("Seed of everything random in the source")] = 1
    pool: Annotated[
        int, Meta(ge=1, le=1_000_000), _events("How many distinct events are made ahead", unit="events")
    ] = 256
    load: Annotated[Load, _load] = ConstantLoad(rate=1000)


Source = SyntheticSource | ReplaySource | SchemaSource
