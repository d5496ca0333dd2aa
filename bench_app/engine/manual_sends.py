"""What became of events that a user sent by hand: answers of the worker -> **manual sends** -> window, terminal. Pure.

Each event is either offered, and then it is in the ledger, or it was not sent. The worker's answer says which. A worker
that is killed gives no answer, but its counters say how many events it had offered by then.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from bench_app.engine.control.messages import EventsOffered, RequestAnswered
from bench_app.handlers.request_end import RequestOutcome

ANSWERS_KEPT = 100
"""Of a burst of requests, so many answers are kept, the newest."""


@dataclass
class ManualSend:
    """One event that a user sent ``count`` times.

    Attributes:
        number: its number among those of the handler, from 1.
        count: how many times the event was to be offered.
        is_settled: whether it is known how many were offered.
        offered: how many were offered: they are in the ledger. The others were not sent.
        lost: how many of them were lost at once, because the queue was full or aborted.
        queued: how many events waited in the queue afterwards.
        is_confirmed: whether the worker has said so. Otherwise its counters do, after its end.
        ended: how many requests have ended.
        replied: how many of them got a reply.
        longest_ns: the longest round trip.
        answers: the newest ends of requests.
    """

    number: int
    count: int
    is_settled: bool = False
    offered: int = 0
    lost: int = 0
    queued: int = 0
    is_confirmed: bool = False
    ended: int = 0
    replied: int = 0
    longest_ns: int = 0
    answers: list[RequestAnswered] = field(default_factory=list)

    @property
    def is_answered(self) -> bool:
        """Whether every request that the queue took has ended."""
        return self.is_settled and self.ended >= self.offered - self.lost


class ManualSends:
    """The events that were sent by hand to one handler, in their order."""

    def __init__(self) -> None:
        self._next = 1
        self._open: dict[int, ManualSend] = {}
        """The sends that are not settled, the oldest first."""
        self._awaited: dict[int, ManualSend] = {}
        """The settled sends of which requests have not ended."""
        self._known = 0
        """How many events are known to be offered."""

    def begin(self, count: int) -> ManualSend:
        """A message with this many events is about to be sent to the worker."""
        send = ManualSend(self._next, count)
        self._next += 1
        self._open[send.number] = send
        return send

    def take_offered(self, message: EventsOffered) -> None:
        """The worker has offered events, or refused them."""
        send = self._open.pop(message.number, None)
        if send is None:
            return
        send.is_settled = send.is_confirmed = True
        send.offered, send.lost, send.queued = message.offered, message.lost, message.queued
        self._known += message.offered
        self._awaited[send.number] = send

    def take_answer(self, message: RequestAnswered) -> None:
        """A request has ended."""
        # Of a long burst, the first requests end before the last one is offered.
        send = self._awaited.get(message.number) or self._open.get(message.number)
        if send is None:
            return
        send.ended += 1
        if message.outcome is RequestOutcome.REPLIED:
            send.replied += 1
            send.longest_ns = max(send.longest_ns, message.waited_ns)
        send.answers = [*send.answers[1 - ANSWERS_KEPT :], message]
        if send.is_answered:
            self._awaited.pop(send.number, None)

    def settle(self, by_hand: int) -> None:
        """The worker has ended, and answers no more. Its counters say that it had offered ``by_hand`` events.

        A worker offers events in the order of their messages.
        """
        left = max(0, by_hand - self._known)
        for send in self._open.values():
            send.is_settled = True
            send.offered = min(send.count, left)
            left -= send.offered
            self._known += send.offered
        self._open.clear()
        self._awaited.clear()
