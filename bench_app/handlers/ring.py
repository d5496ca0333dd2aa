"""The handler's queue: sink -> **ring of waiting events** -> socket. First in, first out, in arrays allocated once.

An entry says where an event's bytes are and when the event was due. The bytes are never copied: a pool's event may be
in the ring many times, and in others' rings too. Entries lie in parallel arrays, not in objects of their own, so that
a compiled loop can read them without building anything for a message.

The ring has no limit of its own. ``queue_size`` is the handler's limit and may change while events wait, so the core
checks it before it adds an event; the ring grows where that is needed.
"""

from __future__ import annotations

from array import array

FIRST_CAPACITY = 1024


class EventRing:
    """Waiting events, oldest first. The number of events that were ever added counts up; ``number & mask`` is an
    event's position in the arrays.

    Attributes:
        bodies: where the bytes of the event at each position are; None at a position that is free.
        due_ns: when the event at each position was due (``perf_counter_ns``).
        head: number of the oldest event that waits.
        tail: number that the next event gets; equal to ``head`` while no event waits.
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
        """Add an event behind all others."""
        tail = self.tail
        if tail - self.head > self.mask:
            self._grow()
        at = tail & self.mask
        self.bodies[at] = body
        self.due_ns[at] = due_ns
        # Last: until here the event is not in the ring, also where a signal handler raises in between.
        self.tail = tail + 1

    def front(self) -> tuple[bytearray, int]:
        """The oldest event: its bytes and when it was due. There must be one."""
        at = self.head & self.mask
        body = self.bodies[at]
        assert body is not None
        return body, self.due_ns[at]

    def pop(self) -> None:
        """Remove the oldest event. There must be one."""
        # Let go of the bytes: a ring that was once full must not keep all of them.
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
