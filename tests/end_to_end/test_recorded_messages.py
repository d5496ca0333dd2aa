"""A recording is replayed, and the replay recorded: both have the same messages in the same order."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from bench_app.data_plane.choice import PLANE_VARIABLE
from bench_app.engine.run_once import run_once
from bench_app.engine.session import Session
from bench_app.preset import documents
from bench_app.recording.message import RecordedMessage, read_line
from bench_app.recording.recorder import RecordOptions
from tests.runs import assert_balanced, preset

TOPICS = ("a.one", "a.two", "b")
MESSAGES = [
    RecordedMessage(
        1_795_873_008_000_000_000 + number * 1_000_000,
        "tcp://somewhere:1",
        "",
        TOPICS[number % 3],
        [TOPICS[number % 3].encode(), b'{"_bench":"mine","n":%d}' % number, bytes([number, 255])],
    )
    for number in range(200)
]


@pytest.mark.parametrize("plane", ["fastest", "python"])
@pytest.mark.parametrize("stamp", [None, "frame"])
def test_a_replay_of_a_recording_sends_the_same_messages(
    tmp_path: Path, stamp: str | None, plane: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if plane == "python":
        monkeypatch.setenv(PLANE_VARIABLE, "python")
    (tmp_path / "a.jsonl").write_bytes(b"".join(message.to_line() for message in MESSAGES))
    raw: dict[str, Any] = preset({"socket_type": "PUB", "topic": "other"}, duration_s=20)
    source = {"kind": "replay", "path": "a.jsonl", "load": {"shape": "recorded", "speed": 2}}
    raw["bench"]["sources"] = dict.fromkeys(raw["bench"]["sources"], source)
    raw["bench"]["handlers"] = {"h": {} if stamp is None else {"stamp": stamp}}
    document = documents.parse(raw, "test", tmp_path)
    finished = asyncio.run(run_once(Session(document, record=RecordOptions(tmp_path / "b.jsonl"))))
    assert_balanced(finished.result)
    replayed = [read_line(line) for line in (tmp_path / "b.jsonl").read_bytes().splitlines()]
    count = 3 if stamp is None else 4
    assert {len(message.frames) for message in replayed} == {count}
    assert [message.frames[:3] for message in replayed] == [message.frames for message in MESSAGES]
    assert [message.topic for message in replayed] == [message.topic for message in MESSAGES]
    handler = finished.result.handlers["h"]
    assert handler.fidelity_us is not None
    assert handler.fidelity_us.count == len(MESSAGES) - 1
    assert handler.listeners["sub-1"].received == len(MESSAGES)
    assert handler.listeners["sub-1"].service_us.count == (0 if stamp is None else len(MESSAGES))


@pytest.mark.parametrize("plane", ["fastest", "python"])
def test_each_event_has_the_topic_of_its_dynamic_path(
    tmp_path: Path, plane: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if plane == "python":
        monkeypatch.setenv(PLANE_VARIABLE, "python")
    places = ("north", "south", "")
    lines = [b'{"place":"%s","n":%d}\n' % (places[number % 3].encode(), number) for number in range(90)]
    (tmp_path / "a.jsonl").write_bytes(b"".join(lines))
    source = {"kind": "replay", "path": "a.jsonl", "topic_field": "place", "load": {"shape": "constant", "rate": 500}}
    raw = preset({"socket_type": "PUB", "topic": "a"}, source=source, duration_s=20)
    document = documents.parse(raw, "test", tmp_path)
    finished = asyncio.run(run_once(Session(document, record=RecordOptions(tmp_path / "b.jsonl"))))
    assert_balanced(finished.result)
    topics = [read_line(line).topic for line in (tmp_path / "b.jsonl").read_bytes().splitlines()]
    assert topics == ["a.north", "a.south", "a"] * 30
