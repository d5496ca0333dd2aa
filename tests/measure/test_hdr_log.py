from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from hdrh.histogram import HdrHistogram
from hdrh.log import HistogramLogReader

from bench_app.errors import BenchError
from bench_app.measure.buckets import HIGHEST_NS
from bench_app.measure.hdr_log import write_hdr_log
from bench_app.measure.histogram import Histogram
from bench_app.measure.recorder import Recorder

STARTED_AT = datetime(2025, 3, 1, 12, 30, tzinfo=UTC)


def histogram_of(*values: int) -> Histogram:
    recorder, histogram = Recorder(), Histogram()
    recorder.add(np.array(values, np.int64))
    histogram.merge(recorder.take())
    return histogram


def read_all(path: Path) -> list[HdrHistogram]:
    reader = HistogramLogReader(str(path), HdrHistogram(1, HIGHEST_NS, 3))
    with reader.input_file:
        return list(iter(reader.get_next_interval_histogram, None))


def test_a_log_is_read_back_by_the_library(tmp_path: Path) -> None:
    path = tmp_path / "run.hlog"
    named = {
        "pub/service": histogram_of(10_000, 20_000, 5_000_000),
        "pub/slow one, far/response": histogram_of(7),
        "none yet": Histogram(),
    }

    write_hdr_log(path, list(named.items()), STARTED_AT, 12.5)

    found = read_all(path)
    assert [one.tag for one in found] == ["pub/service", "pub/slow_one__far/response", "none_yet"]
    assert [one.total_count for one in found] == [3, 1, 0]
    assert found[0].get_value_at_percentile(100) == 5_000_000 | 4095
    epoch_ms = STARTED_AT.timestamp() * 1000
    assert {one.start_time_stamp_msec for one in found} == {epoch_ms}
    assert {one.end_time_stamp_msec for one in found} == {epoch_ms + 12_500}


def test_names_that_differ_only_in_blanks_keep_tags_of_their_own(tmp_path: Path) -> None:
    path = tmp_path / "run.hlog"
    named = {name: histogram_of(1) for name in ("a b", "a,b", "a\tb", "a_b_2", "", "\n")}

    write_hdr_log(path, list(named.items()), STARTED_AT, 1.0)

    tags = [one.tag for one in read_all(path)]
    assert len(set(tags)) == len(named)
    assert tags[0] == "a_b"


def test_a_path_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(BenchError, match=r"run\.hlog could not be written: No such file or directory"):
        write_hdr_log(tmp_path / "nowhere" / "run.hlog", [], STARTED_AT, 1.0)
