"""Events from the command line, from files, pipes and a keyboard, checked as JSON."""

from __future__ import annotations

import os
import pty
from pathlib import Path
from types import SimpleNamespace

import pytest

from bench_app.cli import reading_progress
from bench_app.cli.event_input import events_of
from bench_app.errors import InputError
from bench_app.recording.message import RecordedMessage


def test_reading_from_a_terminal_emits_a_message() -> None:
    messages: list[str] = []
    keyboard, terminal = pty.openpty()
    with os.fdopen(terminal, "rb", buffering=0) as stream, pytest.MonkeyPatch.context() as patched:
        patched.setattr("sys.stdin", SimpleNamespace(buffer=stream))
        os.write(keyboard, b'{"id": 1}\n\x04')
        assert list(events_of("-", messages.append)) == [b'{"id": 1}']
    os.close(keyboard)
    assert messages == ["reading events from the terminal, one JSON value a line; Ctrl+D ends"]


def fail(message: str) -> None:
    raise AssertionError(message)


@pytest.mark.parametrize("text", ['{"id": 1}', " [1, 2] ", '"text"'])
def test_an_event_on_the_command_line_is_one_event(text: str) -> None:
    assert list(events_of(text, fail)) == [text.strip().encode()]


def test_a_file_has_an_event_on_each_line_that_is_not_blank(tmp_path: Path) -> None:
    file = tmp_path / "events.jsonl"
    file.write_bytes(b'{"id":1}\n\n  7  \r\n[2]')
    assert list(events_of(str(file), fail)) == [b'{"id":1}', b"7", b"[2]"]


def test_a_file_is_checked_to_its_end_before_the_first_event(tmp_path: Path) -> None:
    file = tmp_path / "events.jsonl"
    file.write_text('{"id": 1}\n{"id": 2\n')
    with pytest.raises(InputError, match=r"line 2, is no JSON"):
        events_of(str(file), fail)


def test_a_pipe_is_checked_line_by_line(monkeypatch: pytest.MonkeyPatch) -> None:
    read, written = os.pipe()
    with os.fdopen(read, "rb") as stream:
        monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=stream))
        os.write(written, b"1\n{broken\n")
        os.close(written)
        events = events_of("-", fail)
        assert next(events) == b"1"
        with pytest.raises(InputError, match="standard input, line 2, is no JSON"):
            next(events)


@pytest.mark.parametrize("text", ["nothing-of-that-name", "5"])
def test_a_missing_file_is_named_with_a_hint(text: str) -> None:
    with pytest.raises(InputError, match=rf"{text} cannot be read: No such file.*an event itself begins with"):
        events_of(text, fail)


RECORDINGS = Path(__file__).parents[1] / "end_to_end" / "recordings"


@pytest.mark.parametrize(
    "name", ["encodings-bom.jsonl", "encodings-utf16.jsonl", "compressed-gz-no-ending.jsonl", "compressed-events.log"]
)
def test_files_are_read_as_those_of_a_replay(name: str) -> None:
    events = list(events_of(str(RECORDINGS / name), fail))
    assert (len(events), events[7]) == (100, '{"id": 7, "ort": "Köln"}'.encode())


def test_a_table_has_an_event_on_each_row(tmp_path: Path) -> None:
    events = list(events_of(str(RECORDINGS / "csv-semicolon.csv"), fail))
    assert events[0].endswith(b'"speed":0.5,"unit":"m/s"}')
    file = tmp_path / "a.csv"
    file.write_bytes(b"a,b\n1,2\n3\n")
    with pytest.raises(InputError, match="line 3, is no event: 1 cells"):
        events_of(str(file), fail)


def test_an_event_over_several_lines(tmp_path: Path) -> None:
    file = tmp_path / "a.json"
    file.write_bytes(b'{\n "a": 1\n}\n{\n "a": 2\n}\n')
    assert list(events_of(str(file), fail)) == [b'{\n"a": 1\n}', b'{\n"a": 2\n}']


def test_a_file_that_cannot_be_read_to_its_end_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "a.jsonl"
    file.write_bytes(b"\x1f\x8bbroken")
    with pytest.raises(InputError, match="gzip data is broken"):
        events_of(str(file), fail)


def test_the_check_of_a_large_file_shows_progress(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(reading_progress, "LARGE_BYTES", 0)
    monkeypatch.setattr(reading_progress, "_LINE_EVERY_S", 0)
    file = tmp_path / "a.jsonl"
    file.write_bytes(b'{"a":1}\n' * 100_000)
    events = events_of(str(file), fail)
    lines = capsys.readouterr().err.splitlines()
    assert lines[0].startswith(f"{file}: ")
    assert " left" in lines[-1]
    assert sum(1 for _ in events) == 100_000
    assert not capsys.readouterr().err


def test_a_recording_is_not_sent_as_events(tmp_path: Path) -> None:
    message = RecordedMessage(1_700_000_000 * 10**9, "tcp://127.0.0.1:5555", "h/l", "t", [b"t", b"{}"])
    file = tmp_path / "messages.jsonl"
    file.write_bytes(message.to_line())
    with pytest.raises(InputError, match="is a recording of messages: a replay in a preset sends them"):
        events_of(str(file), fail)
    file.write_bytes(b'{"topic": "t", "frames": 2}\n')
    assert list(events_of(str(file), fail)) == [b'{"topic": "t", "frames": 2}']
