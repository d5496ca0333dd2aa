"""The history that a CI keeps."""

from __future__ import annotations

from pathlib import Path

import pytest
from bench_ui.lab.history import metrics_of, read_history, trend

from bench_app.comparison.comparison import compare_groups, history_line
from bench_app.errors import InputError

SAME, SLOW = [{"rate": 100.0 + number} for number in range(8)], [{"rate": 50.0 + number} for number in range(8)]


def history_of(folder: Path) -> Path:
    """Three lines, of which the second shows a change."""
    file = folder / "history.jsonl"
    sides = (SAME, SLOW, SLOW)
    base = SAME
    text = ""
    for day, side in enumerate(sides, start=1):
        text = history_line(compare_groups(base, side), f"2026-11-{day:02d}T12:00:00+00:00") + text
        base = side
    file.write_text(text)
    return file


def test_a_metric_has_its_median_and_interval_over_time(tmp_path: Path) -> None:
    lines = read_history(history_of(tmp_path))
    assert metrics_of(lines) == ["rate"]
    points = trend(lines, "rate")
    assert [point.value for point in points] == [103.5, 53.5, 53.5]
    assert [point.shift is not None for point in points] == [False, True, False]
    assert all(
        point.low is not None and point.high is not None and point.low <= point.value <= point.high for point in points
    )
    assert trend(lines, "drops") == []


def test_a_line_of_a_former_version_has_no_interval(tmp_path: Path) -> None:
    file = tmp_path / "old.jsonl"
    file.write_text('{"format": "zmq-bench-history/1", "at": "2026-11-01T12:00:00+00:00", "metrics": {"rate": 5}}\n')
    assert trend(read_history(file), "rate")[0].low is None


@pytest.mark.parametrize(
    ("text", "reason"),
    [("", "empty"), ("{}\n", "line 1"), ('{"at": "now", "metrics": {}}\n', "line 1"), ("no JSON\n", "line 1")],
)
def test_another_file_is_named_with_the_reason(tmp_path: Path, text: str, reason: str) -> None:
    file = tmp_path / "file"
    file.write_text(text)
    with pytest.raises(InputError, match=reason):
        read_history(file)
    with pytest.raises(InputError, match="could not be read"):
        read_history(tmp_path / "gone")
