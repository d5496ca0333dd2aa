"""What became of an event at the moment of its ``write``: Output -> **result** -> program."""

from __future__ import annotations


class WriteResult(int):
    """How many handlers took the event; 0 is false. It is an ``int`` that also says why handlers did not take it.

    Attributes:
        queue_full: how many handlers lost the event because their queue was full.
        not_open: how many handlers lost it because they were stopped or closed, or gave up connecting.
        has_sink: whether any handler has the sink of the event.
    """

    queue_full: int
    not_open: int
    has_sink: bool

    def __new__(cls, taken: int, queue_full: int = 0, not_open: int = 0, has_sink: bool = True) -> WriteResult:
        """``taken`` is the number itself."""
        made = super().__new__(cls, taken)
        made.queue_full, made.not_open, made.has_sink = queue_full, not_open, has_sink
        return made

    @property
    def taken(self) -> int:
        """How many handlers took the event."""
        return int(self)

    @property
    def refused(self) -> int:
        """How many handlers lost the event at once."""
        return self.queue_full + self.not_open

    def __repr__(self) -> str:
        if not self.has_sink:
            return "WriteResult(0, no handler has the sink)"
        reasons = [f"{self.queue_full} queue full"] if self.queue_full else []
        reasons += [f"{self.not_open} not open"] if self.not_open else []
        return f"WriteResult({', '.join([str(int(self)), *reasons])})"


NO_SINK = WriteResult(0, has_sink=False)
"""No handler has the sink."""
_ALL_TAKEN = tuple(WriteResult(taken) for taken in range(17))


def all_taken(handlers: int) -> WriteResult:
    """Every one of these handlers took the event. Most writes end here, so the results are made in advance."""
    return _ALL_TAKEN[handlers] if handlers < len(_ALL_TAKEN) else WriteResult(handlers)
