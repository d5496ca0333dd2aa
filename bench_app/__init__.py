"""ZMQ Test Bench without its window: engine, command line, and library (:class:`Output`, :class:`ZmqClient`)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bench_app import former_names

if TYPE_CHECKING:
    from bench_app.library.client import ZmqClient
    from bench_app.library.client_stats import ClientStats
    from bench_app.library.handler_stats import HandlerStats
    from bench_app.library.losses import Loss
    from bench_app.library.message import Message
    from bench_app.library.output import Output
    from bench_app.library.output_handler import HandlerState, OutputHandler
    from bench_app.library.pending_request import PendingRequest
    from bench_app.library.write_result import WriteResult
    from bench_app.receipts import Receipts
    from bench_app.transport.connection import ConnectionState

__version__ = "0.1.0"
__all__ = [
    "ClientStats",
    "ConnectionState",
    "HandlerState",
    "HandlerStats",
    "Loss",
    "Message",
    "Output",
    "OutputHandler",
    "PendingRequest",
    "Receipts",
    "WriteResult",
    "ZmqClient",
]

former_names.install()

_MODULES = {
    "ClientStats": "library.client_stats",
    "Loss": "library.losses",
    "PendingRequest": "library.pending_request",
    "Receipts": "receipts",
    "WriteResult": "library.write_result",
    "ConnectionState": "transport.connection",
    "HandlerState": "library.output_handler",
    "HandlerStats": "library.handler_stats",
    "Message": "library.message",
    "Output": "library.output",
    "OutputHandler": "library.output_handler",
    "ZmqClient": "library.client",
}


def __getattr__(name: str) -> Any:
    # Import a module when one of its names is first used: workers and the command line start faster without them.
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"bench_app.{_MODULES[name]}"), name)
