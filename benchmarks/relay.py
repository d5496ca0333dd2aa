"""A relay between handler and listener in a process of its own, in plain pyzmq: it holds, drops, cuts and stalls.

It uses no code of the bench, so that what the bench measures can be compared with what the relay did.
"""

from __future__ import annotations

import multiprocessing
import socket as sockets
import statistics
import time
from collections import deque
from dataclasses import dataclass
from multiprocessing.connection import Connection

import zmq

_UP = {"PUB": zmq.XSUB, "PUSH": zmq.PULL, "REQ": zmq.ROUTER}
_DOWN = {"PUB": zmq.XPUB, "PUSH": zmq.PUSH, "REQ": zmq.DEALER}
_SPIN_NS = 400_000
"""The relay does not sleep when the next message is due in less than this: a sleep ends too late by a part of it."""
_IDLE_MS = 20
_START_S = 60.0
_END_S = 5.0


@dataclass(frozen=True)
class Treatment:
    """What the relay does to the messages on their way to the listener.

    Attributes:
        hold_ms: how long each message is held.
        drop_every: every message of this number is dropped; 0 drops none.
        cut_every_s: how often the socket to the handler is closed and opened again; 0 never. What it held is lost.
        stall_every_s: how often the relay stands still for ``stall_s``; 0 never.
    """

    hold_ms: float = 0.0
    drop_every: int = 0
    cut_every_s: float = 0.0
    stall_every_s: float = 0.0
    stall_s: float = 0.0


@dataclass(frozen=True)
class Passed:
    """What the relay did: how many messages came and were passed, and how long it held one (median)."""

    came: int
    passed: int
    held_ms: float


def free_endpoint() -> str:
    """A tcp endpoint on loopback with a port that is free now."""
    with sockets.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"tcp://127.0.0.1:{probe.getsockname()[1]}"


class Relay:
    """A relay process. A PUB handler binds ``endpoint``; a PUSH or REQ handler connects to it.

    Attributes:
        endpoint: where the handler is.
        listener_endpoint: where the listener connects to.
    """

    def __init__(self, socket_type: str, treatment: Treatment) -> None:
        self.endpoint = free_endpoint()
        self.listener_endpoint = free_endpoint()
        context = multiprocessing.get_context("spawn")
        self._ours, theirs = context.Pipe()
        ends = (socket_type, self.endpoint, self.listener_endpoint)
        self._process = context.Process(target=_relay, args=(*ends, treatment, theirs), daemon=True)

    def __enter__(self) -> Relay:
        self._process.start()
        if not self._ours.poll(_START_S):
            raise RuntimeError("the relay did not start")
        self._ours.recv()
        return self

    def stop(self) -> Passed:
        """End the relay; returns what it did."""
        self._ours.send(None)
        if not self._ours.poll(_END_S):
            raise RuntimeError("the relay did not end")
        passed: Passed = self._ours.recv()
        return passed

    def __exit__(self, *exception: object) -> None:
        self._ours.close()
        self._process.join(_END_S)
        if self._process.is_alive():
            self._process.kill()
            self._process.join()


class _Way:
    """The two sockets of a relay, and the messages that it holds."""

    def __init__(self, socket_type: str, upstream: str, downstream: str, treatment: Treatment) -> None:
        self._socket_type = socket_type
        self._upstream = upstream
        self._treatment = treatment
        self._context = zmq.Context()
        self._down = self._open(_DOWN[socket_type])
        self._down.bind(downstream)
        self._poller = zmq.Poller()
        self._poller.register(self._down, zmq.POLLIN)
        self._subscriptions: list[list[bytes]] = []
        self._held: deque[tuple[int, list[bytes]]] = deque()
        self._held_ns: list[int] = []
        self._came = self._passed = 0
        self._open_up()

    def _open(self, kind: int) -> zmq.Socket[bytes]:
        socket = self._context.socket(kind)
        socket.set_hwm(0)
        socket.linger = 0
        return socket

    def _open_up(self) -> None:
        self._up = self._open(_UP[self._socket_type])
        if self._socket_type == "PUB":
            self._up.connect(self._upstream)
        else:
            self._bind_again()
        for frames in self._subscriptions:
            self._up.send_multipart(frames)
        self._poller.register(self._up, zmq.POLLIN)

    def _bind_again(self) -> None:
        # The I/O thread of the socket before this one may not have given the port back yet.
        for _ in range(100):
            try:
                self._up.bind(self._upstream)
                return
            except zmq.ZMQError:
                time.sleep(0.01)

    def cut(self) -> None:
        """Close the socket to the handler, and open it again."""
        self._poller.unregister(self._up)
        self._up.close()
        self._open_up()

    def turn(self) -> None:
        """Wait for messages for a short time, and pass those that are due."""
        for socket, _ in self._poller.poll(self._wait_ms()):
            self._pass_up() if socket is self._down else self._receive()
        while self._held and time.perf_counter_ns() >= self._held[0][0]:
            self._pass_down()

    def _wait_ms(self) -> int:
        if not self._held:
            return _IDLE_MS
        left_ns = self._held[0][0] - time.perf_counter_ns() - _SPIN_NS
        return max(0, left_ns // 1_000_000)

    def _receive(self) -> None:
        frames = self._up.recv_multipart()
        self._came += 1
        if self._treatment.drop_every and self._came % self._treatment.drop_every == 0:
            return
        self._held.append((time.perf_counter_ns() + int(self._treatment.hold_ms * 1e6), frames))

    def _pass_down(self) -> None:
        due_ns, frames = self._held.popleft()
        # Without a listener, PUSH and DEALER would block.
        try:
            self._down.send_multipart(frames, zmq.NOBLOCK)
        except zmq.Again:
            return
        self._held_ns.append(time.perf_counter_ns() - due_ns + int(self._treatment.hold_ms * 1e6))
        self._passed += 1

    def _pass_up(self) -> None:
        frames = self._down.recv_multipart()
        if self._socket_type == "PUB":
            self._subscriptions.append(frames)
        self._up.send_multipart(frames)

    def close(self) -> Passed:
        """Close the sockets; returns what was done."""
        self._context.destroy(linger=0)
        held_ms = statistics.median(self._held_ns) / 1e6 if self._held_ns else 0.0
        return Passed(self._came, self._passed, held_ms)


def _relay(socket_type: str, upstream: str, downstream: str, treatment: Treatment, pipe: Connection) -> None:
    way = _Way(socket_type, upstream, downstream, treatment)
    pipe.send(None)
    start_s = time.monotonic()
    cuts = stalls = 1
    while not pipe.poll():
        passed_s = time.monotonic() - start_s
        if treatment.cut_every_s and passed_s > cuts * treatment.cut_every_s:
            cuts += 1
            way.cut()
        if treatment.stall_every_s and passed_s > stalls * treatment.stall_every_s:
            stalls += 1
            time.sleep(treatment.stall_s)
        way.turn()
    try:
        pipe.recv()
        pipe.send(way.close())
    except (EOFError, OSError):
        way.close()


def through(relay: Relay, socket_type: str, rate: float, **bench: object) -> dict[str, object]:
    """A preset with one handler ``h`` and one listener ``l``, the relay between them."""
    topic = {"topic": "t"} if socket_type == "PUB" else {}
    load = {"shape": "constant", "rate": rate}
    config = {"socket_type": socket_type, "reconnect_interval": 50, **topic}
    return {
        "output": {"handlers": {"h": {"uri": f"zmq://{relay.endpoint}", "config": config}}},
        "bench": {
            "version": 1,
            "sources": {"events": {"kind": "synthetic", "event": "detection", "size": 512, "load": load}},
            "handlers": {"h": {"paired": False, "mode": "bind" if socket_type == "PUB" else "connect"}},
            "listeners": {"h": [{"name": "l", "endpoint": f"connect:{relay.listener_endpoint}"}]},
            **bench,
        },
    }
