"""The decoder of ZMTP, byte by byte, with holes and with noise."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench_app.captures import zmtp
from bench_app.captures.zmtp import WireMessage, ZmtpDecoder

GREETING = b"\xff" + bytes(8) + b"\x7f\x03\x01" + b"NULL".ljust(20, b"\0") + bytes(32)
MESSAGES = [[b"a"], [b"topic", b"", bytes(300)], [b""]]


def frame(body: bytes, flags: int = 0) -> bytes:
    if len(body) > 255:
        return bytes([flags | 2]) + struct.pack(">Q", len(body)) + body
    return bytes([flags, len(body)]) + body


def ready(socket_type: bytes) -> bytes:
    value = struct.pack(">I", len(socket_type)) + socket_type
    return frame(b"\x05READY\x0bSocket-Type" + value, flags=4)


def wire(messages: list[list[bytes]]) -> bytes:
    return b"".join(
        frame(part, int(place < len(frames) - 1)) for frames in messages for place, part in enumerate(frames)
    )


STREAM = GREETING + ready(b"PUSH") + wire(MESSAGES)


@pytest.mark.parametrize("step", [1, 7, 10_000])
def test_messages_are_read_however_the_bytes_come(step: int) -> None:
    decoder = ZmtpDecoder()
    found = [
        message.frames for at in range(0, len(STREAM), step) for message in decoder.feed(STREAM[at : at + step], at)
    ]
    assert found == MESSAGES
    assert (decoder.version, decoder.mechanism, decoder.socket_type) == ("3.1", "NULL", "PUSH")
    assert (decoder.failure, decoder.undecoded) == ("", 0)


def test_a_message_has_the_time_of_its_last_byte() -> None:
    decoder = ZmtpDecoder()
    assert list(decoder.feed(STREAM[:-1], 1))[-1].at_ns == 1
    assert list(decoder.feed(STREAM[-1:], 2)) == [WireMessage(2, [b""])]


def test_a_hole_within_a_frame_costs_its_message_alone() -> None:
    decoder = ZmtpDecoder()
    body = frame(bytes(300))
    assert list(decoder.feed(GREETING + body[:100], 1)) == []
    assert [one.frames for one in decoder.feed(body[150:] + frame(b"next"), 2, missing=50)] == [[b"next"]]
    assert (decoder.broken, decoder.failure) == (1, "")


def test_a_hole_in_which_a_frame_begins_ends_the_decoding() -> None:
    decoder = ZmtpDecoder()
    assert [one.frames for one in decoder.feed(GREETING + frame(b"a"), 1)] == [[b"a"]]
    assert list(decoder.feed(frame(b"b"), 2, missing=5)) == []
    assert decoder.failure == "a segment in which a frame begins was not captured"
    assert decoder.undecoded == 5 + 3


def test_other_protocols_are_told() -> None:
    for content, failure in (
        (b"GET / HTTP/1.1\r\n", "it does not begin with a greeting of ZMTP"),
        (GREETING[:10] + b"\x01\x00", "it is ZMTP 1, which is older than 3"),
        (GREETING + b"\xff", "a frame has flags that ZMTP 3 does not have"),
    ):
        decoder = ZmtpDecoder()
        assert list(decoder.feed(content, 1)) == []
        assert decoder.failure == failure


def test_subscriptions_are_no_messages() -> None:
    decoder = ZmtpDecoder()
    assert list(decoder.feed(GREETING + ready(b"SUB") + frame(b"\x01a") + frame(b"\x09SUBSCRIBEa", 4), 1)) == []
    assert decoder.subscriptions == 2


def test_a_message_that_is_too_long_is_skipped_in_bounded_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zmtp, "MOST_MESSAGE_BYTES", 1000)
    decoder = ZmtpDecoder()
    stream = GREETING + wire([[b"a"], [b"head", bytes(2000), b"tail"], [b"b"]])
    found = [one.frames for at in range(0, len(stream), 50) for one in decoder.feed(stream[at : at + 50], at)]
    assert found == [[b"a"], [b"b"]]
    assert decoder.too_long == 1


@given(st.binary(max_size=200), st.integers(0, 100))
def test_noise_is_no_error(noise: bytes, missing: int) -> None:
    decoder = ZmtpDecoder()
    list(decoder.feed(GREETING + noise, 1))
    list(decoder.feed(noise, 2, missing))
