"""Output and client for a program with an asyncio loop, qasync's included.

Writing never waits, so it stays a plain call. What does wait (the end, the next message) is awaited; messages, replies
and news of connections come over from the threads that have them by ``call_soon_threadsafe``, which every loop has.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path
from typing import Any, Generic, TypeVar

from bench_app.client import Message, ZmqClient
from bench_app.errors import BenchError
from bench_app.model import HandlerConfig
from bench_app.output import Output
from bench_app.output_handler import HandlerState, OutputHandler
from bench_app.schemes import Handler

READ_SLICE_S = 0.1

Item = TypeVar("Item")


class _Arrivals(Generic[Item]):
    """Items from another thread, for one loop; None ends them."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._queue: asyncio.Queue[Item | None] = asyncio.Queue()

    def put(self, item: Item | None) -> None:
        """From any thread; after the end of the loop there is nobody left to tell."""
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._queue.put_nowait, item)

    async def get(self, timeout: float | None = None) -> Item | None:
        """The next, or None where none comes in time, or ever."""
        try:
            return await asyncio.wait_for(self._queue.get(), timeout)
        except TimeoutError:
            return None

    async def __aiter__(self) -> AsyncIterator[Item]:
        while (item := await self._queue.get()) is not None:
            yield item


class AsyncOutput:
    """An :class:`Output` in a coroutine: ``async with AsyncOutput("exporter") as output``."""

    def __init__(self, name: str) -> None:
        self.output = Output(name)

    @classmethod
    def from_preset(cls, path: str | Path) -> AsyncOutput:
        """See :meth:`Output.from_preset`."""
        made = cls("")
        made.output = Output.from_preset(path)
        return made

    def add_handler(
        self, name: str, uri: str, sink: str = "events", config: Mapping[str, Any] | HandlerConfig | None = None
    ) -> Handler:
        """See :meth:`Output.add_handler`."""
        return self.output.add_handler(name, uri, sink, config)

    def write(self, sink: str, event: Any, dynamic_path: str = "") -> int:
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
    """The replies to a REQ handler's requests from now on, until it is asked no more."""
    arrivals: _Arrivals[Any] = _Arrivals()
    handler.on_reply = arrivals.put
    return aiter(arrivals)


def connection_news(handler: OutputHandler) -> AsyncIterator[tuple[HandlerState, str]]:
    """What happens to a handler's connections from now on: its state, and a sentence."""
    arrivals: _Arrivals[tuple[HandlerState, str]] = _Arrivals()
    handler.on_connection = lambda state, sentence: arrivals.put((state, sentence))
    return aiter(arrivals)


class AsyncClient:
    """A :class:`ZmqClient` in a coroutine; ``async for message in client`` reads until it is disconnected."""

    def __init__(self, name: str, config: Mapping[str, Any] | None = None) -> None:
        self.client = ZmqClient(name, config)
        self._arrivals: _Arrivals[Message] | None = None
        self._thread: threading.Thread | None = None
        self._stop = threading.Event()

    async def connect(self, uri: str | None = None) -> bool:
        """See :meth:`ZmqClient.connect`."""
        await self.disconnect()
        connected = await asyncio.to_thread(self.client.connect, uri)
        if self.client.reads:
            self._arrivals = _Arrivals()
            self._stop = threading.Event()
            self._thread = self._start(self._arrivals.put, self._stop)
        return connected

    async def disconnect(self) -> bool:
        """See :meth:`ZmqClient.disconnect`."""
        self._stop.set()
        disconnected = await asyncio.to_thread(self.client.disconnect)
        if self._thread is not None:
            await asyncio.to_thread(self._thread.join)
            self._thread = None
        return disconnected

    def write_message(self, topic: str, message: Any) -> bool:
        """See :meth:`ZmqClient.write_message`: it never waits."""
        return self.client.write_message(topic, message)

    async def read_message(self, timeout: float | None = None) -> Message | None:
        """See :meth:`ZmqClient.read_message`."""
        if self._arrivals is None:
            return await asyncio.to_thread(self.client.read_message, timeout)
        return await self._arrivals.get(timeout)

    def __aiter__(self) -> AsyncIterator[Message]:
        if self._arrivals is None:
            raise TypeError(f"{self.client.name} is not connected, or only writes")
        return aiter(self._arrivals)

    async def __aenter__(self) -> AsyncClient:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.disconnect()

    def _start(self, put: Callable[[Message | None], None], stop: threading.Event) -> threading.Thread:
        def read() -> None:
            while not stop.is_set():
                try:
                    message = self.client.read_message(READ_SLICE_S)
                except BenchError:
                    # Disconnected between two looks.
                    break
                if message is not None:
                    put(message)
            put(None)

        thread = threading.Thread(target=read, name=f"client {self.client.name}", daemon=True)
        thread.start()
        return thread
