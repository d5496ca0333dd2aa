"""The sending end of a library handler: frames, topics of single events, and sizes that add up."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import pytest
import zmq

from bench_app.errors import InputError
from bench_app.library.output_port import OutputPort, addressed

Socket = zmq.Socket[bytes]


@pytest.fixture
def ends() -> Iterator[tuple[Socket, Socket]]:
    """A sending and a receiving socket that are connected."""
    with zmq.Context() as context, context.socket(zmq.PUSH) as push, context.socket(zmq.PULL) as pull:
        pull.rcvtimeo = 10_000
        pull.bind("inproc://ends")
        push.connect("inproc://ends")
        yield push, pull


def sent(port: OutputPort, ends: tuple[Socket, Socket], body: object) -> list[bytes]:
    port.attach(ends[0])
    port.send(body, 1, 0, 0)
    return ends[1].recv_multipart()


def test_without_a_topic_the_body_is_sent_alone(ends: tuple[Socket, Socket]) -> None:
    port = OutputPort("frames", None)
    assert (sent(port, ends, b"1"), port.overhead) == ([b"1"], 0)


@pytest.mark.parametrize(("framing", "frames"), [("frames", [b"a.b", b"1"]), ("joined", [b"a.b 1"])])
def test_a_topic_is_a_frame_or_precedes_a_blank(
    ends: tuple[Socket, Socket], framing: Literal["frames", "joined"], frames: list[bytes]
) -> None:
    port = OutputPort(framing, "a.b")
    assert sent(port, ends, b"1") == frames
    assert port.overhead + 1 == sum(map(len, frames))


@pytest.mark.parametrize("framing", ["frames", "joined"])
@pytest.mark.parametrize(("topic", "full"), [("a", b"a.x.1"), ("", b"x.1"), ("\u00e9", b"\xc3\xa9.x.1")])
def test_the_size_of_an_event_with_its_own_topic_counts_the_topic(
    ends: tuple[Socket, Socket], framing: Literal["frames", "joined"], topic: str, full: bytes
) -> None:
    port = OutputPort(framing, topic)
    event = addressed(b"{}", topic, "x.1")
    frames = sent(port, ends, event)
    assert b" ".join(frames) == full + b" {}"
    assert port.overhead + len(event) == sum(map(len, frames))


def test_text_that_is_no_topic_is_an_input_error() -> None:
    with pytest.raises(InputError, match="cannot be part of a topic"):
        addressed(b"{}", "a", "\ud800")


def test_a_socket_without_room_takes_nothing() -> None:
    with zmq.Context() as context, context.socket(zmq.PUSH) as push:
        port = OutputPort("frames", "a")
        port.attach(push)
        with pytest.raises(zmq.Again):
            port.send(b"1", 1, 0, 0)


def test_a_reply_has_all_its_frames() -> None:
    with zmq.Context() as context, context.socket(zmq.DEALER) as here, context.socket(zmq.DEALER) as there:
        there.bind("inproc://replies")
        here.connect("inproc://replies")
        port = OutputPort("frames", None)
        port.attach(here)
        with pytest.raises(zmq.Again):
            port.receive()
        there.send_multipart([b"envelope", b"reply"])
        assert here.poll(10_000)
        assert port.receive() == [b"envelope", b"reply"]
