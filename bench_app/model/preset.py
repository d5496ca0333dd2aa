"""A whole preset: the production file's ``output`` section, and the optional ``bench`` section."""

from __future__ import annotations

from functools import partial
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from bench_app.model.handler import HandlerBench, HandlerSpec
from bench_app.model.key_info import Change, Group, key
from bench_app.model.listener import ListenerSpec
from bench_app.model.source import Source
from bench_app.model.spec import Name, Seconds, SecondsOrZero, Spec
from bench_app.model.timeline import TimelineStep

_per_key = partial(key, change=Change.PER_KEY, group=Group.NOT_ON_A_FORM)
_next_start = partial(key, change=Change.NEXT_START, group=Group.RUN)
_without_effect = partial(key, change=Change.NONE)


Processor = Annotated[int, Meta(ge=0, le=65_535)]
CpuAffinity = Literal["off", "spread"] | Annotated[tuple[Processor, ...], Meta(min_length=1)]
"""``off``, ``spread``, or the numbers of processors as the system counts them, from 0."""

SocketKeys = HandlerBench | ListenerSpec
"""A spec that has the keys of the form's part "Connection"."""


class BenchSpec(Spec, frozen=True):
    """The optional ``bench`` section of a preset."""

    version: Annotated[int, Meta(ge=1, le=1), _without_effect("Version of this section", group=Group.NOT_ON_A_FORM)] = 1
    title: Annotated[
        str,
        Meta(max_length=200),
        _without_effect("One line, shown in the gallery and above the live table", group=Group.RUN),
    ] = ""
    description: Annotated[
        str, Meta(max_length=10_000), _without_effect("What the run shows, and why", group=Group.RUN, lines=5)
    ] = ""
    duration_s: Annotated[Seconds, _next_start("How long events are offered", unit="s", label="Duration")] = 10.0
    warmup_s: Annotated[
        SecondsOrZero,
        _next_start("First seconds of the run, which are in the ledger and in no latency", unit="s", label="Warm-up"),
    ] = 0.0
    io_threads: Annotated[
        int,
        Meta(ge=1, le=64),
        _next_start("I/O threads of each ZeroMQ context in the workers (ZMQ_IO_THREADS)", label="I/O threads"),
    ] = 1
    cpu_affinity: Annotated[
        CpuAffinity,
        _next_start(
            "Pins each worker process to one processor: off does not; spread uses all processors in turn; a list has "
            "the numbers of the processors to use",
            label="CPU affinity",
            examples=["spread", [0, 1]],
        ),
    ] = "off"
    sources: Annotated[
        dict[str, Source], _per_key("Where the events of each sink come from, by the sink's name", entry="SINK")
    ] = msgspec.field(default_factory=dict)
    handlers: Annotated[
        dict[str, HandlerBench], _per_key("What the bench adds to a handler, by the handler's name")
    ] = msgspec.field(default_factory=dict)
    listeners: Annotated[dict[str, tuple[ListenerSpec, ...]], _per_key("Lists of listeners, by the handler's name")] = (
        msgspec.field(default_factory=dict)
    )
    checks: Annotated[
        tuple[str, ...], _without_effect("Conditions on the result, each a line of text", group=Group.NOT_ON_A_FORM)
    ] = ()
    timeline: Annotated[
        tuple[TimelineStep, ...],
        Meta(max_length=1000),
        key(
            "Steps of a demo, one after the other: what a run changes, does and shows, each with a caption",
            change=Change.NEXT_START,
            group=Group.NOT_ON_A_FORM,
        ),
    ] = ()


class OutputSpec(Spec, frozen=True):
    """The production file's ``output`` section."""

    handlers: Annotated[dict[Name, HandlerSpec], Meta(min_length=1), _per_key("The handlers, by name")]


class Preset(Spec, frozen=True):
    """A production file with its optional ``bench`` section."""

    output: Annotated[OutputSpec, _per_key("The production file's own section")]
    bench: Annotated[BenchSpec, _per_key("The bench's own section; production ignores it")] = BenchSpec()
