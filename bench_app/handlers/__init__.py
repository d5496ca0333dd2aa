"""Output handlers: sink -> **handler queue -> socket** ~~> listener. This is the registry of their kinds."""

from __future__ import annotations

from bench_app.handlers.pub import PUB
from bench_app.handlers.push import PUSH
from bench_app.handlers.req import REQ
from bench_app.handlers.socket import HandlerKind
from bench_app.model import SocketType

HANDLER_KINDS: dict[SocketType, HandlerKind] = {kind.socket_type: kind for kind in (PUB, PUSH, REQ)}

__all__ = ["HANDLER_KINDS", "HandlerKind"]
