"""Output and client for a program with an asyncio loop, qasync's included.

Writing never waits, so it stays a plain call. What does wait (the end, the next message) is awaited; messages, replies
and news of connections come over from the threads that have them by ``call_soon_threadsafe``, which every loop has.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections import deque
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any, Generic, TypeVar, overload

from bench_app.errors import BenchError
from bench_app.library.client import ZmqClient
from bench_app.library.message import Message
from bench_app.library.output import AnyHandler, Output
from bench_app.library.output_handler import HandlerState, OutputHandler
from bench_app.library.schemes import Handler
from bench_app.model import HandlerBench, HandlerConfig

READ_SLICE_S = 0.1
UNREAD = 10_000
"""How many replies or news of a connection wait for who iterates over them; then the oldest go."""
AT_A_TIME = 100
"""After so many items that were there already the loop has its turn: who sends fast must not freeze a window."""

Item = TypeVar("Item")


class _Arrivals(Generic[Item]):
    """Items from another thread, for one loop, in the order they came. At most ``room`` of them wait (0: no limit)."""

    def __init__(self, room: int) -> None:
        self._loop = asyncio.get_running_loop()
        self._room = room
        self._items: deque[Item] = deque()
        self._changed = threading.Condition()
        self._ended = False
        self._is_told = False
        self._news = asyncio.Event()
        self._at_once = 0

    def put(self, item: Item) -> None:
        """From a thread that may wait until there is room."""
        with self._changed:
            self._changed.wait_for(lambda: self._ended or not self._full)
            self._add(item)

    def put_newest(self, item: Item) -> None:
        """From a thread that must not wait: the oldest goes where there is no room."""
        with self._changed:
            if self._full:
                self._items.popleft()
            self._add(item)

    def end(self) -> None:
        """No more come; what is here is still handed out."""
        with self._changed:
            self._ended = True
            self._changed.notify_all()
            self._tell()

    async def get(self, timeout: float | None = None) -> Item | None:
        """The next, or None where none comes in time, or ever."""
        try:
            async with asyncio.timeout(timeout):
                return await anext(self)
        except (TimeoutError, StopAsyncIteration):
            return None

    def __aiter__(self) -> AsyncIterator[Item]:
        return self

    async def __anext__(self) -> Item:
        self._at_once += 1
        if self._at_once >= AT_A_TIME:
            self._at_once = 0
            await asyncio.sleep(0)
        while True:
            with self._changed:
                if self._items:
                    self._changed.notify()
                    return self._items.popleft()
                if self._ended:
                    raise StopAsyncIteration
            self._at_once = 0
            self._news.clear()
            await self._news.wait()

    @property
    def _full(self) -> bool:
        return 0 < self._room <= len(self._items)

    def _add(self, item: Item) -> None:
        if not self._ended:
            self._items.append(item)
            self._tell()

    def _tell(self) -> None:
        """Wake the loop, once for all that comes until it has its turn; a loop that has ended is told nothing."""
        if not self._is_told:
            self._is_told = True
            with contextlib.suppress(RuntimeError):
                self._loop.call_soon_threadsafe(self._wake)

    def _wake(self) -> None:
        with self._changed:
            self._is_told = False
        self._news.set()


class AsyncOutput:
    """An :class:`~bench_app.Output` in a coroutine: ``async with AsyncOutput("exporter") as output``."""

    def __init__(self, name: str) -> None:
        self.output = Output(name)

    @classmethod
    def from_preset(cls, path: str | Path) -> AsyncOutput:
        """See :meth:`Output.from_preset`."""
        made = cls("")
        made.output = Output.from_preset(path)
        return made

    @overload
    def add_handler(
        self,
        name: str,
        uri: str,
        sink: str = "events",
        config: Mapping[str, Any] | HandlerConfig | None = None,
        bench: Mapping[str, Any] | HandlerBench | None = None,
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
    ) -> Handler:
        """See :meth:`Output.add_handler`."""
        if handler_type is None:
            return self.output.add_handler(name, uri, sink, config, bench)
        return self.output.add_handler(name, uri, sink, config, bench, handler_type=handler_type)

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
    """The replies to a REQ handler's requests from now on, until it is closed."""
    arrivals: _Arrivals[Any] = _Arrivals(UNREAD)
    handler.on_reply = arrivals.put_newest
    handler.when_closed(arrivals.end)
    return arrivals


def connection_news(handler: OutputHandler) -> AsyncIterator[tuple[HandlerState, str]]:
    """What happens to a handler's connections from now on, until it is closed: its state, and a sentence."""
    arrivals: _Arrivals[tuple[HandlerState, str]] = _Arrivals(UNREAD)
    handler.on_connection = lambda state, sentence: arrivals.put_newest((state, sentence))
    handler.when_closed(arrivals.end)
    return arrivals


class AsyncClient:
    """A :class:`~bench_app.ZmqClient` in a coroutine; ``async for message in client`` reads until it is disconnected.

    At most ``high_water_mark`` messages wait here for who reads them; the rest waits in the socket, or with the sender.
    """

    def __init__(self, name: str, config: Mapping[str, Any] | None = None) -> None:
        self.client = ZmqClient(name, config)
        self._arrivals: _Arrivals[Message] | None = None
        self._thread: threading.Thread | None = None
        self._stop = threading.Event()

    async def connect(self, uri: str | None = None) -> bool:
        """See :meth:`ZmqClient.connect`."""
        await self.disconnect()
        connected = await asyncio.to_thread(self.client.connect, uri)
        self._arrivals = None
        if self.client.reads:
            self._arrivals = _Arrivals(self.client.get_config()["high_water_mark"])
            self._stop = threading.Event()
            self._thread = self._start(self._arrivals, self._stop)
        return connected

    async def disconnect(self) -> bool:
        """See :meth:`ZmqClient.disconnect`."""
        self._stop.set()
        if self._arrivals is not None:
            self._arrivals.end()
        disconnected = await asyncio.to_thread(self.client.disconnect)
        if self._thread is not None:
            await asyncio.to_thread(self._thread.join)
            self._thread = None
        return disconnected

    def write_message(self, topic: str, message: Any) -> bool:
        """See :meth:`ZmqClient.write_message`: it never waits."""
        return self.client.write_message(topic, message)

    async def read_message(self, timeout: float | None = None) -> Message | None:
        """See :meth:`ZmqClient.read_message`; None also after a disconnect, once all that had come is read."""
        if self._arrivals is None:
            return await asyncio.to_thread(self.client.read_message, timeout)
        return await self._arrivals.get(timeout)

    def __aiter__(self) -> AsyncIterator[Message]:
        if self._arrivals is None:
            raise TypeError(f"{self.client.name} is not connected, or only writes")
        return self._arrivals

    async def __aenter__(self) -> AsyncClient:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.disconnect()

    def _start(self, arrivals: _Arrivals[Message], stop: threading.Event) -> threading.Thread:
        def read() -> None:
            # Disconnected between two looks, there is nothing left to read from.
            with contextlib.suppress(BenchError):
                while not stop.is_set():
                    message = self.client.read_message(READ_SLICE_S)
                    if message is not None:
                        arrivals.put(message)
            arrivals.end()

        thread = threading.Thread(target=read, name=f"client {self.client.name}", daemon=True)
        thread.start()
        return thread
