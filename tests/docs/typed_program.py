"""A program for a type checker: every call of the library has the documented type."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Any, assert_type

from bench_app import (
    ClientStats,
    ConnectionState,
    HandlerState,
    HandlerStats,
    Message,
    Output,
    OutputHandler,
    PendingRequest,
    WriteResult,
    ZmqClient,
)
from bench_app.aio import AsyncClient, AsyncOutput, connection_news, replies, request
from bench_app.schemes import Handler, register

URI = "zmq://tcp://127.0.0.1:5555"


class Memory:
    """A handler of a user's scheme."""

    def __init__(self, name: str, uri: str, sink: str, config: Mapping[str, Any], bench: Mapping[str, Any]) -> None:
        self.name, self.sink, self.events = name, sink, [uri]

    def write(self, event: Any, dynamic_path: str = "") -> bool:
        """Keep an event."""
        return True

    def flush(self, timeout_s: float | None = None) -> bool:
        """Return at once: no event is queued."""
        return True

    def stop(self) -> None:
        """Take no more events."""

    def close(self) -> None:
        """Stop."""


def use_output() -> None:
    """Output and its handlers."""
    with Output("exporter") as output:
        handler = output.add_handler("h", URI, "events", {"socket_type": "PUSH"}, {"heartbeat_interval": 2000})
        assert_type(handler, OutputHandler)
        assert_type(handler.stats, HandlerStats)
        assert_type(handler.stats.lost, int)
        assert_type(handler.state, HandlerState)
        assert_type(handler.state.state, ConnectionState)
        assert_type(handler.endpoint, str)
        assert_type(handler.notes, tuple[str, ...])
        assert_type(handler.closed, bool)
        assert_type(handler.wait_for_subscriber(1.0), bool)
        handler.on_reply = print
        handler.on_timeout = lambda error: print(error.attempts, error.elapsed_s)
        handler.on_loss = lambda loss: print(loss.cause, loss.events)
        assert_type(handler.request({"id": 1}, timeout=1), Message)
        assert_type(handler.start_request({"id": 1}), PendingRequest)
        assert_type(handler.stats.as_dict(), dict[str, int])
        output.add_handler("g", URI, mode="bind", connection={"conflate": True}, on_connection=print, on_loss=print)
        output.add_handler("r", URI, on_reply_message=lambda message: print(message.request_id, message.value))
        handler.on_connection = lambda state, message: print(state.sentence, message)
        handler.reconnect()
        handler.when_closed(lambda: None)
        register("memory", Memory)
        assert_type(output.add_handler("m", "memory://here", handler_type=Memory), Memory)
        any_handler: Handler = output.add_handler("x", URI)
        assert_type(any_handler.write({"id": 1}), bool)
        result = output.write("events", {"id": 1})
        assert_type(result, WriteResult)
        assert_type(result + 1, int)
        assert_type(result.queue_full, int)
        assert_type(result.has_sink, bool)
        assert_type(output.handlers, Mapping[str, Handler])


def use_client() -> None:
    """The client."""
    with ZmqClient("client", {"socket_type": "SUB"}) as client:
        assert_type(client.connect(URI), bool)
        assert_type(client.state, ConnectionState)
        assert_type(client.read_message(0), Message | None)
        assert_type(client.unread_replies, tuple[Message, ...])
        assert_type(client.request(1), Message)
        assert_type(client.stats, ClientStats)
        message = client.read_message(0)
        if message is not None:
            assert_type(message.frames, tuple[bytes, ...])
            assert_type(message.request_id, int | None)


async def use_asyncio() -> None:
    """Output and client with asyncio."""
    async with AsyncOutput("exporter") as output:
        handler = output.add_handler("h", URI, "events", {"socket_type": "REQ"}, {"heartbeat_interval": 2000})
        assert_type(handler, OutputHandler)
        assert_type(replies(handler), AsyncIterator[Any])
        assert_type(await request(handler, 1), Message)
        assert_type(output.write("events", 1), WriteResult)
        assert_type(connection_news(handler), AsyncIterator[tuple[HandlerState, str]])
        assert_type(output.add_handler("m", "memory://here", handler_type=Memory), Memory)
    async with AsyncClient("client") as client:
        assert_type(await client.read_message(0), Message | None)
        assert_type(await client.request(1, timeout=1), Message)
        assert_type(client.state, ConnectionState)
        async for message in client:
            assert_type(message, Message)
