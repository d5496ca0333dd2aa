"""The counts of a source travel as JSON and MessagePack."""

from __future__ import annotations

import msgspec

from bench_app.measure.source_counts import NO_SOURCE_COUNTS, SourceCounts


def test_counts_travel_unchanged() -> None:
    counts = SourceCounts(skipped={"not_json": 2}, clamped=1, not_reached=7, is_read_through=True)
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(counts), type=SourceCounts) == counts


def test_before_the_first_report_no_file_is_read_through() -> None:
    assert not NO_SOURCE_COUNTS.is_read_through
    assert NO_SOURCE_COUNTS.not_reached == 0
