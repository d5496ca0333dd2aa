"""Writer and Reader over real inproc sockets: every stamp mode, framing and topic, and foreign messages."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import pytest
import zmq
from hypothesis import given
from hypothesis import strategies as st

from bench_app.model import Framing, StampMode
from bench_app.transport import stamp
from bench_app.transport.stamp_arrays import decode_times
from bench_app.transport.wire import Reader, Writer, join_token

Socket = zmq.Socket[bytes]

IDENTITY = stamp.Identity(run=0xC0FFEE, handler=3)
MODES: tuple[StampMode, ...] = ("field", "frame", "off")
FRAMINGS: tuple[Framing, ...] = ("frames", "joined")
TOPICS = (None, "", "analytics.events", "a b", "größe")
EVENT = b'{"type":"track","age_ms":7}'
TIMES = (41, 1_000_000_007, 1_000_000_019)

every_shape = pytest.mark.parametrize(
    ("mode", "framing", "topic"), list(itertools.product(MODES, FRAMINGS, TOPICS)), ids=str
)


@pytest.fixture
def pair() -> Iterator[tuple[Socket, Socket]]:
    """PUSH -> PULL over inproc."""
    context: zmq.Context[Socket] = zmq.Context()
    push, pull = context.socket(zmq.PUSH), context.socket(zmq.PULL)
    pull.bind("inproc://wire")
    push.connect("inproc://wire")
    yield push, pull
    push.close(linger=0)
    pull.close(linger=0)
    context.term()


def received(pull: Socket) -> list[bytes]:
    """The next message, without waiting: over inproc a sent message is in the pipe already."""
    return pull.recv_multipart(zmq.NOBLOCK)


def send(pair: tuple[Socket, Socket], writer: Writer, event: bytes = EVENT) -> tuple[bytearray, list[bytes]]:
    push, pull = pair
    writer.attach(push)
    body = writer.render(event)
    writer.send(body, *TIMES)
    return body, received(pull)


@every_shape
def test_the_reader_finds_the_times_that_were_written(
    pair: tuple[Socket, Socket], mode: StampMode, framing: Framing, topic: str | None
) -> None:
    _, frames = send(pair, Writer(IDENTITY, mode, framing, topic))
    times, foreign, size = Reader(IDENTITY, mode).read(frames)
    assert not foreign
    assert size == sum(map(len, frames))
    if mode == "off":
        assert times is None
        return
    assert times is not None
    decoded, valid = decode_times([times])
    assert valid.all()
    assert tuple(decoded[0]) == TIMES


@every_shape
def test_overhead_and_reserve_are_exact(
    pair: tuple[Socket, Socket], mode: StampMode, framing: Framing, topic: str | None
) -> None:
    writer = Writer(IDENTITY, mode, framing, topic)
    body, frames = send(pair, writer)
    assert sum(map(len, frames)) == len(body) + writer.overhead
    assert len(body) == len(EVENT) + writer.reserve


@every_shape
def test_the_frames_are_exactly_topic_body_and_stamp(
    pair: tuple[Socket, Socket], mode: StampMode, framing: Framing, topic: str | None
) -> None:
    _, frames = send(pair, Writer(IDENTITY, mode, framing, topic))
    text = IDENTITY.text + stamp.times(*TIMES)
    body = b'{"_bench":"' + text + b'",' + EVENT[1:] if mode == "field" else EVENT
    expected = [body]
    if topic is not None:
        expected = [topic.encode() + b" " + body] if framing == "joined" else [topic.encode(), body]
    if mode == "frame":
        expected.append(text)
    assert frames == expected


@pytest.mark.parametrize("mode", MODES)
def test_one_body_is_sent_many_times_and_no_message_changes_another(
    pair: tuple[Socket, Socket], mode: StampMode
) -> None:
    push, pull = pair
    writer = Writer(IDENTITY, mode)
    writer.attach(push)
    body = writer.render(EVENT)
    for number in (1, 2, 3):
        writer.send(body, number, number * 10, number * 100)
    reader = Reader(IDENTITY, mode)
    texts = [reader.read(received(pull)).times for _ in range(3)]
    if mode == "off":
        assert texts == [None] * 3
    else:
        assert texts == [stamp.times(number, number * 10, number * 100) for number in (1, 2, 3)]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("framing", FRAMINGS)
def test_a_new_topic_goes_out_and_is_counted_from_the_next_message(
    pair: tuple[Socket, Socket], mode: StampMode, framing: Framing
) -> None:
    writer = Writer(IDENTITY, mode, framing, "old")
    send(pair, writer)
    for topic in ("a.much.longer.one", "", None, "back"):
        writer.topic = topic
        body, frames = send(pair, writer)
        assert writer.topic == topic
        assert sum(map(len, frames)) == len(body) + writer.overhead
        assert frames[0].startswith((topic or "").encode())


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("topic", [None, "t"])
def test_a_socket_that_would_block_gets_nothing(mode: StampMode, topic: str | None) -> None:
    with zmq.Context() as context, context.socket(zmq.PUSH) as push, context.socket(zmq.PULL) as pull:
        push.linger = pull.linger = 0
        push.bind("inproc://late")
        writer = Writer(IDENTITY, mode, topic=topic)
        writer.attach(push)
        body = writer.render(EVENT)
        with pytest.raises(zmq.Again):
            writer.send(body, 1, 1, 1)
        pull.connect("inproc://late")
        assert push.poll(10_000, zmq.POLLOUT)
        writer.send(body, *TIMES)
        assert Reader(IDENTITY, mode).read(received(pull)).times in (None, stamp.times(*TIMES))
        with pytest.raises(zmq.Again):
            received(pull)


def test_a_writer_sends_into_the_socket_that_was_attached_last(pair: tuple[Socket, Socket]) -> None:
    push, _ = pair
    writer = Writer(IDENTITY, "field")
    with zmq.Context() as context, context.socket(zmq.PUSH) as old:
        old.linger = 0
        old.bind("inproc://old")
        writer.attach(old)
        with pytest.raises(zmq.Again):
            writer.send(writer.render(EVENT), 1, 1, 1)
    writer.attach(push)
    _, frames = send(pair, writer)
    assert Reader(IDENTITY, "field").read(frames).times == stamp.times(*TIMES)


@pytest.mark.parametrize("mode", ["field", "frame"])
@pytest.mark.parametrize("framing", FRAMINGS)
@pytest.mark.parametrize("topic", TOPICS)
@pytest.mark.parametrize(
    "other", [stamp.Identity(0xC0FFEF, 3), stamp.Identity(0xC0FFEE, 4), stamp.Identity(3, 0xC0FF)], ids=str
)
def test_another_run_or_handler_is_foreign(
    pair: tuple[Socket, Socket], mode: StampMode, framing: Framing, topic: str | None, other: stamp.Identity
) -> None:
    _, frames = send(pair, Writer(other, mode, framing, topic))
    assert Reader(IDENTITY, mode).read(frames) == (None, True, sum(map(len, frames)))


OURS = IDENTITY.text + stamp.times(*TIMES)


@pytest.mark.parametrize(
    "frames",
    [
        [b""],
        [b"", b""],
        [EVENT],
        [b"topic", EVENT],
        [b"topic " + EVENT],
        [b"{}"],
        [b'{"_bench":"'],
        [b'{"_bench":"1-'],
        [b'{"_bench":1}'],
        [b'{"_bench":"' + OURS.replace(b"1-", b"2-", 1) + b'"}'],
        [b'{"_bench":"' + OURS.upper() + b'"}'],
        [b'{ "_bench":"' + OURS + b'"}'],
        [b'{"a":1,"_bench":"' + OURS + b'"}'],
        [b'{"_bench":"' + OURS + b'"}', b"one frame more"],
        [b"topic" + b'{"_bench":"' + OURS + b'"}'],
        [bytes(1000)],
    ],
)
def test_messages_without_our_stamp_are_foreign(frames: list[bytes]) -> None:
    assert Reader(IDENTITY, "field").read(frames) == (None, True, sum(map(len, frames)))


@pytest.mark.parametrize(
    "frames", [[b""], [EVENT], [EVENT, b""], [OURS, EVENT], [EVENT, b" " + OURS], [EVENT, OURS[:15]]]
)
def test_messages_without_our_frame_are_foreign(frames: list[bytes]) -> None:
    assert Reader(IDENTITY, "frame").read(frames) == (None, True, sum(map(len, frames)))


@pytest.mark.parametrize("mode", ["field", "frame"])
@pytest.mark.parametrize("cut", [0, 1, 16, 49])
def test_a_stamp_of_this_run_that_is_cut_off_is_malformed(mode: StampMode, cut: int) -> None:
    text = IDENTITY.text + stamp.times(*TIMES)[:cut]
    frames = [b'{"_bench":"' + text] if mode == "field" else [EVENT, text]
    times, foreign, size = Reader(IDENTITY, mode).read(frames)
    assert (foreign, size) == (False, sum(map(len, frames)))
    assert times is not None
    assert not decode_times([times])[1].any()


@pytest.mark.parametrize("mode", ["field", "frame"])
def test_a_stamp_of_this_run_with_other_letters_is_malformed(mode: StampMode) -> None:
    text = OURS[:-1] + b"x"
    times, foreign, _ = Reader(IDENTITY, mode).read([b'{"_bench":"' + text + b'"}'] if mode == "field" else [text])
    assert not foreign
    assert times is not None
    assert not decode_times([times])[1].any()


def test_a_stamp_frame_that_is_too_long_is_malformed() -> None:
    times, foreign, _ = Reader(IDENTITY, "frame").read([EVENT, OURS + b"0"])
    assert not foreign
    assert times is not None
    assert not decode_times([times])[1].any()


@given(st.lists(st.binary(max_size=80), min_size=1, max_size=4), st.sampled_from(MODES))
def test_any_bytes_are_read_as_a_message_without_a_stamp(frames: list[bytes], mode: StampMode) -> None:
    times, foreign, size = Reader(IDENTITY, mode).read(frames)
    assert times is None
    assert foreign is (mode != "off")
    assert size == sum(map(len, frames))


def test_join_tokens_differ_and_are_no_topic_of_a_preset() -> None:
    tokens = {
        join_token(stamp.Identity(run, handler), listener)
        for run in (1, 2)
        for handler in (1, 2)
        for listener in (0, 1, 10)
    }
    assert len(tokens) == 12
    # No UTF-8 text has this byte. It is the highest byte, so libzmq sends the token after every topic.
    assert all(token.startswith(b"\xff") for token in tokens)
    # No token may be the prefix of another: it would subscribe for both listeners.
    assert join_token(IDENTITY, 1) != join_token(IDENTITY, 10)
