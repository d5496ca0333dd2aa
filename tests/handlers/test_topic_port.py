"""Each event has a topic of its own."""

from __future__ import annotations

from typing import Any

import pytest

from bench_app.handlers.topic_port import TopicPort
from bench_app.model import Framing, StampMode
from bench_app.transport.stamp import Identity

IDENTITY = Identity(1, 1)


class Socket:
    """Keeps what is sent."""

    def __init__(self) -> None:
        self.frames: list[bytes] = []

    def send(self, data: Any, flags: int) -> None:
        self.frames.append(bytes(data))


def sent(event: bytes, mode: StampMode = "off", framing: Framing = "frames", topic: str = "base") -> list[bytes]:
    port = TopicPort(IDENTITY, mode, framing, topic, "camera.name")
    socket: Any = Socket()
    port.attach(socket)
    body = port.render(event)
    port.send(body, 1, 2, 3)
    assert len(body) + port.overhead == sum(map(len, socket.frames))
    return list(socket.frames)


@pytest.mark.parametrize(
    ("event", "topic"),
    [
        (b'{"camera":{"name":"north"}}', b"base.north"),
        (b'{"camera":{"name":7}}', b"base.7"),
        (b'{"camera":{"name":"a.b"}}', b"base.a.b"),
        (b'{"camera":{"name":null}}', b"base"),
        (b'{"camera":{"name":[1]}}', b"base"),
        (b"{}", b"base"),
        (b"[1]", b"base"),
        (rb'{"camera":{"name":"\ud800"}}', b"base"),
    ],
)
def test_the_dynamic_path_follows_the_topic(event: bytes, topic: bytes) -> None:
    assert sent(event) == [topic, event]
    assert sent(event, framing="joined") == [topic + b" " + event]


def test_the_stamp_is_where_it_is_in_other_messages() -> None:
    frames = sent(b'{"camera":{"name":"north"}}', "field")
    assert (frames[0], frames[1][:13]) == (b"base.north", b'{"_bench":"1-')
    assert len(sent(b'{"camera":{"name":"north"}}', "frame")) == 3


def test_without_a_topic_of_the_handler_the_path_is_the_topic() -> None:
    event = b'{"camera":{"name":"north"}}'
    assert sent(event, topic="") == [b"north", event]
    assert sent(event, framing="joined", topic="") == [b"north " + event]


def test_an_event_with_another_topic_does_not_change_the_next_one() -> None:
    port = TopicPort(IDENTITY, "off", "frames", "base", "camera")
    socket: Any = Socket()
    port.attach(socket)
    for event in (b'{"camera":"x"}', b"{}"):
        port.send(port.render(event), 1, 2, 3)
    assert [bytes(frame) for frame in socket.frames[::2]] == [b"base.x", b"base"]
    port.use_topic("other")
    port.send(port.render(b'{"camera":"x"}'), 1, 2, 3)
    assert socket.frames[4] == b"other.x"
