from __future__ import annotations

from bench_app.measure.reporters import NO_REPORTERS, Reporters


def test_nobody_has_reported_at_first() -> None:
    assert Reporters(consumers=0, other_clocks=0, dropped=0) == NO_REPORTERS
