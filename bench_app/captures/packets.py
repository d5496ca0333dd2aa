"""Reads packets from a capture: pcap or pcapng file -> **packets** -> TCP segments. The file is untrusted."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import NamedTuple, Protocol

from bench_app.errors import InputError
from bench_app.measure.clock import NS_PER_S

MOST_PACKET_BYTES = 64 * 1024 * 1024
_PCAP_MAGICS = {
    b"\xd4\xc3\xb2\xa1": ("<", 1_000),
    b"\xa1\xb2\xc3\xd4": (">", 1_000),
    b"\x4d\x3c\xb2\xa1": ("<", 1),
    b"\xa1\xb2\x3c\x4d": (">", 1),
}
"""The byte order of a pcap file, and its unit of time in ns."""
_SECTION, _INTERFACE, _SIMPLE, _ENHANCED = 0x0A0D0D0A, 1, 3, 6
_SECTION_BYTES = b"\x0a\x0d\x0d\x0a"
_RESOLUTION_OPTION, _OFFSET_OPTION = 9, 14
_MICROSECONDS = 6


class Packet(NamedTuple):
    """A packet.

    Attributes:
        at_ns: when it was captured, in ns since 1970.
        link_type: the kind of its first header, a number of the registry of tcpdump.
        data: its bytes; fewer than there were, if the capture cut them.
    """

    at_ns: int
    link_type: int
    data: bytes


class CaptureFile(Protocol):
    """The methods of a file opened for reading bytes that the readers use."""

    def read(self, size: int = -1, /) -> bytes:
        """At most ``size`` bytes; b"" at the end."""
        ...


def read_packets(file: CaptureFile) -> Iterator[Packet]:
    """All packets, in the order of the file. A last packet that is incomplete is left out.

    Raises :class:`InputError` for a file that is no capture.
    """
    magic = file.read(4)
    if magic in _PCAP_MAGICS:
        return _read_pcap(file, *_PCAP_MAGICS[magic])
    if magic == _SECTION_BYTES:
        return _read_pcapng(file)
    raise InputError("it is no capture: neither pcap nor pcapng")


def _read_pcap(file: CaptureFile, order: str, unit_ns: int) -> Iterator[Packet]:
    header = file.read(20)
    if len(header) < 20:
        return
    link_type = struct.unpack_from(order + "I", header, 16)[0] & 0x0FFFFFFF
    while len(head := file.read(16)) == 16:
        seconds, fraction, size, _ = struct.unpack(order + "4I", head)
        _check_size(size)
        data = file.read(size)
        if len(data) < size:
            return
        yield Packet(seconds * NS_PER_S + fraction * unit_ns, link_type, data)


class _Interface(NamedTuple):
    link_type: int
    units_per_s: int
    offset_s: int


def _read_pcapng(file: CaptureFile) -> Iterator[Packet]:
    order = "<"
    interfaces: list[_Interface] = []
    head: bytes = _SECTION_BYTES + file.read(4)
    while len(head) == 8:
        if head[:4] == _SECTION_BYTES:
            mark = file.read(4)
            order = "<" if mark == b"\x4d\x3c\x2b\x1a" else ">"
            interfaces = []
            kind, rest = _SECTION, mark
        else:
            kind, rest = struct.unpack_from(order + "I", head)[0], b""
        size = struct.unpack_from(order + "I", head, 4)[0]
        _check_size(size)
        body = rest + file.read(max(0, size - 8 - len(rest)))
        if len(body) < size - 8:
            return
        body = body[:-4]
        if kind == _INTERFACE and len(body) >= 8:
            interfaces.append(_interface(body, order))
        elif kind == _ENHANCED and len(body) >= 20:
            number, high, low, captured, _ = struct.unpack_from(order + "5I", body)
            if number < len(interfaces):
                interface = interfaces[number]
                at_ns = (high << 32 | low) * NS_PER_S // interface.units_per_s + interface.offset_s * NS_PER_S
                yield Packet(at_ns, interface.link_type, body[20 : 20 + captured])
        elif kind == _SIMPLE and interfaces and len(body) >= 4:
            yield Packet(0, interfaces[0].link_type, body[4 : 4 + struct.unpack_from(order + "I", body)[0]])
        head = file.read(8)


def _interface(body: bytes, order: str) -> _Interface:
    (link_type,) = struct.unpack_from(order + "H", body)
    units_per_s, offset_s, at = 10**_MICROSECONDS, 0, 8
    while at + 4 <= len(body):
        option, size = struct.unpack_from(order + "HH", body, at)
        value = body[at + 4 : at + 4 + size]
        if option == _RESOLUTION_OPTION and size == 1:
            exponent = value[0] & 0x7F
            units_per_s = 2**exponent if value[0] & 0x80 else 10**exponent
        elif option == _OFFSET_OPTION and size == 8:
            (offset_s,) = struct.unpack(order + "q", value)
        elif not option:
            break
        at += 4 + (size + 3) // 4 * 4
    return _Interface(link_type, units_per_s, offset_s)


def _check_size(size: int) -> None:
    if size > MOST_PACKET_BYTES:
        raise InputError(f"a packet of {size:,} bytes: the capture is broken")
