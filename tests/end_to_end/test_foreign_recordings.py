"""Small recordings as people have them, from the file to the due time of each event."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from bench_app.measure.clock import NS_PER_MS, NS_PER_S
from bench_app.measure.source_counts import SourceCounts
from bench_app.model import MaxLoad, RecordedLoad, ReplaySource
from bench_app.sources.common_zero import common_zeros
from bench_app.sources.open_feed import open_feed

RECORDINGS = Path(__file__).parent / "recordings"
LONG_NS = 3600 * NS_PER_S


def replay(
    name: str, zero_ns: int | None = None, sink: str = "", **keys: Any
) -> tuple[list[bytes], list[int], SourceCounts]:
    """The events of a recording, when they are due in ns, and the counts at the end."""
    load = RecordedLoad() if "time_field" in keys else MaxLoad()
    spec = ReplaySource(path=name, load=load, **keys)
    feed = open_feed(
        spec, base_dir=RECORDINGS, render=bytes, reserve=0, duration_ns=LONG_NS, recorded_zero_ns=zero_ns, sink=sink
    )
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


def test_tables_of_other_tools() -> None:
    texts, _, _ = replay("csv-semicolon.csv")
    assert texts[0] == b'{"time":1700000000000,"speed":0.5,"unit":"m/s"}'
    texts, dues_ns, _ = replay("csv-sep-line.csv", time_field="time")
    assert (len(texts), texts[0]) == (100, b'{"time":1700000000000,"speed":0}')
    assert dues_ns[1] == 10 * NS_PER_MS
    texts, _, _ = replay("csv-dup.csv")
    assert texts[0] == b'{"t":0,"x":2,"x_2":3}'
    texts, _, _ = replay("csv-trailing2.csv")
    assert texts[0] == b'{"a":0,"b":2,"c":3,"column_4":"","column_5":""}'


@pytest.mark.parametrize(
    "name", ["encodings-bom.jsonl", "encodings-utf16.jsonl", "compressed-gz-no-ending.jsonl", "compressed-events.log"]
)
def test_files_are_read_by_their_content(name: str) -> None:
    texts, _, counts = replay(name)
    assert (len(texts), counts.skipped) == (100, {})
    assert texts[99] == '{"id": 99, "ort": "Köln"}'.encode()


def distances_ms(dues_ns: list[int]) -> list[float]:
    return [(after - before) / NS_PER_MS for before, after in pairwise(dues_ns)]


def test_one_time_far_ahead_keeps_its_place() -> None:
    texts, dues_ns, counts = replay("clock-jumps-middle-one.jsonl", time_field="ts")
    assert (len(texts), dues_ns[-1]) == (200, 199 * 10 * NS_PER_MS)
    assert all(distance in (0, 10, 20) for distance in distances_ms(dues_ns))
    assert (counts.clamped, counts.clock_jumps) == (1, 0)


def test_a_clock_set_back_goes_on_with_the_distances_after_the_jump() -> None:
    texts, dues_ns, counts = replay("clock-set-back-dst-back.jsonl", time_field="ts")
    assert len(texts) == 200
    assert distances_ms(dues_ns) == [10] * 199
    assert (counts.clamped, counts.clock_jumps) == (0, 1)


def test_a_first_time_of_0_is_no_date() -> None:
    texts, dues_ns, counts = replay("first-time-zero-zero-ms.jsonl", time_field="ts")
    assert len(texts) == 200
    assert distances_ms(dues_ns) == [0] + [10] * 198
    assert (counts.clamped, counts.clock_jumps, counts.skipped) == (1, 0, {})


def test_a_long_gap_is_cut() -> None:
    _, dues_ns, counts = replay("csv-sep-line.csv", time_field="time", max_gap_s=0.004)
    assert set(distances_ms(dues_ns)) == {4}
    assert counts.gaps_cut == 99


def test_two_recordings_keep_their_distance() -> None:
    keys: dict[str, Any] = {"time_field": "ts", "load": RecordedLoad()}
    sources = {name: ReplaySource(path=f"clock-jumps-{name}.jsonl", **keys) for name in "ab"}
    zeros = common_zeros(sources, RECORDINGS, 4)
    _, first_dues_ns, _ = replay("clock-jumps-a.jsonl", zeros["a"], time_field="ts")
    _, second_dues_ns, _ = replay("clock-jumps-b.jsonl", zeros["b"], time_field="ts")
    assert first_dues_ns == [500 * number * NS_PER_MS for number in range(6)]
    assert second_dues_ns == [2000 * NS_PER_MS, 2500 * NS_PER_MS]


def test_each_sink_gets_its_own_events(tmp_path: Path) -> None:
    path = tmp_path / "mixed.jsonl"
    path.write_bytes(
        b"".join(b'{"t":%d,"to":"%s"}\n' % (n, (b"a", b"b", b"b")[n % 3]) for n in range(30)) + b'{"t":30}\n'
    )
    for sink, count, first_ns in (("a", 10, 0), ("b", 20, NS_PER_S)):
        keys: dict[str, Any] = {"time_field": "t", "sink_field": "to"}
        texts, dues_ns, counts = replay(str(path), 0, sink, **keys)
        assert (len(texts), dues_ns[0]) == (count, first_ns)
        assert (counts.other_sinks, counts.skipped) == (30 - count, {"no_sink": 1})
