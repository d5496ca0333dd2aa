"""Lines of a file are read one at a time, and a line that is too long is skipped."""

from __future__ import annotations

import io

import pytest

from bench_app.sources import record
from bench_app.sources.record import BadRecord, Record, SkipReason, read_lines


def test_lines_keep_their_ends_and_are_counted_from_1() -> None:
    assert list(read_lines(io.BytesIO(b"a\r\n\nb"))) == [Record(1, b"a\r\n"), Record(2, b"\n"), Record(3, b"b")]


class CountingFile(io.BytesIO):
    most = 0

    def readline(self, size: int | None = -1, /) -> bytes:
        assert size is not None and size > 0
        self.most = max(self.most, size)
        return super().readline(size)


def test_a_line_that_is_too_long_is_skipped_in_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(record, "MAX_RECORD_BYTES", 50)
    monkeypatch.setattr(record, "_SKIP_BYTES", 7)
    file = CountingFile(b"a\n" + b"x" * 500 + b"\nb\n" + b"x" * 49 + b"\n" + b"x" * 60)
    found = list(read_lines(file))
    assert found[:3] == [
        Record(1, b"a\n"),
        BadRecord(2, "longer than 50 bytes", SkipReason.OVER_LIMIT),
        Record(3, b"b\n"),
    ]
    assert found[3:] == [Record(4, b"x" * 49 + b"\n"), BadRecord(5, "longer than 50 bytes", SkipReason.OVER_LIMIT)]
    assert file.most == 50
