"""The settings of a client: **config** -> client -> socket."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from bench_app.model import HandlerConfig, Mode

AnyType = Literal["PUB", "PUSH", "REQ", "SUB", "PULL", "REP"]


class ClientConfig(HandlerConfig, frozen=True):
    """The handler's config, for all six socket types, and where to connect."""

    socket_type: Annotated[AnyType, Meta(description="ZMQ socket type")] = "SUB"  # type: ignore[assignment]
    uri: Annotated[str, Meta(description="Where connect() goes when it is given nothing")] = ""
    topic: Annotated[str, Meta(max_length=1024, description="PUB: topic prefix; SUB: what to subscribe to")] = ""
    mode: Annotated[Mode, Meta(description="Bind or connect; auto decides by the address")] = "auto"

    @property
    def for_handler(self) -> HandlerConfig:
        """The settings that a handler has, too."""
        return HandlerConfig(**{name: getattr(self, name) for name in HandlerConfig.__struct_fields__})
