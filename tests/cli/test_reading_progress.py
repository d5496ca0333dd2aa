"""The progress of reading a file: when it is shown, and its estimate."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from bench_app.cli import reading_progress
from bench_app.cli.reading_progress import LARGE_BYTES, ReadingProgress


def test_a_line_says_how_much_is_read_and_how_long_the_rest_takes(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    clock = SimpleNamespace(now_s=100.0, monotonic=lambda: clock.now_s)
    monkeypatch.setattr(reading_progress, "time", clock)
    with ReadingProgress("a.csv") as progress:
        for clock.now_s, done in (
            (101.0, 1),
            (110.0, LARGE_BYTES // 4),
            (112.0, LARGE_BYTES // 2),
            (140.0, LARGE_BYTES),
        ):
            progress.show(done, LARGE_BYTES)
    assert capsys.readouterr().err.splitlines() == ["a.csv: 25% read, about 30 s left", "a.csv: 100% read"]


@pytest.mark.parametrize(("seconds", "is_shown"), [(1.9, False), (5.0, True)])
def test_a_small_file_shows_it_if_it_takes_long(
    seconds: float, is_shown: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    clock = SimpleNamespace(now_s=0.0, monotonic=lambda: clock.now_s)
    monkeypatch.setattr(reading_progress, "time", clock)
    with ReadingProgress("a.csv.xz") as progress:
        clock.now_s = seconds
        progress.show(5, 10)
    assert (capsys.readouterr().err != "") == is_shown


def test_a_pipe_shows_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    with ReadingProgress("standard input") as progress:
        progress.show(0, 0)
    assert capsys.readouterr().err == ""


def test_a_terminal_shows_a_bar(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    monkeypatch.setenv("FORCE_COLOR", "1")
    with ReadingProgress("a.csv") as progress:
        progress.show(LARGE_BYTES // 2, LARGE_BYTES)
    assert "a.csv" in capsys.readouterr().err
