"""Times of arrival are read in the clock and unit of the consumer's file."""

from __future__ import annotations

import json

import pytest

from bench_app.account.arrival_times import UNKNOWN_NS, ArrivalClock, time_finder

START_NS = 63_000_123_456_789
WALL_NS = 1_795_884_820_123_456_789
AT_NS = START_NS + 1_500_000_000
STAMP = "1-15c659ec-0001-0000000000000004-000039ef338e3099-000039ef338f24df"


def clock() -> ArrivalClock:
    return ArrivalClock(START_NS, WALL_NS, 5.0)


@pytest.mark.parametrize(
    ("text", "is_wall_clock"),
    [
        ("63001623456789", False),
        ("63001623456.789", False),
        ("63001.623456789", False),
        ("1795884821623456789", True),
        ("1795884821623.456789", True),
        ("1795884821.623456789", True),
        ('"1795884821.623456789"', True),
        ('"2026-11-28T16:53:41.623456789Z"', True),
        ("2026-11-28 17:53:41.623456789+0100", True),
    ],
)
def test_clock_and_unit_are_those_in_which_a_time_lies_in_the_run(text: str, is_wall_clock: bool) -> None:
    mine = clock()
    assert (mine.read_ns(text), mine.is_wall_clock, mine.unread) == (AT_NS, is_wall_clock, 0)


@pytest.mark.parametrize("text", ["", "x", "0", "-1", "nan", "inf", "1e400", "1700000000", "2026-11-29T16:53:41Z"])
def test_other_texts_are_counted(text: str) -> None:
    mine = clock()
    assert (mine.read_ns(text), mine.unread) == (UNKNOWN_NS, 1)
    # They do not decide the clock of the others.
    assert mine.read_ns(str(AT_NS)) == AT_NS


@pytest.mark.parametrize(
    ("text", "outside"),
    [
        *(("2026-11-28T16:00:00Z", "before the start"), ("1795880000000", "before the start")),
        *(("2026-11-29T16:00:00Z", "after the end"), ("1795990000.5", "after the end"), ("7", "")),
    ],
)
def test_a_date_outside_the_run_is_of_another_run(text: str, outside: str) -> None:
    mine = clock()
    mine.read_ns(text)
    assert (mine.outside, mine.unread) == (outside, 1)


def test_nothing_is_read_for_a_result_without_a_start() -> None:
    assert ArrivalClock(0, 0, 5.0).read_ns(str(AT_NS)) == UNKNOWN_NS
    assert ArrivalClock(START_NS, 0, 5.0).read_ns(str(WALL_NS)) == UNKNOWN_NS


@pytest.mark.parametrize("name", ["received_ns", "received_at", 'my "time"', "a\\b"])
def test_the_time_in_a_line_of_json(name: str) -> None:
    lines = [json.dumps({"_bench": STAMP, "text": 'x "received_ns": 3', name: value}) for value in (5, 2.5, "soon")]
    find = time_finder(lines, None if name.startswith("received") else name)
    assert find is not None
    assert [find(line) for line in lines] == ["5", "2.5", '"soon"']
    assert find('{"a":1') is None


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_the_time_in_a_row_of_a_table(delimiter: str) -> None:
    rows = [["_bench", "note", "received_ns"], [STAMP, '"a, b; c"', "17"], [STAMP]]
    lines = [delimiter.join(row) + "\n" for row in rows]
    find = time_finder(lines)
    assert find is not None
    assert [find(line) for line in lines[1:]] == ["17", None]
    assert time_finder(lines, "note") is not None


@pytest.mark.parametrize("lines", [[], [STAMP], [f'"{STAMP}"'], [f'{{"_bench":"{STAMP}"}}'], [f'["{STAMP}"]']])
def test_a_file_without_times_has_no_finder(lines: list[str]) -> None:
    assert time_finder(lines) is None
    assert time_finder(lines, "received_ns") is None
