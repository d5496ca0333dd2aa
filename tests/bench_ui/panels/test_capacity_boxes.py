"""The boxes of the capacity picture."""

from __future__ import annotations

from typing import Any

import pytest
from bench_ui.panels.capacity_boxes import boxes_of, format_effective_capacity

from bench_app.capacity.places import Place
from tests.bench_ui.panels.capacities import connection

NAMES: list[Any] = ["send_pipe", "send_buffer", "receive_buffer", "decoder", "receive_pipe"]


def place(name: Any, messages: int = 1000, basis: Any = "measured") -> Place:
    return Place(place=name, holds=name, messages=messages, basis=basis, bytes=512_000)


def test_the_places_share_the_capacity() -> None:
    found = connection([place(name) for name in NAMES])
    assert [round(box.share, 2) for box in boxes_of(found)] == [0, 0.2, 0.2, 0.2, 0.2, 0.2, 0]


def test_the_way_begins_at_the_queue_and_ends_at_the_consumer() -> None:
    boxes = boxes_of(connection([place(name) for name in NAMES]))
    assert [box.group for box in boxes] == [
        "handler",
        "libzmq, sender",
        "kernel",
        "kernel",
        "libzmq, receiver",
        "libzmq, receiver",
        "consumer",
    ]
    assert (boxes[0].number, boxes[0].note) == ("1,000", "queue_size")
    assert boxes[1].note == "SNDHWM 100,000,000" and boxes[5].note == "RCVHWM 1,000"
    assert boxes[2].note == "512.0 kB"


def test_inproc_is_one_pipe_of_both_high_water_marks() -> None:
    boxes = boxes_of(connection([place("send_pipe", 12)], transport="inproc"))
    assert (boxes[1].group, boxes[1].title, boxes[1].number) == ("libzmq", "one pipe", "12")
    assert boxes[1].note == "SNDHWM 100,000,000 + RCVHWM 1,000"


def test_a_request_has_room_for_itself_only() -> None:
    request = connection([place("between", 1, "inferred")], verdict="by_design", socket_type="REQ")
    assert [box.title for box in boxes_of(request)] == ["queue", "one request", "reads nothing"]


@pytest.mark.parametrize(
    ("basis", "title"), [("measured", "pipe + encoder"), ("inferred", "pipe + codecs"), ("by_mark", "pipe")]
)
def test_what_a_pipe_holds_depends_on_how_it_is_known(basis: Any, title: str) -> None:
    assert boxes_of(connection([place("send_pipe", 5, basis)]))[1].title == title


def test_nothing_measured_has_two_boxes() -> None:
    assert len(boxes_of(connection([], messages=None))) == 2


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"messages": 1}, "effective capacity: 1 message"),
        ({"messages": 12_000}, "effective capacity: 12,000 messages"),
        ({"messages": 50_000, "verdict": "at_least"}, "effective capacity: at least 50,000 messages"),
        ({"messages": None}, "effective capacity: 0 messages"),
    ],
)
def test_the_capacity_in_a_few_words(changes: dict[str, Any], text: str) -> None:
    assert format_effective_capacity(connection([], **changes)) == text
