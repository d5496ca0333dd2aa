"""An independent oracle between handler and listener: plain pyzmq that counts every message, and loses some on purpose.

It uses no code of the bench: it reads the stamp with the standard library's JSON.
"""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Callable

import zmq

_UP = {"PUB": zmq.XSUB, "PUSH": zmq.PULL, "REQ": zmq.ROUTER}
_DOWN = {"PUB": zmq.XPUB, "PUSH": zmq.PUSH, "REQ": zmq.DEALER}


def sequence_of(frames: list[bytes]) -> int:
    """The sequence number in a message's stamp."""
    return int(json.loads(frames[-1])["_bench"].split("-")[3], 16)


class Relay:
    """Passes messages from a handler to a listener, except those that ``drops`` picks by sequence number.

    It passes twice those that ``repeats`` picks. Two PULL listeners get them in turn, so each gets one of the two.
    ``rests_s`` says by sequence number for how long the relay stands still before it passes a message.

    A PUB handler must bind ``upstream``; a PUSH or REQ handler must connect to ``endpoint``.
    """

    def __init__(
        self,
        pattern: str,
        upstream: str = "tcp://127.0.0.1:*",
        drops: Callable[[int], bool] = lambda sequence: False,
        drops_reply: Callable[[int], bool] = lambda count: False,
        rests_s: Callable[[int], float] = lambda sequence: 0.0,
        repeats: Callable[[int], bool] = lambda sequence: False,
    ) -> None:
        self.came: Counter[int] = Counter()
        self.passed: Counter[int] = Counter()
        self.replies_came = 0
        self.replies_passed = 0
        self._drops, self._drops_reply, self._rests_s, self._repeats = drops, drops_reply, rests_s, repeats
        self._context = zmq.Context()
        self._up = self._context.socket(_UP[pattern])
        self._down = self._context.socket(_DOWN[pattern])
        for socket in (self._up, self._down):
            socket.set_hwm(0)
            socket.linger = 0
        if pattern == "PUB":
            self._up.connect(upstream)
            self.endpoint = upstream
        else:
            self._up.bind(upstream)
            self.endpoint = self._up.last_endpoint.decode()
        self._down.bind("tcp://127.0.0.1:*")
        self.listener_endpoint = self._down.last_endpoint.decode()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._relay)
        self._thread.start()

    def __enter__(self) -> Relay:
        return self

    def __exit__(self, *exception: object) -> None:
        self._stop.set()
        self._thread.join()
        self._up.close()
        self._down.close()
        self._context.term()

    def _relay(self) -> None:
        poller = zmq.Poller()
        poller.register(self._up, zmq.POLLIN)
        poller.register(self._down, zmq.POLLIN)
        while not self._stop.is_set():
            for socket, _ in poller.poll(20):
                frames = socket.recv_multipart()
                self._pass_down(frames) if socket is self._up else self._pass_up(frames)

    def _pass_down(self, frames: list[bytes]) -> None:
        number = sequence_of(frames)
        self.came[number] += 1
        if self._drops(number):
            return
        if rest_s := self._rests_s(number):
            self._stop.wait(rest_s)
        for _ in range(2 if self._repeats(number) else 1):
            self.passed[number] += 1
            self._down.send_multipart(frames)

    def _pass_up(self, frames: list[bytes]) -> None:
        if self._up.type == zmq.XSUB:
            self._up.send_multipart(frames)
            return
        self.replies_came += 1
        if not self._drops_reply(self.replies_came):
            self.replies_passed += 1
            self._up.send_multipart(frames)
