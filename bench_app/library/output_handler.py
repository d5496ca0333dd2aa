"""One output handler in somebody's own program: the bench's handler core behind a call that never waits.

write -> **handler queue -> socket** ~~> consumer. Whoever writes also sends, as long as the socket takes what it is
given: no other thread has to wake up for that. What needs waiting for (room in the socket, a reply, a peer that comes
or goes, the end) is the handler's own thread's. The two take turns with the socket under one lock, which is the memory
barrier libzmq asks for when a socket changes threads.

Only the main thread leaves the sending to the handler's own. Python runs signal handlers there, at any point, pyzmq's
send included: a KeyboardInterrupt would leave half a message behind, or one that went out and is not counted.
"""

from __future__ import annotations

import atexit
import logging
import os
import threading
import time
import weakref
from array import array
from collections.abc import Callable, Sequence
from typing import Any
from uuid import uuid4

import msgspec
import zmq

from bench_app.errors import EngineError
from bench_app.handlers import HANDLER_KINDS
from bench_app.handlers.core import PollFor
from bench_app.handlers.socket import CoreParts, HandlerSocket
from bench_app.library.message import decode, encode
from bench_app.library.output_port import OutputPort, addressed
from bench_app.library.unreached import UnreachedCounter
from bench_app.measure.clock import NEVER_NS, NS_PER_MS
from bench_app.measure.counters import HandlerSlot
from bench_app.measure.recorder import Recorder
from bench_app.measure.samples import SampleBuffer
from bench_app.model import HandlerBench, HandlerSpec
from bench_app.transport.connection import ConnectionState
from bench_app.transport.endpoint import binds, parse_uri
from bench_app.transport.open_socket import Target
from bench_app.transport.socket_trace import SocketTrace, to_logger

LOOK_MS = 100
"""How often subscriptions are read and deadlines looked at while nothing happens."""
PLAIN = HandlerBench()

_log = logging.getLogger("zmq_bench.output")
# Who embeds a library decides whether its log is heard.
logging.getLogger("zmq_bench").addHandler(logging.NullHandler())
_NOT_QUEUED = (HandlerSlot.QUEUE_OVERFLOW, HandlerSlot.SEND_TIMEOUT, HandlerSlot.ABORTED, HandlerSlot.ACCEPTED)
_inproc: dict[int, zmq.Context[zmq.Socket[bytes]]] = {}
"""Both ends of an inproc endpoint must be in one context, so all of a process share one; a forked one has its own."""
_open: weakref.WeakSet[OutputHandler] = weakref.WeakSet()
_clock = time.perf_counter_ns


class HandlerStats(msgspec.Struct, frozen=True):
    """A handler's ledger at one moment; ``offered = queue_overflow + send_timeout + aborted + queued + accepted``."""

    offered: int
    """Events written to the handler."""
    queue_overflow: int
    """Lost because the handler's queue was full (``queue_size``)."""
    send_timeout: int
    """Lost because the socket did not take them within ``send_timeout``."""
    aborted: int
    """Lost because the handler gave up connecting, or was stopped and ``linger`` ran out while they were queued."""
    queued: int
    """Waiting in the handler's queue."""
    accepted: int
    """Taken by the socket; that they arrived is not said."""
    bytes: int
    """Bytes of the accepted messages, all frames."""
    replied: int
    """REQ: requests that got their reply."""
    request_timeout: int
    """REQ: requests that got none, after every retry."""
    retries: int
    """REQ: requests sent again."""
    in_flight: int
    """REQ: requests that wait for their reply; ``accepted = replied + request_timeout + in_flight``."""
    lost: int = 0
    """PUB, PUSH: at least so many of the accepted are lost: taken without a connection, which was then given up
    (``max_reconnect_attempts``), and ``linger`` ran out before a peer came. Not all that is lost can be known here."""


class HandlerState(msgspec.Struct, frozen=True):
    """How the handler's connections stand."""

    state: ConnectionState
    """One word, of all its connections the worst; ``state is ConnectionState.GAVE_UP`` asks for one."""
    sentence: str
    """What it means here, for a person: endpoint, attempts, reason."""


class OutputHandler:
    """A PUB, PUSH or REQ handler as the production plugin has it; any thread may use it.

    ``on_connection`` gets a :class:`HandlerState` and a sentence whenever something worth telling happens to a
    connection, ``on_reply`` the decoded reply to each request (REQ; the raw bytes where it is no JSON). Both are called
    on the handler's own thread and may write. ``bench`` has what a preset may add to a handler: of it, ``mode``,
    ``framing`` and the connection keys count here; ``notes`` are kept as they are. Raises :class:`SocketSetupError`
    where the socket cannot be set up.
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
        """What was passed over in its config: keys that nobody knows or that have no effect, a sentence each."""
        self.sink = spec.sink
        self.on_connection = on_connection
        self.on_reply = on_reply
        self._spec = spec
        self._pid = os.getpid()
        config = spec.config
        kind = HANDLER_KINDS[config.socket_type]
        endpoint = parse_uri(spec.uri)
        self._topic = config.topic if kind.pattern.sends_topic else None
        self._slots = memoryview(array("Q", bytes(8 * len(HandlerSlot))))
        self._port = OutputPort(bench.framing, self._topic)
        self._replies: list[bytes] = []
        samples = SampleBuffer(Recorder()), SampleBuffer(Recorder())
        parts = CoreParts(config, self._port, self._slots, *samples, on_reply=self._replies.append)
        self._core = kind.make_core(parts)
        # A request has more to it than sending: the thread has it from beginning to end.
        self._writers_send = not kind.pattern.gets_replies
        # Latencies are the bench's business: nobody would ever take them out here.
        self._core.measure_from_ns = NEVER_NS
        self._shares_context = endpoint.transport == "inproc"
        self._context = inproc_context() if self._shares_context else zmq.Context()
        target = Target((str(endpoint),), binds(endpoint, bench.mode, config.socket_type))
        self._trace = SocketTrace(to_logger(_log, name))
        self._socket = HandlerSocket(kind, self._port, self._context, target, bench, self._trace)
        # A request that is given up times out, and inproc tells nothing of its peers.
        self._unreached = UnreachedCounter(config.linger) if target.connects and self._writers_send else None
        try:
            self.endpoint = self._socket.open(config)
            """Where it is bound, with the real port, or connects to."""
        except BaseException:
            if not self._shares_context:
                self._context.term()
            raise
        self._lock = threading.Lock()
        self._idle = threading.Condition(self._lock)
        self._stopping = False
        self._draining = False
        self._ends_ns: int | None = None
        self._crowd = config.queue_size // 2
        self._subscriptions = 0
        self._reconnects = False
        self._closed = threading.Event()
        self._at_end: list[Callable[[], None]] = []
        # True while the thread waits for the socket, outside the lock; else whoever has the lock may send.
        self._thread_has_socket = False
        self._waits = False
        self._bell_out, self._bell = _pair(self._context)
        self._thread = threading.Thread(target=self._run, name=f"output {name}", daemon=True)
        self._thread.start()
        _open.add(self)

    def write(self, event: Any, dynamic_path: str = "") -> bool:
        """Offer an event (anything JSON can hold) without waiting; False when it is lost already: the queue is full,
        or the handler was stopped or gave up.

        A PUB sends it under its topic, with ``.`` and ``dynamic_path`` added where one is given. Raises
        :class:`InputError` for what JSON cannot hold and :class:`EngineError` in a process forked from the one that
        made the handler.
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
                self._mend()
                raise
        if self._core.queued > self._crowd and not self._core.blocked:
            # The socket has room and the thread no turn: without giving it one, a burst would overflow the queue.
            time.sleep(0)
        return taken

    def _take(self, event: Any) -> bool:
        """Queue an event, and send where that can be done at once; the caller holds the lock."""
        core = self._core
        if self._stopping:
            self._slots[HandlerSlot.OFFERED] += 1
            self._slots[HandlerSlot.ABORTED] += 1
            return False
        taken = core.offer(event, 0)
        if not self._thread_has_socket:
            if self._writers_send and threading.current_thread() is not threading.main_thread():
                core.pump()
            if core.wants is not PollFor.NOTHING or core.queued:
                self._ring()
        return taken

    def _mend(self) -> None:
        """A signal handler's exception came between counting an event and queueing it; the caller holds the lock."""
        self._slots[HandlerSlot.ABORTED] += self._counted_as_queued() - self._core.queued

    def _counted_as_queued(self) -> int:
        return self._slots[HandlerSlot.OFFERED] - sum(self._slots[slot] for slot in _NOT_QUEUED)

    def _check_process(self) -> None:
        if self._pid != os.getpid():
            raise EngineError(f"{self.name} was made in another process: after a fork, make handlers of your own")

    def flush(self, timeout_s: float | None = None) -> bool:
        """Wait until the queue is empty and no request is in flight; False where that takes longer.

        What was accepted may still be on its way: libzmq and the kernel have buffers of their own.
        """
        self._check_process()
        with self._idle:
            return self._idle.wait_for(lambda: self._core.is_idle or self._closed.is_set(), timeout_s)

    def wait_for_subscriber(self, timeout_s: float | None = None) -> bool:
        """PUB: wait until somebody has subscribed; False where that takes longer. What is written before is dropped."""
        self._check_process()
        with self._idle:
            return self._idle.wait_for(lambda: self._subscriptions > 0 or self._closed.is_set(), timeout_s)

    def _note_subscriptions(self, messages: list[bytes]) -> None:
        for message in messages:
            self._subscriptions += 1 if message[:1] == b"\x01" else -1
        if messages:
            self._idle.notify_all()

    def reconnect(self) -> None:
        """Let a handler that gave up connect anew and take events again, its ledger going on; else does nothing.

        What had been accepted before it gave up does not go to the new connection: whoever came within ``linger`` of
        giving up got it, else it is lost (:attr:`HandlerStats.lost`).
        """
        self._check_process()
        with self._lock:
            self._reconnects = True
            self._ring()

    def stop(self) -> None:
        """Take no more events; what waits gets up to ``linger`` to get through, then the socket is closed."""
        if self._pid != os.getpid():
            return
        with self._lock:
            if not self._stopping:
                self._stopping = True
                self._ring()

    def close(self) -> None:
        """Stop, and wait for the end of it: up to ``linger`` in all, for the queue and then the socket.

        A ``linger`` of -1 is no limit: with nobody there to take what waits, this never returns, nor does a program
        end that has not closed its handlers. In a process forked from the one that made the handler it does nothing.
        """
        self.stop()
        if self._pid == os.getpid() and threading.current_thread() is not self._thread:
            self._thread.join()

    @property
    def closed(self) -> bool:
        """True once the socket is closed."""
        return self._closed.is_set()

    def when_closed(self, callback: Callable[[], None]) -> None:
        """Have ``callback`` called once the socket is closed, on the handler's thread; at once where it is already."""
        with self._lock:
            if not self._closed.is_set():
                self._at_end.append(callback)
                return
        callback()

    @property
    def stats(self) -> HandlerStats:
        """The ledger now. It always balances; ``queued`` is what is neither accepted nor lost yet."""
        self._check_process()
        with self._lock:
            counts = {slot.name.lower(): self._slots[slot] for slot in HandlerSlot if slot != HandlerSlot.ATTEMPTED}
            lost = self._unreached.lost if self._unreached is not None else 0
            return HandlerStats(**counts, queued=self._counted_as_queued(), in_flight=self._core.in_flight, lost=lost)

    @property
    def state(self) -> HandlerState:
        """How its connections stand."""
        tracker = self._socket.tracker
        if self._closed.is_set():
            return HandlerState(ConnectionState.IDLE, "closed")
        return HandlerState(tracker.state, tracker.sentence)

    def _ring(self) -> None:
        """Wake the thread; the caller holds the lock."""
        if self._waits:
            self._waits = False
            self._bell.send(b"")

    def _run(self) -> None:
        try:
            while not self._stopping:
                self._turn(NEVER_NS)
            self._drain()
        except Exception:  # noqa: BLE001 (a defect of ours: the program it runs in goes on, and its log has it)
            _log.exception("%s: the handler's thread failed", self.name, extra=self._log_fields("failed"))
        finally:
            self._shut()

    def _turn(self, until_ns: int) -> None:
        """Look, send, tell; then wait for what comes first."""
        self._step()
        self._wait(until_ns)

    def _step(self) -> None:
        with self._lock:
            self._connect_anew_where_asked()
            told = self._socket.look() + self._count_unreached()
            self._trace.observe_queue(self._core.room, _clock())
            self._note_subscriptions(self._socket.subscriptions())
            if self._socket.tracker.gave_up:
                self._core.abort()
            self._core.pump()
            if self._core.is_idle:
                self._idle.notify_all()
            replies = self._replies[:]
            self._replies.clear()
        for sentence in told:
            self._tell(sentence)
        for reply in replies:
            self._hand_over(reply)

    def _count_unreached(self) -> list[str]:
        if self._unreached is None:
            return []
        tracker, accepted = self._socket.tracker, self._slots[HandlerSlot.ACCEPTED]
        lost = self._unreached.update(accepted, tracker.connections, tracker.peers > 0, tracker.gave_up, _clock())
        return [f"{lost} accepted events were lost with the connection that was given up"] if lost else []

    def _connect_anew_where_asked(self) -> None:
        asked, self._reconnects = self._reconnects, False
        if asked and self._socket.tracker.gave_up and not self._stopping:
            self._socket.recreate(self._spec.config)
            if self._unreached is not None:
                self._unreached.reconnected()
            self._core.reset_socket()
            self._core.reopen()

    def _wait(self, until_ns: int) -> None:
        core = self._core
        with self._lock:
            if (core.queued and not core.blocked) or self._reconnects or self._stopping != self._draining:
                return
            until_ns = min(until_ns, _clock() + LOOK_MS * NS_PER_MS)
            if core.deadline_ns is not None:
                until_ns = min(until_ns, core.deadline_ns)
            polled: list[Any] = [(self._bell_out, zmq.POLLIN)]
            self._thread_has_socket = core.wants is not PollFor.NOTHING
            if self._thread_has_socket:
                polled.append((self._socket.zmq_socket, int(core.wants)))
            self._waits = True
        wait_ms = max(0, -(-(until_ns - _clock()) // NS_PER_MS))
        zmq.zmq_poll(polled, wait_ms)
        with self._lock:
            self._waits = self._thread_has_socket = False
            while int(self._bell_out.get(zmq.EVENTS)) & zmq.POLLIN:
                self._bell_out.recv(zmq.NOBLOCK)

    def _drain(self) -> None:
        linger_ms = self._spec.config.linger
        self._ends_ns = NEVER_NS if linger_ms < 0 else _clock() + linger_ms * NS_PER_MS
        self._draining = True
        while not self._core.is_idle and _clock() < self._ends_ns:
            self._turn(self._ends_ns)
        # Whoever came since the last look did come, and is told of, also when there was nothing to drain.
        self._step()
        with self._lock:
            self._thread_has_socket = True
            aborted = self._core.abort()
        if aborted:
            extra = {**self._log_fields("aborted"), "aborted": aborted}
            _log.warning("%s: %d events still queued after the linger were aborted", self.name, aborted, extra=extra)

    @property
    def _linger_left_ms(self) -> int:
        """What the queue has left of the linger is the socket's."""
        linger_ms = self._spec.config.linger
        if linger_ms < 0 or self._ends_ns is None:
            return linger_ms
        return max(0, (self._ends_ns - _clock()) // NS_PER_MS)

    def _shut(self) -> None:
        with self._lock:
            self._stopping = True
            self._thread_has_socket = True
            self._socket.close(self._linger_left_ms)
            self._bell.close(0)
            self._bell_out.close(0)
        if not self._shares_context:
            self._context.term()
        with self._idle:
            self._closed.set()
            self._idle.notify_all()
        for callback in self._at_end:
            self._call(callback)
        _open.discard(self)

    def _tell(self, sentence: str) -> None:
        _log.info("%s: %s", self.name, sentence, extra=self._log_fields("connection"))
        if self.on_connection is not None:
            self._call(self.on_connection, self.state, sentence)

    def _hand_over(self, reply: bytes) -> None:
        if self.on_reply is not None:
            self._call(self.on_reply, decode(reply))

    def _call(self, callback: Callable[..., None], *arguments: Any) -> None:
        try:
            callback(*arguments)
        except Exception:  # noqa: BLE001 (somebody else's code: its failure must not end the handler)
            _log.exception("%s: a callback failed", self.name, extra=self._log_fields("callback_failed"))

    def _log_fields(self, event: str) -> dict[str, Any]:
        """What a record says beside its sentence."""
        return {"unit": self.name, "event": event, "endpoint": self.endpoint}


def inproc_context() -> zmq.Context[zmq.Socket[bytes]]:
    """The context whose inproc endpoints handlers of this process reach."""
    # A context does not survive a fork.
    return _inproc.get(os.getpid()) or _inproc.setdefault(os.getpid(), zmq.Context())


def _pair(context: zmq.Context[zmq.Socket[bytes]]) -> tuple[zmq.Socket[bytes], zmq.Socket[bytes]]:
    """Two ends that wake one thread from another; no data socket, so nothing watches or traces it."""
    listens, rings = context.socket(zmq.PAIR), context.socket(zmq.PAIR)
    # Never one used before: libzmq frees a name in the background only.
    name = f"inproc://zmq-bench-bell-{uuid4()}"
    listens.bind(name)
    rings.connect(name)
    return listens, rings


@atexit.register
def _close_all() -> None:
    """A program that forgets to close ends within the longest linger, with what could be sent sent."""
    handlers = [handler for handler in list(_open) if handler._pid == os.getpid()]
    for handler in handlers:
        handler.stop()
    for handler in handlers:
        handler.close()
