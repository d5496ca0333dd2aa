"""The session's end of the control channel of one unit, for tests that run a unit in a thread of their own."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import TypeVar

import zmq

from bench_app.engine.control.client import ControlClient
from bench_app.engine.control.codec import decode_to_session, encode
from bench_app.engine.control.messages import (
    Close,
    Drain,
    Message,
    ToSession,
    WorkerSetup,
)
from bench_app.engine.worker.unit import Unit, UnitChannel, run_unit

LIMIT_S = 60.0
UNIT = "u"

Sent = TypeVar("Sent", bound=Message)


class ControlEnd:
    """Runs one unit in a thread; sends it messages and keeps what it says.

    Attributes:
        said: the messages of the unit so far, oldest first.
    """

    def __init__(self) -> None:
        self.context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
        self.said: list[ToSession] = []
        self._socket = self.context.socket(zmq.ROUTER)
        self._socket.linger = 0
        # A message to a unit whose thread has not connected yet would be dropped without a word.
        self._socket.router_mandatory = True
        self._socket.bind("inproc://control")
        self._setup = WorkerSetup(worker="w", endpoint="inproc://control", folder="")
        self._thread: threading.Thread | None = None
        self._failures: list[BaseException] = []
        self._client: ControlClient | None = None
        self._opened: list[zmq.Socket[bytes]] = []

    def start(self, open_unit: Callable[[UnitChannel], Unit]) -> None:
        """Have the unit opened and run in a thread of its own, as a worker does."""

        def run() -> None:
            client = ControlClient(self.context, self._setup, UNIT)
            try:
                run_unit(UnitChannel(client, UNIT), open_unit)
            except BaseException as failure:
                self._failures.append(failure)
                raise
            finally:
                client.close()

        self._thread = threading.Thread(target=run, daemon=True)
        self._thread.start()

    def channel(self) -> UnitChannel:
        """A unit's end of the channel for the test itself, in place of a unit."""
        self._client = self._client or ControlClient(self.context, self._setup, UNIT)
        return UnitChannel(self._client, UNIT)

    def socket(self, kind: int) -> zmq.Socket[bytes]:
        """A socket in the unit's context, closed at the end of the test."""
        self._opened.append(self.context.socket(kind))
        return self._opened[-1]

    def send(self, message: Message) -> None:
        """Send a message to the unit as soon as its thread is connected. Nobody takes it if the thread has ended."""
        limit_s = time.monotonic() + LIMIT_S
        while True:
            try:
                self._socket.send_multipart([UNIT.encode(), encode(message)])
            except zmq.ZMQError as error:
                if error.errno != zmq.EHOSTUNREACH or time.monotonic() > limit_s:
                    raise
                if self._thread is not None and not self._thread.is_alive():
                    return
                # A connection comes in while the socket is polled.
                self._socket.poll(1)
            else:
                return

    def wait_for(self, kind: type[Sent], holds: Callable[[Sent], bool] = lambda message: True) -> Sent:
        """The first message of this kind, from now on, for which ``holds`` is true."""
        limit_s = time.monotonic() + LIMIT_S
        while time.monotonic() < limit_s:
            message = self._receive()
            if isinstance(message, kind) and holds(message):
                return message
            if self._failures:
                raise AssertionError("the unit failed") from self._failures[0]
        raise AssertionError(f"no {kind.__name__} came; the unit said {self.said[-5:]}")

    def last(self, kind: type[Sent]) -> Sent:
        """The last message of this kind that was received."""
        return next(message for message in reversed(self.said) if isinstance(message, kind))

    def join(self) -> None:
        """Wait for the end of the unit's thread."""
        assert self._thread is not None
        self._thread.join(LIMIT_S)
        assert not self._thread.is_alive()
        while self._receive(0) is not None:
            pass
        assert self._failures == []

    def _receive(self, timeout_ms: int = 50) -> ToSession | None:
        if not self._socket.poll(timeout_ms):
            return None
        message = decode_to_session(self._socket.recv_multipart()[1])
        self.said.append(message)
        return message

    def __enter__(self) -> ControlEnd:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for socket in self._opened:
            socket.close(linger=0)
        if self._client is not None:
            self._client.close()
        if self._thread is not None and self._thread.is_alive():
            # A test has failed: the thread must not outlive the context.
            self.send(Drain())
            self.send(Close())
            self._thread.join(LIMIT_S)
        self._socket.close()
        self.context.destroy(linger=0)
