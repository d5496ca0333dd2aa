"""REQ on real sockets: a late reply never counts as the reply to another request."""

from __future__ import annotations

import json
from array import array
from collections.abc import Iterator

import pytest
import zmq

from bench_app.handlers import HANDLER_KINDS
from bench_app.handlers.core import HandlerCore
from bench_app.handlers.request_end import RequestEnd, RequestOutcome
from bench_app.handlers.socket import CoreParts, HandlerPort, HandlerSocket
from bench_app.measure.recorder import Recorder
from bench_app.measure.sample_buffer import SampleBuffer
from bench_app.model import HandlerConfig
from bench_app.transport.open_socket import Target
from bench_app.transport.stamp import Identity

CONFIG = HandlerConfig(socket_type="REQ", request_timeout=50, retries=0, linger=0, reconnect_interval=10)
WAIT_MS = 5000


class Bench:
    """A REQ handler's core on its socket, and a plain ROUTER that replies when the test calls :meth:`reply`."""

    def __init__(self, context: zmq.Context[zmq.Socket[bytes]]) -> None:
        self.router = context.socket(zmq.ROUTER)
        self.router.linger = 0
        self.router.bind("tcp://127.0.0.1:*")
        endpoint = self.router.last_endpoint.decode()
        self.ends: list[RequestEnd] = []
        kind = HANDLER_KINDS["REQ"]
        self.port = HandlerPort(Identity(1, 1), "field")
        self.slots = array("Q", bytes(8 * 16))
        buffers = [SampleBuffer(Recorder()) for _ in range(2)]
        parts = CoreParts(CONFIG, self.port, memoryview(self.slots), *buffers, self.ends.append)
        self.core: HandlerCore = kind.make_core(parts)
        self.socket = HandlerSocket(kind, self.port, context, Target((endpoint,), bind=False))
        self.socket.open(CONFIG)

    @property
    def replies(self) -> list[bytes]:
        """The replies that answered a request."""
        return [end.frames[-1] for end in self.ends if end.outcome is RequestOutcome.REPLIED]

    def request(self, name: str) -> list[bytes]:
        """Send a request; returns its frames as the ROUTER received them."""
        self.core.offer(self.port.render(json.dumps({"name": name}).encode()), 0)
        self.core.pump()
        assert self.router.poll(WAIT_MS)
        return self.router.recv_multipart()

    def reply(self, request: list[bytes], text: bytes) -> None:
        self.router.send_multipart([*request[:-1], text])

    def pump_until_settled(self) -> None:
        """Poll and pump until no request is in flight."""
        while self.core.in_flight:
            self.socket.zmq_socket.poll(10, zmq.POLLIN)
            self.core.pump()

    def close(self) -> None:
        self.socket.close(0)
        self.router.close()


@pytest.fixture
def bench() -> Iterator[Bench]:
    with zmq.Context() as context:
        bench = Bench(context)
        yield bench
        bench.close()


def test_a_late_reply_does_not_count_for_the_next_request(bench: Bench) -> None:
    first = bench.request("A")
    bench.pump_until_settled()
    assert bench.replies == []
    second = bench.request("B")
    bench.reply(first, b"for A")
    bench.reply(second, b"for B")
    bench.pump_until_settled()
    assert bench.replies == [b"for B"]


def test_requests_go_on_after_a_lost_reply(bench: Bench) -> None:
    for number in range(5):
        request = bench.request(str(number))
        if number % 2:
            bench.reply(request, b"%d" % number)
        bench.pump_until_settled()
    assert bench.replies == [b"1", b"3"]


def test_a_recreated_socket_sends_the_request_again(bench: Bench) -> None:
    config = HandlerConfig(socket_type="REQ", request_timeout=5000, retries=2, linger=0, reconnect_interval=10)
    bench.core.config = config
    bench.request("A")
    bench.socket.recreate(config)
    bench.core.reset_socket()
    bench.core.pump()
    assert bench.router.poll(WAIT_MS)
    bench.reply(bench.router.recv_multipart(), b"at last")
    bench.pump_until_settled()
    assert bench.replies == [b"at last"]
