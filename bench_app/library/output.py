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
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import Any, TypeVar, overload

import msgspec

from bench_app.errors import EngineError, InputError, UsageError
from bench_app.library.message import encode
from bench_app.library.output_handler import OutputHandler
from bench_app.library.schemes import Handler, factory_for
from bench_app.model import HandlerBench, HandlerConfig
from bench_app.preset import documents
from bench_app.preset.other_schemes import handlers_of_other_schemes

_log = logging.getLogger("zmq_bench.output")

AnyHandler = TypeVar("AnyHandler", bound=Handler)


class Output:
    """Handlers by name, each for one sink. Any thread may use it.

    Attributes:
        name: the name of the output, for messages.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self._pid = os.getpid()
        self._lock = threading.Lock()
        self._reserved: set[str] = set()
        """Names of handlers that some thread is making now, so that no other thread can take the name."""
        # Invariant: both dictionaries are replaced and never changed. So a writing thread reads them without the lock.
        self._handlers: dict[str, Handler] = {}
        self._by_sink: dict[str, tuple[Handler, ...]] = {}

    @classmethod
    def from_preset(cls, path: str | Path) -> Output:
        """All enabled handlers of a production file, at the file's own endpoints: nothing is moved to loopback.

        Raises :class:`InputError` (all faults of the file) or :class:`SocketSetupError`, and leaves nothing open.
        """
        document = documents.load(path)
        foreign = handlers_of_other_schemes(document.raw)
        # For a handler of another scheme the document has a note that it takes no part in a run. Here it takes part,
        # because the factory of its scheme makes it. So its note is skipped.
        expected = {("output", "handlers", name) for name in foreign}
        for note in document.notes:
            if note.path[0] == "output" and note.path not in expected:
                _log.warning("%s: %s", document.name, note, extra={"unit": document.name, "event": "note"})
        output = cls(document.name)
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
        """Make a handler that gets every event written to ``sink``.

        ``config`` has the production plugin's keys. ``bench`` has the keys that a preset has for the handler under
        ``bench.handlers``; ``mode``, ``framing`` and the connection keys have an effect here. A key that is missing in
        ``config`` has the plugin's default (``socket_type``: PUSH). An unknown key, such as a misspelt one, is ignored
        as in production; it is logged as a warning and added to the handler's ``notes``.

        With a ``uri`` that begins with ``zmq://`` (``zmq://tcp://host:port``), the handler is an
        :class:`OutputHandler`. With a scheme of your own, the handler is what the factory of this scheme makes. Then
        pass the handler's class as ``handler_type``, so that a type checker knows it, too.

        Raises :class:`InputError` for a name that is taken, an unknown scheme or a config with faults (it lists all of
        them), :class:`SocketSetupError` if the socket cannot bind, and :class:`UsageError` if the factory made a
        handler of another class than ``handler_type``.
        """
        self._check_process()
        keys, added = (_plain(name, given) for given in (config, bench))
        factory = factory_for(uri)
        with self._lock:
            if name in self._handlers or name in self._reserved:
                raise InputError(f'{self.name} has a handler "{name}" already')
            self._reserved.add(name)
        try:
            handler = factory(name, uri, sink, keys, added)
            _check_type(handler, handler_type)
            with self._lock:
                self._set({**self._handlers, name: handler})
        finally:
            self._reserved.discard(name)
        return handler

    def remove_handler(self, name: str) -> None:
        """Close a handler and forget it; raises :class:`InputError` for an unknown name."""
        self._check_process()
        with self._lock:
            handlers = dict(self._handlers)
            handler = handlers.pop(name, None)
            if handler is None:
                raise InputError(f'{self.name} has no handler "{name}"')
            self._set(handlers)
        handler.close()

    def write(self, sink: str, event: Any, dynamic_path: str = "") -> int:
        """Offer an event to every handler of ``sink``, without waiting; returns how many handlers took it.

        Raises :class:`InputError` for an event that JSON cannot hold.
        """
        taken = 0
        body: bytes | None = None
        for handler in self._by_sink.get(sink, ()):
            if not isinstance(handler, OutputHandler):
                taken += handler.write(event, dynamic_path)
                continue
            if body is None:
                body = encode(event)
            taken += handler.write_body(body, dynamic_path)
        return taken

    def flush(self, timeout_s: float | None = None) -> bool:
        """Wait until no handler has an event queued or a request in flight; False if that takes longer."""
        deadline = None if timeout_s is None else time.monotonic() + timeout_s
        for handler in self._handlers.values():
            left_s = None if deadline is None else max(0.0, deadline - time.monotonic())
            if not handler.flush(left_s):
                return False
        return True

    def close(self) -> None:
        """Close all handlers; their lingers run side by side. Closing twice does no harm.

        In a process forked from the one that made the output it does nothing.
        """
        if self._pid != os.getpid():
            return
        with self._lock:
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

    def _set(self, handlers: dict[str, Handler]) -> None:
        by_sink: dict[str, tuple[Handler, ...]] = {}
        for handler in handlers.values():
            by_sink[handler.sink] = (*by_sink.get(handler.sink, ()), handler)
        self._handlers, self._by_sink = handlers, by_sink


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
