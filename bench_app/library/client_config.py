"""The settings of a client: **config** -> client -> socket."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from bench_app.model import HandlerConfig, ListenerType, Mode, SocketType, pattern_of

AnyType = Literal[SocketType, ListenerType]
"""The socket types of both ends of every pattern."""


class ClientConfig(HandlerConfig, frozen=True):
    """The keys of a handler's config, for all six socket types, with the uri and the side that binds."""

    socket_type: Annotated[AnyType, Meta(description="ZMQ socket type")] = "SUB"  # type: ignore[assignment]
    uri: Annotated[str, Meta(description="The uri that connect() uses without an argument")] = ""
    topic: Annotated[str, Meta(max_length=1024, description="PUB: topic prefix; SUB: prefix to subscribe to")] = ""
    mode: Annotated[Mode, Meta(description="Bind or connect; auto decides by the address")] = "auto"

    @property
    def for_handler(self) -> HandlerConfig:
        """The settings without the keys that only a client has."""
        return HandlerConfig(**{name: getattr(self, name) for name in HandlerConfig.__struct_fields__})


def is_listener(socket_type: AnyType) -> bool:
    """True for the listener's end of a pattern, which receives messages; the handler's end sends them."""
    return pattern_of(socket_type).listener_type == socket_type
