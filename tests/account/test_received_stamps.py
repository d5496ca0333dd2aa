"""Stamps are found in files of any kind."""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from bench_app.account import received_stamps
from bench_app.account.arrival_times import UNKNOWN_NS, ArrivalClock
from bench_app.account.received_stamps import read_stamps
from bench_app.errors import InputError
from bench_app.recording.message import RecordedMessage
from bench_app.transport import stamp

IDENTITY = stamp.Identity(0x15C659EC, 3)
NUMBERS = [1, 2, 5, 4, 4, 90_000]
STAMPS = [(IDENTITY.text + stamp.times(number, number * 10, number * 11)).decode() for number in NUMBERS]


def as_csv() -> bytes:
    table = io.StringIO()
    csv.writer(table).writerows([["_bench", "n"], *([text, 1] for text in STAMPS)])
    return table.getvalue().encode()


def as_recording() -> bytes:
    lines = [RecordedMessage(1, "e", "s", "t", [b"t", b'{"_bench":"%s"}' % one.encode()]) for one in STAMPS]
    return b"".join(line.to_line() for line in lines)


FILES: dict[str, Callable[[], bytes]] = {
    "messages": lambda: b"".join(b'{"_bench":"%s","a":1}\n' % text.encode() for text in STAMPS),
    "values": lambda: "\n".join(STAMPS).encode(),
    "json lines": lambda: "\n".join(map(json.dumps, STAMPS)).encode(),
    "array": lambda: json.dumps([{"_bench": text} for text in STAMPS], indent=1).encode(),
    "csv": as_csv,
    "recording": as_recording,
    "gzip": lambda: gzip.compress("\n".join(STAMPS).encode()),
    "utf-16": lambda: "\n".join(STAMPS).encode("utf-16"),
}


@pytest.mark.parametrize("kind", FILES)
def test_the_format_does_not_matter(tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "received"
    path.write_bytes(FILES[kind]())
    for block in (1024 * 1024, 97, 7):
        monkeypatch.setattr(received_stamps, "_BLOCK_BYTES", block)
        found = read_stamps(path)
        assert list(found) == [(0x15C659EC, 3)]
        assert list(found[0x15C659EC, 3].sequences) == NUMBERS
        assert list(found[0x15C659EC, 3].intended_ns) == [number * 10 for number in NUMBERS]


START_NS, WALL_NS = 10**13, 1_795_884_820 * 10**9


def lines_with_times() -> bytes:
    rows = [b'{"_bench":"%s","received_ns":%d}' % (text.encode(), START_NS + at) for at, text in enumerate(STAMPS)]
    # A line that is no JSON, and one that was cut, have a stamp all the same. One line has neither stamp nor time.
    return b"\n".join([*rows[:2], rows[2][:-1], b"oops", rows[3] + b"}", rows[4].replace(b":1", b":x1"), rows[5]])


def table_with_times() -> bytes:
    rows = [f"{START_NS + at};{text};x" for at, text in enumerate(STAMPS)]
    rows[4] = f"x;{STAMPS[4]};x"
    return "\n".join(["received_ns;_bench;n", *rows]).encode()


@pytest.mark.parametrize("content", [lines_with_times(), table_with_times(), gzip.compress(lines_with_times())])
def test_times_of_receipt_are_read_beside_the_stamps(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a").write_bytes(content)
    clock = ArrivalClock(START_NS, WALL_NS, 1.0)
    stamps = read_stamps(tmp_path / "a", clock)[0x15C659EC, 3]
    assert list(stamps.sequences) == NUMBERS
    assert list(stamps.received_ns) == [*(START_NS + at for at in range(4)), UNKNOWN_NS, START_NS + 5]
    assert list(stamps.sent_ns) == [number * 11 for number in NUMBERS]
    with pytest.raises(InputError, match="a has no field when in its first lines"):
        read_stamps(tmp_path / "a", clock, "when")


def test_the_times_of_a_recording_are_read(tmp_path: Path) -> None:
    lines = [
        RecordedMessage(WALL_NS + at, "e", "s", "t", [b"t", b'{"_bench":"%s"}' % text.encode()]).to_line()
        for at, text in enumerate(STAMPS)
    ]
    (tmp_path / "a").write_bytes(b"".join(lines))
    clock = ArrivalClock(START_NS, WALL_NS, 1.0)
    stamps = read_stamps(tmp_path / "a", clock)[0x15C659EC, 3]
    assert list(stamps.received_ns) == [START_NS + at for at in range(len(STAMPS))]
    assert clock.is_wall_clock


def test_mcap_is_read(tmp_path: Path) -> None:
    pytest.importorskip("mcap", reason="the package mcap is not installed")
    from bench_app.recording.mcap_file import McapFile

    file = McapFile(tmp_path / "a.mcap")
    file.append([RecordedMessage(1, "e", "s", "t", [b"t", b'{"_bench":"%s"}' % one.encode()]) for one in STAMPS])
    file.close(None)
    assert list(read_stamps(tmp_path / "a.mcap")[0x15C659EC, 3].sequences) == NUMBERS


def test_other_texts_are_no_stamps(tmp_path: Path) -> None:
    (tmp_path / "a").write_text(f"x{STAMPS[0]}\n{STAMPS[0]}0\n{STAMPS[0][:-1]}\n{STAMPS[0].upper()}")
    assert read_stamps(tmp_path / "a") == {}


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no cannot be read: No such file"):
        read_stamps(tmp_path / "no")
    (tmp_path / "a.gz").write_bytes(gzip.compress(b"a" * 10_000)[:-20])
    with pytest.raises(InputError, match=r"a\.gz cannot be read"):
        read_stamps(tmp_path / "a.gz")
