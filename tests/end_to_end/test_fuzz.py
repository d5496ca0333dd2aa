"""10,000 damaged inputs from fixed seeds: each is read, or refused with a message. None raises anything else."""

from __future__ import annotations

import gzip
import random
import re
import unicodedata
from pathlib import Path
from typing import Any

import msgspec
import pytest

from bench_app.cli.event_time import EventTimeLatency
from bench_app.cli.listen import ListenSummary
from bench_app.cli.received_message import format_message, received_message
from bench_app.errors import BenchError, PresetError, SourceError
from bench_app.listeners.rep import RequestReplier
from bench_app.model import ListenerSpec, RecordedLoad, ReplaySource
from bench_app.preset import documents
from bench_app.preset.json_reader import decode
from bench_app.sources.record import BadRecord, Record
from bench_app.sources.record_check import RecordCheck
from bench_app.sources.records import read_records
from bench_app.transport import stamp
from bench_app.transport.wire import Reader
from bench_app.untrusted.visible_text import visible_lines

BLOCKS = range(10)
PRESETS, FILES, MESSAGES = 300, 300, 400
"""Cases in a block: with ten blocks each, 10,000 in all."""

PIECES = [
    *(
        b"[" * 3000,
        b'{"a":' * 3000,
        b"]" * 300,
        b"[",
        b"]",
        b"{",
        b"}",
        b'"',
        b"\\",
        b"\\ud800",
        b",",
        b":",
        b"'",
        b"..",
    ),
    *(b"\n", b"\r\n", b"\x00", b"\xff", b"\xed\xa0\x80", b"\x1b[2J", b"\xc2\x9b", b"\xe2\x80\xae", b"\xef\xbb\xbf"),
    *(b"null", b"true", b"NaN", b"-", b"1e400", b"9" * 5000, b"1e99999999999999999999"),
    *(b"_bench", b'{"_bench":"', b"tcp://*:99999"),
]
VALUES: list[Any] = [
    *(None, True, -1, 0, 1e308, 2**63, 10**30, [], {}, [[]], ["a", 1], {"": None}, [[[[[[]]]]]], {"shape": "steps"}),
    *("", "*", "\x1b[2J", "\u202e", "<img src=x>", "zmq://tcp://*:*", "x" * 5000, "\ud7ff"),
]


def damaged(rng: random.Random, data: bytes) -> bytes:
    """The bytes with a few of them changed, removed, repeated, or replaced by something unpleasant."""
    for _ in range(rng.randrange(1, 5)):
        at, end = sorted(rng.randrange(len(data) + 1) for _ in range(2))
        end = min(end, at + rng.choice([0, 1, 1, 8, 200]))
        middle = rng.choice([b"", rng.choice(PIECES), rng.randbytes(rng.randrange(9)), data[at:end] * 3])
        data = data[:at] + middle + data[end:]
    return data


def changed(rng: random.Random, value: Any) -> Any:
    """JSON data with one value, somewhere inside, replaced, renamed or removed."""
    if isinstance(value, dict) and value and rng.random() < 0.9:
        key = rng.choice(list(value))
        match rng.randrange(8):
            case 0:
                return {name: inner for name, inner in value.items() if name != key}
            case 1:
                return {**value, f"{key}{rng.choice(VALUES)}": value[key]}
            case _:
                return {**value, key: changed(rng, value[key])}
    if isinstance(value, list) and value and rng.random() < 0.9:
        at = rng.randrange(len(value))
        return [*value[:at], changed(rng, value[at]), *value[at + rng.randrange(2) :]]
    return rng.choice(VALUES)


def assert_explains(error: BenchError) -> None:
    """The message is there, is not the name of a Python error, and can be shown."""
    text = visible_lines(str(error))
    assert text.strip() and not re.search(r"Traceback|Error:|object at 0x", text), text
    assert not {"\x1b", "\x9b", "\u202e"} & set(text)


SHIPPED = [msgspec.json.encode(document.raw) for document in documents.shipped_documents()]


@pytest.mark.parametrize("block", BLOCKS)
def test_presets(block: int) -> None:
    rng = random.Random(f"presets {block}")
    for _ in range(PRESETS):
        data = rng.choice(SHIPPED)
        if rng.random() < 0.5:
            data = damaged(rng, data)
        else:
            data = msgspec.json.encode(changed(rng, msgspec.json.decode(data)))
        try:
            for note in documents.parse(decode(data, "fuzz"), "fuzz").notes:
                assert str(note)
        except PresetError as error:
            assert_explains(error)


LINES = b"".join(b'{"at": "2026-01-01T00:00:%02dZ", "n": %d, "deep": {"a": [1, "x]"]}}\n' % (n, n) for n in range(20))
ARRAY = b"[" + LINES.strip().replace(b"\n", b",\n") + b"]\n"
TABLE = b"at,n,text\r\n" + b"".join(b'2026-01-01T00:00:%02dZ,%d,"a, ""b"""\r\n' % (n, n) for n in range(20))
CONTENTS = {"a.jsonl": LINES, "a.json": ARRAY, "a.csv": TABLE}


@pytest.mark.parametrize("block", BLOCKS)
def test_files(block: int, tmp_path: Path) -> None:
    rng = random.Random(f"files {block}")
    for _ in range(FILES):
        name, content = rng.choice(list(CONTENTS.items()))
        data = damaged(rng, content)
        if rng.random() < 0.2:
            name, data = f"{name}.gz", damaged(rng, gzip.compress(data, 1))
        path = tmp_path / name
        path.write_bytes(data)
        spec = ReplaySource(path=str(path), load=RecordedLoad(), time_field="at")
        check = RecordCheck(spec, objects_only=True)
        try:
            for record in read_records(path):
                found = check.check(record) if isinstance(record, Record) else record
                assert found.reason if isinstance(found, BadRecord) else found.at_ns is not None
        except SourceError as error:
            assert_explains(error)


class Requester:
    """Takes the place of the socket that replies go to."""

    def __init__(self) -> None:
        self.replies: list[list[bytes]] = []

    def send_multipart(self, frames: list[bytes], flags: int) -> None:
        self.replies.append(frames)


IDENTITY = stamp.Identity(1, 1)
CONTROL_CATEGORIES = {"Cc", "Cs", "Zl", "Zp"}
BODIES = [
    b'{"request_id": 7, "at": 1767225600, "method": "status"}',
    bytes(stamp.wrap(IDENTITY, b'{"at":"2026-01-01T00:00:00Z"}')),
    LINES.splitlines()[0],
    b"topic {}",
]


@pytest.mark.parametrize("block", BLOCKS)
def test_messages(block: int) -> None:
    rng = random.Random(f"messages {block}")
    requester: Any = Requester()
    replier = RequestReplier(ListenerSpec(error_replies=0.3), block)
    readers = [Reader(IDENTITY, mode) for mode in ("field", "frame", "off")]
    summary = ListenSummary(EventTimeLatency("at"))
    for number in range(1, MESSAGES + 1):
        frames = [damaged(rng, rng.choice(BODIES)) for _ in range(rng.randrange(1, 4))]
        message = received_message(frames, rng.random() < 0.5, rng.random() < 0.5)
        summary.add(message, 1, 1)
        assert not CONTROL_CATEGORIES & set(map(unicodedata.category, format_message(message)))
        for reader in readers:
            if (times := reader.read(frames).times) is not None:
                stamp.decode_one(times)
        replier.answer(requester, [b"identity", b"", *frames])
        assert len(requester.replies) == number
        assert "ok" in msgspec.json.decode(requester.replies[-1][-1])
    lines = summary.lines(1.0)
    assert lines[0].startswith(f"{MESSAGES} messages")
    assert not {"\x1b", "\x9b", "\u202e", "\n"} & set("".join(lines[:2]))
