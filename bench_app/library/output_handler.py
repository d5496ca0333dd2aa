"""One output handler in a program: the bench's handler core behind a call that never waits.

write -> **handler queue -> socket** ~~> consumer. The thread that writes an event also sends it, as long as the socket
has room, so that no other thread has to wake up for it. The handler's own thread does what needs waiting: for room in
the socket, for a reply, for a peer that comes or goes, for the end. Both use the socket under one lock, which is also
the memory barrier that libzmq needs when a socket changes threads.

The main thread is the exception: it does not send. Python runs signal handlers in the main thread at any point, also
inside pyzmq's send, where a KeyboardInterrupt would leave half a message behind, or a message that went out and is not
counted.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

import msgspec
import zmq

from bench_app.errors import EngineError
from bench_app.handlers import HANDLER_KINDS
from bench_app.handlers.core import PollFor
from bench_app.handlers.socket import CoreParts, HandlerSocket
from bench_app.library.bell import Bell
from bench_app.library.handler_stats import HandlerStats, OutputCounters
from bench_app.library.message import decode, encode
from bench_app.library.output_port import OutputPort, addressed
from bench_app.library.process_state import PROCESS
from bench_app.library.unreached import UnreachedCounter
from bench_app.measure.clock import NEVER_NS, NS_PER_MS
from bench_app.measure.recorder import Recorder
from bench_app.measure.samples import SampleBuffer
from bench_app.model import HandlerBench, HandlerSpec
from bench_app.transport.connection import ConnectionState
from bench_app.transport.endpoint import binds, parse_uri
from bench_app.transport.open_socket import Target
from bench_app.transport.socket_trace import SocketTrace, to_logger

__all__ = ["HandlerState", "HandlerStats", "OutputHandler"]

POLL_MS = 100
"""How often the thread reads subscriptions and checks deadlines if nothing wakes it."""
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
    """A PUB, PUSH or REQ handler as the production plugin has it; any thread may use it.

    ``bench`` has the keys that a preset may add to a handler; ``mode``, ``framing`` and the connection keys have an
    effect here. Raises :class:`SocketSetupError` if the socket cannot be set up.

    ``on_connection`` is called with a :class:`HandlerState` and a message for each event of a connection, ``on_reply``
    with the decoded reply to each request (REQ; the raw bytes if the reply is not JSON). Both are called on the
    handler's own thread, may be replaced at any time, and may write.
    """

    def __init__(
        self,
        name: str,
        spec: HandlerSpec,
        *,
        bench: HandlerBench = PLAIN,
        on_connection: Callable[[HandlerState, str], None] | None = None,
        on_reply: Callable[[Any], None] | None = None,
        notes: Sequence[str] = (),
    ) -> None:
        self.name = name
        self.notes = tuple(notes)
        """One text for each key of its config that was ignored: an unknown key, or a key without an effect."""
        self.sink = spec.sink
        self.on_connection = on_connection
        self.on_reply = on_reply
        self._spec = spec
        self._pid = os.getpid()
        config = spec.config
        kind = HANDLER_KINDS[config.socket_type]
        self._topic = config.topic if kind.pattern.sends_topic else None
        self._counters = OutputCounters()
        port = OutputPort(bench.framing, self._topic)
        self._replies: list[bytes] = []
        samples = SampleBuffer(Recorder()), SampleBuffer(Recorder())
        parts = CoreParts(config, port, self._counters.slots, *samples, on_reply=self._replies.append)
        self._core = kind.make_core(parts)
        # The library measures no latencies: samples would pile up, because nothing takes them out.
        self._core.measure_from_ns = NEVER_NS
        # A request is more than sending, so the handler's thread does all of it.
        self._writers_send = not kind.pattern.gets_replies
        endpoint = parse_uri(spec.uri)
        target = Target((str(endpoint),), binds(endpoint, bench.mode, config.socket_type))
        self._context = PROCESS.context_for(target.is_inproc)
        self._trace = SocketTrace(to_logger(_log, name))
        self._socket = HandlerSocket(kind, port, self._context.context, target, bench, self._trace)
        # A REQ needs no count of unreached events, because its requests time out. Over inproc, peers cannot be seen.
        self._unreached = UnreachedCounter(config.linger) if target.connects and self._writers_send else None
        try:
            self.endpoint = self._socket.open(config)
            """The endpoint that the socket is bound to, with the real port, or connects to."""
        except BaseException:
            self._context.end()
            raise
        self._lock = threading.Lock()
        self._changed = threading.Condition(self._lock)
        """Notified when the queue is empty, a subscription came, or the socket is closed."""
        self._is_stopping = False
        self._is_draining = False
        self._drains_until_ns: int | None = None
        self._burst_size = config.queue_size // 2
        """With more events queued than this, a writing thread yields to the handler's thread."""
        self._subscriptions = 0
        self._reconnect_wanted = False
        self._has_closed = threading.Event()
        self._closed_callbacks: list[Callable[[], None]] = []
        self._thread_has_socket = False
        """True while the handler's thread polls or closes the socket. Otherwise the holder of the lock may send.

        A socket must not be used by two threads at once, and the thread polls it without the lock.
        """
        self._bell = Bell(self._context.context)
        self._thread = threading.Thread(target=self._run, name=f"output {name}", daemon=True)
        self._thread.start()
        PROCESS.opened(self)

    def write(self, event: Any, dynamic_path: str = "") -> bool:
        """Offer an event (anything JSON can hold) without waiting.

        Returns False if the event is lost already: the queue is full, or the handler was stopped or gave up. A PUB
        sends it under its topic, with ``.`` and ``dynamic_path`` added if one is given. Raises :class:`InputError` for
        an event that JSON cannot hold, and :class:`EngineError` in a process forked from the one that made the handler.
        """
        return self.write_body(encode(event), dynamic_path)

    def write_body(self, body: bytes, dynamic_path: str = "") -> bool:
        """Like :meth:`write`, for an event that is JSON text already."""
        self._check_process()
        event = addressed(body, self._topic, dynamic_path) if dynamic_path and self._topic is not None else body
        with self._lock:
            try:
                taken = self._take(event)
            except BaseException:
                # A signal handler raised an exception after the event was counted and before it was queued.
                self._counters.balance(self._core.queued)
                raise
        if self._core.queued > self._burst_size and not self._core.blocked:
            # The socket has room, but the handler's thread had no turn. Yield to it, or a burst would overflow the
            # queue.
            time.sleep(0)
        return taken

    def flush(self, timeout_s: float | None = None) -> bool:
        """Wait until the queue is empty and no request is in flight; False if that takes longer.

        Accepted events may still be on their way: libzmq and the kernel have buffers of their own.
        """
        self._check_process()
        with self._changed:
            return self._changed.wait_for(lambda: self._core.is_idle or self._has_closed.is_set(), timeout_s)

    def wait_for_subscriber(self, timeout_s: float | None = None) -> bool:
        """PUB: wait for the first subscription; False if that takes longer. Events written before it are dropped."""
        self._check_process()
        with self._changed:
            return self._changed.wait_for(lambda: self._subscriptions > 0 or self._has_closed.is_set(), timeout_s)

    def reconnect(self) -> None:
        """Let a handler that gave up connect again and take events again; otherwise do nothing. Its ledger goes on.

        Events that were accepted before it gave up do not go to the new connection. A peer that connected within
        ``linger`` after giving up got them; otherwise they are lost (:attr:`HandlerStats.lost`).
        """
        self._check_process()
        with self._lock:
            self._reconnect_wanted = True
            self._bell.ring()

    def stop(self) -> None:
        """Take no more events. Queued events are sent for up to ``linger``, then the socket is closed."""
        if self._pid != os.getpid():
            return
        with self._lock:
            if not self._is_stopping:
                self._is_stopping = True
                self._bell.ring()

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
        return self._has_closed.is_set()

    def when_closed(self, callback: Callable[[], None]) -> None:
        """Call ``callback`` once the socket is closed, on the handler's thread; at once if it is closed already."""
        with self._lock:
            if not self._has_closed.is_set():
                self._closed_callbacks.append(callback)
                return
        callback()

    @property
    def stats(self) -> HandlerStats:
        """The ledger now. It always balances; ``queued`` counts what is neither accepted nor lost yet."""
        self._check_process()
        with self._lock:
            return self._counters.stats(self._core.in_flight, 0 if self._unreached is None else self._unreached.lost)

    @property
    def state(self) -> HandlerState:
        """The state of its connections."""
        if self._has_closed.is_set():
            return HandlerState(ConnectionState.IDLE, "closed")
        tracker = self._socket.tracker
        return HandlerState(tracker.state, tracker.sentence)

    def _check_process(self) -> None:
        if self._pid != os.getpid():
            raise EngineError(f"{self.name} was made in another process: after a fork, make handlers of your own")

    def _take(self, event: Any) -> bool:
        """Queue an event, and send if the socket has room; the caller holds the lock."""
        core = self._core
        if self._is_stopping:
            self._counters.abort_one()
            return False
        taken = core.offer(event, 0)
        if not self._thread_has_socket:
            if self._writers_send and threading.current_thread() is not threading.main_thread():
                core.pump()
            if core.poll_for is not PollFor.NOTHING or core.queued:
                self._bell.ring()
        return taken

    def _run(self) -> None:
        """The handler's thread: step and wait until stopped, then drain and close."""
        try:
            while not self._is_stopping:
                self._step()
                self._wait(NEVER_NS)
            self._drain()
        except Exception:  # noqa: BLE001 (a defect of ours: the program goes on, and its log has the defect)
            _log.exception("%s: the handler's thread failed", self.name, extra=self._log_fields("failed"))
        finally:
            self._shut()

    def _step(self) -> None:
        """Read the socket's monitor, send what can be sent, and call the program's callbacks."""
        with self._lock:
            self._reconnect_if_wanted()
            messages = self._socket.poll_monitor() + self._count_unreached()
            self._trace.observe_queue(self._core.queue_status, _clock())
            self._count_subscriptions(self._socket.subscriptions())
            if self._socket.tracker.gave_up:
                self._core.abort()
            self._core.pump()
            if self._core.is_idle:
                self._changed.notify_all()
            replies = self._replies[:]
            self._replies.clear()
        # Call back without the lock, because a callback may write.
        for message in messages:
            self._report_connection(message)
        for reply in replies:
            self._deliver(reply)

    def _reconnect_if_wanted(self) -> None:
        wanted, self._reconnect_wanted = self._reconnect_wanted, False
        if wanted and self._socket.tracker.gave_up and not self._is_stopping:
            self._socket.recreate(self._spec.config)
            if self._unreached is not None:
                self._unreached.reconnected()
            self._core.reset_socket()
            self._core.reopen()

    def _count_unreached(self) -> list[str]:
        if self._unreached is None:
            return []
        tracker = self._socket.tracker
        has_peers, accepted = tracker.peers > 0, self._counters.accepted
        lost = self._unreached.update(accepted, tracker.connections, has_peers, tracker.gave_up, _clock())
        return [f"{lost} accepted events were lost with the connection that was given up"] if lost else []

    def _count_subscriptions(self, messages: list[bytes]) -> None:
        for message in messages:
            self._subscriptions += 1 if message[:1] == b"\x01" else -1
        if messages:
            self._changed.notify_all()

    def _wait(self, until_ns: int) -> None:
        """Wait for the socket, the bell, a deadline of the core or ``until_ns``, whichever comes first."""
        core = self._core
        with self._lock:
            # Do not wait if the next step has work. A later change needs the lock, so it finds the bell expected.
            if (core.queued and not core.blocked) or self._reconnect_wanted or self._is_stopping != self._is_draining:
                return
            until_ns = min(until_ns, _clock() + POLL_MS * NS_PER_MS)
            if core.deadline_ns is not None:
                until_ns = min(until_ns, core.deadline_ns)
            polled: list[Any] = [(self._bell.socket, zmq.POLLIN)]
            self._thread_has_socket = core.poll_for is not PollFor.NOTHING
            if self._thread_has_socket:
                polled.append((self._socket.zmq_socket, int(core.poll_for)))
            self._bell.expect()
        wait_ms = max(0, -(-(until_ns - _clock()) // NS_PER_MS))
        zmq.zmq_poll(polled, wait_ms)
        with self._lock:
            self._thread_has_socket = False
            self._bell.answer()

    def _drain(self) -> None:
        """Send the queue and wait for the request in flight for up to ``linger``, then abort what is left."""
        linger_ms = self._spec.config.linger
        self._drains_until_ns = NEVER_NS if linger_ms < 0 else _clock() + linger_ms * NS_PER_MS
        self._is_draining = True
        while not self._core.is_idle and _clock() < self._drains_until_ns:
            self._step()
            self._wait(self._drains_until_ns)
        # One more step, even with nothing to drain, reports a peer that connected since the last step.
        self._step()
        with self._lock:
            self._thread_has_socket = True
            aborted = self._core.abort()
        if aborted:
            extra = {**self._log_fields("aborted"), "aborted": aborted}
            _log.warning("%s: %d events still queued after the linger were aborted", self.name, aborted, extra=extra)

    @property
    def _linger_left_ms(self) -> int:
        """The linger of the socket: the part of the handler's linger that draining did not use."""
        linger_ms = self._spec.config.linger
        if linger_ms < 0 or self._drains_until_ns is None:
            return linger_ms
        return max(0, (self._drains_until_ns - _clock()) // NS_PER_MS)

    def _shut(self) -> None:
        with self._lock:
            self._is_stopping = True
            self._thread_has_socket = True
            self._socket.close(self._linger_left_ms)
            self._bell.close()
        self._context.end()
        with self._changed:
            self._has_closed.set()
            self._changed.notify_all()
        for callback in self._closed_callbacks:
            self._call(callback)
        PROCESS.closed(self)

    def _report_connection(self, message: str) -> None:
        _log.info("%s: %s", self.name, message, extra=self._log_fields("connection"))
        if self.on_connection is not None:
            self._call(self.on_connection, self.state, message)

    def _deliver(self, reply: bytes) -> None:
        if self.on_reply is not None:
            self._call(self.on_reply, decode(reply))

    def _call(self, callback: Callable[..., None], *arguments: Any) -> None:
        try:
            callback(*arguments)
        except Exception:  # noqa: BLE001 (a callback of the program: its failure must not end the handler)
            _log.exception("%s: a callback failed", self.name, extra=self._log_fields("callback_failed"))

    def _log_fields(self, event: str) -> dict[str, Any]:
        """The fields of a log record beside its message."""
        return {"unit": self.name, "event": event, "endpoint": self.endpoint}
