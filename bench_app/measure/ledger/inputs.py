"""The input of a ledger: the counters of a handler and of its listeners, as last reported."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from bench_app.model.patterns import Delivery


class HandlerCounts(msgspec.Struct, frozen=True, kw_only=True):
    """The counters of a handler, and two gauges.

    Attributes:
        offered: events that the handler was given.
        queue_overflow: events lost because the handler's queue was full.
        send_timeout: events lost because the socket did not take them within ``send_timeout``.
        aborted: events lost because the handler gave up or was stopped before they were sent.
        accepted: events that the socket took.
        bytes: the bytes of the accepted messages, all frames.
        replied: requests that got their reply.
        request_timeout: requests that got no reply to any attempt.
        retries: requests sent again.
        by_hand: how many of the offered events a user sent by hand.
        queued: events in the handler's queue now (a gauge).
        in_flight: requests that wait for their reply now (a gauge).
    """

    offered: int = 0
    queue_overflow: int = 0
    send_timeout: int = 0
    aborted: int = 0
    accepted: int = 0
    bytes: int = 0
    replied: int = 0
    request_timeout: int = 0
    retries: int = 0
    by_hand: int = 0
    queued: int = 0
    in_flight: int = 0


class ListenerCounts(msgspec.Struct, frozen=True, kw_only=True):
    """The counters of a listener.

    Attributes:
        received: distinct messages of this run.
        duplicates: messages that were received again.
        reordered: messages that came after a later message of the same handler; they also count as received.
        foreign: messages without the stamp of this run.
        malformed: messages whose stamp cannot be read.
        bytes: the bytes of all messages, all frames.
        first: the sequence number of the first message; 0 if no stamp was read.
        highest: the highest sequence number; 0 if no stamp was read.
        received_in_drain: how many of the received messages arrived after the handler had offered its last event.
    """

    received: int = 0
    duplicates: int = 0
    reordered: int = 0
    foreign: int = 0
    malformed: int = 0
    bytes: int = 0
    first: int = 0
    highest: int = 0
    received_in_drain: int = 0


class TopicSpan(msgspec.Struct, frozen=True):
    """A span of messages with the same ``topic``. It starts at sequence number ``first`` and ends at the next span."""

    topic: str
    first: int


class ListenerInput(msgspec.Struct, frozen=True, kw_only=True):
    """The known facts about one listener.

    Attributes:
        counts: its counters.
        prefixes: the topics it subscribed to. Only the rules of a handler that sends topics read them.
        join: how many messages the handler had accepted when it saw the subscription; None if it saw no
            subscription.
        overfull: how many messages are lost at least, because the connection cannot hold them. A final ledger does not
            read it.
        repeated: where listeners share the messages, how many of the received messages another listener had received
            already; None: not known.
    """

    counts: ListenerCounts
    prefixes: tuple[str, ...] = ("",)
    join: int | None = None
    overfull: int = 0
    repeated: int | None = 0


class LedgerInput(msgspec.Struct, frozen=True, kw_only=True):
    """The input of the ledger of one handler, the same for every pattern.

    Attributes:
        delivery: which listener gets a message.
        counts: the handler's counters.
        listeners: the known facts about each listener, by name.
        final: whether no counter changes any more. Missing messages are then lost, and gauges must be 0.
        spans: the topics of the messages that the handler sent, in ascending order of ``first``.
        never_connected: whether no peer was ever connected. If no listener of the bench counts, all accepted messages
            are then lost.
    """

    delivery: Delivery
    counts: HandlerCounts
    listeners: Mapping[str, ListenerInput]
    final: bool
    spans: Sequence[TopicSpan] = ()
    never_connected: bool = False


class PastTotals(msgspec.Struct, frozen=True, kw_only=True):
    """The totals of a handler and its listeners at one past moment of a run.

    They are floats, because they are interpolated between reports.

    Attributes:
        accepted: how many messages the handler had accepted.
        received: how many messages each listener had received, by name.
    """

    accepted: float
    received: Mapping[str, float]


def expected(spans: Sequence[TopicSpan], accepted: int, prefixes: tuple[str, ...]) -> int:
    """How many of the messages 1 to ``accepted`` went out under a topic that begins with one of ``prefixes``.

    A topic and a prefix are compared as bytes, as in libzmq.
    """
    wanted = tuple(prefix.encode() for prefix in prefixes)
    ends = [*(span.first for span in spans[1:]), accepted + 1]
    return sum(
        max(0, min(end, accepted + 1) - span.first)
        for span, end in zip(spans, ends, strict=False)
        if span.topic.encode().startswith(wanted)
    )
