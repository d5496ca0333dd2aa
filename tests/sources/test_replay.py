"""Replays through a complete feed: the events, their due times, and the memory they need."""

from __future__ import annotations

import gzip
import itertools
import json
import threading
import time
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

import pytest

from bench_app.errors import SourceError
from bench_app.measure.clock import NS_PER_S
from bench_app.measure.source_counts import SourceCounts
from bench_app.model import ConstantLoad, Load, MaxLoad, RecordedLoad, ReplaySource
from bench_app.sources import readahead
from bench_app.sources import replay as replay_module
from bench_app.sources.feed import Feed
from bench_app.sources.open_feed import open_feed
from bench_app.sources.record import BadRecord, Record, SkipReason
from bench_app.sources.records import RecordFile
from bench_app.sources.replay import ReplaySupply
from bench_app.sources.times import RecordedClock

LAST_NS = 10 * NS_PER_S - 1

Open = Callable[..., Feed[bytes]]


@pytest.fixture
def replay(tmp_path: Path) -> Iterator[Open]:
    """Writes a file and opens a feed on it. At the end every feed is closed, and no thread may be left."""
    feeds: list[Feed[bytes]] = []

    def open_it(
        content: bytes,
        *,
        name: str = "a.jsonl",
        load: Load | None = None,
        time_field: str | None = None,
        loop: bool = False,
        on_bad_line: Literal["skip", "fail"] = "skip",
        skip: int = 0,
        time_format: str | None = None,
        recorded_zero_ns: int | None = None,
        objects_only: bool = True,
        render: Callable[[bytes], bytes] = bytes,
    ) -> Feed[bytes]:
        (tmp_path / name).write_bytes(content)
        load = load or MaxLoad()
        spec = ReplaySource(
            path=name,
            time_field=time_field,
            time_format=time_format,
            loop=loop,
            on_bad_line=on_bad_line,
            load=load,
        )
        feed = open_feed(
            spec,
            base_dir=tmp_path,
            render=render,
            reserve=0,
            duration_ns=LAST_NS + 1,
            skip=skip,
            objects_only=objects_only,
            recorded_zero_ns=recorded_zero_ns,
        )
        feeds.append(feed)
        return feed

    yield open_it
    for feed in feeds:
        feed.close()
    assert not [thread for thread in threading.enumerate() if thread.name == "read-ahead"]


def take(feed: Feed[bytes], most: int = 10**9) -> list[tuple[bytes, int]]:
    """All events until the end; waits for the reader if it is too slow."""
    taken: list[tuple[bytes, int]] = []
    while not feed.exhausted and len(taken) < most:
        event = feed.poll(LAST_NS)
        if event is not None:
            taken.append(event)
    return taken


def take_texts(feed: Feed[bytes], most: int = 10**9) -> list[bytes]:
    return [text for text, _ in take(feed, most)]


def lines(*events: Any) -> bytes:
    return b"".join(json.dumps(event).encode() + b"\n" for event in events)


def test_lines_are_unchanged(replay: Open) -> None:
    feed = replay(b'{"a": 1.10}\r\n\n{"b":[ ]}')
    assert take_texts(feed) == [b'{"a": 1.10}', b'{"b":[ ]}']
    assert feed.ended_early
    assert (feed.failure, feed.notes(), feed.bad_lines) == ("", [], 0)


@pytest.mark.parametrize(
    ("name", "content"),
    [("a.json", b'[{"a":1},{"a":2}]'), ("a.csv", b"a\n1\n2\n"), ("a.csv.gz", gzip.compress(b"a\n1\n2\n", mtime=0))],
)
def test_other_formats(replay: Open, name: str, content: bytes) -> None:
    assert take_texts(replay(content, name=name)) == [b'{"a":1}', b'{"a":2}']


BAD = {
    b"nonsense": "not JSON",
    b'{"a":1} x': "not JSON",
    b'{"a":01}': "not JSON",
    b'{"a":"\xff"}': "not UTF-8",
    b"[1]": "not a JSON object",
    b'"text"': "not a JSON object",
    b'{"a":1,"_bench":null}': "refused: it already has a _bench key",
    b'{"_ben\\u0063h":1}': "refused: it already has a _bench key",
    b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}": "nested too deeply",
}


@pytest.mark.parametrize("bad", BAD, ids=range(len(BAD)))
class TestBadLines:
    def test_skipped_with_a_note(self, replay: Open, bad: bytes) -> None:
        feed = replay(b'{"a":1}\n' + bad + b'\n{"a":2}\n')
        assert take_texts(feed) == [b'{"a":1}', b'{"a":2}']
        assert feed.bad_lines == 1
        (note,) = feed.notes()
        assert note.startswith(f"a.jsonl, line 2: {BAD[bad]}")
        assert feed.notes() == []

    def test_a_bad_line_at_the_start_fails_at_once(self, replay: Open, bad: bytes) -> None:
        with pytest.raises(SourceError, match=f"^a.jsonl, line 2: {BAD[bad]}"):
            replay(b'{"a":1}\n' + bad + b'\n{"a":2}\n', on_bad_line="fail")


def test_a_bench_key_in_an_inner_object_is_accepted(replay: Open) -> None:
    content = b'{"a":{"_bench":1}}\n'
    assert len(take(replay(content))) == 1


def test_a_fatal_line_in_the_run_comes_after_the_events_before_it(replay: Open) -> None:
    count = readahead.MAX_ITEMS + 1000
    feed = replay(b'{"a":1}\n' * count + b'x\n{"a":2}\n', on_bad_line="fail")
    assert feed.failure == ""
    assert len(take(feed)) == count
    assert feed.exhausted
    assert feed.failure.startswith(f"a.jsonl, line {count + 1}: not JSON")


def test_the_first_bad_lines_get_a_note_and_all_are_counted(replay: Open) -> None:
    feed = replay(b"x\n" * 20 + b'{"a":1}\n' + b"x\n" * 30)
    take(feed)
    notes = feed.notes()
    assert feed.bad_lines == 50
    assert len(notes) == 6
    assert notes[-1] == "a.jsonl: 50 records skipped in all"


def test_any_json_is_accepted_if_the_stamp_travels_elsewhere(replay: Open) -> None:
    feed = replay(b'[1]\n"text"\n{"_bench":1}\nnonsense\n', objects_only=False)
    assert take_texts(feed) == [b"[1]", b'"text"', b'{"_bench":1}']
    assert feed.bad_lines == 1


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.jsonl", b"", "no usable event"),
        ("a.jsonl", b"\n\n", "no usable event"),
        ("a.jsonl", b"[1]\n", "line 1: not a JSON object"),
        ("a.json", b"[]", "no usable event"),
        ("a.json", b'"text"', "has no JSON array"),
        ("a.csv", b"a,b\n", "no usable event"),
        ("a.txt", b"a text", "no format fits its name or its content"),
        ("a.jsonl.gz", b"\x1f\x8b{}", "gzip data is broken"),
        ("a.jsonl.gz", gzip.compress(b'{"a":1}\n' * 100, mtime=0)[:-9], "gzip data is broken"),
    ],
)
def test_files_without_a_usable_event_are_refused(replay: Open, name: str, content: bytes, message: str) -> None:
    with pytest.raises(SourceError, match=message):
        replay(content, name=name)


def test_missing_file(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="no such file"):
        open_feed(ReplaySource(path="none.jsonl"), base_dir=tmp_path, render=bytes, reserve=0, duration_ns=1)


def test_an_error_of_render_is_raised_and_hangs_nothing(replay: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(text: bytes) -> bytes:
        raise ZeroDivisionError

    seen: list[Any] = []
    monkeypatch.setattr(threading, "excepthook", seen.append)
    with pytest.raises(SourceError, match="the reader stopped unexpectedly"):
        replay(b'{"a":1}\n', render=refuse)
    assert seen[0].exc_type is ZeroDivisionError


class TestSkip:
    def test_skip_continues_after_the_events_taken(self, replay: Open) -> None:
        content = lines(*({"a": number} for number in range(10)))
        assert take_texts(replay(content, skip=7)) == [b'{"a": 7}', b'{"a": 8}', b'{"a": 9}']

    def test_skipping_all_events_is_an_end_and_not_an_error(self, replay: Open) -> None:
        feed = replay(b'{"a":1}\n' * 10, skip=10)
        assert take(feed) == []
        assert feed.failure == ""

    @pytest.mark.parametrize("skip", [0, 1, 2, 3, 4, 2_999_999])
    def test_skip_passes_over_many_rounds(self, replay: Open, skip: int) -> None:
        content = lines({"t": 0}, {"t": 0.5}, {"t": 2})
        load = RecordedLoad(speed=1_000_000)
        feed = replay(content, loop=True, skip=skip, load=load, time_field="t")
        rounds, place = divmod(skip, 3)
        text, due_ns = take(feed, 1)[0]
        assert text == [b'{"t": 0}', b'{"t": 0.5}', b'{"t": 2}'][place]
        # A round takes 2 s and the mean interval of 1 s.
        assert due_ns == (rounds * 3_000_000_000 + [0, 500_000_000, 2_000_000_000][place]) // 1_000_000


class TestRecorded:
    def due(self, replay: Open, content: bytes, speed: float = 1.0, **how: Any) -> list[int]:
        feed = replay(content, load=RecordedLoad(speed=speed), time_field="t", **how)
        return [due_ns for _, due_ns in take(feed)]

    def test_times_count_from_the_first_event(self, replay: Open) -> None:
        content = lines(*({"t": 1_735_689_600_000 + ms} for ms in (0, 5, 1500)))
        assert self.due(replay, content) == [0, 5_000_000, 1_500_000_000]
        assert self.due(replay, content, speed=2) == [0, 2_500_000, 750_000_000]

    def test_iso(self, replay: Open) -> None:
        content = lines({"t": "2025-01-01T00:00:00Z"}, {"t": "2025-01-01T00:00:00.000001Z"})
        assert self.due(replay, content) == [0, 1000]

    def test_csv(self, replay: Open) -> None:
        assert self.due(replay, b"t,a\n1.5,x\n2.75,y\n", name="a.csv") == [0, 1_250_000_000]

    def test_a_clock_set_back_keeps_the_order_of_events(self, replay: Open) -> None:
        content = lines(*({"t": t} for t in (10, 12, 11, 9, 13)))
        assert [due_ns // NS_PER_S for due_ns in self.due(replay, content)] == [0, 2, 2, 2, 3]

    def test_the_duration_ends_the_feed(self, replay: Open) -> None:
        content = lines(*({"t": t} for t in (0, 9.999, 10, 11)))
        feed = replay(content, load=RecordedLoad(), time_field="t")
        assert len(take(feed)) == 2
        assert feed.exhausted
        assert not feed.ended_early

    def test_a_loop_continues_after_the_mean_interval(self, replay: Open) -> None:
        content = lines(*({"t": t} for t in (0, 1, 4)))
        assert [due_ns // NS_PER_S for due_ns in self.due(replay, content, loop=True)] == [0, 1, 4, 6, 7]

    def test_each_round_of_a_loop_begins_in_the_same_year(self, replay: Open) -> None:
        content = lines(*({"t": f"{month} 10 00:00:00"} for month in ("Jan", "Jun", "Nov")))
        zero_ns = RecordedClock("%b %d %T").read_ns("Jan 10 00:00:00")
        # With a skipped event the file is read again for each round.
        how = {"loop": True, "skip": 1, "time_format": "%b %d %T", "recorded_zero_ns": zero_ns}
        due = self.due(replay, content, speed=2e7, **how)
        intervals = [after - before for before, after in itertools.pairwise(due)]
        assert len(due) > 7
        assert intervals[:3] == intervals[3:6]

    @pytest.mark.parametrize("content", [lines({"t": 5}), lines({"t": 5}, {"t": 5})])
    def test_a_round_of_a_loop_without_length_takes_a_second(self, replay: Open, content: bytes) -> None:
        due = self.due(replay, content, loop=True)
        assert sorted(set(due)) == [second * NS_PER_S for second in range(10)]

    def test_a_guessed_unit_is_noted_once(self, replay: Open) -> None:
        note = "a.jsonl: the times are no dates from 1990 to 2100; taken as s, or set time_format"
        for how, notes in (({}, [note]), ({"time_format": "s"}, [])):
            feed = replay(lines({"t": 1}, {"t": 2}), load=RecordedLoad(), time_field="t", loop=True, **how)
            assert len(take(feed)) == 10
            assert feed.notes() == notes

    def test_without_a_time_an_event_is_bad(self, replay: Open) -> None:
        content = lines({"t": 1}, {"a": 2}, {"t": None}, {"t": "soon"}, {"t": 2})
        feed = replay(content, load=RecordedLoad(), time_field="t", time_format="s")
        assert len(take(feed)) == 2
        assert [note.split(": ", 1) for note in feed.notes()] == [
            ["a.jsonl, line 2", "no time in the field t; skipped"],
            ["a.jsonl, line 3", "no time in the field t; skipped"],
            ["a.jsonl, line 4", 'no time in the field t: "soon" cannot be read; skipped'],
        ]

    def test_without_a_time_an_event_is_accepted_by_another_load(self, replay: Open) -> None:
        assert len(take(replay(lines({"t": 1}, {"a": 2}), load=ConstantLoad(rate=10), time_field="t"))) == 2

    def test_a_live_change_to_recorded_times(self, replay: Open) -> None:
        content = lines(*({"t": t} for t in (0, 100, 101)))
        feed = replay(content, load=ConstantLoad(rate=1), time_field="t")
        assert feed.poll(0) is not None
        feed.change_load(RecordedLoad(), 500)
        assert [due_ns for _, due_ns in take(feed)] == [500, NS_PER_S + 500]

    @pytest.mark.parametrize("time_field", [None, "_bench"])
    def test_unusable_time_fields_are_refused(self, replay: Open, time_field: str | None) -> None:
        with pytest.raises(SourceError, match="time_field"):
            replay(lines({"t": 1}), load=RecordedLoad(), time_field=time_field)


class TestLoop:
    def test_a_small_file_is_read_once(self, replay: Open, tmp_path: Path) -> None:
        feed = replay(b'{"a":1}\nx\n{"a":2}\n', loop=True)
        (tmp_path / "a.jsonl").unlink()
        assert take_texts(feed, 20_001) == [b'{"a":1}', b'{"a":2}'] * 10_000 + [b'{"a":1}']
        assert feed.bad_lines == 1

    def test_a_large_file_is_read_again(self, replay: Open) -> None:
        count = readahead.MAX_ITEMS * 2
        content = lines(*({"a": number} for number in range(count))) + b"x\n"
        found = take_texts(replay(content, loop=True), count * 3)
        assert found[:count] * 3 == found

    def test_a_file_that_is_deleted_ends_the_replay_with_an_error(self, replay: Open, tmp_path: Path) -> None:
        count = readahead.MAX_ITEMS * 2
        feed = replay(b'{"a":1}\n' * count, loop=True)
        (tmp_path / "a.jsonl").unlink()
        assert len(take(feed)) == count
        assert "no such file" in feed.failure


def test_a_large_file_needs_little_memory(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    line = lines({"a": "x" * 5000})
    with path.open("wb") as file:
        for _ in range(10_000):
            file.write(line)
    tracemalloc.start()
    try:
        supply = ReplaySupply(ReplaySource(path=path.name), tmp_path, bytearray, 0, True)
        count = 0
        while not supply.ended:
            count += supply.take() is not None
        supply.close()
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert count == 10_000
    assert path.stat().st_size > 50_000_000
    assert peak < readahead.MAX_BYTES * 1.5


def test_close_ends_a_reader_that_waits_for_room(replay: Open) -> None:
    replay(b'{"a":1}\n' * 50_000).close()
    assert not [thread for thread in threading.enumerate() if thread.name == "read-ahead"]


def test_close_ends_a_reader_that_skips_bad_records(replay: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    passed = threading.Event()

    def records() -> Iterator[Record | BadRecord]:
        for number in range(readahead.MAX_ITEMS * 2):
            yield Record(number, b'{"a":1}')
        while True:
            passed.set()
            yield BadRecord(0, "bad", SkipReason.NOT_JSON)

    @contextmanager
    def open_records(path: Path, options: Any, emit: Any) -> Iterator[RecordFile]:
        yield RecordFile("jsonl", "UTF-8", "", 0, records(), lambda: 0)

    monkeypatch.setattr(replay_module, "open_records", open_records)
    feed = replay(b"")
    while not passed.is_set():
        feed.poll(0)
    feed.close()
    assert not [thread for thread in threading.enumerate() if thread.name == "read-ahead"]


@pytest.mark.parametrize("unit_ns", [NS_PER_S, 1_000_000, 1000, 1])
def test_recorded_times_in_every_unit(replay: Open, unit_ns: int) -> None:
    first = 1_735_689_600 * (NS_PER_S // unit_ns)
    content = lines(*({"t": first + after_s * (NS_PER_S // unit_ns)} for after_s in (0, 2, 9)))
    feed = replay(content, load=RecordedLoad(), time_field="t")
    assert [due_ns for _, due_ns in take(feed)] == [0, 2 * NS_PER_S, 9 * NS_PER_S]


def rest_counted(feed: Feed[bytes]) -> SourceCounts:
    """The counts after the feed has counted the records that were not reached."""
    feed.count_rest()
    deadline = time.monotonic() + 20
    while feed.is_counting:
        assert time.monotonic() < deadline
        time.sleep(0.001)
    return feed.counts


@pytest.mark.parametrize("taken", [0, 1, 700, 20_000])
def test_every_record_was_taken_skipped_or_not_reached(replay: Open, taken: int) -> None:
    feed = replay((b'{"a":1}\n' * 199 + b"x\n") * 100)
    assert len(take(feed, taken)) == min(taken, 19_900)
    counts = rest_counted(feed)
    assert counts.is_read_through
    assert counts.skipped == {"not_json": 100}
    assert counts.not_reached == 19_900 - min(taken, 19_900)


def test_the_records_after_the_skipped_events_are_not_reached(replay: Open) -> None:
    feed = replay(b'{"a":1}\n' * 10, skip=4)
    take(feed, 3)
    assert rest_counted(feed).not_reached == 3


def test_records_due_after_the_run_are_not_reached(replay: Open) -> None:
    times = [0, 1, 2, 50, 51]
    feed = replay(lines(*({"t": s} for s in times)), load=RecordedLoad(), time_field="t")
    assert len(take(feed)) == 3
    counts = rest_counted(feed)
    assert (counts.not_reached, counts.is_exhausted, counts.ended_early) == (2, True, False)


@pytest.mark.parametrize("repeat", [10, 6_000])
def test_a_loop_that_went_round_once_has_reached_every_record(replay: Open, repeat: int) -> None:
    feed = replay(b'{"a":1}\n' * repeat, loop=True)
    take(feed, 5)
    assert rest_counted(feed).not_reached == repeat - 5
    feed = replay(b'{"a":1}\n' * repeat, loop=True)
    take(feed, repeat + 5)
    assert rest_counted(feed).not_reached == 0


def test_a_rest_that_cannot_be_read_leaves_the_number_unknown(replay: Open) -> None:
    feed = replay(b'{"a":1}\n' * 6_000 + b"x\n", on_bad_line="fail")
    take(feed, 10)
    counts = rest_counted(feed)
    assert not counts.is_read_through
    assert counts.not_reached == 5_990
    assert not counts.ended_early


def test_a_close_ends_the_counting(replay: Open) -> None:
    feed = replay(b'{"a":1}\n' * 300_000)
    feed.count_rest()
    feed.close()
    assert not feed.is_counting


def test_a_time_before_an_earlier_one_is_clamped_where_recorded_times_are_used(replay: Open) -> None:
    content = lines(*({"t": s} for s in (0, 3, 1, 2, 3, 4)))
    feed = replay(content, load=RecordedLoad(), time_field="t")
    assert [due // NS_PER_S for _, due in take(feed)] == [0, 3, 3, 3, 3, 4]
    assert feed.counts.clamped == 2
    feed = replay(content, time_field="t")
    take(feed)
    assert feed.counts.clamped == 0


def test_a_missing_time_and_an_unreadable_one_are_counted_apart(replay: Open) -> None:
    content = lines({"t": 1}, {"a": 1}, {"t": None}, {"t": "soon"}, {"t": True})
    feed = replay(content, load=RecordedLoad(), time_field="t")
    take(feed)
    assert feed.counts.skipped == {"no_time": 2, "unreadable_time": 2}
    assert feed.counts.ended_early
