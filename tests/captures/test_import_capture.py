"""Writing the messages of a capture as a recording: what is refused. The command's test has real captures."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench_app.captures.connections import Connections
from bench_app.captures.import_capture import import_capture
from bench_app.errors import BenchError


@pytest.mark.parametrize("content", [b"", b"no capture at all, but text"])
def test_a_file_that_is_no_capture_is_refused_with_its_name(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.pcap").write_bytes(content)
    with pytest.raises(BenchError, match=r"a\.pcap"):
        import_capture(tmp_path / "a.pcap", tmp_path / "a.jsonl", Connections())


def test_a_capture_is_not_replaced_by_its_own_recording(tmp_path: Path) -> None:
    capture = tmp_path / "a.jsonl"
    capture.write_bytes(b"x")
    with pytest.raises(BenchError, match="is the capture itself"):
        import_capture(capture, capture, Connections())
    assert capture.read_bytes() == b"x"
