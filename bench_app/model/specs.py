"""What a preset wants, as frozen data: the specs every stage of source -> sink -> handler -> listener is built from.

A *spec* is validated, JSON-ready data and never owns a socket. The field metadata here (range, unit, description) is
the single source for validation, JSON Schema, documentation and forms. Names, types and defaults of
:class:`HandlerConfig` are those of the production plugin.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from bench_app.model import socket_options as keys
from bench_app.model.patterns import Pattern, SocketType, pattern_of
from bench_app.model.socket_options import INT32_MAX

Count = Annotated[int, Meta(ge=0, le=INT32_MAX)]
Timeout = Annotated[int, Meta(ge=-1, le=INT32_MAX)]
Rate = Annotated[float, Meta(gt=0, le=10_000_000)]
Seconds = Annotated[float, Meta(gt=0, le=2_592_000)]
Share = Annotated[float, Meta(ge=0, le=1)]
Name = Annotated[str, Meta(min_length=1, max_length=200)]
EventSize = Annotated[int, Meta(ge=0, le=64 * 1024 * 1024)]

Mode = Literal["auto", "bind", "connect"]
Framing = Literal["frames", "joined"]
StampMode = Literal["field", "frame", "off"]
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


class Spec(msgspec.Struct, frozen=True, kw_only=True):
    """The base of all specs: immutable, keyword-only, compared by value."""


class HandlerConfig(Spec, frozen=True):
    """The production plugin's ``config`` of one output handler."""

    socket_type: Annotated[SocketType, Meta(description="ZMQ socket type (PUB, PUSH, REQ)")] = "PUSH"
    topic: Annotated[
        str, Meta(max_length=1024, description="Topic prefix for PUB sockets", examples=["analytics.events"])
    ] = ""
    high_water_mark: Annotated[
        Count,
        Meta(description="Maximum queued messages in the socket; 0 is no limit", extra={"unit": "messages"}),
    ] = 1000
    linger: Annotated[
        Timeout,
        Meta(
            description="How long unsent messages are kept at the end; -1 waits for ever",
            extra={"unit": "ms"},
        ),
    ] = 1000
    send_timeout: Annotated[
        Timeout,
        Meta(
            description="How long the head of the queue waits for the socket; -1 waits for ever",
            extra={"unit": "ms"},
        ),
    ] = 100
    reconnect_interval: Annotated[
        Timeout,
        Meta(
            description="Wait between two attempts to connect; 0 or -1 never tries again",
            extra={"unit": "ms"},
        ),
    ] = 5000
    max_reconnect_attempts: Annotated[
        Timeout,
        Meta(description="Attempts before the handler gives up; -1 is no limit", extra={"unit": "attempts"}),
    ] = -1
    queue_size: Annotated[
        int,
        Meta(ge=1, le=10_000_000, description="Events the handler's own queue holds", extra={"unit": "events"}),
    ] = 1000
    request_timeout: Annotated[
        int,
        Meta(
            ge=1,
            le=INT32_MAX,
            description="How long a REQ waits for a reply to one attempt",
            extra={"unit": "ms"},
        ),
    ] = 5000
    retries: Annotated[
        int,
        Meta(
            ge=0,
            le=1_000_000,
            description="How often a REQ sends an unanswered request again",
            extra={"unit": "retries"},
        ),
    ] = 3

    @property
    def pattern(self) -> Pattern:
        """What follows from the socket type."""
        return pattern_of(self.socket_type)


class HandlerSpec(Spec, frozen=True):
    """One output handler as production configures it."""

    uri: Annotated[str, Meta(description="ZMQ endpoint URI (zmq://transport://address:port)")]
    sink: Annotated[Name, Meta(description="Data sink to connect to")] = "events"
    enabled: Annotated[bool, Meta(description="Enable or disable the handler")] = True
    config: Annotated[HandlerConfig, Meta(description="The socket and the queue in front of it")] = HandlerConfig()


class HandlerBench(Spec, frozen=True):
    """What the bench adds to a handler; production never reads it."""

    mode: Annotated[Mode, Meta(description="Bind or connect; auto decides by the address")] = "auto"
    framing: Annotated[Framing, Meta(description="PUB: topic and body as two frames, or joined by a space in one")] = (
        "frames"
    )
    stamp: Annotated[
        StampMode, Meta(description="Where the bench's stamp travels: JSON field, last frame, or nowhere")
    ] = "field"
    paired: Annotated[
        bool,
        Meta(description="Run paired listeners on loopback; false leaves the endpoint to your own consumer"),
    ] = True
    start_gate: Annotated[
        bool,
        Meta(description="Wait for the paired listeners before the first event; false starts at once, as production"),
    ] = True
    high_water_mark_set: Annotated[
        Literal["before", "after"],
        Meta(
            description="Set the HWM before bind/connect, or after it (a mistake: peers of a bound socket never get it)"
        ),
    ] = "before"
    reconnect_interval_max: keys.ReconnectIntervalMax = 0
    heartbeat_interval: keys.HeartbeatInterval = 0
    heartbeat_timeout: keys.HeartbeatTimeout = 0
    immediate: keys.Immediate = False
    conflate: keys.Conflate = False
    no_drop: keys.NoDrop = False
    max_message_size: keys.MaxMessageSize = -1
    send_buffer: keys.SendBuffer = 0
    receive_buffer: keys.ReceiveBuffer = 0
    ipv6: keys.Ipv6 = "auto"
    tcp_keepalive: keys.TcpKeepalive = "system"
    tcp_keepalive_idle: keys.TcpKeepaliveIdle = 0
    tcp_keepalive_interval: keys.TcpKeepaliveInterval = 0


class ConstantLoad(Spec, frozen=True, tag="constant", tag_field="shape"):
    """Events at even intervals."""

    rate: Annotated[Rate, Meta(description="Events per second", extra={"unit": "events/s"})]


class PoissonLoad(Spec, frozen=True, tag="poisson", tag_field="shape"):
    """Events at random, exponentially distributed intervals."""

    rate: Annotated[Rate, Meta(description="Mean events per second", extra={"unit": "events/s"})]


class BurstLoad(Spec, frozen=True, tag="burst", tag_field="shape"):
    """Every ``every_s`` seconds, ``events`` events at ``rate``; silence between."""

    rate: Annotated[Rate, Meta(description="Events per second within a burst", extra={"unit": "events/s"})]
    events: Annotated[int, Meta(ge=1, le=100_000_000, description="Events in a burst", extra={"unit": "events"})]
    every_s: Annotated[Seconds, Meta(description="From the start of a burst to the next", extra={"unit": "s"})]


class RampLoad(Spec, frozen=True, tag="ramp", tag_field="shape"):
    """A rate that goes linearly from ``start`` to ``end`` in ``over_s`` seconds, then stays."""

    start: Annotated[float, Meta(ge=0, le=10_000_000, description="Rate at the start", extra={"unit": "events/s"})]
    end: Annotated[float, Meta(ge=0, le=10_000_000, description="Rate at the end", extra={"unit": "events/s"})]
    over_s: Annotated[Seconds, Meta(description="Length of the ramp", extra={"unit": "s"})]


class StepsLoad(Spec, frozen=True, tag="steps", tag_field="shape"):
    """One rate after the other, each for ``each_s`` seconds; the last one stays."""

    rates: Annotated[
        tuple[Annotated[float, Meta(ge=0, le=10_000_000)], ...],
        Meta(min_length=1, max_length=10_000, description="The rates in turn", extra={"unit": "events/s"}),
    ]
    each_s: Annotated[Seconds, Meta(description="Length of a step", extra={"unit": "s"})]


class SineLoad(Spec, frozen=True, tag="sine", tag_field="shape"):
    """A rate of ``mean + amplitude * sin(2 pi t / period_s)``."""

    mean: Annotated[Rate, Meta(description="Mean rate", extra={"unit": "events/s"})]
    amplitude: Annotated[float, Meta(ge=0, le=10_000_000, description="At most the mean", extra={"unit": "events/s"})]
    period_s: Annotated[Seconds, Meta(description="Length of a wave", extra={"unit": "s"})]


class MaxLoad(Spec, frozen=True, tag="max", tag_field="shape"):
    """As fast as each handler takes events: the source waits for room in the handler's queue."""


class RecordedLoad(Spec, frozen=True, tag="recorded", tag_field="shape"):
    """A replay's own timing, ``speed`` times as fast."""

    speed: Annotated[float, Meta(gt=0, le=1_000_000, description="1 is the recorded speed", extra={"unit": "x"})] = 1.0


Load = ConstantLoad | PoissonLoad | BurstLoad | RampLoad | StepsLoad | SineLoad | MaxLoad | RecordedLoad


class UniformSize(Spec, frozen=True, tag="uniform", tag_field="distribution"):
    """Sizes drawn evenly from ``min`` to ``max`` bytes."""

    min: Annotated[EventSize, Meta(description="Smallest size", extra={"unit": "bytes"})]
    max: Annotated[EventSize, Meta(description="Largest size", extra={"unit": "bytes"})]


class LognormalSize(Spec, frozen=True, tag="lognormal", tag_field="distribution"):
    """Sizes around ``median`` bytes with a long tail; never over ``max``."""

    median: Annotated[
        int, Meta(ge=1, le=64 * 1024 * 1024, description="Half of the events are smaller", extra={"unit": "bytes"})
    ]
    sigma: Annotated[float, Meta(gt=0, le=5, description="How long the tail is")] = 0.5
    max: Annotated[EventSize, Meta(description="Largest size", extra={"unit": "bytes"})] = 1024 * 1024


class ChoiceSize(Spec, frozen=True, tag="choice", tag_field="distribution"):
    """Sizes drawn from a list, in proportion to ``weights`` (even without them)."""

    sizes: Annotated[
        tuple[EventSize, ...],
        Meta(min_length=1, max_length=1000, description="The sizes that come", extra={"unit": "bytes"}),
    ]
    weights: Annotated[
        tuple[Annotated[float, Meta(gt=0, le=1e9)], ...] | None,
        Meta(description="How often each size comes, one number for each"),
    ] = None


SizeDistribution = UniformSize | LognormalSize | ChoiceSize


class SyntheticSource(Spec, frozen=True, tag="synthetic", tag_field="kind"):
    """Made-up events in the shapes production sends; the same seed gives the same bytes."""

    event: Annotated[EventKind, Meta(description="Shape of the events")] = "detection"
    size: Annotated[
        EventSize | SizeDistribution,
        Meta(
            description="Bytes of a body on the wire, stamp included; a smaller number leaves the event's natural size",
            extra={"unit": "bytes"},
        ),
    ] = 512
    seed: Annotated[int, Meta(ge=0, le=2**63 - 1, description="Seed of everything random in the source")] = 1
    pool: Annotated[
        int, Meta(ge=1, le=1_000_000, description="How many distinct events are made ahead", extra={"unit": "events"})
    ] = 256
    load: Annotated[Load, Meta(description="When each event is due")] = ConstantLoad(rate=1000)


class ReplaySource(Spec, frozen=True, tag="replay", tag_field="kind"):
    """Events read from a file, ahead of time and in bounded memory."""

    path: Annotated[str, Meta(min_length=1, description="The file; relative to the preset", examples=["events.jsonl"])]
    format: Annotated[Literal["auto", "jsonl", "json", "csv"], Meta(description="auto goes by the name")] = "auto"
    time_field: Annotated[
        str | None,
        Meta(
            description="Field with the recorded time: seconds, milliseconds, nanoseconds or ISO 8601",
            examples=["timestamp"],
        ),
    ] = None
    loop: Annotated[bool, Meta(description="Begin again at the end of the file")] = False
    on_bad_line: Annotated[
        Literal["skip", "fail"], Meta(description="Skip a line that is no event, or end the source")
    ] = "skip"
    load: Annotated[Load, Meta(description="When each event is due")] = ConstantLoad(rate=1000)


Source = SyntheticSource | ReplaySource


class ListenerSpec(Spec, frozen=True):
    """One paired consumer: SUB for a PUB, PULL for a PUSH, REP for a REQ."""

    name: Annotated[
        Name | None,
        Meta(description="Its name in the ledger; default: sub-1, pull-1, rep-1, ...", examples=["dashboard"]),
    ] = None
    topics: Annotated[
        tuple[Annotated[str, Meta(max_length=1024)], ...] | None,
        Meta(
            description="Byte prefixes a SUB asks for; default: the handler's topic", examples=[["analytics", "alerts"]]
        ),
    ] = None
    high_water_mark: Annotated[
        Count,
        Meta(description="Maximum messages waiting in the listener's socket", extra={"unit": "messages"}),
    ] = 1000
    delay_ms: Annotated[
        float, Meta(ge=0, le=3_600_000, description="Time spent on each message", extra={"unit": "ms"})
    ] = 0.0
    delay_jitter_ms: Annotated[
        float,
        Meta(ge=0, le=3_600_000, description="Random time added, evenly from 0 to this", extra={"unit": "ms"}),
    ] = 0.0
    drop_replies: Annotated[Share, Meta(description="REP: share of requests that get no reply")] = 0.0
    error_replies: Annotated[Share, Meta(description="REP: share of requests answered with an error")] = 0.0
    reply: Annotated[
        dict[str, Any] | None,
        Meta(description="REP: the body of a reply; default: {ok: true, ...}", examples=[{"ok": True}]),
    ] = None
    endpoint: Annotated[
        str | None,
        Meta(
            description="Listen elsewhere (behind a proxy, say): bind:... or connect:..., or a bare endpoint",
            examples=["connect:tcp://127.0.0.1:5560"],
        ),
    ] = None
    stall: Annotated[
        tuple[Annotated[float, Meta(ge=0, le=2_592_000)], Annotated[float, Meta(ge=0, le=2_592_000)]] | None,
        Meta(
            description="From and to, in seconds of the run: reads nothing in between",
            examples=[[5.0, 10.0]],
            extra={"unit": "s"},
        ),
    ] = None
    reconnect_interval_max: keys.ReconnectIntervalMax = 0
    heartbeat_interval: keys.HeartbeatInterval = 0
    heartbeat_timeout: keys.HeartbeatTimeout = 0
    conflate: keys.Conflate = False
    max_message_size: keys.MaxMessageSize = keys.MAX_MESSAGE_BYTES
    send_buffer: keys.SendBuffer = 0
    receive_buffer: keys.ReceiveBuffer = 0
    ipv6: keys.Ipv6 = "auto"
    tcp_keepalive: keys.TcpKeepalive = "system"
    tcp_keepalive_idle: keys.TcpKeepaliveIdle = 0
    tcp_keepalive_interval: keys.TcpKeepaliveInterval = 0


class BenchSpec(Spec, frozen=True):
    """The optional ``bench`` section of a preset."""

    version: Annotated[int, Meta(ge=1, le=1, description="Version of this section")] = 1
    title: Annotated[
        str, Meta(max_length=200, description="One line, shown in the gallery and above the live table")
    ] = ""
    description: Annotated[
        str, Meta(max_length=10_000, description="What one should see, and why", extra={"lines": 5})
    ] = ""
    duration_s: Annotated[Seconds, Meta(description="How long events are offered", extra={"unit": "s"})] = 10.0
    warmup_s: Annotated[
        float,
        Meta(ge=0, le=2_592_000, description="In the ledger, not in the latencies", extra={"unit": "s"}),
    ] = 0.0
    sources: Annotated[
        dict[str, Source], Meta(description="Where the events of each sink come from, by the sink's name")
    ] = msgspec.field(default_factory=dict)
    handlers: Annotated[
        dict[str, HandlerBench], Meta(description="What the bench adds to a handler, by the handler's name")
    ] = msgspec.field(default_factory=dict)
    listeners: Annotated[
        dict[str, tuple[ListenerSpec, ...]], Meta(description="Lists of listeners, by the handler's name")
    ] = msgspec.field(default_factory=dict)
    checks: Annotated[tuple[str, ...], Meta(description="Conditions on the result, each a line of text")] = ()


class OutputSpec(Spec, frozen=True):
    """The production file's ``output`` section."""

    handlers: Annotated[dict[Name, HandlerSpec], Meta(min_length=1, description="The handlers, by name")]


class Preset(Spec, frozen=True):
    """A production file with its optional ``bench`` section."""

    output: Annotated[OutputSpec, Meta(description="The production file's own section")]
    bench: Annotated[BenchSpec, Meta(description="What the bench adds; production ignores it")] = BenchSpec()
