"""Connections of a capture, told apart by their ports and by their beginnings."""

from __future__ import annotations

from bench_app.captures.connections import Connections
from bench_app.captures.packets import Packet
from tests.captures.test_zmtp import GREETING, frame, ready, wire
from tests.captures.wire_capture import CLIENT, FIN, SERVER, Capture


def messages_of(capture: Capture) -> tuple[list[tuple[int, list[bytes]]], Connections]:
    connections = Connections()
    packets = [Packet(at_ns, 101, data) for at_ns, data in capture.packets]
    found = [(connection.number, list(message.frames)) for connection, message in connections.read(packets)]
    return found, connections


def test_a_port_that_is_used_again_is_another_connection() -> None:
    capture = Capture()
    for body in (b"one", b"two"):
        capture.open()
        capture.segment(CLIENT, SERVER, GREETING + ready(b"PUSH") + frame(body))
        capture.segment(SERVER, CLIENT, GREETING + ready(b"PULL"))
        capture.segment(CLIENT, SERVER, b"", FIN)
        capture.next_numbers.clear()
        capture.next_numbers[CLIENT] = 77
    found, connections = messages_of(capture)
    assert found == [(1, [b"one"]), (2, [b"two"])]
    assert [one.decoder.socket_type for one in connections.all[0].directions] == ["PUSH", "PULL"]


def test_a_message_names_where_the_connection_was_accepted() -> None:
    capture = Capture()
    capture.open()
    capture.segment(SERVER, CLIENT, GREETING + ready(b"PUB") + wire([[b"a.b", b"{}"]]))
    connections = Connections()
    ((_, message),) = connections.read([Packet(at_ns, 101, data) for at_ns, data in capture.packets])
    assert (message.endpoint, message.source, message.topic) == (
        "tcp://127.0.0.1:5555",
        "1 PUB 127.0.0.1:5555",
        "a.b",
    )
    assert (connections.packets, connections.others) == (3, 0)
