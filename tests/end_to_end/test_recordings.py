"""Small recordings as people have them, from the file to the due time of each event."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from bench_app.measure.clock import NS_PER_MS, NS_PER_S
from bench_app.measure.source_counts import SourceCounts
from bench_app.model import MaxLoad, RecordedLoad, ReplaySource
from bench_app.sources.open_feed import open_feed

RECORDINGS = Path(__file__).parent / "recordings"
LONG_NS = 3600 * NS_PER_S


def replay(name: str, **keys: Any) -> tuple[list[bytes], list[int], SourceCounts]:
    """The events of a recording, when they are due in ns, and the counts at the end."""
    load = RecordedLoad() if "time_field" in keys else MaxLoad()
    spec = ReplaySource(path=name, load=load, **keys)
    feed = open_feed(spec, base_dir=RECORDINGS, render=bytes, reserve=0, duration_ns=LONG_NS)
    texts, dues_ns = [], []
    try:
        while not feed.exhausted:
            if (event := feed.poll(LONG_NS - 1)) is not None:
                texts.append(event[0])
                dues_ns.append(event[1])
        return texts, dues_ns, feed.counts
    finally:
        feed.close()


@pytest.mark.parametrize(
    ("name", "keys", "count", "step_ms"),
    [
        ("nested-time-field-nested.jsonl", {"time_field": "header.stamp"}, 100, 10),
        ("time-formats-go-utc.jsonl", {"time_field": "t"}, 100, 10),
        ("time-formats-de.jsonl", {"time_field": "t", "time_format": "day_first"}, 100, 10),
        ("time-formats-mongo.jsonl", {"time_field": "t"}, 100, 10),
        ("time-formats-ros.jsonl", {"time_field": "t"}, 100, 10),
        ("time-formats-leap.jsonl", {"time_field": "t"}, 150, 20),
        ("time-field-quote-q.csv", {"time_field": 'Zeit "UTC"'}, 2, 1000),
    ],
)
def test_every_event_has_its_recorded_distance(name: str, keys: dict[str, Any], count: int, step_ms: int) -> None:
    texts, dues_ns, counts = replay(name, **keys)
    assert len(texts) == count
    assert [after - before for before, after in pairwise(dues_ns)] == [step_ms * NS_PER_MS] * (count - 1)
    assert (counts.skipped, counts.clamped) == ({}, 0)


def test_a_log_with_whole_seconds() -> None:
    texts, dues_ns, counts = replay("time-formats-clf.jsonl", time_field="t")
    assert len(texts) == 100
    assert dues_ns == sorted(dues_ns)
    assert (counts.skipped, counts.clamped) == ({}, 0)
