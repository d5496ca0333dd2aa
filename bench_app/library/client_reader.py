"""The reading side of a client: handler's socket ~~> **SUB, PULL or REP socket** -> message."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from functools import partial

import zmq

from bench_app.data_plane import plane
from bench_app.errors import UsageError
from bench_app.library.client_config import ClientConfig
from bench_app.library.client_stats import ClientStats
from bench_app.library.message import Message, message_of
from bench_app.library.process_state import PROCESS
from bench_app.transport.connection import ConnectionState
from bench_app.transport.endpoint import Endpoint
from bench_app.transport.open_socket import OpenSocket, SocketPlan, Target
from bench_app.transport.set_options import set_listener_options, silence_limit_ms
from bench_app.transport.socket_trace import SocketTrace, to_logger

_log = logging.getLogger("zmq_bench.client")

SLICE_MS = 20
"""The longest time for which a reading thread holds the lock. Then another thread can disconnect or answer."""
MONITOR_EVERY = 64
"""After this many messages the monitor is read, also while more messages wait."""

Receive = Callable[[], Sequence[bytes] | None]


class ClientReader:
    """An open SUB, PULL or REP socket. Any thread may use it; a lock gives the socket to one thread at a time.

    Raises :class:`SocketSetupError` if the socket cannot be opened.

    Attributes:
        endpoint: the endpoint that the socket is bound to, with the real port, or connects to.
        owes_answer: REP: whether a request was read and is not answered yet.
    """

    def __init__(self, name: str, config: ClientConfig, endpoint: Endpoint) -> None:
        self._name = name
        self._has_topic = config.pattern.sends_topic
        self._framing = config.framing
        self._lock = threading.Lock()
        target = Target((str(endpoint),), _binds(config, endpoint))
        self._context = PROCESS.context_for(target.is_inproc)
        trace = SocketTrace(to_logger(_log, name))
        try:
            self._socket = OpenSocket(self._context.context, _plan(config, target), trace)
        except BaseException:
            self._context.end()
            raise
        self._receive = _receiver(self._socket.zmq_socket)
        self._is_closed = False
        self._answers = config.pattern.gets_replies
        self._read = self._read_bytes = self._answered = 0
        self.owes_answer = False
        self.endpoint = self._socket.endpoint

    @property
    def state(self) -> ConnectionState:
        """The state of the connections."""
        with self._lock:
            self._poll_monitor()
            return self._socket.tracker.state

    @property
    def sentence(self) -> str:
        """The state with its endpoints, attempts and reasons, as text for the user."""
        with self._lock:
            return self._socket.tracker.message

    @property
    def stats(self) -> ClientStats:
        """What was read so far."""
        with self._lock:
            return ClientStats(self._read, self._read_bytes, self._answered)

    def read(self, timeout_s: float | None) -> Message | None:
        """The next message; None if none comes within ``timeout_s`` (None: no limit), or if the reader is closed.

        Raises UsageError for a REP whose last request is not answered: its socket would receive nothing.
        """
        if self.owes_answer:
            raise unanswered(self._name)
        with self._lock:
            frames = None if self._is_closed else self._take()
        if frames is None:
            frames = self._wait(timeout_s)
        return None if frames is None else message_of(frames, self._has_topic, self._framing)

    def answer(self, body: bytes) -> bool:
        """Send a reply to the last request; False if it cannot be sent. Raises UsageError without a request."""
        with self._lock:
            if self._is_closed:
                return False
            try:
                self._socket.zmq_socket.send(body, zmq.NOBLOCK)
            except zmq.Again:
                return False
            except zmq.ZMQError as error:
                if error.errno == zmq.EFSM:
                    raise UsageError("there is no request to answer: read one first") from error
                raise
            self.owes_answer = False
            self._answered += 1
            return True

    def close(self) -> None:
        """Close the socket; closing twice does no harm."""
        with self._lock:
            if self._is_closed:
                return
            self._is_closed = True
            self._socket.close()
        self._context.end()

    def _take(self) -> Sequence[bytes] | None:
        """The frames of a message that waits in the socket; the caller holds the lock."""
        frames = self._receive()
        if frames is None:
            return None
        self._read += 1
        self._read_bytes += len(frames[0]) if len(frames) == 1 else sum(map(len, frames))
        self.owes_answer = self._answers
        if self._read % MONITOR_EVERY == 0:
            self._poll_monitor()
        return frames

    def _wait(self, timeout_s: float | None) -> Sequence[bytes] | None:
        """The frames of the next message; None at the end of the timeout, or if the reader is closed."""
        deadline = None if timeout_s is None else time.monotonic() + timeout_s
        while True:
            left_ms = SLICE_MS if deadline is None else int(max(0.0, deadline - time.monotonic()) * 1000)
            with self._lock:
                if self._is_closed:
                    return None
                self._poll_monitor()
                if self._socket.zmq_socket.poll(min(SLICE_MS, left_ms)) and (frames := self._take()) is not None:
                    return frames
            if deadline is not None and time.monotonic() >= deadline:
                return None

    def _poll_monitor(self) -> None:
        if self._is_closed:
            return
        for message in self._socket.poll_monitor():
            extra = {"unit": self._name, "event": "connection", "endpoint": self.endpoint}
            _log.info("%s: %s", self._name, message, extra=extra)


def unanswered(name: str) -> UsageError:
    """The error for a REP that is to read before it has answered its last request."""
    return UsageError(f"{name}: the last request is not answered: answer it before you read the next one")


def _receiver(socket: zmq.Socket[bytes]) -> Receive:
    """A function that returns the frames of the next message, or None if no message waits."""
    functions = plane.active().functions
    if functions is not None:
        # Python's own way asks the socket after each frame for more frames, which takes longer than all the rest.
        return partial(functions.receive, socket.underlying)

    def receive() -> Sequence[bytes] | None:
        try:
            return socket.recv_multipart(zmq.NOBLOCK)
        except zmq.Again:
            return None

    return receive


def _binds(config: ClientConfig, endpoint: Endpoint) -> bool:
    if config.mode != "auto":
        return config.mode == "bind"
    # Over tcp, an address of all interfaces is for binding. An ipc path or inproc name does not show which side binds.
    # There the listener takes the side that its handler leaves: a SUB connects to its publisher, and a PULL or REP
    # binds.
    return endpoint.any_interface if endpoint.transport == "tcp" else not config.pattern.handler_binds


def _plan(config: ClientConfig, target: Target) -> SocketPlan:
    keys = config.for_listener

    def set_options(socket: zmq.Socket[bytes]) -> None:
        set_listener_options(socket, keys, target.endpoints[0])
        if config.pattern.sends_topic:
            socket.subscribe(config.topic.encode())

    return SocketPlan(
        zmq_type=zmq.SocketType[config.socket_type],
        target=target,
        linger_ms=config.linger,
        reconnect_ms=config.reconnect_interval,
        max_attempts=config.max_reconnect_attempts,
        silence_limit_ms=silence_limit_ms(keys),
        set_options=set_options,
    )
