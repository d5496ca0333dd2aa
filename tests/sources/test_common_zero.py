"""Several replays of one recording begin together."""

from __future__ import annotations

from pathlib import Path

from bench_app.model import MaxLoad, RecordedLoad, ReplaySource, SyntheticSource
from bench_app.sources.common_zero import common_zeros, first_time

RECORDINGS = Path(__file__).parents[1] / "end_to_end" / "recordings"
FIRST_NS = 1_700_000_000 * 10**9


def replay(name: str, speed: float = 1) -> ReplaySource:
    return ReplaySource(path=name, time_field="ts", load=RecordedLoad(speed=speed))


def test_the_earliest_first_time_is_the_zero_of_all() -> None:
    sources = {"a": replay("clock-jumps-a.jsonl"), "b": replay("clock-jumps-b.jsonl"), "c": SyntheticSource()}
    assert common_zeros(sources, RECORDINGS, 4) == {"a": FIRST_NS, "b": FIRST_NS}


def test_a_file_that_begins_after_the_run_begins_by_itself() -> None:
    sources = {"a": replay("clock-jumps-a.jsonl"), "b": replay("clock-jumps-b.jsonl")}
    assert common_zeros(sources, RECORDINGS, 1) == {"a": FIRST_NS}
    sources["b"] = replay("clock-jumps-b.jsonl", speed=10)
    assert common_zeros(sources, RECORDINGS, 1) == {"a": FIRST_NS, "b": FIRST_NS}


def test_one_replay_or_other_loads_have_no_common_zero(tmp_path: Path) -> None:
    a = replay("clock-jumps-a.jsonl")
    assert common_zeros({"a": a}, RECORDINGS, 4) == {}
    other = ReplaySource(path="clock-jumps-b.jsonl", time_field="ts", load=MaxLoad())
    assert common_zeros({"a": a, "b": other}, RECORDINGS, 4) == {}
    assert common_zeros({"a": a, "b": replay("none")}, tmp_path, 4) == {}


def test_the_first_time_fits_the_next_ones(tmp_path: Path) -> None:
    assert first_time(replay("first-time-zero-zero-ms.jsonl"), RECORDINGS) == FIRST_NS + 10_000_000
    (tmp_path / "a.jsonl").write_bytes(b'x\n{"ts":5}\n{"ts":6}\n')
    assert first_time(replay("a.jsonl"), tmp_path) == 5 * 10**9
    (tmp_path / "a.jsonl").write_bytes(b'{"a":5}\n')
    assert first_time(replay("a.jsonl"), tmp_path) is None
