"""The engine of the ZMQ Test Bench, without Qt; and its handlers as a library: :class:`Output`, :class:`ZmqClient`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bench_app.client import Message, ZmqClient
    from bench_app.connection import ConnectionState
    from bench_app.output import Output
    from bench_app.output_handler import HandlerState, HandlerStats, OutputHandler

__version__ = "0.1.0"
__all__ = ["ConnectionState", "HandlerState", "HandlerStats", "Message", "Output", "OutputHandler", "ZmqClient"]

_MODULES = {
    "ConnectionState": "connection",
    "HandlerState": "output_handler",
    "HandlerStats": "output_handler",
    "Message": "client",
    "Output": "output",
    "OutputHandler": "output_handler",
    "ZmqClient": "client",
}


def __getattr__(name: str) -> Any:
    # Only when asked for: workers and the command line have no use for them.
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"bench_app.{_MODULES[name]}"), name)
