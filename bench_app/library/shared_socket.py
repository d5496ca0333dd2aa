"""Queue and socket of a handler in a program: write -> **handler queue -> socket** ~~> consumer.

The threads of the program and the handler's own thread share the socket. The thread that writes an event also sends it
while the socket has room, so that no other thread has to wake up for the event. The handler's thread does everything
that needs waiting: it waits for room in the socket, for a reply, for a connection, and for the end.

Three rules make this safe:

* Queue, socket and counters are used only under one lock. The lock is also the memory barrier that libzmq needs when
  another thread uses a socket.
* The handler's thread polls the socket without the lock, because writers must not wait for the poll. libzmq does not
  allow two threads in one socket, so no writer sends during the poll: it queues its event and rings the bell.
* The main thread does not send. Python runs signal handlers in the main thread at any point, also inside pyzmq's send.
  There a KeyboardInterrupt could leave half a message in the socket, or a sent message that is not counted.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any, NamedTuple

import zmq

from bench_app.handlers import HANDLER_KINDS
from bench_app.handlers.req import RequestCore
from bench_app.handlers.request_end import RequestEnd
from bench_app.handlers.socket import HandlerSocket
from bench_app.library.bell import Bell
from bench_app.library.handler_stats import HandlerStats, OutputCounters
from bench_app.library.output_core import make_output_core
from bench_app.library.output_port import addressed
from bench_app.library.process_state import PROCESS
from bench_app.library.unreached import UnreachedCounter
from bench_app.measure.clock import NS_PER_MS, NS_PER_S
from bench_app.model import HandlerBench, HandlerSpec
from bench_app.transport.connection import ConnectionTracker
from bench_app.transport.endpoint import binds, parse_uri
from bench_app.transport.open_socket import Target
from bench_app.transport.socket_trace import SocketTrace

POLL_MS = 100
"""How often the handler's thread reads subscriptions and checks deadlines if nothing wakes it."""

ALONE_AFTER_NS = NS_PER_S
"""How long a PUB that connects may have no peer before the log says that it drops its events."""

_clock = time.perf_counter_ns


class StepResult(NamedTuple):
    """What one step of the handler's thread found. The thread passes it to the program's callbacks."""

    messages: list[str]
    """A message for each event of a connection."""
    ends: list[RequestEnd]
    """The end of each request that ended; REQ only."""
    is_found_alone: bool
    """True once, if a PUB connects to an endpoint where nobody is and drops events; PUB only."""


class Aborted(NamedTuple):
    """What was aborted when the handler ended."""

    events: int
    """How many events were still queued."""
    ends: list[RequestEnd]
    """The end of each request; REQ only."""


class SharedSocket:
    """Queue, socket and counters of one handler.

    Any thread may call the methods up to :attr:`stats`. Only the handler's thread may call those from :meth:`step` on.
    Raises :class:`SocketSetupError` if the socket cannot be opened.

    Attributes:
        endpoint: the endpoint that the socket is bound to, with the real port, or connects to.
        is_stopping: whether events are no longer taken, because the handler is to end.
        is_closed: whether the socket is closed.
    """

    def __init__(self, spec: HandlerSpec, bench: HandlerBench, trace: SocketTrace) -> None:
        config = spec.config
        kind = HANDLER_KINDS[config.socket_type]
        self.is_stopping = False
        self.is_closed = False
        self._config = config
        self._topic = config.topic if kind.pattern.sends_topic else None
        self._counters = OutputCounters()
        made = make_output_core(kind, config, bench.framing, self._topic, self._counters.slots)
        self._core, self._take_ends = made.core, made.take_ends
        # A request also needs its reply, its deadline and its retries, so the handler's thread does all of it.
        self._writers_send = not kind.pattern.gets_replies
        endpoint = parse_uri(spec.uri)
        target = Target((str(endpoint),), binds(endpoint, bench.mode, config.socket_type))
        self._trace = trace
        self._context = PROCESS.context_for(target.is_inproc)
        self._socket = HandlerSocket(kind, made.port, self._context.context, target, bench, trace)
        # A REQ needs no count of unreached events, because its requests time out. Over inproc, peers cannot be seen.
        self._unreached = UnreachedCounter(config.linger) if target.connects and self._writers_send else None
        try:
            self.endpoint = self._socket.open(config)
        except BaseException:
            self._context.end()
            raise
        self._opened_ns = _clock()
        self._may_be_alone = kind.pattern.knows_subscribers and self._unreached is not None
        """Whether this PUB connects and has had no peer so far."""
        self._lock = threading.Lock()
        self._changed = threading.Condition(self._lock)
        """Notified when the queue is empty, a subscription came, or the socket is closed."""
        self._bell = Bell(self._context.context)
        self._burst_size = config.queue_size // 2
        """With more events queued than this, a writing thread yields to the handler's thread."""
        self._subscriptions = 0
        self._reconnect_wanted = False
        self._is_draining = False
        self._thread_has_socket = False
        """Whether the handler's thread polls or closes the socket. Otherwise the holder of the lock may send."""

    @property
    def tracker(self) -> ConnectionTracker:
        """The state of the connections."""
        return self._socket.tracker

    @property
    def is_idle(self) -> bool:
        """Whether no event is queued and no request is in flight."""
        return self._core.is_idle

    def write(self, body: bytes, dynamic_path: str) -> bool:
        """Queue an event, and send it if the socket has room; False if the event is lost already."""
        event: Any = body
        if dynamic_path and self._topic is not None:
            event = addressed(body, self._topic, dynamic_path)
        with self._lock:
            try:
                taken = self._offer(event)
            except BaseException:
                # A signal handler raised an exception after the event was counted and before it was queued.
                self._counters.balance(self._core.queued)
                raise
        if self._core.queued > self._burst_size and not self._core.is_blocked:
            # The socket has room, but the handler's thread had no turn. Yield to it, or a burst would overflow the
            # queue.
            time.sleep(0)
        return taken

    def request(self, body: bytes, register: Callable[[int], None]) -> bool:
        """Queue a request; False if it is lost already. ``register`` gets its number before the request can end."""
        with self._lock:
            core = self._core
            assert isinstance(core, RequestCore)
            number = core.next_number
            taken = self._offer(body)
            if taken:
                register(number)
        return taken

    def withdraw(self, number: int) -> int:
        """Wait no longer for the reply to a request; returns how many attempts had begun."""
        with self._lock:
            core = self._core
            assert isinstance(core, RequestCore)
            attempts = core.withdraw(number)
            # The next request can be sent now.
            self._bell.ring()
        return attempts

    @property
    def takes_events(self) -> bool:
        """Whether the handler takes events. After it was stopped or gave up, it loses each event."""
        return not self.is_stopping and not self._core.is_closed

    def flush(self, timeout_s: float | None) -> bool:
        """Wait until the queue is empty and no request is in flight; False if that takes longer."""
        with self._changed:
            return self._changed.wait_for(lambda: self._core.is_idle or self.is_closed, timeout_s)

    def wait_for_subscriber(self, timeout_s: float | None) -> bool:
        """Wait for the first subscription; False if that takes longer."""
        with self._changed:
            return self._changed.wait_for(lambda: self._subscriptions > 0 or self.is_closed, timeout_s)

    def reconnect(self) -> None:
        """Let the handler's thread open the socket again if the handler gave up."""
        with self._lock:
            self._reconnect_wanted = True
            self._bell.ring()

    def stop(self) -> None:
        """Take no more events, and wake the handler's thread."""
        with self._lock:
            if not self.is_stopping:
                self.is_stopping = True
                self._bell.ring()

    @property
    def stats(self) -> HandlerStats:
        """The ledger now. It always balances."""
        with self._lock:
            return self._counters.stats(self._core.in_flight, 0 if self._unreached is None else self._unreached.lost)

    def step(self) -> StepResult:
        """Read the socket's monitor and send what can be sent."""
        with self._lock:
            self._reconnect_if_wanted()
            messages = self._socket.poll_monitor() + self._count_unreached()
            is_alone = self._is_found_alone()
            self._trace.observe_queue(self._core.queue_status, _clock())
            self._count_subscriptions(self._socket.subscriptions())
            if self._socket.tracker.gave_up:
                self._core.abort()
            self._core.pump()
            if self._core.is_idle:
                self._changed.notify_all()
            ends = self._take_ends()
        return StepResult(messages, ends, is_alone)

    def wait(self, until_ns: int) -> None:
        """Wait for the socket, the bell, a deadline of the core or ``until_ns``, whichever comes first."""
        core = self._core
        with self._lock:
            # Do not wait if there is work now. A thread that brings work later needs the lock first, so it finds that
            # the bell is expected, and rings it.
            has_new_stop = self.is_stopping and not self._is_draining
            if (core.queued and not core.is_blocked) or self._reconnect_wanted or has_new_stop:
                return
            until_ns = min(until_ns, _clock() + POLL_MS * NS_PER_MS)
            if core.deadline_ns is not None:
                until_ns = min(until_ns, core.deadline_ns)
            polled: list[Any] = [(self._bell.socket, zmq.POLLIN)]
            self._thread_has_socket = core.is_blocked
            if self._thread_has_socket:
                polled.append((self._socket.zmq_socket, int(core.poll_for)))
            self._bell.expect()
        wait_ms = max(0, -(-(until_ns - _clock()) // NS_PER_MS))
        zmq.zmq_poll(polled, wait_ms)
        with self._lock:
            self._thread_has_socket = False
            self._bell.answer()

    def start_draining(self) -> None:
        """Let :meth:`wait` wait again after a stop, while the queue is drained."""
        self._is_draining = True

    def abort(self) -> Aborted:
        """Abort the events that are still queued, and let no writer send any more."""
        with self._lock:
            self._thread_has_socket = True
            return Aborted(self._core.abort(), self._take_ends())

    def close(self, linger_ms: int) -> None:
        """Close the socket; wait for up to ``linger_ms`` until libzmq has sent its messages."""
        with self._lock:
            self.is_stopping = True
            self._thread_has_socket = True
            self._socket.close(linger_ms)
            self._bell.close()
        # Without the lock, because this waits for the linger.
        self._context.end()
        with self._lock:
            self.is_closed = True
            self._changed.notify_all()

    def _offer(self, event: Any) -> bool:
        if self.is_stopping:
            self._counters.abort_one()
            return False
        core = self._core
        taken = core.offer(event, 0)
        if not self._thread_has_socket:
            if self._writers_send and threading.current_thread() is not threading.main_thread():
                core.pump()
            if core.is_blocked or core.queued:
                self._bell.ring()
        return taken

    def _reconnect_if_wanted(self) -> None:
        wanted, self._reconnect_wanted = self._reconnect_wanted, False
        if wanted and self._socket.tracker.gave_up and not self.is_stopping:
            self._socket.recreate(self._config)
            if self._unreached is not None:
                self._unreached.reconnected()
            self._core.reset_socket()
            self._core.reopen()

    def _is_found_alone(self) -> bool:
        if not self._may_be_alone or not self._counters.accepted:
            return False
        if self._socket.tracker.ever_connected:
            self._may_be_alone = False
            return False
        if _clock() - self._opened_ns < ALONE_AFTER_NS:
            return False
        self._may_be_alone = False
        return True

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
