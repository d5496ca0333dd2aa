"""Every kind of event has a maker, and a maker depends only on its arguments."""

from __future__ import annotations

import typing
from datetime import datetime
from random import Random

import pytest

from bench_app.model import EventKind
from bench_app.sources.shapes import EPOCH_MS, FRAME_MS, MAKERS

KINDS: list[EventKind] = list(typing.get_args(EventKind))


def test_every_kind_has_a_maker() -> None:
    assert set(MAKERS) == set(KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_seed_and_number_give_the_same_event(kind: EventKind) -> None:
    make = MAKERS[kind]
    assert [make(Random(3), index) for index in (0, 7)] == [make(Random(3), index) for index in (0, 7)]


@pytest.mark.parametrize("kind", KINDS)
def test_no_event_has_the_key_of_the_stamp(kind: EventKind) -> None:
    assert "_bench" not in MAKERS[kind](Random(1), 0)


def test_the_text_of_a_time_agrees_with_its_number() -> None:
    for index in (0, 1, 90_000, 1_000_000):
        event = MAKERS["line_crossing"](Random(1), index)
        at_ms = EPOCH_MS + index * FRAME_MS
        assert event["event_timestamp_ms"] == event["system_timestamp"] == at_ms
        assert datetime.fromisoformat(event["system_datetime"]).timestamp() * 1000 == at_ms


def test_a_location_lies_within_the_frame() -> None:
    random = Random(5)
    for index in range(500):
        box = MAKERS["detection"](random, index)["location"]
        assert min(box.values()) >= 0
        assert box["x"] + box["width"] <= 1.0002
        assert box["y"] + box["height"] <= 1.0002
