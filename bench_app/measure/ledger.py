"""Where every offered event went: source -> sink -> handler -> socket ~~> listener -> **ledger** -> plot.

Pure arithmetic on cumulative counters, one function for each kind of socket:

    offered  = queue_overflow + send_timeout + aborted + queued + accepted
    accepted = received + lost + before_join + in_flight      PUB: for each listener, of the messages it asked for
    accepted = sum(received) + lost + in_flight               PUSH: over the listeners together
    accepted = replied + request_timeout + in_flight          REQ

``final`` says that nothing moves any more: what is not accounted for is then lost, and gauges must be 0. Before that
(live), handler and listener report at different moments, so a listener may be ahead of its handler; that is no
disagreement. Numbers that cannot be true are never bent to fit: they stand in the ledger, and ``problems`` names them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import msgspec


class HandlerCounts(msgspec.Struct, frozen=True, kw_only=True):
    """What a handler has counted; ``queued`` and ``in_flight`` (requests without a reply yet) are gauges."""

    offered: int = 0
    queue_overflow: int = 0
    send_timeout: int = 0
    aborted: int = 0
    accepted: int = 0
    bytes: int = 0
    replied: int = 0
    request_timeout: int = 0
    retries: int = 0
    queued: int = 0
    in_flight: int = 0


class ListenerCounts(msgspec.Struct, frozen=True, kw_only=True):
    """What a listener has counted; ``first`` and ``highest`` are sequence numbers, 0 where no stamp was read."""

    received: int = 0
    duplicates: int = 0
    reordered: int = 0
    foreign: int = 0
    malformed: int = 0
    bytes: int = 0
    first: int = 0
    highest: int = 0


class TopicSpan(msgspec.Struct, frozen=True):
    """From sequence number ``first`` on, until the next span begins, messages went out under ``topic``."""

    topic: str
    first: int


class ListenerInput(msgspec.Struct, frozen=True, kw_only=True):
    """All that is known of a listener.

    ``prefixes`` are the topics it asked for; ``join`` is how many messages the handler had accepted when it saw the
    subscription, None where it never did. Both matter to PUB alone.
    """

    counts: ListenerCounts
    prefixes: tuple[str, ...] = ("",)
    join: int | None = None


class ListenerLedger(msgspec.Struct, frozen=True, kw_only=True):
    """Where the messages ``expected`` by one listener went. PUSH, REQ: expected is what it received."""

    counts: ListenerCounts
    expected: int
    lost: int = 0
    before_join: int = 0
    in_flight: int = 0
    balanced: bool = True


class HandlerLedger(msgspec.Struct, frozen=True, kw_only=True):
    """Where a handler's events went. PUB: ``lost`` and ``in_flight`` are the sums over its listeners.

    ``arrivals_known`` is False where something was accepted and nobody counts behind the handler: ``lost`` and
    ``in_flight`` are then 0 because nothing is known of them, and ``balanced`` is about what was offered alone.
    """

    counts: HandlerCounts
    lost: int
    in_flight: int
    listeners: dict[str, ListenerLedger]
    balanced: bool
    problems: list[str]
    arrivals_known: bool = True


class LedgerFunction(Protocol):
    """What makes the ledger of one kind of socket."""

    def __call__(
        self,
        counts: HandlerCounts,
        listeners: Mapping[str, ListenerInput],
        *,
        final: bool,
        spans: Sequence[TopicSpan] = (),
        never_connected: bool = False,
    ) -> HandlerLedger:
        """See :func:`make_ledger`."""
        ...


def make_ledger(
    socket_type: str,
    counts: HandlerCounts,
    listeners: Mapping[str, ListenerInput],
    *,
    final: bool,
    spans: Sequence[TopicSpan] = (),
    never_connected: bool = False,
) -> HandlerLedger:
    """The ledger of a handler of any kind.

    ``spans`` (rising by ``first``) are the topics a PUB has sent under. ``never_connected`` matters where there are no
    listeners to ask: nobody can then have had what was accepted.
    """
    make = _KINDS[socket_type].make
    return make(counts, listeners, final=final, spans=spans, never_connected=never_connected)


def expected(spans: Sequence[TopicSpan], accepted: int, prefixes: tuple[str, ...]) -> int:
    """How many of ``accepted`` messages went out under a topic that begins, byte for byte, with one of ``prefixes``."""
    wanted = tuple(prefix.encode() for prefix in prefixes)
    ends = [*(span.first for span in spans[1:]), accepted + 1]
    return sum(
        max(0, min(end, accepted + 1) - span.first)
        for span, end in zip(spans, ends, strict=False)
        if span.topic.encode().startswith(wanted)
    )


def expected_up_to(spans: Sequence[TopicSpan], seq: int, prefixes: tuple[str, ...]) -> int:
    """How many of the messages 1 to ``seq`` went out under a topic that begins with one of ``prefixes``."""
    return expected(spans, seq, prefixes)


def pub_ledger(
    counts: HandlerCounts,
    listeners: Mapping[str, ListenerInput],
    *,
    final: bool,
    spans: Sequence[TopicSpan] = (),
    never_connected: bool = False,
) -> HandlerLedger:
    """PUB: every listener should have every message whose topic it asked for."""
    problems = _offer_problems(counts, final)
    books: dict[str, ListenerLedger] = {}
    for name, listener in listeners.items():
        books[name], found = _subscriber(counts.accepted, listener, spans, final)
        problems += [f"{name}: {problem}" for problem in found]
    if not listeners:
        return _close_unseen(counts, problems, final and never_connected)
    lost = sum(book.lost for book in books.values())
    return _close(counts, lost, sum(book.in_flight for book in books.values()), books, problems)


def push_ledger(
    counts: HandlerCounts,
    listeners: Mapping[str, ListenerInput],
    *,
    final: bool,
    spans: Sequence[TopicSpan] = (),
    never_connected: bool = False,
) -> HandlerLedger:
    """PUSH: the listeners together should have every message once."""
    books, found = _share_books(counts.accepted, listeners, final)
    problems = _offer_problems(counts, final) + found
    if not listeners:
        return _close_unseen(counts, problems, final and never_connected)
    missing = counts.accepted - sum(listener.counts.received for listener in listeners.values())
    is_ahead = any(_is_ahead(counts.accepted, listener.counts) for listener in listeners.values())
    if not final and missing < 0 and is_ahead:
        missing = 0
    if missing < 0:
        problems.append(f"the listeners together received {-missing} messages more than the {counts.accepted} accepted")
    lost = missing if final or missing < 0 else 0
    return _close(counts, lost, missing - lost, books, problems)


def req_ledger(
    counts: HandlerCounts,
    listeners: Mapping[str, ListenerInput],
    *,
    final: bool,
    spans: Sequence[TopicSpan] = (),
    never_connected: bool = False,
) -> HandlerLedger:
    """REQ: every request was replied to or timed out; the handler knows without asking anyone."""
    books, found = _share_books(counts.accepted, listeners, final)
    problems = _offer_problems(counts, final)
    answered = counts.replied + counts.request_timeout + counts.in_flight
    problems += _differs("accepted", counts.accepted, "replied + request_timeout + in_flight", answered)
    if final and counts.in_flight:
        problems.append(f"{counts.in_flight} requests are still in flight at the end")
    return _close(counts, 0, counts.in_flight, books, problems + found)


def close_crashed(book: Mapping[str, int], socket_type: str) -> HandlerCounts:
    """The counts of a handler whose process was killed, from its book (see :class:`HandlerSlot`, names in lower case).

    The message in hand may have left, so it counts as accepted; what was queued is aborted; a request without a reply
    gets none any more.
    """
    accepted = max(book["accepted"], book["attempted"])
    decided = book["queue_overflow"] + book["send_timeout"] + book["aborted"] + accepted
    unanswered = accepted - book["replied"] - book["request_timeout"] if _KINDS[socket_type].awaits_reply else 0
    return HandlerCounts(
        offered=book["offered"],
        queue_overflow=book["queue_overflow"],
        send_timeout=book["send_timeout"],
        # Less than 0 would be a book that was wrong before the crash; the ledger then says so.
        aborted=book["aborted"] + max(0, book["offered"] - decided),
        accepted=accepted,
        bytes=book["bytes"],
        replied=book["replied"],
        request_timeout=book["request_timeout"] + max(0, unanswered),
        retries=book["retries"],
    )


def _subscriber(
    accepted: int, listener: ListenerInput, spans: Sequence[TopicSpan], final: bool
) -> tuple[ListenerLedger, list[str]]:
    """One listener of a PUB, and what is wrong with its numbers."""
    counts = listener.counts
    wanted = expected(spans, accepted, listener.prefixes)
    before_join = _before_join(listener, spans, wanted)
    accounted = before_join + counts.received
    # Up to here nothing can come any more: all of it at the end, else what lies before the highest received.
    settled = wanted if final else accounted
    if not final and counts.highest:
        # Ahead of the handler's report, which is then the older one, a number is trusted as far as it can be true: one
        # that is far off was damaged on its way.
        highest = counts.highest if counts.highest <= accepted + counts.received else accepted
        settled = expected_up_to(spans, highest, listener.prefixes)
    if not final and _is_ahead(accepted, counts):
        # Maybe under a topic that the handler has not told yet.
        settled = max(settled, accounted)
        wanted = max(wanted, settled)
    lost = settled - accounted
    problems = []
    if lost < 0:
        problems.append(
            f"received {counts.received} and missed {before_join} before joining, {-lost} more than were sent to it"
        )
    elif final:
        problems += _ahead_problems(accepted, counts)
    ledger = ListenerLedger(
        counts=counts,
        expected=wanted,
        lost=lost,
        before_join=before_join,
        in_flight=wanted - settled,
        balanced=not problems,
    )
    return ledger, problems


def _before_join(listener: ListenerInput, spans: Sequence[TopicSpan], wanted: int) -> int:
    """How many of the ``wanted`` messages went out before the listener's subscription was in effect."""
    counts = listener.counts
    joined = wanted if listener.join is None else expected_up_to(spans, listener.join, listener.prefixes)
    if not counts.received:
        return joined
    if not counts.first:
        # Without stamps no number is known. What was received was not missed before joining, and what was missed by a
        # listener nobody saw join may as well be lost, which must not be hidden.
        return 0 if listener.join is None else min(joined, max(0, wanted - counts.received))
    # libzmq applies a subscription a little before the handler sees it, so the first message may be older than that.
    return min(joined, expected_up_to(spans, counts.first - 1, listener.prefixes))


def _share_books(
    accepted: int, listeners: Mapping[str, ListenerInput], final: bool
) -> tuple[dict[str, ListenerLedger], list[str]]:
    """The listeners of a handler that deals its messages out: none knows which share was meant for it."""
    books: dict[str, ListenerLedger] = {}
    problems: list[str] = []
    for name, listener in listeners.items():
        counts = listener.counts
        found = _ahead_problems(accepted, counts) if final else []
        books[name] = ListenerLedger(counts=counts, expected=counts.received, balanced=not found)
        problems += [f"{name}: {problem}" for problem in found]
    return books, problems


def _offer_problems(counts: HandlerCounts, final: bool) -> list[str]:
    decided = counts.queue_overflow + counts.send_timeout + counts.aborted + counts.queued + counts.accepted
    terms = "queue_overflow + send_timeout + aborted + queued + accepted"
    problems = _differs("offered", counts.offered, terms, decided)
    if final and counts.queued:
        problems.append(f"{counts.queued} events are still queued at the end")
    return problems


def _differs(name: str, value: int, terms: str, total: int) -> list[str]:
    if value == total:
        return []
    relation = "more" if value > total else "less"
    return [f"{name} is {value}, {abs(value - total)} {relation} than {terms} = {total}"]


def _is_ahead(accepted: int, counts: ListenerCounts) -> bool:
    """True where the listener knows, or without stamps may know, of messages the handler has not reported yet."""
    return counts.highest > accepted or (counts.received > 0 and not counts.highest)


def _ahead_problems(accepted: int, counts: ListenerCounts) -> list[str]:
    if counts.highest > accepted:
        return [f"received sequence number {counts.highest}, but only {accepted} were accepted"]
    # Without stamps a request that was sent again counts as received again.
    if counts.highest and counts.received > accepted:
        return [f"received {counts.received} distinct messages, but only {accepted} were accepted"]
    return []


def _close_unseen(counts: HandlerCounts, problems: list[str], reached_nobody: bool) -> HandlerLedger:
    """No listener is there to ask. All that was accepted is lost where it surely reached nobody; else nobody knows."""
    if reached_nobody:
        return _close(counts, counts.accepted, 0, {}, problems)
    return _close(counts, 0, 0, {}, problems, arrivals_known=not counts.accepted)


def _close(
    counts: HandlerCounts,
    lost: int,
    in_flight: int,
    listeners: dict[str, ListenerLedger],
    problems: list[str],
    arrivals_known: bool = True,
) -> HandlerLedger:
    return HandlerLedger(
        counts=counts,
        lost=lost,
        in_flight=in_flight,
        listeners=listeners,
        balanced=not problems,
        problems=problems,
        arrivals_known=arrivals_known,
    )


@dataclass(frozen=True)
class _Kind:
    """What the ledger has to know of a kind of socket."""

    make: LedgerFunction
    awaits_reply: bool = False


_KINDS: dict[str, _Kind] = {
    "PUB": _Kind(pub_ledger),
    "PUSH": _Kind(push_ledger),
    "REQ": _Kind(req_ledger, awaits_reply=True),
}
