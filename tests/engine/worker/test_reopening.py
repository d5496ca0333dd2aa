"""Closing a socket and opening it again: the messages, and the endpoint of the socket afterwards."""

from __future__ import annotations

import time

from bench_app.engine.control.messages import Moved, Notice
from bench_app.engine.worker.reopening import move_socket, recreate_socket
from bench_app.errors import SocketSetupError
from bench_app.transport.open_socket import Target
from tests.engine.worker.control_end import UNIT, ControlEnd

HERE, THERE = Target(("tcp://here:1",), bind=True), Target(("tcp://there:2",), bind=False)


class Socket:
    """Opens at every target but those in ``refused``."""

    def __init__(self, *refused: Target) -> None:
        self.target = HERE
        self.refused = refused
        self.opened: list[Target] = []

    def reopen(self) -> str:
        if self.target in self.refused:
            raise SocketSetupError(f"cannot open {self.target.endpoints[0]}")
        self.opened.append(self.target)
        return self.target.endpoints[0]


def test_a_recreated_socket_is_where_it_was() -> None:
    with ControlEnd() as end:
        socket = Socket()
        assert recreate_socket(socket, end.channel())
        assert socket.opened == [HERE]
        notice = end.wait_for(Notice)
        assert (notice.message, notice.marker) == ("the socket was recreated at tcp://here:1", True)


def test_a_socket_that_cannot_be_recreated_emits_the_reason() -> None:
    with ControlEnd() as end:
        assert not recreate_socket(Socket(HERE), end.channel())
        assert end.wait_for(Notice).message == "the socket could not be recreated: cannot open tcp://here:1"


def test_a_moved_socket_is_at_its_new_endpoint() -> None:
    with ControlEnd() as end:
        socket = Socket()
        assert move_socket(socket, THERE, end.channel())
        assert (socket.target, socket.opened) == (THERE, [THERE])
        moved = end.wait_for(Moved)
        assert (moved.unit, moved.endpoint, moved.failure) == (UNIT, "tcp://there:2", "")
        assert 0 < moved.at_ns <= time.perf_counter_ns()


def test_a_socket_that_cannot_move_returns_with_the_reason() -> None:
    with ControlEnd() as end:
        socket = Socket(THERE)
        assert move_socket(socket, THERE, end.channel())
        assert (socket.target, socket.opened) == (HERE, [HERE])
        moved = end.wait_for(Moved)
        assert (moved.endpoint, moved.failure) == ("tcp://here:1", "cannot open tcp://there:2")


def test_a_socket_that_cannot_return_is_closed() -> None:
    with ControlEnd() as end:
        assert not move_socket(Socket(HERE, THERE), THERE, end.channel())
        moved = end.wait_for(Moved)
        assert moved.endpoint == ""
        assert moved.failure == "cannot open tcp://there:2; cannot open tcp://here:1"
