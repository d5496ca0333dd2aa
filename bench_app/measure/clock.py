"""Units of the monotonic clock: every time inside the bench is an ``int`` in ns of ``time.perf_counter_ns``."""

from __future__ import annotations

NS_PER_S = 1_000_000_000
NS_PER_MS = 1_000_000
NEVER_NS = 2**62
"""A time that no run reaches (146 years), used for a deadline or a due time that does not exist."""
