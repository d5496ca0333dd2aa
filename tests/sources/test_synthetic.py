"""Made-up events: valid JSON, distinct, reproducible and of the exact size."""

from __future__ import annotations

import base64
import itertools
import json
import subprocess
import sys
import typing
from functools import partial
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench_app.model import ChoiceSize, EventKind, LognormalSize, SyntheticSource, UniformSize
from bench_app.sources import synthetic
from bench_app.sources.synthetic import event_for_sink, event_texts, make_pool
from bench_app.transport import stamp
from tests.sources.test_jpeg import segments

KINDS: list[EventKind] = list(typing.get_args(EventKind))

stamped = partial(stamp.wrap, stamp.Identity(1, 2))


def make(kind: EventKind, size: Any, reserve: int = 0, count: int = 1, seed: int = 1) -> list[bytes]:
    return list(itertools.islice(event_texts(SyntheticSource(event=kind, size=size, seed=seed), reserve), count))


def on_the_wire(kind: EventKind, size: int, in_field: bool) -> list[bytes]:
    texts = make(kind, size, stamp.FIELD_COST if in_field else 0, count=3)
    return [bytes(stamped(text)) if in_field else text for text in texts]


@pytest.mark.parametrize("kind", KINDS)
def test_events_are_json_objects(kind: EventKind) -> None:
    for text in make(kind, 2048, count=20):
        assert text.startswith(b"{")
        assert "_bench" not in json.loads(text)


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "minimal"])
def test_events_are_distinct(kind: EventKind) -> None:
    texts = make(kind, 0, count=50)
    assert len(set(texts)) == 50


@pytest.mark.parametrize("in_field", [True, False], ids=["field", "other"])
@pytest.mark.parametrize("kind", KINDS)
def test_the_size_is_exact_from_the_natural_size_on(kind: EventKind, in_field: bool) -> None:
    natural = [len(body) for body in on_the_wire(kind, 0, in_field)]
    for size in [*range(max(natural), max(natural) + 40), 4096, 100_000]:
        bodies = on_the_wire(kind, size, in_field)
        assert [len(body) for body in bodies] == [size] * 3
        assert all(isinstance(json.loads(body), dict) for body in bodies)


@pytest.mark.parametrize("kind", KINDS)
def test_a_smaller_size_leaves_the_natural_size(kind: EventKind) -> None:
    assert make(kind, 1, count=3) == make(kind, 0, count=3)


def test_the_smallest_message_is_stamp_and_braces() -> None:
    (body,) = on_the_wire("minimal", 0, in_field=True)[:1]
    assert list(json.loads(body)) == ["_bench"]


@pytest.mark.parametrize("size", [600, 601, 5000, 70_000, 200_003])
def test_a_crop_is_a_complete_jpeg(size: int) -> None:
    (text,) = make("crop", size)
    image = base64.b64decode(json.loads(text)["image"], validate=True)
    assert len(text) == size
    assert segments(image)[-2:] == [0xDA, 0xD9]


@given(st.integers(100, 3000), st.integers(0, 2000))
@settings(max_examples=25)
def test_uniform_sizes(low: int, more: int) -> None:
    texts = make("minimal", UniformSize(min=low, max=low + more), count=30)
    assert all(low <= len(text) <= low + more for text in texts)


def test_lognormal_sizes_have_their_median_and_their_maximum() -> None:
    sizes = sorted(map(len, make("minimal", LognormalSize(median=1000, sigma=1, max=5000), count=2001)))
    assert sizes[1000] == pytest.approx(1000, rel=0.15)
    assert sizes[-1] == 5000


def test_chosen_sizes_follow_their_weights() -> None:
    sizes = [len(text) for text in make("minimal", ChoiceSize(sizes=(200, 300), weights=(3, 1)), count=2000)]
    assert set(sizes) == {200, 300}
    assert sizes.count(200) == pytest.approx(1500, rel=0.1)


def test_another_seed_gives_other_events() -> None:
    assert make("detection", 512, seed=1) != make("detection", 512, seed=2)


def test_the_bytes_are_the_same_in_another_process() -> None:
    code = (
        "import hashlib, itertools, typing\n"
        "from bench_app.model import EventKind, SyntheticSource\n"
        "from bench_app.sources.synthetic import event_texts\n"
        "for kind in typing.get_args(EventKind):\n"
        "    source = SyntheticSource(event=kind, size=700, seed=9)\n"
        "    texts = list(itertools.islice(event_texts(source, 0), 20))\n"
        "    print(kind, hashlib.sha256(b''.join(texts)).hexdigest())\n"
    )
    runs = [
        subprocess.run([sys.executable, "-c", code], env={"PYTHONHASHSEED": seed, "PYTHONPATH": ":".join(sys.path)},
                       capture_output=True, text=True, check=True).stdout
        for seed in ("1", "2")
    ]  # fmt: skip
    assert runs[0] == runs[1]
    assert len(runs[0].splitlines()) == len(KINDS)


def test_a_pool_has_as_many_events_as_wanted() -> None:
    assert len(make_pool(SyntheticSource(pool=37), stamped, stamp.FIELD_COST)) == 37


def test_a_pool_of_large_events_stays_within_its_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(synthetic, "POOL_BYTES", 100_000)
    pool = make_pool(SyntheticSource(size=20_000, pool=1000), bytearray, 0)
    assert len(pool) == 4
    assert sum(map(len, pool)) <= 100_000


def test_a_pool_has_at_least_one_event(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(synthetic, "POOL_BYTES", 1000)
    assert len(make_pool(SyntheticSource(size=20_000), bytearray, 0)) == 1


@pytest.mark.parametrize(
    ("sink", "kind"),
    [
        ("events", "detection"),
        ("alerts", "alert"),
        ("processing_tasks", "task"),
        ("service_requests", "service_request"),
        ("diagnostics", "diagnostics"),
        ("statistics", "statistics"),
        ("crops", "crop"),
        ("tracks", "track"),
        ("Anything else", "detection"),
    ],
)
def test_the_kind_of_event_for_a_sink(sink: str, kind: EventKind) -> None:
    assert event_for_sink(sink) == kind


@pytest.mark.parametrize("in_field", [True, False], ids=["field", "other"])
def test_minimal_events_have_every_possible_size(in_field: bool) -> None:
    natural = stamp.FIELD_COST + 1 if in_field else 2
    for size in range(201):
        bodies = on_the_wire("minimal", size, in_field)
        assert [len(body) for body in bodies] == [max(size, natural)] * 3
        assert all(isinstance(json.loads(body), dict) for body in bodies)


@pytest.mark.parametrize("kind", KINDS)
def test_the_stamp_stays_the_first_key(kind: EventKind) -> None:
    for text in make(kind, 700, stamp.FIELD_COST, count=5):
        body = stamped(text)
        body[stamp.TIMES_AT : stamp.TIMES_AT + stamp.TIMES_LENGTH] = stamp.times(5, 6, 7)
        event = json.loads(body)
        assert next(iter(event)) == "_bench"
        assert event.pop("_bench") == f"1-00000001-0002-{5:016x}-{6:016x}-{7:016x}"
        assert event == json.loads(text)
