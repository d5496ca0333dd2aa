"""Finds TCP segments in packets: packet -> **TCP segment** -> stream. Pure; packets are untrusted.

Captures of Ethernet (with VLAN tags), of Linux' interface ``any``, of loopback interfaces and of plain IP are read,
with IPv4 and IPv6. Everything else is no segment.
"""

from __future__ import annotations

import ipaddress
import struct
from typing import NamedTuple

from bench_app.captures.packets import Packet

_IPV4, _IPV6, _VLANS = 0x0800, 0x86DD, (0x8100, 0x88A8)
_TCP = 6
_FIN, _SYN, _RST = 1, 2, 4
_EXTENSIONS = {0, 43, 60}
"""Headers of IPv6 that may precede that of TCP."""


class Segment(NamedTuple):
    """A TCP segment.

    Attributes:
        at_ns: when it was captured.
        source: address and port of the sender.
        target: address and port of the receiver.
        number: the sequence number of its first byte.
        is_first: whether it opens a connection (SYN); then its data begin one number later.
        is_last: whether it ends a connection (FIN or RST).
        data: its data as captured.
        size: how many data it has; more than were captured, if the capture cut them.
    """

    at_ns: int
    source: str
    target: str
    number: int
    is_first: bool
    is_last: bool
    data: bytes
    size: int


def segment_of(packet: Packet) -> Segment | None:
    """The TCP segment of a packet; None if it has none, or an incomplete header."""
    try:
        data = _ip_packet(packet)
        if data is None:
            return None
        return _from_ip(packet.at_ns, data)
    except (struct.error, IndexError):
        return None


def _ip_packet(packet: Packet) -> bytes | None:
    data = packet.data
    match packet.link_type:
        case 1:
            return _after_ethertype(data, 12)
        case 113:
            return _after_ethertype(data, 14)
        case 276:
            (kind,) = struct.unpack_from(">H", data)
            return data[20:] if kind in (_IPV4, _IPV6) else None
        case 0 | 108:
            return data[4:]
        case 12 | 14 | 101 | 228 | 229:
            return data
        case _:
            return None


def _after_ethertype(data: bytes, at: int) -> bytes | None:
    (kind,) = struct.unpack_from(">H", data, at)
    while kind in _VLANS:
        at += 4
        (kind,) = struct.unpack_from(">H", data, at)
    return data[at + 2 :] if kind in (_IPV4, _IPV6) else None


def _from_ip(at_ns: int, data: bytes) -> Segment | None:
    version = data[0] >> 4
    if version == 4:
        header = (data[0] & 15) * 4
        total, _, fragment = struct.unpack_from(">HHH", data, 2)
        # A part of a packet has no whole segment.
        if data[9] != _TCP or fragment & 0x3FFF:
            return None
        addresses = f"{ipaddress.IPv4Address(data[12:16])}", f"{ipaddress.IPv4Address(data[16:20])}"
    elif version == 6:
        payload, protocol = struct.unpack_from(">HB", data, 4)
        header, total = 40, 40 + payload if payload else 0
        while protocol in _EXTENSIONS:
            protocol, header = data[header], header + 8 + data[header + 1] * 8
        if protocol != _TCP:
            return None
        addresses = f"[{ipaddress.IPv6Address(data[8:24])}]", f"[{ipaddress.IPv6Address(data[24:40])}]"
    else:
        return None
    # A network card that cuts segments leaves the length to be filled in later.
    total = total or len(data)
    return _from_tcp(at_ns, addresses, data[header:total], total - header)


def _from_tcp(at_ns: int, addresses: tuple[str, str], data: bytes, total: int) -> Segment | None:
    source, target, number = struct.unpack_from(">HHI", data)
    header, flags = (data[12] >> 4) * 4, data[13]
    if header < 20 or total < header:
        return None
    return Segment(
        at_ns,
        f"{addresses[0]}:{source}",
        f"{addresses[1]}:{target}",
        number,
        bool(flags & _SYN),
        bool(flags & (_FIN | _RST)),
        data[header:],
        total - header,
    )
