"""The ledger of a handler in a program: handler core -> **counters** -> stats."""

from __future__ import annotations

from array import array

import msgspec

from bench_app.measure.counters import HandlerSlot

_NOT_QUEUED = (HandlerSlot.QUEUE_OVERFLOW, HandlerSlot.SEND_TIMEOUT, HandlerSlot.ABORTED, HandlerSlot.ACCEPTED)
_OF_THE_BENCH = (HandlerSlot.ATTEMPTED, HandlerSlot.BY_HAND)
"""What a program is not told: it is not killed between two counts, and sends every event itself."""


class HandlerStats(msgspec.Struct, frozen=True):
    """A handler's ledger at one moment; ``offered = queue_overflow + send_timeout + aborted + queued + accepted``."""

    offered: int
    """Events written to the handler."""
    queue_overflow: int
    """Lost because the handler's queue was full (``queue_size``)."""
    send_timeout: int
    """Lost because the socket did not take them within ``send_timeout``."""
    aborted: int
    """Lost because the handler gave up connecting, or was stopped and ``linger`` ran out while they were queued. Queued
    requests that were withdrawn count here, too (REQ)."""
    queued: int
    """Waiting in the handler's queue."""
    accepted: int
    """Taken by the socket. This does not say that they arrived."""
    bytes: int
    """Bytes of the accepted messages, all frames."""
    replied: int
    """Requests that got their reply (REQ)."""
    request_timeout: int
    """Requests that got no reply, after every retry or until they were withdrawn (REQ)."""
    retries: int
    """Requests sent again (REQ)."""
    in_flight: int
    """Requests that wait for their reply (REQ); ``accepted = replied + request_timeout + in_flight``."""
    lost: int = 0
    """Accepted events that are known to be lost (PUB, PUSH). The socket took them without a connection, the handler
    gave up (``max_reconnect_attempts``), and ``linger`` ran out before a peer came. The handler cannot see other losses
    after acceptance."""

    def as_dict(self) -> dict[str, int]:
        """The counts as plain data, for JSON or a monitoring system."""
        plain: dict[str, int] = msgspec.to_builtins(self)
        return plain


class OutputCounters:
    """The counters that a handler core writes, and the numbers that follow from them.

    Attributes:
        slots: the counters of a core; see :class:`~bench_app.measure.counters.HandlerSlot`.
    """

    def __init__(self) -> None:
        self.slots = memoryview(array("Q", bytes(8 * len(HandlerSlot))))

    @property
    def accepted(self) -> int:
        """Events that the socket took."""
        return self.slots[HandlerSlot.ACCEPTED]

    @property
    def queued(self) -> int:
        """Events that are neither accepted nor lost."""
        return self.slots[HandlerSlot.OFFERED] - sum(self.slots[slot] for slot in _NOT_QUEUED)

    def abort_one(self) -> None:
        """Count an event that was offered to a stopped handler."""
        self.slots[HandlerSlot.OFFERED] += 1
        self.slots[HandlerSlot.ABORTED] += 1

    def balance(self, queued: int) -> None:
        """Count missing events as aborted: counted as queued, but not among the ``queued`` events of the queue."""
        self.slots[HandlerSlot.ABORTED] += self.queued - queued

    def stats(self, in_flight: int, lost: int) -> HandlerStats:
        """The ledger now. It always balances."""
        counts = {slot.name.lower(): self.slots[slot] for slot in HandlerSlot if slot not in _OF_THE_BENCH}
        return HandlerStats(**counts, queued=self.queued, in_flight=in_flight, lost=lost)
