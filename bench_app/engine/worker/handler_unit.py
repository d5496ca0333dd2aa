"""The bench's driver of one handler: source -> **sink -> handler core -> socket**, paced on absolute deadlines.

No asyncio. The unit's thread opens the handler, waits for the start, drains and closes. In between, while events are
offered or drained, the unit is *stepped* by a :class:`~bench_app.engine.worker.pacer.Pacer`: a step does what is due
without waiting, and says when the next step is due. That is the earliest of the next event, the deadline of the core,
and the next poll of the control messages, which are polled every 50 ms at least.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import zmq

from bench_app.engine.control.messages import (
    ChangeDuration,
    ChangeHandler,
    Close,
    Move,
    OpenHandler,
    Pause,
    Reconnect,
    SendEvent,
    SourceEnded,
    Start,
    StopSource,
)
from bench_app.engine.worker.contexts import HandlerContext
from bench_app.engine.worker.handler_changes import HandlerChanges
from bench_app.engine.worker.handler_closing import HandlerClosing
from bench_app.engine.worker.handler_parts import HandlerParts
from bench_app.engine.worker.handler_peers import HandlerPeers
from bench_app.engine.worker.handler_reports import HandlerReports
from bench_app.engine.worker.manual_sends import ManualSends
from bench_app.engine.worker.pacer import Pacer
from bench_app.engine.worker.source_run import SourceRun
from bench_app.engine.worker.unit import CONTROL_POLL_NS, OFTEN_POLL_NS, UnitChannel
from bench_app.errors import BenchError, SourceError
from bench_app.handlers.compiled_core import CompiledCore
from bench_app.handlers.core import HandlerCore, PollFor
from bench_app.measure.clock import NEVER_NS, NS_PER_MS
from bench_app.measure.counters import HandlerSlot
from bench_app.model import Load
from bench_app.sources.block_feed import BlockFeed
from bench_app.sources.feed import Feed
from bench_app.sources.open_feed import open_block_feed, open_feed
from bench_app.sources.supply_feed import SupplyFeed
from bench_app.transport.open_socket import REBIND_PATIENCE_S, Target

if TYPE_CHECKING:
    # A module that exists only where the data plane is compiled.
    from bench_app.data_plane.sending import Sender

COUNT_LIMIT_NS = 500 * NS_PER_MS
"""The end of a run waits for this long at most for the number of records that were not reached."""
COUNT_POLL_MS = 2
SUBSCRIPTION_POLL_NS = NS_PER_MS
"""How often a compiled handler that waits for its first consumer looks for it."""

_clock = time.perf_counter_ns

FeedT = TypeVar("FeedT")


class HandlerUnit:
    """One open handler. Raises BenchError, and leaves nothing open, if its source or socket cannot be opened.

    ``control_poll_ms`` is how often it polls control messages before the start.

    Attributes:
        endpoint: where the socket was opened first.
        source: offers the events of the handler's source, from the start of the run to its end.
    """

    def __init__(
        self, order: OpenHandler, channel: UnitChannel, context: HandlerContext, pacer: Pacer, control_poll_ms: int
    ) -> None:
        self._order = order
        self._channel = channel
        self._control_poll_ms = control_poll_ms
        zmq_context = context.enter()
        try:
            parts = self._parts = HandlerParts(order, zmq_context, channel.trace)
            self.source = _open_source(parts)
            self.endpoint = _open_socket(parts, self.source.feed)
        except BenchError:
            context.leave()
            raise
        self._peers = HandlerPeers(parts, channel)
        self._changes = HandlerChanges(parts, self._peers, channel)
        self._manual_sends = ManualSends(parts, channel)
        self._reports = HandlerReports(parts, self._peers, self.source.feed, channel)
        self._closing = HandlerClosing(parts, self._peers, self._reports, context, channel)
        # A handler that gets replies has a pacer of its own. In a shared one it would read replies late, while the
        # driver steps other handlers, and round trips would be measured too long.
        self._pacer = Pacer() if parts.kind.pattern.gets_replies else pacer
        self._phase: Callable[[int], int | None] = self.source.step
        self._next_poll_ns = 0
        self._poll_every_ns = OFTEN_POLL_NS if order.polls_often else CONTROL_POLL_NS

    def serve(self) -> None:
        """Wait for the start, offer until the source is over or stopped, and drain."""
        while not self.source.has_started and not self.source.is_stopped:
            self._poll_with_open_socket(self._control_poll_ms)
        if self.source.has_started:
            self._offer()
        self._channel.send(SourceEnded(unit=self._channel.unit, at_ns=_clock(), failure=self.source.feed.failure))
        self._drain()
        self._count_rest()

    def close(self) -> None:
        """Wait until the listeners have everything, or the linger is over, and close."""
        self._closing.close(lambda: self._poll_with_open_socket(CONTROL_POLL_NS // NS_PER_MS))

    def step(self) -> int | None:
        """See :class:`~bench_app.engine.worker.pacer.Paced`."""
        now_ns = _clock()
        if now_ns >= self._next_poll_ns:
            self._poll_handler(now_ns)
            self._handle_messages()
            self._next_poll_ns = now_ns + self._poll_every_ns
            if self._changes.needs_new_socket:
                return None
        elif self._peers.waits_for_consumer:
            self._peers.read_subscriptions()
        has_more_by_hand = self._manual_sends.step()
        due_ns = self._phase(now_ns)
        core = self._parts.core
        if due_ns is None:
            return None
        if has_more_by_hand:
            return 0
        if isinstance(core, CompiledCore):
            # Its sender does what is due until then.
            return min(due_ns, self._next_poll_ns, self._next_subscription_ns(now_ns))
        if core.queued and not core.is_blocked:
            return 0
        deadline_ns = core.deadline_ns
        return min(due_ns, self._next_poll_ns, NEVER_NS if deadline_ns is None else deadline_ns)

    @property
    def sender(self) -> Sender | None:
        """See :class:`~bench_app.engine.worker.pacer.Paced`."""
        core = self._parts.core
        return core.sender if isinstance(core, CompiledCore) else None

    @property
    def waits_on(self) -> tuple[zmq.Socket[bytes], int] | None:
        """See :class:`~bench_app.engine.worker.pacer.Paced`."""
        poll_for = self._parts.core.poll_for
        return None if poll_for is PollFor.NOTHING else (self._parts.socket.zmq_socket, int(poll_for))

    def _next_subscription_ns(self, now_ns: int) -> int:
        return now_ns + SUBSCRIPTION_POLL_NS if self._peers.waits_for_consumer else NEVER_NS

    def _offer(self) -> None:
        if self._order.load_changed:
            self._change_load(self._order.source.load)
        self._drive(self.source.step)
        if self.source.feed.early_end_note:
            self._channel.emit(self.source.feed.early_end_note)

    def _drain(self) -> None:
        """Wait up to ``linger`` until the queue is sent and the request in flight is answered; abort the rest."""
        self._manual_sends.end()
        core, linger_ms = self._parts.core, self._closing.linger_ms
        deadline_ns = _clock() + linger_ms * NS_PER_MS

        def drain(now_ns: int) -> int | None:
            core.pump()
            return None if core.is_idle or now_ns >= deadline_ns else deadline_ns

        self._drive(drain)
        aborted = core.abort()
        self._manual_sends.report_ends()
        if aborted:
            self._channel.emit(f"{aborted} events still queued after a linger of {linger_ms} ms were aborted")
        self._peers.read_subscriptions()

    def _count_rest(self) -> None:
        """Count the records that were not reached, for up to COUNT_LIMIT_NS, and close the feed.

        Not before the queue is empty: reading a file takes processor time from the thread that sends.
        """
        feed, limit_ns = self.source.feed, _clock() + COUNT_LIMIT_NS
        feed.count_rest()
        while feed.is_counting and _clock() < limit_ns:
            self._poll_with_open_socket(COUNT_POLL_MS)
        feed.close()

    def _drive(self, phase: Callable[[int], int | None]) -> None:
        """Let the pacer step this unit until ``phase`` returns None.

        The pacer also returns when a new socket is needed: this thread opens it, and the pacer continues.
        """
        self._phase = phase
        self._pacer.drive(self)
        while self._changes.needs_new_socket:
            self._open_new_socket()
            self._pacer.drive(self)

    def _open_new_socket(self) -> None:
        if not self._changes.apply():
            self.source.stop()

    def _poll_with_open_socket(self, timeout_ms: int) -> None:
        """Wait up to ``timeout_ms`` for control messages, outside the pacer."""
        self._handle_messages(timeout_ms)
        self._manual_sends.step()
        self._open_new_socket()
        self._poll_handler(_clock())

    def _poll_handler(self, now_ns: int) -> None:
        """Read what happened to the socket and the source, emit messages about it, and send a report if it is due."""
        self._peers.poll()
        self._manual_sends.report_ends()
        self._channel.trace.observe_queue(self._parts.core.queue_status, now_ns)
        for note in self.source.feed.notes():
            self._channel.emit(note)
        self._reports.send_if_due(now_ns)

    def _handle_messages(self, timeout_ms: int = 0) -> None:
        for message in self._channel.receive(timeout_ms):
            match message:
                case Start(at_ns=at_ns):
                    self.source.start(at_ns)
                case StopSource():
                    self.source.stop()
                case Close():
                    self.source.stop()
                    self._closing.is_released = True
                case ChangeHandler():
                    self._changes.change(message)
                    if message.load is not None:
                        self._change_load(message.load)
                case ChangeDuration(duration_ns=duration_ns):
                    self.source.change_duration(duration_ns)
                case Move(endpoints=endpoints, bind=bind):
                    self._changes.move(Target(endpoints, bind))
                case Reconnect():
                    self._changes.reconnect()
                case Pause(paused=paused):
                    if paused:
                        self.source.pause()
                    else:
                        self.source.resume()
                case SendEvent():
                    self._manual_sends.add(message)
                case _:
                    pass

    def _change_load(self, load: Load) -> None:
        try:
            self.source.change_load(load)
        except SourceError as error:
            self._channel.emit(f"the load stays as it was: {error}")


def _open_source(parts: HandlerParts) -> SourceRun[Feed[bytearray]] | SourceRun[BlockFeed]:
    """The run of the handler's source, with a feed of the data plane of its core."""
    order = parts.order
    if isinstance(parts.core, HandlerCore):
        feed = _open_feed(parts, open_feed)
        return SourceRun(feed, parts.core, parts.offer_lateness, order.duration_ns, order.warmup_ns)
    blocks = _open_feed(parts, partial(open_block_feed, sender=parts.core.sender))
    return SourceRun(blocks, parts.core, parts.offer_lateness, order.duration_ns, order.warmup_ns)


def _open_feed(parts: HandlerParts, open_: Callable[..., FeedT]) -> FeedT:
    order, slots = parts.order, parts.counters.slots
    return open_(
        order.source,
        base_dir=Path(order.base_dir),
        render=parts.port.render,
        reserve=parts.port.reserve,
        duration_ns=order.duration_ns,
        # The replaced worker has offered this many events of the source already.
        skip=slots[HandlerSlot.OFFERED] - slots[HandlerSlot.BY_HAND] if order.incarnation else 0,
        objects_only=order.bench.stamp == "field",
        recorded_zero_ns=order.recorded_zero_ns,
        sink=order.spec.sink,
    )


def _open_socket(parts: HandlerParts, feed: SupplyFeed[bytearray]) -> str:
    """Open the handler's socket; closes the feed if that fails."""
    try:
        patience_s = REBIND_PATIENCE_S if parts.order.incarnation else 0.0
        return parts.socket.open(parts.core.config, patience_s)
    except BenchError:
        feed.close()
        raise
