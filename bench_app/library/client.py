"""The production plugin's standalone client in Python: one socket of any of the six types, to write to or to read from.

A PUB, PUSH or REQ client is an :class:`~bench_app.library.output_handler.OutputHandler` with its queue and its retries.
A SUB, PULL or REP client is a :class:`~bench_app.library.client_reader.ClientReader`: a socket that is read when the
program asks for a message.
"""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from bench_app.errors import ClosedError, EngineError, InputError, PresetError, UsageError
from bench_app.library.client_config import AnyType, ClientConfig, is_listener
from bench_app.library.client_reader import ClientReader
from bench_app.library.client_stats import ClientStats
from bench_app.library.encoding import OnUnencodable, encoder_for
from bench_app.library.message import Message
from bench_app.library.output_handler import OutputHandler
from bench_app.library.pending_request import PendingRequest
from bench_app.library.reply_queue import ReplyQueue
from bench_app.model import HandlerSpec, pattern_of
from bench_app.model.validation import validate
from bench_app.system.files import dump_json, write_atomically
from bench_app.transport.connection import ConnectionState
from bench_app.transport.endpoint import parse_uri

__all__ = ["ClientConfig", "Message", "ZmqClient"]

_log = logging.getLogger("zmq_bench.client")


class ZmqClient:
    """One connection, of the config's ``socket_type``. Any thread may use it.

    A connected client has either a handler (PUB, PUSH, REQ) or a reader (SUB, PULL, REP). Without a connection, before
    :meth:`connect` and after :meth:`disconnect`, every method that needs one raises :class:`ClosedError`.
    ``on_unencodable`` says what happens to NaN, sets and bytes in messages; see :class:`Output`.

    Attributes:
        name: the name of the client, for messages.
    """

    def __init__(
        self, name: str, config: Mapping[str, Any] | None = None, *, on_unencodable: OnUnencodable = "refuse"
    ) -> None:
        self.name = name
        self._on_unencodable = on_unencodable
        self._encode = encoder_for(on_unencodable)
        self._config = ClientConfig()
        self._pid = os.getpid()
        self._lock = threading.RLock()
        self._type: AnyType = self._config.socket_type
        self._handler: OutputHandler | None = None
        self._reader: ClientReader | None = None
        self._replies = ReplyQueue(self._config.high_water_mark)
        self._last_stats = ClientStats()
        """The counts of the last connection, while there is none."""
        if config is not None:
            self.set_config(config)

    def set_config(self, config: Mapping[str, Any]) -> None:
        """Use these settings from the next :meth:`connect` on; raises :class:`InputError` with all faults."""
        if not isinstance(config, Mapping):
            raise InputError(f"{self.name}: expected a config with the client's keys, not {config!r}")
        found = validate(dict(config), ClientConfig, "config")
        for note in found.notes:
            _log.warning("%s: %s", self.name, note, extra={"unit": self.name, "event": "note"})
        value: ClientConfig = found.value
        if faults := found.faults or value.faults():
            raise PresetError(self.name, faults)
        self._config = value

    def get_config(self) -> dict[str, Any]:
        """All settings, defaults included."""
        plain: dict[str, Any] = msgspec.to_builtins(self._config)
        return plain

    def save_config(self, path: str | Path) -> None:
        """Write the settings as JSON, whole or not at all; raises :class:`SaveError`."""
        write_atomically(Path(path), dump_json(self.get_config()))

    def connect(self, uri: str | None = None) -> bool:
        """Open the socket at ``uri`` (``zmq://transport://address``; default: the config's). Returns True.

        :attr:`is_connected` says whether a peer is there yet. Raises :class:`InputError` for a uri that cannot be used
        and :class:`SocketSetupError` if the socket cannot bind. An earlier connection is disconnected first.
        """
        self._check_process()
        wanted = uri or self._config.uri
        if not wanted:
            raise InputError(f'{self.name}: connect() needs a uri, or a config with "uri"')
        endpoint = parse_uri(wanted)
        config = self._config
        with self._lock:
            self.disconnect()
            self._type = config.socket_type
            self._last_stats = ClientStats()
            if is_listener(config.socket_type):
                self._reader = ClientReader(self.name, config, endpoint)
            else:
                self._handler = self._open_handler(config, wanted)
        return True

    def disconnect(self) -> bool:
        """Close the socket, with up to ``linger`` for waiting messages; False if there was no socket.

        In a process forked from the one that made the client it does nothing.
        """
        if self._pid != os.getpid():
            return False
        with self._lock:
            handler, self._handler = self._handler, None
            reader, self._reader = self._reader, None
        if handler is not None:
            handler.close()
            self._last_stats = ClientStats(written=handler.stats)
        if reader is not None:
            reader.close()
            self._last_stats = reader.stats
        return handler is not None or reader is not None

    @property
    def endpoint(self) -> str:
        """The endpoint that the socket is bound to, with the real port, or connects to; "" without a socket."""
        self._check_process()
        with self._lock:
            end = self._handler or self._reader
            return "" if end is None else end.endpoint

    @property
    def is_connected(self) -> bool:
        """True while at least one peer is connected; always False over ``inproc``, where peers cannot be seen."""
        return self.state is ConnectionState.CONNECTED

    @property
    def reads(self) -> bool:
        """True if this type of socket gets messages or replies."""
        return is_listener(self._type) or pattern_of(self._type).gets_replies

    @property
    def owes_answer(self) -> bool:
        """True while a REP has read a request and not answered it. Until then no other request can be read."""
        with self._lock:
            return self._reader is not None and self._reader.owes_answer

    @property
    def state(self) -> ConnectionState:
        """The state of the connection."""
        self._check_process()
        with self._lock:
            if self._handler is not None:
                return self._handler.state.state
            return ConnectionState.IDLE if self._reader is None else self._reader.state

    @property
    def stats(self) -> ClientStats:
        """What the client has read and written since its last :meth:`connect`."""
        self._check_process()
        with self._lock:
            if self._handler is not None:
                return ClientStats(written=self._handler.stats)
            return self._last_stats if self._reader is None else self._reader.stats

    @property
    def sentence(self) -> str:
        """The state with its endpoints, attempts and reasons, as text for the user; "" without a socket."""
        self._check_process()
        with self._lock:
            if self._handler is not None:
                return self._handler.state.sentence
            return "" if self._reader is None else self._reader.sentence

    def __enter__(self) -> ZmqClient:
        return self

    def __exit__(self, *_: object) -> None:
        self.disconnect()

    def write_message(self, topic: str, message: Any) -> bool:
        """Send a value as JSON, without waiting; False if the queue is full.

        A REP sends it as the reply to its last request. A PUB sends it under the config's topic with ``.`` and
        ``topic`` added; other types send no topic. Raises :class:`UsageError` for a client that is not connected, or
        that only reads.
        """
        self._check_process()
        with self._lock:
            handler, reader = self._handler, self._reader
        if handler is not None:
            return handler.write(message, topic)
        if reader is not None and pattern_of(self._type).gets_replies:
            return reader.answer(self._encode(message))
        if reader is not None:
            raise UsageError(f"{self.name}: a {self._type} only reads")
        raise ClosedError(f"{self.name} is not connected")

    def request(self, value: Any, timeout: float | None = None) -> Message:
        """REQ: send a request and wait for its reply; see :meth:`OutputHandler.request`.

        The reply goes to this caller alone, not to :meth:`read_message`. Raises :class:`RequestTimeoutError` without a
        reply in time, :class:`RequestError` if the request was not taken, not sent or aborted, and :class:`UsageError`
        for a client that is not connected, or of another type than REQ.
        """
        return self._requester().request(value, timeout)

    def start_request(self, value: Any) -> PendingRequest:
        """REQ: send a request without waiting; see :meth:`OutputHandler.start_request`."""
        return self._requester().start_request(value)

    def event_handler(self, value: Any) -> bool:
        """Send an event under the config's topic: :meth:`write_message` as a callback of a sink."""
        return self.write_message("", value)

    def read_message(self, timeout: float | None = None) -> Message | None:
        """The next message (SUB, PULL, REP) or reply (REQ); None if none comes within ``timeout`` seconds.

        Without a ``timeout`` it waits until a message comes, or until another thread disconnects. The newest
        ``high_water_mark`` unread replies are kept. Raises :class:`RequestError` if the request whose turn it is got no
        reply (REQ; a :class:`RequestTimeoutError` after its last attempt), and :class:`UsageError` for a client that is
        not connected, that only writes, or whose last request is not answered yet (REP).
        """
        self._check_process()
        with self._lock:
            handler, reader = self._handler, self._reader
        if reader is not None:
            return reader.read(timeout)
        if handler is None:
            raise ClosedError(f"{self.name} is not connected")
        if not pattern_of(self._type).gets_replies:
            raise UsageError(f"{self.name}: a {self._type} only writes")
        return self._replies.take(timeout, lambda: handler.closed)

    @property
    def unread_replies(self) -> tuple[Message, ...]:
        """The replies that :meth:`read_message` has not returned yet (REQ), oldest first."""
        return self._replies.waiting()

    def _requester(self) -> OutputHandler:
        self._check_process()
        with self._lock:
            handler, reader = self._handler, self._reader
        if handler is None and reader is None:
            raise ClosedError(f"{self.name} is not connected")
        if handler is None or not pattern_of(self._type).gets_replies:
            raise UsageError(f"{self.name}: a {self._type} sends no requests, only a REQ does")
        return handler

    def _check_process(self) -> None:
        if self._pid != os.getpid():
            raise EngineError(f"{self.name} was made in another process: after a fork, make a client of your own")

    def _open_handler(self, config: ClientConfig, uri: str) -> OutputHandler:
        replies = self._replies = ReplyQueue(config.high_water_mark)
        spec, bench = HandlerSpec(uri=uri, config=config.for_handler), config.for_handler_bench
        return OutputHandler(
            self.name,
            spec,
            bench=bench,
            on_reply_message=replies.put,
            on_timeout=replies.put,
            on_unencodable=self._on_unencodable,
        )
