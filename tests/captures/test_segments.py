"""TCP segments of packets of every kind of interface."""

from __future__ import annotations

import ipaddress
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench_app.captures.packets import Packet
from bench_app.captures.segments import segment_of
from tests.captures.wire_capture import CLIENT, SERVER, SYN, Capture


def ip_packet(data: bytes = b"data", flags: int = 16) -> bytes:
    capture = Capture()
    capture.segment(CLIENT, SERVER, data, flags)
    return capture.packets[0][1]


ETHERNET, SLL, SLL2 = bytes(12), bytes(14), struct.pack(">H", 0x0800) + bytes(18)


@pytest.mark.parametrize(
    ("link_type", "prefix"),
    [
        (1, ETHERNET + b"\x08\x00"),
        (1, ETHERNET + b"\x81\x00\x00\x05\x08\x00"),
        (113, SLL + b"\x08\x00"),
        (276, SLL2),
        (0, b"\x02\0\0\0"),
        (101, b""),
        (228, b""),
    ],
)
def test_the_segment_is_found_after_the_header_of_the_link(link_type: int, prefix: bytes) -> None:
    found = segment_of(Packet(7, link_type, prefix + ip_packet()))
    assert found is not None
    assert (found.at_ns, found.source, found.target) == (7, "127.0.0.1:40000", "127.0.0.1:5555")
    assert (found.data, found.size, found.is_first, found.is_last) == (b"data", 4, False, False)


def test_flags_padding_and_cut_packets() -> None:
    first = segment_of(Packet(0, 101, ip_packet(b"", SYN)))
    assert first is not None and first.is_first
    last = segment_of(Packet(0, 101, ip_packet(b"", 1)))
    assert last is not None and last.is_last
    padded = segment_of(Packet(0, 101, ip_packet(b"") + bytes(6)))
    assert padded is not None and padded.data == b""
    cut = segment_of(Packet(0, 101, ip_packet(b"data")[:-3]))
    assert cut is not None and (cut.data, cut.size) == (b"d", 4)
    offloaded = bytearray(ip_packet(b"data"))
    offloaded[2:4] = b"\0\0"
    found = segment_of(Packet(0, 101, bytes(offloaded)))
    assert found is not None and found.data == b"data"


def test_ipv6_with_an_extension() -> None:
    tcp = ip_packet(b"data")[20:]
    source, target = ipaddress.IPv6Address("::1").packed, ipaddress.IPv6Address("fe80::2").packed
    extension = bytes([6, 0]) + bytes(6)
    header = struct.pack(">IHBB", 6 << 28, len(extension) + len(tcp), 0, 64) + source + target
    found = segment_of(Packet(0, 101, header + extension + tcp))
    assert found is not None
    assert (found.source, found.target, found.data) == ("[::1]:40000", "[fe80::2]:5555", b"data")


def test_everything_else_is_no_segment() -> None:
    udp = bytearray(ip_packet())
    udp[9] = 17
    fragment = bytearray(ip_packet())
    fragment[7] = 1
    others = [(101, bytes(udp)), (101, bytes(fragment)), (101, b""), (1, ETHERNET + b"\x08\x06"), (147, ip_packet())]
    assert [segment_of(Packet(0, kind, data)) for kind, data in others] == [None] * len(others)


@given(st.sampled_from([0, 1, 12, 101, 113, 276]), st.binary(max_size=100))
def test_noise_is_no_error(link_type: int, data: bytes) -> None:
    segment_of(Packet(0, link_type, data))
