"""Surveys of files: what they have, and what is wrong with them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bench_app.errors import SourceError
from bench_app.model import RecordedLoad, ReplaySource
from bench_app.sources.replay import ReplaySupply
from bench_app.sources.survey import FAULTS_LISTED, Survey, survey


def surveyed(folder: Path, content: bytes, **keys: Any) -> Survey:
    (folder / "a.jsonl").write_bytes(content)
    return survey(ReplaySource(path="a.jsonl", **keys), folder, objects_only=True)


def test_events_fields_and_times(tmp_path: Path) -> None:
    content = b'{"t":0,"a":1}\n' + b"".join(b'{"t":%d,"b":1}\n' % (1_700_000_000 + s) for s in range(10))
    found = surveyed(tmp_path, content, time_field="t", load=RecordedLoad())
    assert (found.format, found.encoding, found.compression, found.problem) == ("jsonl", "UTF-8", "", "")
    assert (found.events, found.fields, found.time_formats) == (11, ["t", "a", "b"], ["s since 1970"])
    assert (found.first_ns, found.last_ns) == (1_700_000_000 * 10**9, 1_700_000_009 * 10**9)
    assert (found.length_ns, found.clock.clamped) == (9 * 10**9, 1)


def test_faults_are_listed_up_to_a_limit_and_all_counted(tmp_path: Path) -> None:
    found = surveyed(tmp_path, b'{"a":1}\n' + b"x\n" * 100 + b"[1]\n")
    assert (found.events, found.skipped) == (1, {"not_json": 100, "not_an_object": 1})
    assert len(found.faults) == FAULTS_LISTED + 1
    assert found.faults[-1] == "a.jsonl, line 102: not a JSON object"
    assert found.problem == ""


def test_a_file_that_would_fail_a_run_has_a_problem(tmp_path: Path) -> None:
    assert "no usable event in the file (a.jsonl, line 1: not JSON" in surveyed(tmp_path, b"x\n").problem
    assert "line 2: not JSON" in surveyed(tmp_path, b'{"a":1}\nx\n', on_bad_line="fail").problem
    assert "gzip data is broken" in surveyed(tmp_path, b"\x1f\x8bxxxx").problem
    assert "there is no such file" in survey(ReplaySource(path="none"), tmp_path, objects_only=True).problem


def test_progress_ends_with_the_whole_file(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes(b'{"a":1}\n' * 100_000)
    seen: list[tuple[int, int]] = []
    survey(ReplaySource(path="a.jsonl"), tmp_path, True, lambda done, size: seen.append((done, size)))
    assert seen[-1] == (800_000, 800_000)
    assert seen == sorted(seen)
    assert len(seen) == 51


def test_a_file_whose_events_are_all_of_other_sinks_says_so(tmp_path: Path) -> None:
    found = surveyed(tmp_path, b'{"to":"other"}\n' * 3, sink_field="to")
    assert (found.events, found.other_sinks) == (0, 3)
    assert found.problem.endswith("no usable event in the file (3 of other sinks)")
    source = ReplaySource(path="a.jsonl", sink_field="to")
    with pytest.raises(SourceError, match=r"no usable event in the file \(3 of other sinks\)"):
        ReplaySupply(source, tmp_path, bytes, 0, objects_only=True, sink="mine")
