"""PULL listeners share the messages of a PUSH, and do not answer."""

from __future__ import annotations

import zmq

from bench_app.handlers import LISTENER_KINDS
from bench_app.model import ListenerSpec

PULL = LISTENER_KINDS["PULL"]


def test_listeners_share_the_messages_of_a_push() -> None:
    with zmq.Context() as context, context.socket(zmq.PUSH) as push:
        push.linger = 0
        push.bind("inproc://pull")
        first, second = (context.socket(PULL.zmq_type) for _ in range(2))
        for socket in (first, second):
            PULL.configure(socket, ListenerSpec(), b"token")
            socket.rcvtimeo = 5000
            socket.connect("inproc://pull")
        for number in range(4):
            push.send(b"%d" % number)
        received = [[socket.recv(), socket.recv()] for socket in (first, second)]
        assert sorted(received) == [[b"0", b"2"], [b"1", b"3"]]
        for socket in (first, second):
            socket.close()


def test_a_pull_does_not_answer() -> None:
    assert PULL.make_replier is None
