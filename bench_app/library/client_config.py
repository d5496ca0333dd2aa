"""The settings of a client: **config** -> client -> socket."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from bench_app.errors import Fault
from bench_app.library.message import ClientFraming
from bench_app.model import (
    Framing,
    HandlerBench,
    HandlerConfig,
    HandlerSpec,
    ListenerSpec,
    ListenerType,
    Mode,
    SocketType,
    pattern_of,
)
from bench_app.model import socket_options as options
from bench_app.preset.option_conflicts import handler_conflicts, listener_conflicts

AnyType = Literal[SocketType, ListenerType]
"""The socket types of both ends of every pattern."""

_WRITES_ONLY = ("immediate", "no_drop")
"""Connection keys for a socket that sends."""


class ClientConfig(HandlerConfig, frozen=True):
    """The keys of a handler's config, for all six socket types, with uri, side, framing and the connection keys."""

    socket_type: Annotated[AnyType, Meta(description="ZMQ socket type")] = "SUB"  # type: ignore[assignment]
    uri: Annotated[str, Meta(description="The uri that connect() uses without an argument")] = ""
    topic: Annotated[str, Meta(max_length=1024, description="PUB: topic prefix; SUB: prefix to subscribe to")] = ""
    mode: Annotated[Mode, Meta(description="Bind or connect; auto decides by the address")] = "auto"
    framing: Annotated[
        ClientFraming,
        Meta(
            description="PUB, SUB: topic and body in two frames, or joined by a space in one. "
            "auto: a PUB sends two frames, a SUB looks at each message"
        ),
    ] = "auto"
    reconnect_interval_max: options.ReconnectIntervalMax = 0
    heartbeat_interval: options.HeartbeatInterval = 0
    heartbeat_timeout: options.HeartbeatTimeout = 0
    immediate: bool = False
    conflate: options.Conflate = False
    no_drop: bool = False
    max_message_size: options.MaxMessageSize = -1
    """-1: no limit for a type that writes, 256 MiB for a type that reads."""
    send_buffer: options.SendBuffer = 0
    receive_buffer: options.ReceiveBuffer = 0
    ipv6: options.Ipv6 = "auto"
    tcp_keepalive: options.TcpKeepalive = "system"
    tcp_keepalive_idle: options.TcpKeepaliveIdle = 0
    tcp_keepalive_interval: options.TcpKeepaliveInterval = 0

    @property
    def for_handler(self) -> HandlerConfig:
        """The settings without the keys that only a client has."""
        return HandlerConfig(**{name: getattr(self, name) for name in HandlerConfig.__struct_fields__})

    @property
    def for_handler_bench(self) -> HandlerBench:
        """The keys that a handler has beside its config: side, framing and connection."""
        framing: Framing = "joined" if self.framing == "joined" else "frames"
        return HandlerBench(
            mode=self.mode, framing=framing, stamp="off", paired=False, start_gate=False, **_shared(self, HandlerBench)
        )

    @property
    def for_listener(self) -> ListenerSpec:
        """The connection keys of a type that reads, and its high-water mark."""
        keys = _shared(self, ListenerSpec)
        if self.max_message_size == -1:
            del keys["max_message_size"]
        return ListenerSpec(high_water_mark=self.high_water_mark, **keys)

    def faults(self) -> list[Fault]:
        """Keys that contradict each other or the socket type."""
        return [Fault(f"config.{name}", _text(getattr(self, name)), expected) for name, expected in self._conflicts()]

    def _conflicts(self) -> Iterator[tuple[str, str]]:
        pattern, bench = self.pattern, self.for_handler_bench
        # The rules name the handler's end of the pattern.
        handler = HandlerSpec(
            uri=self.uri, config=msgspec.structs.replace(self.for_handler, socket_type=pattern.socket_type)
        )
        if not is_listener(self.socket_type):
            yield from handler_conflicts(handler, bench)
            return
        yield from listener_conflicts(handler, bench, self.for_listener)
        for name in _WRITES_ONLY:
            if getattr(self, name):
                yield name, f"false for a {self.socket_type}, which only reads"


_CONNECTION_KEYS = tuple(
    name
    for name in ClientConfig.__struct_fields__
    if name not in (*HandlerConfig.__struct_fields__, "uri", "mode", "framing")
)
"""The keys with which a handler's ``bench`` and a listener set their sockets."""


def is_listener(socket_type: AnyType) -> bool:
    """True for the listener's end of a pattern, which receives messages; the handler's end sends them."""
    return pattern_of(socket_type).listener_type == socket_type


def _shared(config: ClientConfig, spec: type[msgspec.Struct]) -> dict[str, Any]:
    return {name: getattr(config, name) for name in _CONNECTION_KEYS if name in spec.__struct_fields__}


def _text(value: object) -> str:
    return msgspec.json.encode(value).decode()
