"""The production plugin's Output in Python: sinks -> **handlers** -> sockets, for programs.

with Output("exporter") as output:
    output.add_handler("zmq-publisher", "zmq://tcp://*:5555", "events", {"socket_type": "PUB", "topic": "a"})
    output.write("events", {"id": 1})
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import Any, NamedTuple, TypeVar, overload

import msgspec

from bench_app.errors import ClosedError, EngineError, InputError, RequestError, UsageError
from bench_app.library.encoding import OnUnencodable, encode, encoder_for
from bench_app.library.losses import Loss
from bench_app.library.message import Message
from bench_app.library.output_handler import HandlerState, OutputHandler
from bench_app.library.schemes import Factory, Handler, factory_for, make_zmq_handler
from bench_app.library.write_result import NO_SINK, WriteResult, all_taken
from bench_app.model import HandlerBench, HandlerConfig, Mode

_log = logging.getLogger("zmq_bench.output")

AnyHandler = TypeVar("AnyHandler", bound=Handler)
MOST_UNKNOWN_SINKS = 1000
"""How many sinks without a handler are remembered, and so reported."""


class _Callbacks(NamedTuple):
    """The callbacks of a ``zmq://`` handler."""

    on_connection: Callable[[HandlerState, str], None] | None
    on_reply: Callable[[Any], None] | None
    on_reply_message: Callable[[Message], None] | None
    on_timeout: Callable[[RequestError], None] | None
    on_loss: Callable[[Loss], None] | None


class Output:
    """Handlers by name, each for one sink. Any thread may use it.

    JSON has no NaN, no infinity, no sets and no bytes. ``on_unencodable`` says what happens to such values in an event:
    ``refuse`` (the default) raises :class:`InputError`, ``convert`` writes null, arrays and base64 text, and a function
    gets each such value and returns the value to write instead. Schemes of your own get the event as it is.

    Attributes:
        name: the name of the output, for messages.
    """

    def __init__(self, name: str, *, on_unencodable: OnUnencodable = "refuse") -> None:
        self.name = name
        self._on_unencodable = on_unencodable
        self._encode = None if on_unencodable == "refuse" else encoder_for(on_unencodable)
        """The encoder that the program chose; None for the default."""
        self._is_closed = False
        self._unknown_sinks: set[str] = set()
        """Sinks without a handler to which events were written; each is reported once."""
        self._pid = os.getpid()
        self._lock = threading.Lock()
        self._reserved: set[str] = set()
        """Names of handlers that some thread is making now, so that no other thread can take the name."""
        # Invariant: both dictionaries are replaced and never changed. So a writing thread reads them without the lock.
        self._handlers: dict[str, Handler] = {}
        self._by_sink: dict[str, tuple[Handler, ...]] = {}

    @classmethod
    def from_preset(cls, path: str | Path, *, on_unencodable: OnUnencodable = "refuse") -> Output:
        """All enabled handlers of a production file, at the file's own endpoints: nothing is moved to loopback.

        Raises :class:`InputError` (all faults of the file) or :class:`SocketSetupError`, and leaves nothing open.
        """
        # Imported here, so that a program that reads no file starts faster.
        from bench_app.preset import documents
        from bench_app.preset.other_schemes import handlers_of_other_schemes

        document = documents.load(path)
        foreign = handlers_of_other_schemes(document.raw)
        # For a handler of another scheme the document has a note that it takes no part in a run. Here it takes part,
        # because the factory of its scheme makes it. So its note is skipped.
        expected = {("output", "handlers", name) for name in foreign}
        for note in document.notes:
            if note.path[0] == "output" and note.path not in expected:
                _log.warning("%s: %s", document.name, note, extra={"unit": document.name, "event": "note"})
        output = cls(document.name, on_unencodable=on_unencodable)
        try:
            for name, spec in document.preset.output.handlers.items():
                if spec.enabled:
                    bench = document.preset.bench.handlers.get(name)
                    output.add_handler(name, spec.uri, spec.sink, spec.config, bench)
            for name in foreign:
                entry = document.raw["output"]["handlers"][name]
                if entry.get("enabled", True):
                    output.add_handler(name, entry["uri"], entry.get("sink", "events"), entry.get("config"))
        except BaseException:
            output.close()
            raise
        return output

    @property
    def handlers(self) -> Mapping[str, Handler]:
        """The handlers by name. Those of ``zmq://`` are :class:`OutputHandler`."""
        return MappingProxyType(self._handlers)

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
        """Make a handler that gets every event written to ``sink``.

        ``config`` has the production plugin's keys. A key that is missing in ``config`` has the plugin's default
        (``socket_type``: PUSH). An unknown key, such as a misspelt one, is ignored as in production; it is logged as a
        warning and added to the handler's ``notes``.

        ``mode`` is ``bind`` or ``connect``; without it the address decides. ``connection`` has the connection keys,
        such as ``heartbeat_interval``. Both may also be in ``bench``, with ``framing``: ``bench`` has the keys that a
        preset has for the handler under ``bench.handlers``.

        The callbacks are those of :class:`OutputHandler`. Passed here they miss no event, not even the first.

        With a ``uri`` that begins with ``zmq://`` (``zmq://tcp://host:port``), the handler is an
        :class:`OutputHandler`. With a scheme of your own, the handler is what the factory of this scheme makes. Then
        pass the handler's class as ``handler_type``, so that a type checker knows it, too.

        Raises :class:`InputError` for a name that is taken, an unknown scheme or a config with faults (it lists all of
        them), :class:`SocketSetupError` if the socket cannot bind, :class:`UsageError` if the factory made a handler of
        another class than ``handler_type`` or has no callbacks, and :class:`ClosedError` after :meth:`close`.
        """
        self._check_open()
        keys, added = _plain(name, config), {**_plain(name, bench), **_plain(name, connection)}
        if mode is not None:
            added["mode"] = mode
        callbacks = _Callbacks(on_connection, on_reply, on_reply_message, on_timeout, on_loss)
        factory = factory_for(uri)
        with self._lock:
            if name in self._handlers or name in self._reserved:
                raise InputError(f'{self.name} has a handler "{name}" already')
            self._reserved.add(name)
        try:
            handler = self._make(factory, name, uri, sink, keys, added, callbacks)
            _check_type(handler, handler_type)
            self._keep(handler)
        finally:
            self._reserved.discard(name)
        return handler

    def remove_handler(self, name: str) -> None:
        """Close a handler and forget it; raises :class:`InputError` for an unknown name."""
        self._check_open()
        with self._lock:
            handlers = dict(self._handlers)
            handler = handlers.pop(name, None)
            if handler is None:
                raise InputError(f'{self.name} has no handler "{name}"')
            self._set(handlers)
        handler.close()

    def write(self, sink: str, event: Any, dynamic_path: str = "") -> WriteResult:
        """Offer an event to every handler of ``sink``, without waiting.

        Returns how many handlers took it, as an ``int`` that also says why the others did not: a full queue, a handler
        that is not open, or a sink without a handler. The first event of such a sink is logged as a warning.

        Raises :class:`InputError` for an event that JSON cannot hold, and :class:`ClosedError` after :meth:`close`.
        """
        handlers = self._by_sink.get(sink)
        if handlers is None:
            return self._without_handler(sink)
        if self._pid != os.getpid():
            self._check_process()
        taken = 0
        body: bytes | None = None
        refused: list[Handler] | None = None
        for handler in handlers:
            if not isinstance(handler, OutputHandler):
                is_taken = handler.write(event, dynamic_path)
            else:
                if body is None:
                    body = encode(event) if self._encode is None else self._encode(event)
                is_taken = handler.offer_body(body, dynamic_path)
            if is_taken:
                taken += 1
            elif refused is None:
                refused = [handler]
            else:
                refused.append(handler)
        return all_taken(taken) if refused is None else _result(taken, refused)

    def flush(self, timeout_s: float | None = None) -> bool:
        """Wait until no handler has an event queued or a request in flight; False if that takes longer."""
        self._check_open()
        deadline = None if timeout_s is None else time.monotonic() + timeout_s
        for handler in self._handlers.values():
            left_s = None if deadline is None else max(0.0, deadline - time.monotonic())
            if not handler.flush(left_s):
                return False
        return True

    def close(self) -> None:
        """Close all handlers; their lingers run side by side. Closing twice does no harm.

        After this, every other method raises :class:`ClosedError`.

        In a process forked from the one that made the output it does nothing.
        """
        if self._pid != os.getpid():
            return
        with self._lock:
            self._is_closed = True
            handlers = list(self._handlers.values())
            self._set({})
        for handler in handlers:
            handler.stop()
        for handler in handlers:
            handler.close()

    def __enter__(self) -> Output:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _check_process(self) -> None:
        if self._pid != os.getpid():
            raise EngineError(f"{self.name} was made in another process: after a fork, make an Output of your own")

    def _check_open(self) -> None:
        self._check_process()
        if self._is_closed:
            raise ClosedError(f"{self.name} is closed")

    def _make(
        self,
        factory: Factory,
        name: str,
        uri: str,
        sink: str,
        config: Mapping[str, Any],
        bench: Mapping[str, Any],
        callbacks: _Callbacks,
    ) -> Handler:
        if factory is make_zmq_handler:
            return make_zmq_handler(
                name, uri, sink, config, bench, on_unencodable=self._on_unencodable, **callbacks._asdict()
            )
        if any(callbacks):
            raise UsageError(f"{name}: only zmq:// handlers have these callbacks, and not the handlers of {uri}")
        return factory(name, uri, sink, config, bench)

    def _keep(self, handler: Handler) -> None:
        with self._lock:
            if not self._is_closed:
                self._set({**self._handlers, handler.name: handler})
                return
        # Another thread closed the output while the handler was made.
        handler.close()
        raise ClosedError(f"{self.name} is closed")

    def _without_handler(self, sink: str) -> WriteResult:
        """The result for a sink that no handler has; the first such event is logged."""
        self._check_open()
        with self._lock:
            if sink in self._unknown_sinks or len(self._unknown_sinks) >= MOST_UNKNOWN_SINKS:
                return NO_SINK
            self._unknown_sinks.add(sink)
            known = list(self._by_sink)
        # Imported for a misspelt sink alone, so that the library loads faster.
        import difflib

        close = difflib.get_close_matches(sink, known, n=1) if isinstance(sink, str) else []
        hint = f'; did you mean "{close[0]}"?' if close else ""
        message = '%s: no handler has the sink "%s", so its events go nowhere%s'
        _log.warning(message, self.name, sink, hint, extra={"unit": self.name, "event": "unknown_sink", "sink": sink})
        return NO_SINK

    def _set(self, handlers: dict[str, Handler]) -> None:
        by_sink: dict[str, tuple[Handler, ...]] = {}
        for handler in handlers.values():
            by_sink[handler.sink] = (*by_sink.get(handler.sink, ()), handler)
        self._handlers, self._by_sink = handlers, by_sink


def _result(taken: int, refused: list[Handler]) -> WriteResult:
    not_open = sum(isinstance(handler, OutputHandler) and not handler.takes_events for handler in refused)
    return WriteResult(taken, len(refused) - not_open, not_open)


def _check_type(handler: Handler, expected: type[Handler] | None) -> None:
    if expected is not None and not isinstance(handler, expected):
        handler.close()
        made, wanted = type(handler).__name__, expected.__name__
        raise UsageError(f"the handler {handler.name} is of the class {made}, not {wanted}")


def _plain(name: str, given: Mapping[str, Any] | msgspec.Struct | None) -> Mapping[str, Any]:
    plain = msgspec.to_builtins(given) if isinstance(given, msgspec.Struct) else given or {}
    if not isinstance(plain, Mapping):
        raise InputError(f"{name}: expected a config with the handler's keys, not {plain!r}")
    return plain
