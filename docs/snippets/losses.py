"""Counts what arrived, from the stamps of the bench. Reads the bodies that a consumer received, one a line.

Usage: consumer | python losses.py
"""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass, field
from typing import NamedTuple

STAMP = re.compile(r'"_bench":"1-([0-9a-f]{8})-([0-9a-f]{4})-([0-9a-f]{16})-([0-9a-f]{16})-([0-9a-f]{16})"')


class Stamp(NamedTuple):
    """What the bench wrote into an event; the times are ns of the sender's monotonic clock."""

    run: str
    handler: str
    number: int
    due_ns: int
    sent_ns: int


def decode(body: str) -> Stamp | None:
    """The stamp of a body, or None."""
    found = STAMP.search(body)
    return Stamp(found[1], found[2], *(int(text, 16) for text in found.groups()[2:])) if found else None


@dataclass
class Numbers:
    """The sequence numbers of one handler, as they arrived."""

    received: int = 0
    duplicates: int = 0
    first: int = 0
    last: int = 0
    missing: set[int] = field(default_factory=set)
    """The numbers between the first and the last one that did not arrive."""

    def add(self, number: int) -> None:
        """Count one message."""
        if self.received == 0:
            self.first = self.last = number
        elif number > self.last:
            self.missing.update(range(self.last + 1, number))
            self.last = number
        elif number < self.first:
            self.missing.update(range(number + 1, self.first))
            self.first = number
        elif number in self.missing:
            self.missing.remove(number)
        else:
            self.duplicates += 1
            return
        self.received += 1


def main() -> None:
    """Count until the input ends or Ctrl+C."""
    handlers: dict[tuple[str, str], Numbers] = {}
    without = 0
    try:
        for line in sys.stdin:
            stamp = decode(line)
            if stamp is None:
                without += 1
            else:
                handlers.setdefault((stamp.run, stamp.handler), Numbers()).add(stamp.number)
    except KeyboardInterrupt:
        pass
    for (run, handler), seen in sorted(handlers.items()):
        print(
            f"run {run} handler {handler}: received {seen.received}, first {seen.first}, last {seen.last}, "
            f"missing {len(seen.missing)}, duplicates {seen.duplicates}"
        )
    print(f"without a stamp: {without}")


if __name__ == "__main__":
    main()
