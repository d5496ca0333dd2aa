"""The handler's queue: sink -> **ring of waiting events** -> socket. First in, first out, in arrays allocated once.

An entry refers to the bytes of an event and has its due time. The bytes are never copied: an event of a pool may be in
the ring many times, and in the rings of other handlers too. Entries lie in parallel arrays, not in objects, so that a
compiled loop can read them without creating an object for a message.

The ring itself has no limit. ``queue_size`` is the handler's limit and may change while events wait, so the core checks
the limit before it adds an event, and the ring grows if needed.
"""

from __future__ import annotations

from array import array

FIRST_CAPACITY = 1024


class EventRing:
    """Waiting events, oldest first.

    Events are numbered from 0 in the order in which they are added. The event with a number is at position
    ``number & mask`` of the arrays. Invariant: ``0 <= tail - head <= mask + 1``.

    Attributes:
        bodies: the bytes of the event at each position; None at a free position.
        due_ns: the due time of the event at each position (``perf_counter_ns``).
        head: the number of the oldest event that waits.
        tail: the number of the next event to be added; equal to ``head`` if no event waits.
        mask: capacity - 1; the capacity is a power of 2.
    """

    __slots__ = ("bodies", "due_ns", "head", "mask", "tail")

    def __init__(self) -> None:
        self.bodies: list[bytearray | None] = [None] * FIRST_CAPACITY
        self.due_ns = array("q", bytes(8 * FIRST_CAPACITY))
        self.head = 0
        self.tail = 0
        self.mask = FIRST_CAPACITY - 1

    def __len__(self) -> int:
        return self.tail - self.head

    def push(self, body: bytearray, due_ns: int) -> None:
        """Add an event at the end."""
        tail = self.tail
        if tail - self.head > self.mask:
            self._grow()
        at = tail & self.mask
        self.bodies[at] = body
        self.due_ns[at] = due_ns
        # Last, so that the ring stays consistent if a signal handler raises before this line.
        self.tail = tail + 1

    def front(self) -> tuple[bytearray, int]:
        """The bytes and the due time of the oldest event. The ring must not be empty."""
        at = self.head & self.mask
        body = self.bodies[at]
        assert body is not None
        return body, self.due_ns[at]

    def pop(self) -> None:
        """Remove the oldest event. The ring must not be empty."""
        # Drop the reference, so that a ring that was once full does not keep the bytes of its former events.
        self.bodies[self.head & self.mask] = None
        self.head += 1

    def clear(self) -> None:
        """Remove every event."""
        while self.head != self.tail:
            self.pop()

    def _grow(self) -> None:
        """Double the capacity. An event keeps its number, and its position follows from the new mask."""
        mask = 2 * self.mask + 1
        bodies: list[bytearray | None] = [None] * (mask + 1)
        due_ns = array("q", bytes(8 * (mask + 1)))
        for number in range(self.head, self.tail):
            bodies[number & mask] = self.bodies[number & self.mask]
            due_ns[number & mask] = self.due_ns[number & self.mask]
        self.bodies, self.due_ns, self.mask = bodies, due_ns, mask
