"""The production plugin's standalone client in Python: one socket of any of the six types, written to or read from.

PUB, PUSH and REQ are an :class:`~bench_app.library.output_handler.OutputHandler`, queue, retries and all; SUB, PULL
and REP a socket that is read when somebody asks for a message.
"""

from __future__ import annotations

import contextlib
import functools
import logging
import os
import queue
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
import zmq
from msgspec import Meta

from bench_app.errors import EngineError, InputError, PresetError, UsageError
from bench_app.library.output_handler import OutputHandler, decode, encode, inproc_context
from bench_app.model import HandlerBench, HandlerConfig, HandlerSpec, Mode
from bench_app.model.socket_options import MAX_MESSAGE_BYTES
from bench_app.model.validation import survey
from bench_app.system.files import dump_json, write_atomically
from bench_app.transport.connection import ConnectionState
from bench_app.transport.endpoint import parse_uri
from bench_app.transport.open_socket import OpenSocket, SocketPlan, Target
from bench_app.transport.set_options import use_ipv6
from bench_app.transport.socket_trace import SocketTrace, to_logger

_log = logging.getLogger("zmq_bench.client")
SLICE_MS = 20
"""How long a reader keeps the socket to itself, so that another thread may disconnect or answer meanwhile."""
AnyType = Literal["PUB", "PUSH", "REQ", "SUB", "PULL", "REP"]
_RECEIVERS = {"SUB": zmq.SUB, "PULL": zmq.PULL, "REP": zmq.REP}


class Message(msgspec.Struct, frozen=True):
    """What was read. ``topic`` is "" where the pattern has none; ``value`` is the decoded body, ``raw`` its bytes."""

    topic: str
    value: Any
    raw: bytes


class ClientConfig(HandlerConfig, frozen=True):
    """The handler's config, for all six socket types, and where to connect."""

    socket_type: Annotated[AnyType, Meta(description="ZMQ socket type")] = "SUB"  # type: ignore[assignment]
    uri: Annotated[str, Meta(description="Where connect() goes when it is given nothing")] = ""
    topic: Annotated[str, Meta(max_length=1024, description="PUB: topic prefix; SUB: what to subscribe to")] = ""
    mode: Annotated[Mode, Meta(description="Bind or connect; auto decides by the address")] = "auto"


class ZmqClient:
    """One connection, of the config's ``socket_type``. Any thread may use it."""

    def __init__(self, name: str, config: Mapping[str, Any] | None = None) -> None:
        self.name = name
        self._config = ClientConfig()
        self._pid = os.getpid()
        self._lock = threading.RLock()
        self._type: AnyType = self._config.socket_type
        self._handler: OutputHandler | None = None
        self._reader: _Reader | None = None
        self._replies: queue.Queue[Any] = queue.Queue()
        if config is not None:
            self.set_config(config)

    # Config.

    def set_config(self, config: Mapping[str, Any]) -> None:
        """Take these settings from the next :meth:`connect` on; raises :class:`InputError` with all faults."""
        if not isinstance(config, Mapping):
            raise InputError(f"{self.name}: expected a config with the client's keys, not {config!r}")
        found = survey(dict(config), ClientConfig, "config")
        for note in found.notes:
            _log.warning("%s: %s", self.name, note, extra={"unit": self.name, "event": "note"})
        value, faults = found.value, found.faults
        if faults:
            raise PresetError(self.name, faults)
        self._config = value

    def get_config(self) -> dict[str, Any]:
        """All settings, defaults included."""
        plain: dict[str, Any] = msgspec.to_builtins(self._config)
        return plain

    def save_config(self, path: str | Path) -> None:
        """Write the settings as JSON, whole or not at all; raises :class:`SaveError`."""
        write_atomically(Path(path), dump_json(self.get_config()))

    # Connection.

    def connect(self, uri: str | None = None) -> bool:
        """Open the socket at ``uri`` (``zmq://transport://address``; default: the config's). True: it is set up.

        Whether a peer is there yet says :attr:`is_connected`. Raises :class:`InputError` for a uri that cannot be used
        and :class:`SocketSetupError` where it cannot bind. What was connected before is disconnected first.
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
            if config.socket_type in _RECEIVERS:
                # A SUB connects and the rest listens where a name stands for neither side; * always binds.
                binds = endpoint.any_interface if endpoint.transport == "tcp" else config.socket_type != "SUB"
                binds = binds if config.mode == "auto" else config.mode == "bind"
                self._reader = _Reader(self.name, config, str(endpoint), binds)
            else:
                spec = HandlerSpec(uri=wanted, config=_handler_config(config))
                self._replies = queue.Queue(config.high_water_mark)
                on_reply = functools.partial(_keep_newest, self._replies)
                self._handler = OutputHandler(self.name, spec, bench=HandlerBench(mode=config.mode), on_reply=on_reply)
        return True

    def disconnect(self) -> bool:
        """Close the socket, with up to ``linger`` for what waits; False where there was none.

        In a process forked from the one that connected it does nothing.
        """
        if self._pid != os.getpid():
            return False
        with self._lock:
            handler, self._handler = self._handler, None
            reader, self._reader = self._reader, None
        if handler is not None:
            handler.close()
        if reader is not None:
            reader.close()
        return handler is not None or reader is not None

    @property
    def endpoint(self) -> str:
        """Where the socket is, with the real port; "" while there is none."""
        self._check_process()
        with self._lock:
            end = self._handler or self._reader
            return "" if end is None else end.endpoint

    @property
    def is_connected(self) -> bool:
        """True while at least one peer is connected; never over ``inproc``, which tells nothing of its peers."""
        return self.state is ConnectionState.CONNECTED

    @property
    def reads(self) -> bool:
        """True where this type of socket gets messages or replies."""
        return self._type in (*_RECEIVERS, "REQ")

    @property
    def state(self) -> ConnectionState:
        """How the connection stands."""
        self._check_process()
        with self._lock:
            if self._handler is not None:
                return self._handler.state.state
            return ConnectionState.IDLE if self._reader is None else self._reader.state

    @property
    def sentence(self) -> str:
        """What the state means here, for a person; "" while there is no socket."""
        self._check_process()
        with self._lock:
            if self._handler is not None:
                return self._handler.state.sentence
            return "" if self._reader is None else self._reader.sentence

    def __enter__(self) -> ZmqClient:
        return self

    def __exit__(self, *_: object) -> None:
        self.disconnect()

    # Messages.

    def write_message(self, topic: str, message: Any) -> bool:
        """Send a value as JSON, without waiting; False where the queue is full. At a REP it answers the last request.

        ``topic`` goes out with a PUB, behind the config's own topic if it has one; other types have none.
        """
        self._check_process()
        with self._lock:
            handler, reader = self._handler, self._reader
        if handler is not None:
            return handler.write(message, topic)
        if reader is not None and self._type == "REP":
            return reader.answer(encode(message))
        if reader is not None:
            raise UsageError(f"{self.name}: a {self._type} only reads")
        raise UsageError(f"{self.name} is not connected")

    def event_handler(self, value: Any) -> bool:
        """Send an event as it comes from a sink: :meth:`write_message` under the config's topic."""
        return self.write_message("", value)

    def read_message(self, timeout: float | None = None) -> Message | None:
        """The next message (SUB, PULL, REP) or reply (REQ); None where none comes within ``timeout`` seconds.

        ``None`` waits until there is one, or until another thread disconnects. Of replies that nobody reads the newest
        ``high_water_mark`` are kept.
        """
        self._check_process()
        with self._lock:
            handler, reader = self._handler, self._reader
        if reader is not None:
            return reader.read(timeout)
        if handler is None:
            raise UsageError(f"{self.name} is not connected")
        if self._type != "REQ":
            raise UsageError(f"{self.name}: a {self._type} only writes")
        return self._next_reply(handler, timeout)

    def _check_process(self) -> None:
        if self._pid != os.getpid():
            raise EngineError(f"{self.name} was made in another process: after a fork, make a client of your own")

    def _next_reply(self, handler: OutputHandler, timeout: float | None) -> Message | None:
        deadline = None if timeout is None else time.monotonic() + timeout
        while True:
            left_s = SLICE_MS / 1000 if deadline is None else max(0.0, deadline - time.monotonic())
            try:
                value = self._replies.get(timeout=min(left_s, SLICE_MS / 1000))
            except queue.Empty:
                if handler.closed or (deadline is not None and time.monotonic() >= deadline):
                    return None
                continue
            return Message("", value, value if isinstance(value, bytes) else encode(value))


class _Reader:
    """A SUB, PULL or REP socket, used by one thread at a time."""

    def __init__(self, name: str, config: ClientConfig, endpoint: str, binds: bool) -> None:
        self._name = name
        self._lock = threading.Lock()
        self._has_topic = config.socket_type == "SUB"
        target = Target((endpoint,), binds)
        self._context = inproc_context() if target.is_inproc else zmq.Context()
        try:
            self._socket = OpenSocket(self._context, _reader_plan(config, target), SocketTrace(to_logger(_log, name)))
        except BaseException:
            self._end_context()
            raise
        self._closed = False
        self.endpoint = self._socket.endpoint

    @property
    def state(self) -> ConnectionState:
        with self._lock:
            self._look()
            return self._socket.tracker.state

    @property
    def sentence(self) -> str:
        with self._lock:
            return self._socket.tracker.sentence

    def read(self, timeout: float | None) -> Message | None:
        deadline = None if timeout is None else time.monotonic() + timeout
        while True:
            left_ms = SLICE_MS if deadline is None else int(max(0.0, deadline - time.monotonic()) * 1000)
            with self._lock:
                if self._closed:
                    return None
                self._look()
                if self._socket.zmq_socket.poll(min(SLICE_MS, left_ms)):
                    return self._message(self._socket.zmq_socket.recv_multipart(zmq.NOBLOCK))
            if deadline is not None and time.monotonic() >= deadline:
                return None

    def answer(self, body: bytes) -> bool:
        with self._lock:
            if self._closed:
                return False
            try:
                self._socket.zmq_socket.send(body, zmq.NOBLOCK)
            except zmq.Again:
                return False
            except zmq.ZMQError as error:
                if error.errno == zmq.EFSM:
                    raise UsageError("there is no request to answer: read one first") from error
                raise
            return True

    def close(self) -> None:
        with self._lock:
            if self._closed:
                return
            self._closed = True
            self._socket.close()
        self._end_context()

    def _end_context(self) -> None:
        if self._context is not inproc_context():
            self._context.term()

    def _look(self) -> None:
        if not self._closed:
            for sentence in self._socket.poll_monitor():
                extra = {"unit": self._name, "event": "connection", "endpoint": self.endpoint}
                _log.info("%s: %s", self._name, sentence, extra=extra)

    def _message(self, frames: list[bytes]) -> Message:
        topic, body = b"", frames[-1]
        if self._has_topic and len(frames) > 1:
            topic = frames[0]
        elif self._has_topic:
            # Topic and body in one frame, for those who read with recv_string.
            head, blank, rest = body.partition(b" ")
            topic, body = (head, rest) if blank and not head.startswith((b"{", b"[", b'"')) else (topic, body)
        return Message(topic.decode(errors="replace"), decode(body), body)


def _reader_plan(config: ClientConfig, target: Target) -> SocketPlan:
    def set_options(socket: zmq.Socket[bytes]) -> None:
        socket.rcvhwm = config.high_water_mark
        socket.maxmsgsize = MAX_MESSAGE_BYTES
        use_ipv6(socket, target.endpoints[0])
        if config.socket_type == "SUB":
            socket.subscribe(config.topic.encode())

    return SocketPlan(
        zmq_type=_RECEIVERS[config.socket_type],
        target=target,
        linger_ms=config.linger,
        reconnect_ms=config.reconnect_interval,
        max_attempts=config.max_reconnect_attempts,
        set_options=set_options,
    )


def _keep_newest(replies: queue.Queue[Any], reply: Any) -> None:
    while True:
        try:
            replies.put_nowait(reply)
        except queue.Full:
            with contextlib.suppress(queue.Empty):
                replies.get_nowait()
        else:
            return


def _handler_config(config: ClientConfig) -> HandlerConfig:
    fields = {name: getattr(config, name) for name in HandlerConfig.__struct_fields__}
    return HandlerConfig(**fields)
