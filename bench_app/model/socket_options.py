"""What libzmq lets one set on a socket, as keys of the bench: type, range, unit and meaning, for handler and listener.

Every default leaves the socket as libzmq makes it. :mod:`bench_app.transport.set_options` puts them on sockets.
"""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

INT32_MAX = 2**31 - 1
LARGEST_MESSAGE = 2**40

MAX_MESSAGE_BYTES = 256 * 1024 * 1024
"""What a listener accepts at most by default; a corrupt length must not take the machine's memory."""

CONNECTION_KEYS = (
    "reconnect_interval_max",
    "heartbeat_interval",
    "heartbeat_timeout",
    "immediate",
    "conflate",
    "no_drop",
    "max_message_size",
    "send_buffer",
    "receive_buffer",
    "ipv6",
    "tcp_keepalive",
    "tcp_keepalive_idle",
    "tcp_keepalive_interval",
)
"""A handler's keys of this module."""
LISTENER_CONNECTION_KEYS = tuple(key for key in CONNECTION_KEYS if key not in ("immediate", "no_drop"))

RECREATING = frozenset({"high_water_mark", "reconnect_interval", *CONNECTION_KEYS})
"""Keys of a handler whose change recreates the socket. A change of its uri recreates the socket, too."""
LISTENER_RECREATING = frozenset({"high_water_mark", *LISTENER_CONNECTION_KEYS})
"""Keys of a listener whose change recreates the socket."""

Switch = Literal["auto", "on", "off"]
SystemSwitch = Literal["system", "on", "off"]

ReconnectIntervalMax = Annotated[
    int,
    Meta(
        ge=0,
        le=INT32_MAX,
        description="Exponential backoff: the wait between two attempts to connect doubles up to this; 0 is no backoff",
        extra={"unit": "ms"},
    ),
]
HeartbeatInterval = Annotated[
    int,
    Meta(ge=0, le=INT32_MAX, description="How often the peer is pinged (heartbeat); 0 is never", extra={"unit": "ms"}),
]
HeartbeatTimeout = Annotated[
    int,
    Meta(
        ge=0,
        le=INT32_MAX,
        description="How long a pinged peer may be silent before its connection is dropped; 0 is the interval",
        extra={"unit": "ms"},
    ),
]
Immediate = Annotated[
    bool, Meta(description="Queue messages for completed connections only, not for a peer that may never come")
]
Conflate = Annotated[
    bool,
    Meta(description="Keep the newest message only, in each direction; for messages of one frame (PUSH, PULL, SUB)"),
]
NoDrop = Annotated[
    bool,
    Meta(description="PUB: wait for the slowest subscriber instead of dropping for it; send_timeout then counts"),
]
Ipv6 = Annotated[Switch, Meta(description="IPv6 on the socket; auto switches it on for an IPv6 address")]
TcpKeepalive = Annotated[
    SystemSwitch, Meta(description="TCP keep-alive, with which the system itself finds a dead peer; system leaves it")
]
TcpKeepaliveIdle = Annotated[
    int,
    Meta(
        ge=0,
        le=32_767,
        description="Silence before the first TCP keep-alive probe; 0 is the system's default",
        extra={"unit": "s"},
    ),
]
TcpKeepaliveInterval = Annotated[
    int,
    Meta(
        ge=0,
        le=32_767,
        description="Time between TCP keep-alive probes; 0 is the system's default",
        extra={"unit": "s"},
    ),
]
SendBuffer = Annotated[
    int,
    Meta(
        ge=0,
        le=INT32_MAX,
        description="The kernel's send buffer of a connection (SO_SNDBUF); 0 is the system's default",
        extra={"unit": "bytes"},
    ),
]
ReceiveBuffer = Annotated[
    int,
    Meta(
        ge=0,
        le=INT32_MAX,
        description="The kernel's receive buffer of a connection (SO_RCVBUF); 0 is the system's default",
        extra={"unit": "bytes"},
    ),
]
MaxMessageSize = Annotated[
    int,
    Meta(
        ge=-1,
        le=LARGEST_MESSAGE,
        description="Largest message taken; the sender of a larger one is disconnected; -1 is no limit",
        extra={"unit": "bytes"},
    ),
]
