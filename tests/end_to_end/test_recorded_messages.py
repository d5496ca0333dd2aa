"""A recording is replayed, and the replay recorded: both have the same messages in the same order."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from bench_app.data_plane.choice import PLANE_VARIABLE
from bench_app.engine.run_once import run_once
from bench_app.engine.session import Session
from bench_app.measure.clock import NS_PER_MS
from bench_app.preset import documents
from bench_app.recording.message import RecordedMessage, read_line
from bench_app.recording.recorder import RecordOptions
from bench_app.transport import stamp
from tests.runs import assert_balanced, preset

RECORDINGS = Path(__file__).parent / "recordings"
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
@pytest.mark.parametrize("stamp_mode", [None, "frame"])
def test_a_replay_of_a_recording_sends_the_same_messages(
    tmp_path: Path, stamp_mode: str | None, plane: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if plane == "python":
        monkeypatch.setenv(PLANE_VARIABLE, "python")
    (tmp_path / "a.jsonl").write_bytes(b"".join(message.to_line() for message in MESSAGES))
    raw: dict[str, Any] = preset({"socket_type": "PUB", "topic": "other"}, duration_s=20)
    source = {"kind": "replay", "path": "a.jsonl", "load": {"shape": "recorded", "speed": 2}}
    raw["bench"]["sources"] = dict.fromkeys(raw["bench"]["sources"], source)
    raw["bench"]["handlers"] = {"h": {} if stamp_mode is None else {"stamp": stamp_mode}}
    document = documents.parse(raw, "test", tmp_path)
    finished = asyncio.run(run_once(Session(document, record=RecordOptions(tmp_path / "b.jsonl"))))
    assert_balanced(finished.result)
    replayed = [read_line(line) for line in (tmp_path / "b.jsonl").read_bytes().splitlines()]
    count = 3 if stamp_mode is None else 4
    assert {len(message.frames) for message in replayed} == {count}
    assert [message.frames[:3] for message in replayed] == [message.frames for message in MESSAGES]
    assert [message.topic for message in replayed] == [message.topic for message in MESSAGES]
    handler = finished.result.handlers["h"]
    assert handler.fidelity_us is not None
    assert handler.fidelity_us.count == len(MESSAGES) - 1
    assert handler.listeners["sub-1"].received == len(MESSAGES)
    assert handler.listeners["sub-1"].service_us.count == (0 if stamp_mode is None else len(MESSAGES))


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


def test_two_recordings_keep_their_distance_in_a_run(tmp_path: Path) -> None:
    """The second begins 2 s after the first. The stamps have the due times, which no load of this machine moves."""
    raw: dict[str, Any] = preset({"socket_type": "PUSH"}, duration_s=4)
    load = {"shape": "recorded"}
    raw["bench"]["sources"] = {
        name: {
            "kind": "replay",
            "path": str(RECORDINGS / f"clock-jumps-{name}.jsonl"),
            "time_field": "ts",
            "load": load,
        }
        for name in "ab"
    }
    handler = raw["output"]["handlers"].pop("h")
    raw["output"]["handlers"] = {name: handler | {"sink": name} for name in "ab"}
    raw["bench"]["handlers"] = {}
    document = documents.parse(raw, "test", tmp_path)
    finished = asyncio.run(run_once(Session(document, record=RecordOptions(tmp_path / "b.jsonl"))))
    assert_balanced(finished.result)
    dues_ns: dict[str, list[int]] = {"a/pull-1": [], "b/pull-1": []}
    for line in (tmp_path / "b.jsonl").read_bytes().splitlines():
        message = read_line(line)
        times = stamp.decode_one(message.frames[0][stamp.TIMES_AT :][: stamp.TIMES_LENGTH])
        assert times is not None
        dues_ns[message.source].append(times[1])
    first_ns = min(dues_ns["a/pull-1"])
    dues_ms = {source: [(at_ns - first_ns) // NS_PER_MS for at_ns in found] for source, found in dues_ns.items()}
    assert dues_ms == {"a/pull-1": [0, 500, 1000, 1500, 2000, 2500], "b/pull-1": [2000, 2500]}
