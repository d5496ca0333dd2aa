"""A handler as the production plugin configures it, and the keys that the bench adds.

Names, types and defaults of :class:`HandlerConfig` are those of the production plugin.
"""

from __future__ import annotations

from functools import partial
from typing import Annotated, Literal

from msgspec import Meta

from bench_app.model import socket_options as options
from bench_app.model.key_info import Change, Group, ZmqOption, key, refused_for
from bench_app.model.patterns import Pattern, SocketType, pattern_of
from bench_app.model.spec import INT32_MAX, Count, Name, Spec, Timeout, Topic

Mode = Literal["auto", "bind", "connect"]
Framing = Literal["frames", "joined"]
StampMode = Literal["field", "frame", "off"]

_live = partial(key, change=Change.LIVE, group=Group.SOCKET)
_bench_key = partial(key, change=Change.RESTARTS_HANDLER, group=Group.BENCH)


class HandlerConfig(Spec, frozen=True):
    """The production plugin's ``config`` of one output handler."""

    socket_type: Annotated[
        SocketType,
        key("ZMQ socket type (PUB, PUSH, REQ)", change=Change.RESTARTS_HANDLER, group=Group.SOCKET, position=1),
    ] = "PUSH"
    topic: Annotated[
        Topic,
        _live("Topic prefix for PUB sockets", only_for=("PUB",), position=8, examples=["analytics.events"]),
    ] = ""
    high_water_mark: Annotated[
        Count,
        key(
            "Maximum queued messages in the socket; 0 is no limit",
            change=Change.RECREATES_SOCKET,
            group=Group.SOCKET,
            position=4,
            unit="messages",
            label="High-water mark",
            zmq=ZmqOption("SNDHWM", unset=None),
            slider=True,
        ),
    ] = 1000
    linger: Annotated[
        Timeout,
        _live(
            "How long unsent messages are kept at the end; -1 waits for ever",
            position=7,
            zmq=ZmqOption("LINGER", unset=None),
            unit="ms",
            slider=True,
        ),
    ] = 1000
    send_timeout: Annotated[
        Timeout,
        _live(
            "How long the head of the queue waits for the socket; -1 waits for ever",
            position=5,
            unit="ms",
            slider=True,
        ),
    ] = 100
    reconnect_interval: Annotated[
        Timeout,
        key(
            "Wait between two attempts to connect; 0 or -1 never tries again",
            change=Change.RECREATES_SOCKET,
            group=Group.SOCKET,
            position=9,
            zmq=ZmqOption("RECONNECT_IVL", unset=None),
            unit="ms",
        ),
    ] = 5000
    max_reconnect_attempts: Annotated[
        Timeout,
        _live(
            "Attempts before the handler gives up; -1 is no limit",
            position=10,
            unit="attempts",
            label="Max reconnects",
        ),
    ] = -1
    queue_size: Annotated[
        int,
        Meta(ge=1, le=10_000_000),
        _live("Events the handler's own queue holds", position=6, unit="events", slider=True),
    ] = 1000
    request_timeout: Annotated[
        int,
        Meta(ge=1, le=INT32_MAX),
        _live("How long a REQ waits for a reply to one attempt", only_for=("REQ",), position=2, unit="ms", slider=True),
    ] = 5000
    retries: Annotated[
        int,
        Meta(ge=0, le=1_000_000),
        _live(
            "How often a REQ sends an unanswered request again",
            only_for=("REQ",),
            position=3,
            unit="retries",
            slider=True,
        ),
    ] = 3

    @property
    def pattern(self) -> Pattern:
        """The pattern to which the socket type belongs."""
        return pattern_of(self.socket_type)


class HandlerSpec(Spec, frozen=True):
    """One output handler as production configures it."""

    uri: Annotated[
        str,
        key(
            "ZMQ endpoint URI (zmq://transport://address:port)",
            change=Change.RECREATES_SOCKET,
            group=Group.HANDLER,
            label="URI",
        ),
    ]
    sink: Annotated[Name, key("Data sink to connect to", change=Change.RESTARTS_HANDLER, group=Group.HANDLER)] = (
        "events"
    )
    enabled: Annotated[bool, key("Enable or disable the handler", change=Change.MEMBERSHIP, group=Group.HANDLER)] = True
    config: Annotated[
        HandlerConfig,
        key("The socket and the queue in front of it", change=Change.PER_KEY, group=Group.NOT_ON_A_FORM),
    ] = HandlerConfig()


class HandlerBench(Spec, frozen=True):
    """The keys that the bench adds to a handler; production never reads them."""

    mode: Annotated[Mode, _bench_key("Bind or connect; auto decides by the address")] = "auto"
    framing: Annotated[
        Framing,
        _bench_key("PUB: topic and body as two frames, or joined by a space in one", only_for=("PUB",)),
    ] = "frames"
    stamp: Annotated[StampMode, _bench_key("Where the bench's stamp travels: JSON field, last frame, or nowhere")] = (
        "field"
    )
    paired: Annotated[
        bool,
        _bench_key(
            "Run paired listeners on loopback; false leaves the endpoint to your own consumer",
            position=1,
        ),
    ] = True
    start_gate: Annotated[
        bool,
        _bench_key("Wait for the paired listeners before the first event; false starts at once, as production"),
    ] = True
    high_water_mark_set: Annotated[
        Literal["before", "after"],
        _bench_key(
            "Set the HWM before bind/connect, or after it (a mistake: peers of a bound socket never get it)",
            label="Set HWM",
        ),
    ] = "before"
    reconnect_interval_max: options.ReconnectIntervalMax = 0
    heartbeat_interval: options.HeartbeatInterval = 0
    heartbeat_timeout: options.HeartbeatTimeout = 0
    immediate: Annotated[
        bool,
        options.option(
            "Queue messages for completed connections only, not for a peer that may never answer",
            zmq=ZmqOption("IMMEDIATE"),
        ),
    ] = False
    conflate: Annotated[
        options.Conflate,
        refused_for(
            {
                "PUB": "which is an XPUB inside, and an XPUB cannot conflate: set it on the listener",
                "REQ": "which has only one request under way at a time",
            }
        ),
    ] = False
    no_drop: Annotated[
        bool,
        options.option(
            "PUB: wait for the slowest subscriber instead of dropping for it; send_timeout then counts",
            zmq=ZmqOption("XPUB_NODROP"),
            refused_for=dict.fromkeys(("PUSH", "REQ"), "which never drops: it always waits"),
            label="No drop",
        ),
    ] = False
    max_message_size: Annotated[
        options.MaxMessageSize,
        refused_for(
            {
                "PUB": "which receives subscriptions only; set it on the listener",
                "PUSH": "which receives nothing; set it on the listener",
            }
        ),
    ] = -1
    send_buffer: options.SendBuffer = 0
    receive_buffer: options.ReceiveBuffer = 0
    ipv6: options.Ipv6 = "auto"
    tcp_keepalive: options.TcpKeepalive = "system"
    tcp_keepalive_idle: options.TcpKeepaliveIdle = 0
    tcp_keepalive_interval: options.TcpKeepaliveInterval = 0
