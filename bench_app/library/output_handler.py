"""One output handler in a program: write -> **handler** -> queue and socket ~~> consumer.

The handler has a thread of its own, from its creation until its socket is closed. The thread sends what writers left in
the queue, drains the queue at the end, and calls the program's callbacks. :mod:`.shared_socket` says how the writing
threads and this thread share the socket.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from bench_app.errors import ClosedError, EngineError, RequestError, UsageError
from bench_app.handlers.request_end import RequestEnd, RequestOutcome
from bench_app.library.encoding import OnUnencodable, encoder_for
from bench_app.library.handler_stats import HandlerStats
from bench_app.library.losses import Loss, LossMeter
from bench_app.library.message import Message
from bench_app.library.pending_request import PendingRequest, PendingRequests, failure_of, reply_of
from bench_app.library.process_state import PROCESS
from bench_app.library.shared_socket import SharedSocket
from bench_app.measure.clock import NEVER_NS, NS_PER_MS
from bench_app.model import HandlerBench, HandlerSpec
from bench_app.transport.connection import ConnectionState
from bench_app.transport.socket_trace import SocketTrace, to_logger

__all__ = ["HandlerState", "HandlerStats", "OutputHandler"]

PLAIN = HandlerBench()

_log = logging.getLogger("zmq_bench.output")
# The program decides whether the log of a library is shown.
logging.getLogger("zmq_bench").addHandler(logging.NullHandler())
_clock = time.perf_counter_ns


class HandlerState(msgspec.Struct, frozen=True):
    """The state of a handler's connections."""

    state: ConnectionState
    """The worst of all its connections; compare with ``is``: ``state is ConnectionState.GAVE_UP``."""
    sentence: str
    """The state with endpoint, attempts and reason, as text for the user."""


class OutputHandler:
    """A PUB, PUSH or REQ handler as in the production plugin. Any thread may use it.

    ``bench`` has the keys that a preset may add to a handler; ``mode``, ``framing`` and the connection keys have an
    effect here. ``on_unencodable`` says what happens to NaN, sets and bytes in events: ``refuse``, ``convert``, or a
    function that returns the value to write instead. Raises :class:`SocketSetupError` if the socket cannot be set up.

    After :meth:`close`, every method that needs the socket raises :class:`ClosedError`. ``stats`` and ``state`` keep
    their last values.

    The callbacks are called on the handler's own thread. They may be replaced at any time, and may write events. The
    replies to :meth:`request` and :meth:`start_request` go to the caller, not to the callbacks.

    Attributes:
        name: the name of the handler.
        sink: the sink whose events the handler gets.
        endpoint: the endpoint that the socket is bound to, with the real port, or connects to.
        notes: one text for each key of its config that was ignored: an unknown key, or a key without an effect.
        on_connection: called with a :class:`HandlerState` and a message for each event of a connection.
        on_reply: REQ: called with the decoded reply to each request, or with its bytes if the reply is not JSON.
        on_reply_message: REQ: called with each reply as a :class:`Message`, whose ``request_id`` names the request.
        on_timeout: REQ: called with a :class:`RequestError` for each request that ended without a reply. It is a
            :class:`RequestTimeoutError` if no reply came in time.
        on_loss: called with a :class:`Loss` soon after events were lost. The losses of several moments may be reported
            as one.
    """

    def __init__(
        self,
        name: str,
        spec: HandlerSpec,
        *,
        bench: HandlerBench = PLAIN,
        on_connection: Callable[[HandlerState, str], None] | None = None,
        on_reply: Callable[[Any], None] | None = None,
        on_reply_message: Callable[[Message], None] | None = None,
        on_timeout: Callable[[RequestError], None] | None = None,
        on_loss: Callable[[Loss], None] | None = None,
        on_unencodable: OnUnencodable = "refuse",
        notes: Sequence[str] = (),
    ) -> None:
        self.name = name
        self.notes = tuple(notes)
        self.sink = spec.sink
        # With the types declared, a type checker knows the parameters of a lambda that a program assigns.
        self.on_connection: Callable[[HandlerState, str], None] | None = on_connection
        self.on_reply: Callable[[Any], None] | None = on_reply
        self.on_reply_message: Callable[[Message], None] | None = on_reply_message
        self.on_timeout: Callable[[RequestError], None] | None = on_timeout
        self.on_loss: Callable[[Loss], None] | None = on_loss
        self._losses = LossMeter()
        self._encode = encoder_for(on_unencodable)
        self._pending = PendingRequests()
        self._gets_replies = spec.config.pattern.gets_replies
        self._linger_ms = spec.config.linger
        self._pid = os.getpid()
        self._shared = SharedSocket(spec, bench, SocketTrace(to_logger(_log, name)))
        self.endpoint = self._shared.endpoint
        self._drains_until_ns: int | None = None
        """The time at which the linger is over; None before the drain."""
        self._closed_callbacks: list[Callable[[], None]] = []
        self._callbacks_lock = threading.Lock()
        self._thread = threading.Thread(target=self._run, name=f"output {name}", daemon=True)
        self._thread.start()
        PROCESS.opened(self)

    def write(self, event: Any, dynamic_path: str = "") -> bool:
        """Offer an event (anything JSON can hold) without waiting.

        Returns False if the event is lost already: the queue is full, or the handler was stopped or gave up. A PUB
        sends it under its topic, with ``.`` and ``dynamic_path`` added if one is given. Raises :class:`InputError` for
        an event that JSON cannot hold, and :class:`EngineError` in a process forked from the one that made the handler.
        """
        return self.write_body(self._encode(event), dynamic_path)

    def write_body(self, body: bytes, dynamic_path: str = "") -> bool:
        """Like :meth:`write`, for an event that is JSON text already."""
        self._check_open()
        return self._shared.write(body, dynamic_path)

    def offer_body(self, body: bytes, dynamic_path: str = "") -> bool:
        """Like :meth:`write_body`, but a closed handler returns False: other handlers of its sink still get the event.

        For :class:`Output`, which has checked the process.
        """
        return self._shared.write(body, dynamic_path)

    @property
    def takes_events(self) -> bool:
        """Whether the handler takes events. After it was stopped or closed, or gave up, it loses each event."""
        return self._shared.takes_events

    def request(self, event: Any, timeout: float | None = None) -> Message:
        """REQ: send a request and wait for its reply.

        The handler waits ``request_timeout`` for each of 1 + ``retries`` attempts. A ``timeout`` in seconds ends the
        wait sooner: then the request is withdrawn, so that the next request can be sent. A late reply is discarded. It
        never answers another request. Requests of many threads wait for their turn in the queue.

        Raises :class:`RequestTimeoutError` without a reply in time, :class:`RequestError` if the request was not taken,
        not sent or aborted, and :class:`UsageError` for a handler without replies or in a callback of this handler.
        """
        if threading.current_thread() is self._thread:
            raise UsageError(f"{self.name}: a callback cannot wait for a reply, because its own thread receives it")
        return self.start_request(event).result(timeout)

    def start_request(self, event: Any) -> PendingRequest:
        """REQ: send a request without waiting; the reply is the result of the :class:`PendingRequest`.

        Raises :class:`RequestError` if the request is lost already, because the queue is full or the handler has ended.
        """
        self._check_open()
        if not self._gets_replies:
            raise UsageError(f"{self.name}: only a REQ gets replies")
        made: list[PendingRequest] = []

        def register(number: int) -> None:
            made.append(PendingRequest(self.name, number + 1, lambda: self._shared.withdraw(number)))
            self._pending.add(made[0])

        if self._shared.request(self._encode(event), register):
            return made[0]
        reason = "the queue is full" if self._shared.takes_events else "the handler was stopped, or gave up connecting"
        raise RequestError(f"{self.name}: the request was not taken: {reason}")

    def flush(self, timeout_s: float | None = None) -> bool:
        """Wait until the queue is empty and no request is in flight; False if that takes longer.

        Accepted events may still be on their way: libzmq and the kernel have buffers of their own.
        """
        self._check_open()
        return self._shared.flush(timeout_s)

    def wait_for_subscriber(self, timeout_s: float | None = None) -> bool:
        """PUB: wait for the first subscription; False if that takes longer. Events written before it are dropped."""
        self._check_open()
        return self._shared.wait_for_subscriber(timeout_s)

    def reconnect(self) -> None:
        """Let a handler that gave up connect again and take events again; otherwise do nothing. Its ledger goes on.

        Events that were accepted before it gave up do not go to the new connection. A peer that connected within
        ``linger`` after giving up got them; otherwise they are lost (:attr:`HandlerStats.lost`).
        """
        self._check_open()
        self._shared.reconnect()

    def stop(self) -> None:
        """Take no more events. Queued events are sent for up to ``linger``, then the socket is closed."""
        if self._pid == os.getpid():
            self._shared.stop()

    def close(self) -> None:
        """Stop, and wait until the socket is closed. Queue and socket together get up to ``linger``.

        A ``linger`` of -1 means no limit: without a peer that takes the queued events, this never returns, and a
        program that has not closed its handlers never ends. In a process forked from the one that made the handler it
        does nothing.
        """
        self.stop()
        if self._pid == os.getpid() and threading.current_thread() is not self._thread:
            self._thread.join()

    @property
    def closed(self) -> bool:
        """True once the socket is closed."""
        return self._shared.is_closed

    def when_closed(self, callback: Callable[[], None]) -> None:
        """Call ``callback`` once the socket is closed, on the handler's thread; at once if it is closed already."""
        with self._callbacks_lock:
            if not self._shared.is_closed:
                self._closed_callbacks.append(callback)
                return
        callback()

    @property
    def stats(self) -> HandlerStats:
        """The ledger now. It always balances; ``queued`` counts the events that are neither accepted nor lost yet."""
        self._check_process()
        return self._shared.stats

    @property
    def state(self) -> HandlerState:
        """The state of its connections."""
        if self._shared.is_closed:
            return HandlerState(ConnectionState.IDLE, "closed")
        tracker = self._shared.tracker
        return HandlerState(tracker.state, tracker.message)

    def _check_process(self) -> None:
        if self._pid != os.getpid():
            raise EngineError(f"{self.name} was made in another process: after a fork, make handlers of your own")

    def _check_open(self) -> None:
        self._check_process()
        if self._shared.is_closed:
            raise ClosedError(f"{self.name} is closed")

    def _run(self) -> None:
        """The handler's thread: step and wait until stopped, then drain and close."""
        try:
            while not self._shared.is_stopping:
                self._step()
                self._shared.wait(NEVER_NS)
            self._drain()
        except Exception:  # noqa: BLE001 (a defect of ours: the program goes on, and its log has the defect)
            _log.exception("%s: the handler's thread failed", self.name, extra=self._log_fields("failed"))
        finally:
            self._shut()

    def _step(self) -> None:
        """Send what can be sent, and call the program's callbacks. No lock is held meanwhile: a callback may write."""
        found = self._shared.step()
        for message in found.messages:
            self._report_connection(message)
        if found.is_found_alone:
            message = (
                "%s: nobody is at %s, so this PUB drops its events; a PUB usually binds (zmq://tcp://*:PORT, or mode "
                "bind), and its subscribers connect"
            )
            _log.warning(message, self.name, self.endpoint, extra=self._log_fields("alone"))
        self._deliver(found.ends)
        self._report_losses()

    def _report_losses(self) -> None:
        if self.on_loss is not None:
            for loss in self._losses.update(self._shared.stats):
                self._call(self.on_loss, loss)

    def _deliver(self, ends: list[RequestEnd]) -> None:
        """Give each reply, or its failure, to the caller that waits for it, or to the callbacks."""
        for end in ends:
            if self._pending.settle(self.name, end):
                continue
            if end.outcome is not RequestOutcome.REPLIED:
                if self.on_timeout is not None:
                    self._call(self.on_timeout, failure_of(self.name, end))
                continue
            if self.on_reply is None and self.on_reply_message is None:
                continue
            reply = reply_of(end)
            if self.on_reply is not None:
                self._call(self.on_reply, reply.value)
            if self.on_reply_message is not None:
                self._call(self.on_reply_message, reply)

    def _drain(self) -> None:
        """Send the queue and wait for the request in flight for up to ``linger``, then abort the rest."""
        shared = self._shared
        until_ns = NEVER_NS if self._linger_ms < 0 else _clock() + self._linger_ms * NS_PER_MS
        self._drains_until_ns = until_ns
        shared.start_draining()
        while not shared.is_idle and _clock() < until_ns:
            self._step()
            shared.wait(until_ns)
        # One more step, even with nothing to drain, reports a peer that connected since the last step.
        self._step()
        aborted = shared.abort()
        self._deliver(aborted.ends)
        if aborted.events:
            extra = {**self._log_fields("aborted"), "aborted": aborted.events}
            message = "%s: %d events still queued after the linger were aborted"
            _log.warning(message, self.name, aborted.events, extra=extra)

    @property
    def _linger_left_ms(self) -> int:
        """The linger of the socket: the part of the handler's linger that draining did not use."""
        if self._linger_ms < 0 or self._drains_until_ns is None:
            return self._linger_ms
        return max(0, (self._drains_until_ns - _clock()) // NS_PER_MS)

    def _shut(self) -> None:
        self._shared.close(self._linger_left_ms)
        self._pending.abort_all(self.name)
        self._report_losses()
        # The socket is closed, so ``when_closed`` adds no callback any more.
        with self._callbacks_lock:
            callbacks = tuple(self._closed_callbacks)
        for callback in callbacks:
            self._call(callback)
        PROCESS.closed(self)

    def _report_connection(self, message: str) -> None:
        _log.info("%s: %s", self.name, message, extra=self._log_fields("connection"))
        if self.on_connection is not None:
            self._call(self.on_connection, self.state, message)

    def _call(self, callback: Callable[..., None], *arguments: Any) -> None:
        try:
            callback(*arguments)
        except Exception:  # noqa: BLE001 (a callback of the program: its failure must not end the handler)
            _log.exception("%s: a callback failed", self.name, extra=self._log_fields("callback_failed"))

    def _log_fields(self, event: str) -> dict[str, Any]:
        """The fields of a log record beside its message."""
        return {"unit": self.name, "event": event, "endpoint": self.endpoint}
