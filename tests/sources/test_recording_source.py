"""Whether the file of a replay is a recording."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench_app.model import ReplaySource
from bench_app.recording.message import RecordedMessage
from bench_app.sources import records
from bench_app.sources.recording_source import as_recording, is_recording


@pytest.mark.parametrize(
    ("name", "text", "is_one"),
    [
        ("a.jsonl", RecordedMessage(1, "", "", "t", [b"t"]).to_line(), True),
        ("a.log", RecordedMessage(1, "", "", "t", [b"t"]).to_line(), True),
        ("a.jsonl", b'{"received_ns":1}\n', False),
        ("a.csv", b"a,b\n1,2\n", False),
        ("a.jsonl", b"", False),
        ("a.jsonl", b"\n\n" + RecordedMessage(1, "", "", "t", [b"t"]).to_line(), True),
        ("a.json", b"[" + RecordedMessage(1, "", "", "t", [b"t"]).to_line() + b"]", False),
    ],
)
def test_the_first_line_decides(tmp_path: Path, name: str, text: bytes, is_one: bool) -> None:
    (tmp_path / name).write_bytes(text)
    source = ReplaySource(path=name)
    assert is_recording(source, tmp_path) is is_one
    expected = ReplaySource(path=name, format="recording", time_field="received_ns") if is_one else source
    assert as_recording(source, tmp_path) == expected


@pytest.mark.parametrize("head", [b"[\n", b"{\n", b'{"a":1}\n'])
def test_no_more_than_the_first_line_is_read(tmp_path: Path, head: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.json").write_bytes(head + b'{"a":1},\n' * 1000)

    def fail(*_: object) -> None:
        raise AssertionError

    monkeypatch.setattr(records, "record_file", fail)
    assert not is_recording(ReplaySource(path="a.json"), tmp_path)


def test_a_format_that_is_named_decides(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes(RecordedMessage(1, "", "", "t", [b"t"]).to_line())
    assert not is_recording(ReplaySource(path="a.jsonl", format="jsonl"), tmp_path)
    assert is_recording(ReplaySource(path="no.jsonl", format="recording"), tmp_path)
    assert not is_recording(ReplaySource(path="no.jsonl"), tmp_path)
