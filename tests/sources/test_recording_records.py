"""Records of a recording of the bench."""

from __future__ import annotations

import io

from bench_app.recording.message import RecordedMessage
from bench_app.sources.record import BadRecord, Record, SkipReason
from bench_app.sources.recording_records import read_recording


def test_each_recorded_message_is_a_record_and_an_incomplete_one_is_not() -> None:
    line = RecordedMessage(1, "ipc:///a", "", "t", [b"t", b"\xff"]).to_line()
    records = list(read_recording(io.BytesIO(line + b"\n" + b'{"a":1}\n' + line + line[:30])))
    assert [record for record in records if isinstance(record, Record)] == [Record(1, line), Record(4, line)]
    bad = [record for record in records if isinstance(record, BadRecord)]
    assert [(one.number, one.reason) for one in bad] == [(3, SkipReason.NOT_JSON), (5, SkipReason.NOT_JSON)]
    assert all(one.message.startswith("no recorded message: ") for one in bad)
