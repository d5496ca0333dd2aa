"""What is told of a capture."""

from __future__ import annotations

from bench_app.captures.connections import Connections
from bench_app.captures.packets import Packet
from bench_app.captures.report import connection_lines
from tests.captures.test_zmtp import GREETING, frame, ready
from tests.captures.wire_capture import CLIENT, SERVER, Capture


def lines_of(capture: Capture) -> list[str]:
    connections = Connections()
    list(connections.read([Packet(at_ns, 101, data) for at_ns, data in capture.packets]))
    return connection_lines(connections)


def test_each_connection_has_its_line() -> None:
    capture = Capture()
    capture.open()
    capture.segment(CLIENT, SERVER, GREETING + ready(b"PUSH") + frame(b"a") + b"\xff")
    capture.segment(SERVER, CLIENT, GREETING + ready(b"PULL"))
    other = ("127.0.0.1", 80)
    capture.segment(CLIENT, other, b"GET / HTTP/1.1")
    assert lines_of(capture) == [
        "connection 1: 127.0.0.1:40000 to 127.0.0.1:5555 (PUSH to PULL), ZMTP 3.1 NULL",
        "  127.0.0.1:40000: 1 message",
        "  127.0.0.1:40000: 1 byte not decoded: a frame has flags that ZMTP 3 does not have",
        "1 other TCP connection without a greeting of ZMTP 3: another protocol, or begun before the capture",
    ]


def test_a_capture_without_zmtp_is_told() -> None:
    assert lines_of(Capture()) == ["no connection of ZMTP 3 in 0 packets"]
