"""The handler core of the compiled data plane: blocks of events -> **compiled queue -> socket**.

:class:`CompiledCore` is to a driver what :class:`bench_app.handlers.core.HandlerCore` is, with the same rules. The work
is done by a :class:`bench_app.data_plane.sending.Sender`, which the pacer runs without Python: between two calls of
this class the sender goes on offering and sending what is due. :meth:`CompiledCore.send_due` only gives it what it
needs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import zmq

from bench_app.data_plane import needs
from bench_app.handlers.core import QUEUE_OVERFLOW, PollFor
from bench_app.handlers.offering import Offering
from bench_app.handlers.request_end import RequestEnd
from bench_app.handlers.socket import HandlerPort
from bench_app.measure.clock import NEVER_NS, NS_PER_MS
from bench_app.model import HandlerConfig
from bench_app.transport.socket_trace import QueueStatus

if TYPE_CHECKING:
    # A module that exists only where the data plane is compiled.
    from bench_app.data_plane.sending import Sender

END_POLL_NS = NS_PER_MS
"""How often a driver looks whether a source is over, once the duration of the run is over."""


class RefillableFeed(Protocol):
    """A feed that gives its events to the sender in blocks (:class:`bench_app.sources.block_feed.BlockFeed`)."""

    @property
    def exhausted(self) -> bool:
        """Whether no event will come any more."""
        ...

    def refill(self, now_ns: int, is_event_due: bool) -> None:
        """Give the sender events and due times. ``is_event_due``: it waits for an event."""
        ...


class CompiledCore:
    """Queue and socket of one handler, moved by a compiled sender.

    Attributes:
        sender: does the work. The pacer runs it between two steps of its unit.
    """

    def __init__(self, config: HandlerConfig, sender: Sender, slots: memoryview[int]) -> None:
        self.sender = sender
        self._slots = slots
        self._config = config
        self.config = config

    @property
    def config(self) -> HandlerConfig:
        """The handler's config; another one applies at once, also to events that wait."""
        return self._config

    @config.setter
    def config(self, config: HandlerConfig) -> None:
        self._config = config
        self.sender.set_limits(config.queue_size, config.send_timeout, config.request_timeout, config.retries)

    @property
    def measure_from_ns(self) -> int:
        """Events with an earlier intended send time are counted and not measured (the warm-up)."""
        return self.sender.measure_from_ns

    @measure_from_ns.setter
    def measure_from_ns(self, at_ns: int) -> None:
        self.sender.measure_from_ns = at_ns

    @property
    def poll_for(self) -> PollFor:
        """The socket event to wait for before the next pump."""
        return PollFor(self.sender.poll_for)

    @property
    def times_full(self) -> int:
        """How many times the socket began to refuse events (EAGAIN)."""
        return self.sender.times_full

    @property
    def deadline_ns(self) -> int | None:
        """The latest time of the next pump, even if the socket has no event by then; None if there is no deadline."""
        return self.sender.deadline_ns

    @property
    def queued(self) -> int:
        """How many events wait in the queue."""
        return self.sender.queued

    @property
    def in_flight(self) -> int:
        """How many requests wait for a reply; always 0 for sockets without replies."""
        return self.sender.in_flight

    @property
    def is_idle(self) -> bool:
        """Whether the drain is complete: no event waits, and no request is in flight."""
        return not self.sender.queued and not self.sender.in_flight

    @property
    def is_full(self) -> bool:
        """Whether the next event would be lost, because the queue is full or was aborted."""
        return self.sender.is_full

    @property
    def is_closed(self) -> bool:
        """Whether every event is lost, because the queue was aborted."""
        return self.sender.is_closed

    @property
    def is_blocked(self) -> bool:
        """Whether an event or a request waits for the socket."""
        return bool(self.sender.poll_for)

    @property
    def queue_status(self) -> QueueStatus:
        """The fill level of socket and queue, for the trace of the socket."""
        sender = self.sender
        return QueueStatus(sender.is_refused, sender.times_full, self._slots[QUEUE_OVERFLOW], sender.queued)

    def offer(self, body: bytes | bytearray, intended_ns: int) -> bool:
        """Offer one event, due at ``intended_ns``. Returns False if it is lost (the queue is full, or was aborted)."""
        return self.sender.offer(body, intended_ns)

    def offer_by_hand(self, body: bytes | bytearray, intended_ns: int) -> bool:
        """See :meth:`bench_app.handlers.core.HandlerCore.offer_by_hand`."""
        return self.sender.offer_watched(body, intended_ns)

    def take_ends(self) -> list[RequestEnd]:
        """See :meth:`bench_app.handlers.core.HandlerCore.take_ends`."""
        return self.sender.take_ends()

    def send_due(self, offering: Offering[RefillableFeed], until_ns: int) -> int:
        """Let the sender offer the events of a feed from now on, and give it what it needs for that.

        Returns when to call this method again, in addition to the times at which the sender asks for it.
        """
        asked = self.sender.answer_needs()
        if asked & (needs.DUES | needs.EVENTS | needs.UNDERRUN):
            offering.feed.refill(until_ns - offering.origin_ns, bool(asked & needs.UNDERRUN))
        self.sender.set_draining(False)
        self.sender.set_offering(True, offering.origin_ns, self.sender.measure_from_ns)
        return until_ns + END_POLL_NS if offering.feed.exhausted else NEVER_NS

    def pump(self) -> None:
        """Offer nothing of a feed from now on, and move events from the queue into the socket.

        The sender goes on with it, and asks for its unit when everything is sent.
        """
        self.sender.answer_needs()
        self.sender.set_offering(False, 0, self.sender.measure_from_ns)
        self.sender.set_draining(True)
        self.sender.pump()

    def abort(self) -> int:
        """Abort the queue, the request in flight, and every event that is offered from now on.

        Returns how many events waited.
        """
        return self.sender.abort()

    def give_up_request(self) -> None:
        """Count the request in flight as timed out now, and stop waiting for its reply."""
        self.sender.give_up_request()

    def reopen(self) -> None:
        """Take events again after an abort."""
        self.sender.reopen()

    def reset_socket(self) -> None:
        """Adapt to a recreated socket."""
        self.sender.reset_socket()


class CompiledPort:
    """The port of a compiled sender: it passes socket and topic on to the sender. ``port`` renders the events."""

    def __init__(self, port: HandlerPort, sender: Sender) -> None:
        self._port = port
        self._sender = sender
        self._pass_topic()

    @property
    def topic(self) -> str | None:
        """The topic that a PUB sends; may be changed between two messages."""
        return self._port.topic

    @topic.setter
    def topic(self, topic: str | None) -> None:
        self._port.topic = topic
        self._pass_topic()

    @property
    def reserve(self) -> int:
        """Bytes that :meth:`render` adds to an event."""
        return self._port.reserve

    @property
    def overhead(self) -> int:
        """The bytes of a message with the handler's own topic, in addition to its body."""
        return self._port.overhead

    def render(self, event: bytes) -> bytearray:
        """Make a message body of an event's JSON text, ahead of the time to send it."""
        return self._port.render(event)

    def attach(self, socket: zmq.Socket[bytes]) -> None:
        """Send into ``socket`` from now on."""
        self._sender.attach(socket.underlying)

    def _pass_topic(self) -> None:
        topic = self._port.topic
        self._sender.set_topic(None if topic is None else topic.encode())
