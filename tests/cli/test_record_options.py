"""The options of ``--record``."""

from __future__ import annotations

from pathlib import Path

import click
import pytest

from bench_app.cli.record_options import record_options_of
from bench_app.recording.recorder import RecordOptions


def test_the_options_say_when_another_file_begins() -> None:
    assert record_options_of(None, None, None) is None
    assert record_options_of(Path("a.jsonl"), None, None) == RecordOptions(Path("a.jsonl"))
    assert record_options_of(Path("a.jsonl"), 1.5, 60.0) == RecordOptions(Path("a.jsonl"), 1_500_000, 60.0)


def test_the_options_of_rotation_need_a_file() -> None:
    with pytest.raises(click.UsageError, match="need --record FILE"):
        record_options_of(None, 1.0, None)
