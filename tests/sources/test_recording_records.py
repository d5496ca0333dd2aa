"""Records of a recording of the bench."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from bench_app.errors import SourceError
from bench_app.recording.message import RecordedMessage
from bench_app.sources.record import BadRecord, Record, SkipReason
from bench_app.sources.recording_records import read_recording
from bench_app.sources.records import read_records


def test_each_recorded_message_is_a_record_and_an_incomplete_one_is_not() -> None:
    line = RecordedMessage(1, "ipc:///a", "", "t", [b"t", b"\xff"]).to_line()
    records = list(read_recording(io.BytesIO(line + b"\n" + b'{"a":1}\n' + line + line[:30])))
    assert [record for record in records if isinstance(record, Record)] == [Record(1, line), Record(4, line)]
    bad = [record for record in records if isinstance(record, BadRecord)]
    assert [(one.number, one.reason) for one in bad] == [(3, SkipReason.NOT_JSON), (5, SkipReason.NOT_JSON)]
    assert all(one.message.startswith("no recorded message: ") for one in bad)


def test_messages_of_mcap_are_records(tmp_path: Path) -> None:
    pytest.importorskip("mcap", reason="the package mcap is not installed")
    from bench_app.recording.mcap_file import McapFile

    messages = [RecordedMessage(number, "e", "s", "t", [b"t", b"{}", b"%d" % number]) for number in range(3)]
    file = McapFile(tmp_path / "a.mcap")
    file.append(messages)
    file.close(None)
    assert list(read_records(tmp_path / "a.mcap")) == [
        Record(number, message.to_line()) for number, message in enumerate(messages, 1)
    ]
    (tmp_path / "a.mcap").write_bytes((tmp_path / "a.mcap").read_bytes()[:50])
    with pytest.raises(SourceError, match="the MCAP data are broken"):
        list(read_records(tmp_path / "a.mcap"))
