"""A relay that carries exactly R messages a second: a bounded queue, and what does not fit into it is dropped.

Plain pyzmq in a process of its own, without code of the bench. So the true answer to "what does it carry?" is known.
"""

from __future__ import annotations

import multiprocessing
import time
from collections import deque
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any

import zmq

from benchmarks.relay import free_endpoint

_UP = {"PUB": zmq.XSUB, "PUSH": zmq.PULL}
_DOWN = {"PUB": zmq.XPUB, "PUSH": zmq.PUSH}
_AT_A_TIME = 500
_IDLE_MS = 5
_START_S = 60.0


@dataclass(frozen=True)
class Narrow:
    """How narrow the relay is: messages a second, and how many of them may wait."""

    rate: float
    queue: int


class RateRelay:
    """The relay process. A PUB handler binds ``endpoint``; a PUSH handler connects to it.

    Attributes:
        endpoint: where the handler is.
        listener_endpoint: where the listener connects to.
    """

    def __init__(self, socket_type: str, narrow: Narrow) -> None:
        self._socket_type = socket_type
        self.endpoint, self.listener_endpoint = free_endpoint(), free_endpoint()
        context = multiprocessing.get_context("spawn")
        self._ours, theirs = context.Pipe()
        ends = (socket_type, self.endpoint, self.listener_endpoint)
        self._process = context.Process(target=_relay, args=(*ends, narrow, theirs), daemon=True)

    def __enter__(self) -> RateRelay:
        self._process.start()
        if not self._ours.poll(_START_S):
            raise RuntimeError("the relay did not start")
        self._ours.recv()
        return self

    def __exit__(self, *exception: object) -> None:
        self._ours.close()
        self._process.join(5.0)
        if self._process.is_alive():
            self._process.kill()
            self._process.join()

    def preset(self, rate: float = 1000.0, size: int = 200, **bench: object) -> dict[str, Any]:
        """A preset whose handler ``h`` sends through the relay to the listener ``l``."""
        topic = {"topic": "t"} if self._socket_type == "PUB" else {}
        config = {"socket_type": self._socket_type, "reconnect_interval": 50, **topic}
        load = {"shape": "constant", "rate": rate}
        return {
            "output": {"handlers": {"h": {"uri": f"zmq://{self.endpoint}", "config": config}}},
            "bench": {
                "version": 1,
                "sources": {"events": {"kind": "synthetic", "event": "minimal", "size": size, "load": load}},
                "handlers": {"h": {"paired": False, "mode": "bind" if self._socket_type == "PUB" else "connect"}},
                "listeners": {"h": [{"name": "l", "endpoint": f"connect:{self.listener_endpoint}"}]},
                **bench,
            },
        }


def _relay(socket_type: str, upstream: str, downstream: str, narrow: Narrow, pipe: Connection) -> None:
    context = zmq.Context()
    up, down = context.socket(_UP[socket_type]), context.socket(_DOWN[socket_type])
    for socket in (up, down):
        socket.set_hwm(0)
        socket.linger = 0
    down.bind(downstream)
    if socket_type == "PUB":
        up.reconnect_ivl = 20
        up.connect(upstream)
    else:
        up.bind(upstream)
    pipe.send(None)
    try:
        _pass_on(up, down, narrow, pipe)
    finally:
        context.destroy(linger=0)


def _pass_on(up: zmq.Socket[bytes], down: zmq.Socket[bytes], narrow: Narrow, pipe: Connection) -> None:
    waiting: deque[list[bytes]] = deque()
    interval_s, due_s = 1 / narrow.rate, time.perf_counter()
    while not pipe.poll():
        timeout_ms = 1 if waiting else _IDLE_MS
        if up.poll(timeout_ms):
            _receive(up, waiting, narrow.queue)
        if down.type == zmq.XPUB and down.poll(0):
            # A subscription, on its way to the handler.
            up.send_multipart(down.recv_multipart())
        now_s = time.perf_counter()
        while waiting and due_s <= now_s:
            _send(down, waiting.popleft())
            due_s += interval_s
        if not waiting:
            # An idle relay saves nothing up for later.
            due_s = max(due_s, now_s)


def _receive(up: zmq.Socket[bytes], waiting: deque[list[bytes]], most: int) -> None:
    for _ in range(_AT_A_TIME):
        try:
            frames = up.recv_multipart(zmq.NOBLOCK)
        except zmq.Again:
            return
        if len(waiting) < most:
            waiting.append(frames)


def _send(down: zmq.Socket[bytes], frames: list[bytes]) -> None:
    try:
        down.send_multipart(frames, zmq.NOBLOCK)
    except zmq.Again:
        # Without a listener a PUSH socket has no room.
        return
