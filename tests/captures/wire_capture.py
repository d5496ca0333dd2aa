"""A relay between real sockets that writes what passes as a capture, and captures that are made by hand."""

from __future__ import annotations

import socket
import struct
import threading
import time
from dataclasses import dataclass, field

CLIENT, SERVER = ("127.0.0.1", 40_000), ("127.0.0.1", 5555)
SYN, ACK, FIN = 2, 16, 1


@dataclass
class Capture:
    """Packets of TCP connections over IPv4.

    Attributes:
        packets: the IP packets with their times.
    """

    packets: list[tuple[int, bytes]] = field(default_factory=list)
    next_numbers: dict[tuple[str, int], int] = field(default_factory=dict)

    def segment(
        self, source: tuple[str, int], target: tuple[str, int], data: bytes, flags: int = ACK, at_ns: int | None = None
    ) -> None:
        number = self.next_numbers.setdefault(source, 2**32 - 20)
        self.next_numbers[source] = (number + len(data) + bool(flags & SYN)) % 2**32
        tcp = struct.pack(">HHIIBBHHH", source[1], target[1], number, 0, 5 << 4, flags, 65535, 0, 0)
        addresses = socket.inet_aton(source[0]) + socket.inet_aton(target[0])
        total = 20 + len(tcp) + len(data)
        ip = struct.pack(">BBHHHBBH", 0x45, 0, total, 0, 0, 64, 6, 0) + addresses
        self.packets.append((time.time_ns() if at_ns is None else at_ns, ip + tcp + data))

    def open(self, client: tuple[str, int] = CLIENT, server: tuple[str, int] = SERVER) -> None:
        self.segment(client, server, b"", SYN)
        self.segment(server, client, b"", SYN | ACK)

    def pcap(self, link_type: int = 101, prefix: bytes = b"") -> bytes:
        """The file of tcpdump, in nanoseconds."""
        parts = [struct.pack("<4sHHiIII", b"\x4d\x3c\xb2\xa1", 2, 4, 0, 0, 262144, link_type)]
        for at_ns, packet in self.packets:
            size = len(prefix) + len(packet)
            parts.append(struct.pack("<4I", *divmod(at_ns, 10**9), size, size) + prefix + packet)
        return b"".join(parts)

    def pcapng(self, order: str = "<") -> bytes:
        """The file of Wireshark, with an interface in ns."""
        option = struct.pack(order + "HHB3xHH", 9, 1, 9, 0, 0)
        blocks = [
            (0x0A0D0D0A, struct.pack(order + "IHHq", 0x1A2B3C4D, 1, 0, -1)),
            (1, struct.pack(order + "HHI", 101, 0, 0) + option),
            (5, b"statistics!!"),
        ]
        for at_ns, packet in self.packets:
            head = struct.pack(order + "5I", 0, at_ns >> 32, at_ns & 0xFFFFFFFF, len(packet), len(packet))
            blocks.append((6, head + packet + bytes(-len(packet) % 4)))
        return b"".join(
            struct.pack(order + "II", kind, len(body) + 12) + body + struct.pack(order + "I", len(body) + 12)
            for kind, body in blocks
        )


class CapturingRelay:
    """Relays one connection to ``target_port`` and captures it. Connect to ``port``."""

    def __init__(self, target_port: int, capture: Capture, client: tuple[str, int] = CLIENT) -> None:
        self._capture = capture
        self._client = client
        self._server = ("127.0.0.1", target_port)
        self._lock = threading.Lock()
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._listening.settimeout(20)
        self.port: int = self._listening.getsockname()[1]
        self._threads = [threading.Thread(target=self._serve)]
        self._threads[0].start()

    def _serve(self) -> None:
        near, _ = self._listening.accept()
        far = socket.create_connection(self._server, timeout=20)
        near.settimeout(20)
        with self._lock:
            self._capture.open(self._client, self._server)
        ends = ((near, far, self._client, self._server), (far, near, self._server, self._client))
        pumps = [threading.Thread(target=self._pump, args=end) for end in ends]
        for pump in pumps:
            pump.start()
        for pump in pumps:
            pump.join()
        near.close()
        far.close()

    def _pump(
        self, source: socket.socket, target: socket.socket, sender: tuple[str, int], receiver: tuple[str, int]
    ) -> None:
        try:
            while data := source.recv(1400):
                with self._lock:
                    self._capture.segment(sender, receiver, data)
                target.sendall(data)
            target.shutdown(socket.SHUT_WR)
        except OSError:
            return

    def close(self) -> None:
        """Wait for the end of the connection."""
        for thread in self._threads:
            thread.join()
        self._listening.close()
