"""The port of recorded messages sends them as they were."""

from __future__ import annotations

import pytest
import zmq

from bench_app.handlers.headed_body import FramedBody
from bench_app.handlers.recorded_port import RecordedPort
from bench_app.measure.histogram import Histogram
from bench_app.model import StampMode
from bench_app.recording.message import RecordedMessage
from bench_app.transport import stamp

IDENTITY = stamp.Identity(7, 1)
FRAMES = [b"a.topic", b"", b'{"a": 1}', b"\xff\x00"]
LINE = RecordedMessage(1, "ipc:///a", "", "a.topic", FRAMES).to_line()


def sent(port: RecordedPort, body: bytearray) -> list[bytes]:
    with zmq.Context() as context, context.socket(zmq.PULL) as pull, context.socket(zmq.PUSH) as push:
        pull.bind("inproc://recorded-port")
        push.connect("inproc://recorded-port")
        port.attach(push)
        port.send(body, 3, 10, 20)
        return pull.recv_multipart()


@pytest.mark.parametrize("mode", ["off", "field"])
def test_all_frames_are_sent_as_they_were(mode: StampMode) -> None:
    port = RecordedPort(IDENTITY, mode, "handler.topic")
    body = port.render(LINE)
    assert sent(port, body) == FRAMES
    assert len(body) + port.overhead == sum(map(len, FRAMES))


def test_a_stamp_is_one_more_frame() -> None:
    port = RecordedPort(IDENTITY, "frame", "handler.topic")
    body = port.render(LINE)
    assert sent(port, body) == [*FRAMES, IDENTITY.text + stamp.times(3, 10, 20)]
    assert len(body) + port.overhead == sum(map(len, FRAMES)) + stamp.TEXT_LENGTH


def test_an_event_by_hand_has_the_topic_of_the_handler() -> None:
    port = RecordedPort(IDENTITY, "off", "old")
    port.topic = "new"
    assert sent(port, port.render(b'{"a":1}')) == [b"new", b'{"a":1}']
    assert sent(RecordedPort(IDENTITY, "off", None), RecordedPort(IDENTITY, "off", None).render(b"{}")) == [b"{}"]


def test_fidelity_compares_the_distances() -> None:
    port = RecordedPort(IDENTITY, "off", None)
    with zmq.Context() as context, context.socket(zmq.PUSH) as push:
        push.linger = 0
        push.bind("inproc://fidelity")
        port.attach(push)
        body = FramedBody.of([b"a"])
        with pytest.raises(zmq.Again):
            port.send(body, 1, 0, 1)
        with context.socket(zmq.PULL) as pull:
            pull.connect("inproc://fidelity")
            assert push.poll(10_000, zmq.POLLOUT)
            # Sent 5, 5 and 2 us after the due time: the distances are right, and 3 us too short.
            for number, (intended_us, sent_us) in enumerate([(100, 105), (200, 205), (300, 302)], 1):
                port.send(body, number, intended_us * 1000, sent_us * 1000)
    fidelity = Histogram()
    fidelity.merge(port.fidelity.take())
    assert fidelity.count == 2
    assert fidelity.summary_us()["max"] == pytest.approx(3.0, rel=0.01)
    assert fidelity.summary_us()["p50"] == 0
