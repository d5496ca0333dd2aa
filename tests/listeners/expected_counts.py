"""The counts of a row of messages of any kinds, computed one message at a time."""

from __future__ import annotations

from dataclasses import dataclass, field

from hypothesis import strategies as st

from bench_app.transport import stamp
from tests.listeners.core_bench import (
    FOREIGN,
    MALFORMED,
    SHORT,
    body,
)


@dataclass
class Expected:
    """The counts of a row of messages, computed one message at a time."""

    received: int = 0
    duplicates: int = 0
    reordered: int = 0
    foreign: int = 0
    malformed: int = 0
    first: int = 0
    highest: int = 0
    measured: int = 0
    had: set[int] = field(default_factory=set)

    def take(self, sequence: int, intended_ns: int, measure_from_ns: int) -> None:
        self.first = self.first or sequence
        if sequence in self.had:
            self.duplicates += 1
            return
        self.received += 1
        self.measured += intended_ns >= measure_from_ns
        self.reordered += sequence < self.highest
        self.had.add(sequence)
        self.highest = max(self.highest, sequence)


Message = tuple[str, int, int]
MESSAGES = st.lists(
    st.tuples(
        st.sampled_from(["stamped", "stamped", "stamped", "foreign", "malformed", "short", "other run"]),
        st.integers(1, 40) | st.integers(1, 200_000),
        st.integers(0, 100),
    ),
    max_size=60,
)


def as_frame(kind: str, sequence: int, intended_ns: int) -> bytes:
    match kind:
        case "stamped":
            return body(sequence, intended_ns, intended_ns)
        case "malformed":
            return MALFORMED
        case "short":
            return SHORT
        case "other run":
            return body(sequence, identity=stamp.Identity(8, 1))
    return FOREIGN


def expected_of(messages: list[Message], measure_from_ns: int) -> Expected:
    expected = Expected()
    for kind, sequence, intended_ns in messages:
        if kind == "stamped":
            expected.take(sequence, intended_ns, measure_from_ns)
        elif kind in ("malformed", "short"):
            expected.malformed += 1
        else:
            expected.foreign += 1
    return expected
