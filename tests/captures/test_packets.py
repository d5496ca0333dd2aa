"""Packets of captures, also of captures that are broken."""

from __future__ import annotations

import contextlib
import io
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench_app.captures.packets import Packet, read_packets
from bench_app.errors import InputError
from tests.captures.wire_capture import CLIENT, SERVER, Capture

CAPTURE = Capture()
for _number in range(3):
    CAPTURE.segment(CLIENT, SERVER, b"data" * _number, at_ns=1_795_873_008_123_456_789 + _number)
PACKETS = [Packet(at_ns, 101, data) for at_ns, data in CAPTURE.packets]
FILES = [CAPTURE.pcap(), CAPTURE.pcapng("<"), CAPTURE.pcapng(">")]


@pytest.mark.parametrize("content", FILES)
def test_all_packets_are_read_with_their_times(content: bytes) -> None:
    assert list(read_packets(io.BytesIO(content))) == PACKETS


@pytest.mark.parametrize("content", FILES)
@pytest.mark.parametrize("cut", [1, 20, 50, 100])
def test_an_incomplete_packet_at_the_end_is_left_out(content: bytes, cut: int) -> None:
    found = list(read_packets(io.BytesIO(content[:-cut])))
    assert found == PACKETS[: len(found)] and len(found) < 3


def test_microseconds_and_the_other_byte_order() -> None:
    header = struct.pack(">4sHHiIII", b"\xa1\xb2\xc3\xd4", 2, 4, 0, 0, 65535, 1)
    content = header + struct.pack(">4I", 10, 5, 3, 3) + b"abc"
    assert list(read_packets(io.BytesIO(content))) == [Packet(10_000_005_000, 1, b"abc")]


@given(st.sampled_from(FILES), st.binary(max_size=40), st.integers(0, 400))
def test_broken_captures_end_or_are_refused(content: bytes, noise: bytes, at: int) -> None:
    broken = content[:at] + noise + content[at + len(noise) :]
    with contextlib.suppress(InputError):
        assert all(isinstance(packet, Packet) for packet in read_packets(io.BytesIO(broken)))


def test_another_file_is_refused() -> None:
    with pytest.raises(InputError, match="it is no capture"):
        read_packets(io.BytesIO(b"{}"))
    with pytest.raises(InputError, match="the capture is broken"):
        list(read_packets(io.BytesIO(CAPTURE.pcap()[:24] + b"\xff" * 16)))
