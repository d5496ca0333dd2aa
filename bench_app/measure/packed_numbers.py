"""Sequence numbers on their way to the session: sequence numbers -> **packed** -> control channel -> ledger.

Without numpy: every process of a run reads this type, and few of them have a set of numbers.
"""

from __future__ import annotations

import msgspec


class PackedNumbers(msgspec.Struct, frozen=True, array_like=True):
    """A set of sequence numbers in a form that can be sent to another process of this machine.

    Attributes:
        complete_to, highest, count: see :class:`~bench_app.measure.sequence.SequenceSet`.
        chunks: for each chunk by its key, how many numbers it has, and its packed form.
    """

    complete_to: int
    highest: int
    count: int
    chunks: dict[int, tuple[int, bytes]]
