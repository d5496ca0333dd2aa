"""What was corrected in the recorded times of a file: replay source -> **counts** -> report."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass
class ClockCounts:
    """What was corrected so far.

    Attributes:
        clamped: how many times did not fit their neighbours.
        jumps: how often the clock was set.
        gaps_cut: how many gaps were longer than the limit.
    """

    clamped: int = 0
    jumps: int = 0
    gaps_cut: int = 0
