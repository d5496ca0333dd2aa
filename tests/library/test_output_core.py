"""The core of a handler in a program sends the same on both planes, and counts the same."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import zmq

from bench_app.data_plane.choice import PlaneName
from bench_app.handlers import HANDLER_KINDS
from bench_app.handlers.compiled_core import CompiledCore
from bench_app.handlers.core import PollFor
from bench_app.library.handler_stats import HandlerStats, OutputCounters
from bench_app.library.output_core import make_output_core
from bench_app.library.output_port import addressed
from bench_app.model import Framing, HandlerConfig
from tests.library.ends import LIMIT_MS
from tests.library.planes import each_plane

__all__ = ["each_plane"]

PEERS = {"PUSH": zmq.PULL, "PUB": zmq.SUB, "REQ": zmq.REP}


class Core:
    """A core whose socket is connected to a peer over inproc."""

    def __init__(self, socket: zmq.Socket[bytes], peer: zmq.Socket[bytes], framing: Framing, **config: Any) -> None:
        spec = HandlerConfig(**config)
        kind = HANDLER_KINDS[spec.socket_type]
        self.counters = OutputCounters()
        topic = spec.topic if kind.pattern.sends_topic else None
        made = make_output_core(kind, spec, framing, topic, self.counters.slots)
        self.core, self.take_ends = made.core, made.take_ends
        made.port.attach(socket)
        self.peer = peer

    def write(self, event: Any) -> None:
        assert self.core.offer(event, 0)
        self.core.pump()

    @property
    def stats(self) -> HandlerStats:
        return self.counters.stats(self.core.in_flight, 0)


@contextmanager
def opened(socket_type: str, framing: Framing = "frames", **config: Any) -> Iterator[Core]:
    kind = HANDLER_KINDS[socket_type]  # type: ignore[index]
    with zmq.Context() as context, context.socket(kind.zmq_type) as socket, context.socket(PEERS[socket_type]) as peer:
        for each in (socket, peer):
            each.set_hwm(1)
            each.linger = 0
        peer.rcvtimeo = LIMIT_MS
        if socket_type == "PUB":
            peer.subscribe(b"")
            socket.setsockopt(zmq.XPUB_NODROP, 1)
        kind.configure(socket)
        socket.bind("inproc://core")
        peer.connect("inproc://core")
        if socket_type == "PUB":
            assert socket.recv() == b"\x01"
        yield Core(socket, peer, framing, socket_type=socket_type, **config)


def test_the_plane_decides_what_moves_the_queue(each_plane: PlaneName) -> None:
    with opened("PUSH") as handler:
        assert isinstance(handler.core, CompiledCore) == (each_plane == "compiled")


@pytest.mark.parametrize(
    ("framing", "own", "frames"),
    [
        ("frames", "", [b"a.b", b"{}"]),
        ("frames", "x.1", [b"a.b.x.1", b"{}"]),
        ("joined", "", [b"a.b {}"]),
        ("joined", "x.1", [b"a.b.x.1 {}"]),
    ],
)
def test_an_event_is_sent_under_its_topic(
    each_plane: PlaneName, framing: Framing, own: str, frames: list[bytes]
) -> None:
    with opened("PUB", framing, topic="a.b") as handler:
        handler.write(addressed(b"{}", "a.b", own) if own else b"{}")
        assert handler.peer.recv_multipart() == frames
        assert (handler.stats.accepted, handler.stats.bytes) == (1, sum(map(len, frames)))


def test_a_handler_without_topics_sends_the_body_alone(each_plane: PlaneName) -> None:
    with opened("PUSH", "joined") as handler:
        handler.write(b"{}")
        assert handler.peer.recv_multipart() == [b"{}"]


@pytest.mark.parametrize(("socket_type", "poll_for"), [("PUSH", PollFor.WRITABLE), ("PUB", PollFor.READABLE)])
def test_a_full_socket_keeps_events_in_the_queue_and_their_order(
    each_plane: PlaneName, socket_type: str, poll_for: PollFor
) -> None:
    with opened(socket_type, topic="t", send_timeout=-1) as handler:
        bodies = [b"%d" % number for number in range(5)]
        for body in bodies:
            handler.write(body if socket_type == "PUSH" else addressed(body, "t", "own"))
        assert handler.core.is_blocked and handler.core.poll_for is poll_for
        assert (handler.stats.accepted, handler.stats.queued) == (2, 3)
        received = []
        for _ in bodies:
            # libzmq sees the new room only after a millisecond or so.
            for _ in range(LIMIT_MS):
                handler.core.pump()
                if handler.peer.poll(1):
                    break
            received.append(handler.peer.recv_multipart()[-1])
        assert received == bodies and handler.core.is_idle


def test_an_event_that_the_socket_refuses_for_too_long_is_lost(each_plane: PlaneName) -> None:
    with opened("PUSH", send_timeout=0) as handler:
        for _ in range(4):
            handler.write(b"{}")
        assert (handler.stats.accepted, handler.stats.send_timeout, handler.stats.queued) == (2, 2, 0)


def test_a_full_queue_refuses_events(each_plane: PlaneName) -> None:
    with opened("PUSH", queue_size=2) as handler:
        assert [handler.core.offer(b"{}", 0) for _ in range(3)] == [True, True, False]
        assert (handler.stats.queued, handler.stats.queue_overflow) == (2, 1)
        assert handler.core.abort() == 2 and handler.stats.aborted == 2


def test_a_reply_has_all_frames_and_is_taken_once(each_plane: PlaneName) -> None:
    with opened("REQ") as handler:
        handler.write(b"1")
        assert handler.peer.recv() == b"1" and handler.stats.in_flight == 1
        handler.peer.send_multipart([b"first", b"last"])
        handler.write(b"2")
        assert handler.peer.recv() == b"2"
        handler.peer.send(b"")
        handler.core.pump()
        assert [end.frames for end in handler.take_ends()] == [(b"first", b"last"), (b"",)]
        assert handler.take_ends() == []
        assert (handler.stats.replied, handler.stats.in_flight) == (2, 0)


def test_a_request_without_a_reply_is_sent_again_and_given_up(each_plane: PlaneName) -> None:
    with opened("REQ", request_timeout=1, retries=1) as handler:
        handler.write(b"1")
        while handler.stats.in_flight:
            assert handler.core.deadline_ns is not None
            handler.core.pump()
        assert (handler.stats.retries, handler.stats.request_timeout) == (1, 1)
