"""Output and client for a program with an asyncio loop, qasync's included.

Writing never waits, so it is a plain call. Closing and reading can wait, so they are awaited. Messages, replies and
news of connections are passed from the threads of handlers and clients into the loop.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path
from typing import Any, overload

from bench_app.errors import BenchError, RequestError
from bench_app.library.arrivals import Arrivals
from bench_app.library.client import ZmqClient
from bench_app.library.client_reader import unanswered
from bench_app.library.client_stats import ClientStats
from bench_app.library.encoding import OnUnencodable
from bench_app.library.losses import Loss
from bench_app.library.message import Message
from bench_app.library.output import AnyHandler, Output
from bench_app.library.output_handler import HandlerState, OutputHandler
from bench_app.library.pending_request import PendingRequest
from bench_app.library.schemes import Handler
from bench_app.library.write_result import WriteResult
from bench_app.model import HandlerBench, HandlerConfig, Mode
from bench_app.transport.connection import ConnectionState

__all__ = ["AsyncClient", "AsyncOutput", "connection_news", "replies", "request", "wait_for_subscriber"]

READ_SLICE_S = 0.1
"""How long the reading thread waits for a message before it checks whether it has to end."""
MAX_UNREAD = 10_000
"""How many unread replies, or unread news of connections, are kept. With more, the oldest are dropped."""


class AsyncOutput:
    """An :class:`~bench_app.Output` in a coroutine: ``async with AsyncOutput("exporter") as output``.

    It has the same members. What can wait is awaited: ``flush``, ``remove_handler`` and ``close``.

    Attributes:
        output: the output itself.
    """

    def __init__(self, name: str, *, on_unencodable: OnUnencodable = "refuse") -> None:
        self.output = Output(name, on_unencodable=on_unencodable)

    @classmethod
    def from_preset(cls, path: str | Path, *, on_unencodable: OnUnencodable = "refuse") -> AsyncOutput:
        """See :meth:`Output.from_preset`."""
        made = cls("")
        made.output = Output.from_preset(path, on_unencodable=on_unencodable)
        return made

    @property
    def name(self) -> str:
        """The name of the output, for messages."""
        return self.output.name

    @property
    def handlers(self) -> Mapping[str, Handler]:
        """See :attr:`Output.handlers`."""
        return self.output.handlers

    @overload
    def add_handler(
        self,
        name: str,
        uri: str,
        sink: str = "events",
        config: Mapping[str, Any] | HandlerConfig | None = None,
        bench: Mapping[str, Any] | HandlerBench | None = None,
        *,
        mode: Mode | None = None,
        connection: Mapping[str, Any] | None = None,
        on_connection: Callable[[HandlerState, str], None] | None = None,
        on_reply: Callable[[Any], None] | None = None,
        on_reply_message: Callable[[Message], None] | None = None,
        on_timeout: Callable[[RequestError], None] | None = None,
        on_loss: Callable[[Loss], None] | None = None,
    ) -> OutputHandler: ...

    @overload
    def add_handler(
        self,
        name: str,
        uri: str,
        sink: str = "events",
        config: Mapping[str, Any] | HandlerConfig | None = None,
        bench: Mapping[str, Any] | HandlerBench | None = None,
        *,
        handler_type: type[AnyHandler],
        mode: Mode | None = None,
        connection: Mapping[str, Any] | None = None,
    ) -> AnyHandler: ...

    def add_handler(
        self,
        name: str,
        uri: str,
        sink: str = "events",
        config: Mapping[str, Any] | HandlerConfig | None = None,
        bench: Mapping[str, Any] | HandlerBench | None = None,
        *,
        handler_type: type[Handler] | None = None,
        mode: Mode | None = None,
        connection: Mapping[str, Any] | None = None,
        on_connection: Callable[[HandlerState, str], None] | None = None,
        on_reply: Callable[[Any], None] | None = None,
        on_reply_message: Callable[[Message], None] | None = None,
        on_timeout: Callable[[RequestError], None] | None = None,
        on_loss: Callable[[Loss], None] | None = None,
    ) -> Handler:
        """See :meth:`Output.add_handler`. The callbacks are called on the handler's own thread."""
        if handler_type is not None:
            return self.output.add_handler(
                name, uri, sink, config, bench, handler_type=handler_type, mode=mode, connection=connection
            )
        return self.output.add_handler(
            name,
            uri,
            sink,
            config,
            bench,
            mode=mode,
            connection=connection,
            on_connection=on_connection,
            on_reply=on_reply,
            on_reply_message=on_reply_message,
            on_timeout=on_timeout,
            on_loss=on_loss,
        )

    async def remove_handler(self, name: str) -> None:
        """See :meth:`Output.remove_handler`."""
        await asyncio.to_thread(self.output.remove_handler, name)

    def write(self, sink: str, event: Any, dynamic_path: str = "") -> WriteResult:
        """See :meth:`Output.write`: it never waits."""
        return self.output.write(sink, event, dynamic_path)

    async def flush(self, timeout_s: float | None = None) -> bool:
        """See :meth:`Output.flush`."""
        return await asyncio.to_thread(self.output.flush, timeout_s)

    async def close(self) -> None:
        """See :meth:`Output.close`."""
        await asyncio.to_thread(self.output.close)

    async def __aenter__(self) -> AsyncOutput:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()


def replies(handler: OutputHandler) -> AsyncIterator[Any]:
    """The replies to a REQ handler's requests, from now until the handler is closed."""
    arrivals: Arrivals[Any] = Arrivals(MAX_UNREAD)
    handler.on_reply = arrivals.put_newest
    handler.when_closed(arrivals.end)
    return arrivals


def connection_news(handler: OutputHandler) -> AsyncIterator[tuple[HandlerState, str]]:
    """The state and a message for each event of a handler's connections, from now until the handler is closed.

    The state of now comes only with the next event: read ``handler.state``.
    """
    arrivals: Arrivals[tuple[HandlerState, str]] = Arrivals(MAX_UNREAD)
    handler.on_connection = lambda state, message: arrivals.put_newest((state, message))
    handler.when_closed(arrivals.end)
    return arrivals


async def request(handler: OutputHandler, event: Any, timeout: float | None = None) -> Message:
    """Send a request through a REQ handler and await its reply; see :meth:`OutputHandler.request`.

    A coroutine that is cancelled withdraws its request.
    """
    return await _reply_to(handler.start_request(event), timeout)


async def wait_for_subscriber(handler: OutputHandler, timeout_s: float | None = None) -> bool:
    """Wait for the first subscription of a PUB handler; see :meth:`OutputHandler.wait_for_subscriber`."""
    return await asyncio.to_thread(handler.wait_for_subscriber, timeout_s)


class AsyncClient:
    """A :class:`~bench_app.ZmqClient` in a coroutine; ``async for message in client`` reads until it is disconnected.

    It has the same members. What can wait is awaited: ``connect``, ``disconnect``, ``read_message`` and ``request``.
    At most ``high_water_mark`` messages wait here to be read. Further messages wait in the socket, or at the sender.

    Attributes:
        client: the client itself. Its counts include the messages that wait here.
    """

    def __init__(
        self, name: str, config: Mapping[str, Any] | None = None, *, on_unencodable: OnUnencodable = "refuse"
    ) -> None:
        self.client = ZmqClient(name, config, on_unencodable=on_unencodable)
        self._arrivals: Arrivals[Message | RequestError] | None = None
        self._thread: threading.Thread | None = None
        self._stop = threading.Event()
        self._owes_answer = False
        """REP: whether the program has read a request and has not answered it. The reading thread reads ahead."""
        self._answered = threading.Event()
        """REP: wakes the reading thread, which waits until its last request is answered."""

    @property
    def name(self) -> str:
        """The name of the client, for messages."""
        return self.client.name

    def set_config(self, config: Mapping[str, Any]) -> None:
        """See :meth:`ZmqClient.set_config`."""
        self.client.set_config(config)

    def get_config(self) -> dict[str, Any]:
        """See :meth:`ZmqClient.get_config`."""
        return self.client.get_config()

    def save_config(self, path: str | Path) -> None:
        """See :meth:`ZmqClient.save_config`."""
        self.client.save_config(path)

    @property
    def endpoint(self) -> str:
        """See :attr:`ZmqClient.endpoint`."""
        return self.client.endpoint

    @property
    def is_connected(self) -> bool:
        """See :attr:`ZmqClient.is_connected`."""
        return self.client.is_connected

    @property
    def reads(self) -> bool:
        """See :attr:`ZmqClient.reads`."""
        return self.client.reads

    @property
    def state(self) -> ConnectionState:
        """See :attr:`ZmqClient.state`."""
        return self.client.state

    @property
    def sentence(self) -> str:
        """See :attr:`ZmqClient.sentence`."""
        return self.client.sentence

    @property
    def stats(self) -> ClientStats:
        """See :attr:`ZmqClient.stats`."""
        return self.client.stats

    async def connect(self, uri: str | None = None) -> bool:
        """See :meth:`ZmqClient.connect`."""
        await self.disconnect()
        connected = await asyncio.to_thread(self.client.connect, uri)
        self._arrivals = None
        self._owes_answer = False
        if self.client.reads:
            self._arrivals = Arrivals(self.client.get_config()["high_water_mark"])
            self._stop = threading.Event()
            self._thread = self._start(self._arrivals, self._stop)
        return connected

    async def disconnect(self) -> bool:
        """See :meth:`ZmqClient.disconnect`."""
        self._stop.set()
        self._answered.set()
        if self._arrivals is not None:
            self._arrivals.end()
        disconnected = await asyncio.to_thread(self.client.disconnect)
        if self._thread is not None:
            await asyncio.to_thread(self._thread.join)
            self._thread = None
        return disconnected

    def write_message(self, topic: str, message: Any) -> bool:
        """See :meth:`ZmqClient.write_message`: it never waits."""
        taken = self.client.write_message(topic, message)
        if taken:
            self._owes_answer = False
            self._answered.set()
        return taken

    def event_handler(self, value: Any) -> bool:
        """See :meth:`ZmqClient.event_handler`."""
        return self.write_message("", value)

    def start_request(self, value: Any) -> PendingRequest:
        """See :meth:`ZmqClient.start_request`; ``asyncio.wrap_future(pending.future)`` awaits the reply."""
        return self.client.start_request(value)

    async def request(self, value: Any, timeout: float | None = None) -> Message:
        """See :meth:`ZmqClient.request`. A coroutine that is cancelled withdraws its request."""
        return await _reply_to(self.client.start_request(value), timeout)

    async def read_message(self, timeout: float | None = None) -> Message | None:
        """See :meth:`ZmqClient.read_message`; None also after a disconnect, once all earlier messages are read."""
        if self._arrivals is None:
            return await asyncio.to_thread(self.client.read_message, timeout)
        self._check_answered()
        item = await self._arrivals.get(timeout)
        return None if item is None else self._taken(item)

    @property
    def owes_answer(self) -> bool:
        """True while a REP has read a request and not answered it. Until then no other request can be read."""
        return self._owes_answer

    @property
    def unread(self) -> int:
        """How many messages wait here to be read."""
        return 0 if self._arrivals is None else len(self._arrivals)

    @property
    def unread_replies(self) -> tuple[Message, ...]:
        """See :attr:`ZmqClient.unread_replies`."""
        if self._arrivals is None or self.client.stats.written is None:
            return ()
        waiting = tuple(item for item in self._arrivals.waiting() if isinstance(item, Message))
        return waiting + self.client.unread_replies

    def __aiter__(self) -> AsyncIterator[Message]:
        if self._arrivals is None:
            raise TypeError(f"{self.client.name} is not connected, or only writes")
        return self._messages(self._arrivals)

    async def __aenter__(self) -> AsyncClient:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.disconnect()

    async def _messages(self, arrivals: Arrivals[Message | RequestError]) -> AsyncIterator[Message]:
        self._check_answered()
        async for item in arrivals:
            yield self._taken(item)
            self._check_answered()

    def _taken(self, item: Message | RequestError) -> Message:
        if isinstance(item, RequestError):
            raise item
        self._owes_answer = self.client.owes_answer
        return item

    def _check_answered(self) -> None:
        if self._owes_answer:
            raise unanswered(self.client.name)

    def _start(self, arrivals: Arrivals[Message | RequestError], stop: threading.Event) -> threading.Thread:
        def read_one() -> None:
            if self.client.owes_answer:
                self._answered.wait(READ_SLICE_S)
                self._answered.clear()
                return
            try:
                item: Message | RequestError | None = self.client.read_message(READ_SLICE_S)
            except RequestError as error:
                item = error
            if item is not None:
                arrivals.put(item)

        def read() -> None:
            # The client may be disconnected between two checks of ``stop``; then reading raises an error.
            with contextlib.suppress(BenchError):
                while not stop.is_set():
                    read_one()
            arrivals.end()

        thread = threading.Thread(target=read, name=f"client {self.client.name}", daemon=True)
        thread.start()
        return thread


async def _reply_to(pending: PendingRequest, timeout: float | None) -> Message:
    try:
        async with asyncio.timeout(timeout):
            return await asyncio.wrap_future(pending.future)
    except TimeoutError:
        return pending.late_result()
    finally:
        pending.withdraw()
