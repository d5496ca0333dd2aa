"""The options of a libzmq socket that handlers and listeners share, as keys of the bench.

Every default leaves the socket as libzmq makes it. :mod:`bench_app.transport.set_options` sets the options on sockets.
"""

from __future__ import annotations

from functools import partial
from typing import Annotated, Literal

from msgspec import Meta

from bench_app.model.key_info import Change, Group, ZmqOption, key
from bench_app.model.spec import Count

LARGEST_MESSAGE = 2**40

MAX_MESSAGE_BYTES = 256 * 1024 * 1024
"""The largest message that a listener accepts by default. Without a limit, a corrupt length could take all memory."""

Switch = Literal["auto", "on", "off"]
SystemSwitch = Literal["system", "on", "off"]
ProbeSeconds = Annotated[int, Meta(ge=0, le=32_767)]

option = partial(key, change=Change.RECREATES_SOCKET, group=Group.CONNECTION)
"""A key of the form's part "Connection". libzmq reads these options when a socket binds or connects."""

ReconnectIntervalMax = Annotated[
    Count,
    option(
        "Exponential backoff: the wait between two attempts to connect doubles up to this; 0 is no backoff",
        zmq=ZmqOption("RECONNECT_IVL_MAX"),
        unit="ms",
        label="Max interval",
    ),
]
HeartbeatInterval = Annotated[
    Count,
    option(
        "How often the peer is pinged (heartbeat); 0 is never",
        zmq=ZmqOption("HEARTBEAT_IVL"),
        unit="ms",
        label="Heartbeat",
    ),
]
HeartbeatTimeout = Annotated[
    Count,
    option(
        "How long a pinged peer may be silent before its connection is dropped; 0 is the interval",
        zmq=ZmqOption("HEARTBEAT_TIMEOUT"),
        unit="ms",
    ),
]
Conflate = Annotated[
    bool,
    option(
        "Keep the newest message only, in each direction; for messages of one frame (PUSH, PULL, SUB)",
        zmq=ZmqOption("CONFLATE"),
    ),
]
MaxMessageSize = Annotated[
    int,
    Meta(ge=-1, le=LARGEST_MESSAGE),
    option(
        "Largest message taken; the sender of a larger one is disconnected; -1 is no limit",
        zmq=ZmqOption("MAXMSGSIZE", unset=-1),
        unit="bytes",
        label="Max message",
    ),
]
SendBuffer = Annotated[
    Count,
    option(
        "The kernel's send buffer of a connection (SO_SNDBUF); 0 is the system's default",
        zmq=ZmqOption("SNDBUF"),
        unit="bytes",
    ),
]
ReceiveBuffer = Annotated[
    Count,
    option(
        "The kernel's receive buffer of a connection (SO_RCVBUF); 0 is the system's default",
        zmq=ZmqOption("RCVBUF"),
        unit="bytes",
    ),
]
Ipv6 = Annotated[
    Switch,
    option(
        "IPv6 on the socket; auto switches it on for an IPv6 address",
        zmq=ZmqOption("IPV6"),
        label="IPv6",
    ),
]
TcpKeepalive = Annotated[
    SystemSwitch,
    option(
        "TCP keep-alive, with which the kernel finds a dead peer; system keeps the system's default",
        zmq=ZmqOption("TCP_KEEPALIVE", unset=-1, value_by_text={"system": -1, "off": 0, "on": 1}),
        label="TCP keep-alive",
    ),
]
TcpKeepaliveIdle = Annotated[
    ProbeSeconds,
    option(
        "Silence before the first TCP keep-alive probe; 0 is the system's default",
        zmq=ZmqOption("TCP_KEEPALIVE_IDLE"),
        unit="s",
        label="Keep-alive idle",
    ),
]
TcpKeepaliveInterval = Annotated[
    ProbeSeconds,
    option(
        "Time between TCP keep-alive probes; 0 is the system's default",
        zmq=ZmqOption("TCP_KEEPALIVE_INTVL"),
        unit="s",
        label="Keep-alive interval",
    ),
]
