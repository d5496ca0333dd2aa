"""PUSH uses the plain core, and its socket refuses messages without a peer or without room."""

from __future__ import annotations

from array import array

import zmq

from bench_app.handlers import HANDLER_KINDS
from bench_app.handlers.core import HandlerCore, PollFor
from bench_app.handlers.socket import CoreParts, HandlerPort, HandlerSocket
from bench_app.measure.counters import HandlerSlot
from bench_app.measure.recorder import Recorder
from bench_app.measure.sample_buffer import SampleBuffer
from bench_app.model import HandlerConfig
from bench_app.transport.open_socket import Target
from bench_app.transport.stamp import Identity

PUSH = HANDLER_KINDS["PUSH"]


def test_push_uses_the_plain_core() -> None:
    parts = CoreParts(
        HandlerConfig(socket_type="PUSH"),
        HandlerPort(Identity(1, 1), "off"),
        memoryview(array("Q", bytes(8 * len(HandlerSlot)))),
        SampleBuffer(Recorder()),
        SampleBuffer(Recorder()),
    )
    assert type(PUSH.make_core(parts)) is HandlerCore


def test_without_a_peer_events_wait() -> None:
    config = HandlerConfig(socket_type="PUSH", high_water_mark=2, send_timeout=-1, linger=0)
    slots = memoryview(array("Q", bytes(8 * len(HandlerSlot))))
    port = HandlerPort(Identity(1, 1), "off")
    core = PUSH.make_core(CoreParts(config, port, slots, SampleBuffer(Recorder()), SampleBuffer(Recorder())))
    with zmq.Context() as context, context.socket(zmq.PULL) as pull:
        pull.rcvhwm = 2
        socket = HandlerSocket(PUSH, port, context, Target(("inproc://push",), bind=True))
        socket.open(config)
        for number in range(10):
            core.offer(bytearray(b"%d" % number), 0)
        core.pump()
        assert slots[HandlerSlot.ACCEPTED] == 0
        assert core.poll_for is PollFor.WRITABLE
        pull.connect("inproc://push")
        received = []
        while len(received) < 10:
            if socket.zmq_socket.poll(0, zmq.POLLOUT):
                core.pump()
            assert pull.poll(5000)
            received.append(pull.recv())
        assert received == [b"%d" % number for number in range(10)]
        assert slots[HandlerSlot.ACCEPTED] == 10
        socket.close(0)
