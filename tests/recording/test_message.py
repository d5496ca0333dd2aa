"""A recorded message and its line of JSON."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench_app.recording.message import RecordedLine, RecordedMessage, is_recorded_line, read_line, topic_of
from bench_app.untrusted.json_reader import BadJsonError


@given(st.lists(st.one_of(st.binary(), st.text().map(lambda text: text.encode())), min_size=1), st.text())
def test_a_line_gives_the_same_message(frames: list[bytes], topic: str) -> None:
    message = RecordedMessage(1_795_873_008_452_916_058, "tcp://127.0.0.1:5555", "h/sub-1", topic, frames)
    line = message.to_line()
    assert line.count(b"\n") == 1
    assert read_line(line) == message


def test_a_line_is_readable_by_itself() -> None:
    message = RecordedMessage(1_795_873_008_452_916_058, "ipc:///x", "", "a", [b"a", b'{"b":1}', b"\xff"])
    assert json.loads(message.to_line()) == {
        "received_at": "2026-11-28T13:36:48.452916058Z",
        "received_ns": 1_795_873_008_452_916_058,
        "endpoint": "ipc:///x",
        "topic": "a",
        "frames": ["a", '{"b":1}', {"base64": "/w=="}],
    }


@pytest.mark.parametrize(
    "line",
    [
        b"{}",
        b'{"received_ns":1,"frames":[]}',
        b'{"received_ns":1,"frames":[{"base64":"?"}]}',
        b'{"received_ns":"1","frames":["a"]}',
        b'{"received_ns":1,"frames":["a"]',
        b"[1]",
    ],
)
def test_other_lines_are_no_messages(line: bytes) -> None:
    assert not is_recorded_line(line)
    with pytest.raises(BadJsonError):
        read_line(line)


def test_the_topic_is_the_first_of_several_frames_or_precedes_a_blank() -> None:
    assert topic_of([b"a.b", b"{}"], has_topic=True) == "a.b"
    assert topic_of([b"a.b {}"], has_topic=True) == ""
    assert topic_of([b"a.b {}"], has_topic=True, is_joined=True) == "a.b"
    assert topic_of([b"{}"], has_topic=True, is_joined=True) == ""
    assert topic_of([b"a.b", b"{}"], has_topic=False) == ""


def test_a_line_that_was_read_has_its_message() -> None:
    message = RecordedMessage(1, "tcp://127.0.0.1:5555", "h/l", "a", [b"a", b"\xff"])
    line = message.to_line()
    assert RecordedLine.of(line, message) == line
    assert read_line(RecordedLine.of(line, message)) is message
