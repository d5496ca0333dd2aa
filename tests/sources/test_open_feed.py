"""Each kind of source in a preset becomes a feed with its events, or is refused before a run begins."""

from __future__ import annotations

import json
from pathlib import Path
from typing import get_args

import pytest

from bench_app.errors import SourceError
from bench_app.measure.clock import NS_PER_S
from bench_app.model import ConstantLoad, MaxLoad, PoissonLoad, RecordedLoad, ReplaySource, Source, SyntheticSource
from bench_app.sources.feed import Feed
from bench_app.sources.open_feed import SUPPLIES, open_feed


def opened(spec: Source, folder: Path, *, skip: int = 0, objects_only: bool = True) -> Feed[bytes]:
    return open_feed(
        spec,
        base_dir=folder,
        render=bytes,
        reserve=0,
        duration_ns=NS_PER_S,
        skip=skip,
        objects_only=objects_only,
    )


def test_every_kind_of_source_has_a_supply() -> None:
    assert set(SUPPLIES) == set(get_args(Source))


def test_made_up_events_have_no_recorded_times(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="no recorded times"):
        opened(SyntheticSource(load=RecordedLoad()), tmp_path)


def test_a_seed_decides_the_times_of_made_up_events(tmp_path: Path) -> None:
    def due_ns(seed: int) -> list[int]:
        feed = opened(SyntheticSource(load=PoissonLoad(rate=100), seed=seed), tmp_path)
        return [event[1] for event in iter(lambda: feed.poll(NS_PER_S - 1), None)]

    assert due_ns(1) == due_ns(1)
    assert due_ns(1) != due_ns(2)


def test_skip_counts_events_of_every_source(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"a":0}\n{"a":1}\n{"a":2}\n')
    replay = opened(ReplaySource(path="a.jsonl", load=ConstantLoad(rate=10)), tmp_path, skip=2)
    assert replay.poll(NS_PER_S - 1) == (b'{"a":2}', 200_000_000)
    replay.close()
    spec = SyntheticSource(load=ConstantLoad(rate=10), pool=8)
    whole, resumed = opened(spec, tmp_path), opened(spec, tmp_path, skip=2)
    assert [whole.poll(NS_PER_S - 1) for _ in range(3)][2] == resumed.poll(NS_PER_S - 1)


def test_a_replay_of_other_values_than_objects_must_be_allowed(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text("[1]\n")
    spec = ReplaySource(path="a.jsonl", load=MaxLoad())
    with pytest.raises(SourceError, match="no usable event"):
        opened(spec, tmp_path)
    feed = opened(spec, tmp_path, objects_only=False)
    assert feed.poll(0) == (b"[1]", 0)
    feed.close()


def test_a_replay_finds_its_file_beside_the_preset(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=f"{tmp_path}.*no such file"):
        opened(ReplaySource(path="none.jsonl"), tmp_path)
    (tmp_path / "none.jsonl").write_text(json.dumps({"a": 1}))
    feed = opened(ReplaySource(path="none.jsonl", load=MaxLoad()), tmp_path)
    assert feed.poll(0) == (b'{"a": 1}', 0)
    feed.close()
