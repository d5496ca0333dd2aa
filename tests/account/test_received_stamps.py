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
