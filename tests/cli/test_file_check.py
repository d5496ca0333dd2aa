"""The report of a file of a replay, and the progress of reading it."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from bench_app.cli import reading_progress
from bench_app.cli.file_check import format_time, survey_lines, surveys
from bench_app.preset import documents
from bench_app.sources.clock_counts import ClockCounts
from bench_app.sources.survey import Survey
from tests.runs import preset


def test_every_fact_has_a_line() -> None:
    found = Survey(
        Path("a.csv"),
        format="csv",
        encoding="UTF-16",
        compression="gzip",
        events=2_000,
        skipped=Counter(bad_row=1),
        faults=["a.csv, line 3: 1 cells, while the header has 2"],
        fields=[f"f{number}" for number in range(32)],
        first_ns=1_500_000_000,
        last_ns=61_500_000_000,
        length_ns=60_000_000_000,
        clock=ClockCounts(clamped=1, jumps=2, gaps_cut=3),
        guessed_unit="ms",
        notes=["a note"],
    )
    fields = ", ".join(f"f{number}" for number in range(30))
    assert list(survey_lines("events", found)) == [
        "events: a.csv: CSV, UTF-16, gzip; 2,000 events",
        f"  fields of the first 1,000 events: {fields} and 2 more",
        "  times: 1.500000 s to 61.500000 s, 60.000 s to replay",
        "  note: the times are no dates from 1990 to 2100; taken as ms, or set time_format",
        "  note: a note",
        "  note: 1 time does not fit the times before and after",
        "  note: the clock was set 2 times",
        "  note: 3 gaps are cut to max_gap_s",
        "  a.csv, line 3: 1 cells, while the header has 2",
        "  1 record is no event (1 not a row of the CSV file)",
    ]


def test_a_date_is_shown_in_utc() -> None:
    assert format_time(1_700_000_000_123_456_789) == "2023-11-14T22:13:20.123456Z"


def test_a_large_file_shows_progress(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(reading_progress, "LARGE_BYTES", 0)
    monkeypatch.setattr(reading_progress, "_LINE_EVERY_S", 0)
    (tmp_path / "a.jsonl").write_bytes(b'{"a":1}\n' * 100_000)
    raw = preset()
    raw["bench"]["sources"] = {"events": {"kind": "replay", "path": "a.jsonl"}}
    ((sink, found),) = surveys(documents.parse(raw, "test", tmp_path))
    assert (sink, found.events) == ("events", 100_000)
    lines = capsys.readouterr().err.splitlines()
    assert lines[-1] == "a.jsonl: 100% read"
    assert "% read, about 1 s left" in lines[1]
    assert 2 < len(lines) < 100
