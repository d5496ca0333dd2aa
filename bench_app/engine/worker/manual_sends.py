"""Events that a user sends by hand: session -> **manual sends** -> handler core, beside those of the source.

An event that is offered is counted in the counters file before the socket can take it. So a session that reads the file
of a killed worker knows how many of the events were offered: no event is in doubt.
"""

from __future__ import annotations

import time
from collections import deque
from dataclasses import dataclass

from bench_app.engine.control.messages import EventsOffered, RequestAnswered, SendEvent
from bench_app.engine.worker.handler_parts import HandlerParts
from bench_app.engine.worker.unit import UnitChannel
from bench_app.handlers.request_end import RequestEnd
from bench_app.measure.counters import HandlerSlot

EVENTS_AT_ONCE = 256
"""The most events of a burst that are offered before the unit does what else is due."""
MOST_REPLY_BYTES = 64 * 1024
"""A reply is sent to the session up to this size: it is for a person to read."""

BY_HAND = int(HandlerSlot.BY_HAND)

_clock = time.perf_counter_ns


@dataclass
class _Send:
    """A SendEvent that is being carried out: its message, how many events were offered, and how many were lost."""

    order: SendEvent
    body: bytearray
    offered: int = 0
    lost: int = 0


class ManualSends:
    """Offers the events of one handler that a user sends, and reports what became of them.

    Attributes:
        is_over: the handler offers nothing any more, so every further event is refused.
    """

    def __init__(self, parts: HandlerParts, channel: UnitChannel) -> None:
        self.is_over = False
        self._parts = parts
        self._channel = channel
        self._due: deque[_Send] = deque()
        self._awaited: deque[int] = deque()
        """The numbers of the sends whose requests have not ended, one for each request, in the order of the queue."""

    def add(self, order: SendEvent) -> None:
        """Offer these events from now on, or refuse them."""
        self._due.append(_Send(order, self._parts.port.render(order.body)))
        if self.is_over:
            self._answer()
        else:
            self.step()

    def step(self) -> bool:
        """Offer what is due, at most EVENTS_AT_ONCE events. True if more events are due."""
        left = EVENTS_AT_ONCE
        while self._due and left:
            send = self._due[0]
            while left and send.offered < send.order.count:
                self._offer(send)
                left -= 1
            if send.offered == send.order.count:
                self._answer()
        return bool(self._due)

    def end(self) -> None:
        """Offer nothing any more: what is not offered yet is refused."""
        self.is_over = True
        while self._due:
            self._answer()

    def report_ends(self) -> None:
        """Report the requests that have ended since the last call."""
        for end in self._parts.core.take_ends():
            number = self._awaited.popleft() if self._awaited else 0
            self._channel.send(
                RequestAnswered(
                    unit=self._channel.unit,
                    number=number,
                    outcome=end.outcome,
                    waited_ns=end.waited_ns,
                    frames=_cut(end),
                )
            )

    def _offer(self, send: _Send) -> None:
        core, slots = self._parts.core, self._parts.counters.slots
        is_taken = core.offer_by_hand(send.body, _clock())
        # Counted before the pump, so that no event reaches the socket uncounted.
        slots[BY_HAND] += 1
        send.offered += 1
        if not is_taken:
            send.lost += 1
        elif self._parts.kind.pattern.gets_replies:
            self._awaited.append(send.order.number)
        core.pump()

    def _answer(self) -> None:
        send = self._due.popleft()
        self._channel.send(
            EventsOffered(
                unit=self._channel.unit,
                number=send.order.number,
                at_ns=_clock(),
                offered=send.offered,
                lost=send.lost,
                queued=self._parts.core.queued,
            )
        )


def _cut(end: RequestEnd) -> tuple[bytes, ...]:
    """The frames of the reply, up to MOST_REPLY_BYTES of all together."""
    frames, left = [], MOST_REPLY_BYTES
    for frame in end.frames:
        frames.append(bytes(frame[:left]))
        left = max(0, left - len(frame))
    return tuple(frames)
