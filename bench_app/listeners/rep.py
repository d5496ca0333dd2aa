"""REP: answers requests; its spec can have it drop replies or send error replies.

The socket is a ROUTER, which is the same on the wire. A REP socket cannot receive the next request before it has
answered the last one, so it could never drop a reply.
"""

from __future__ import annotations

import random

import msgspec
import zmq

from bench_app.listeners.kind import ListenerKind
from bench_app.model import ListenerSpec

_NULL = msgspec.Raw(b"null")


class _Request(msgspec.Struct):
    """The part of a request that the default reply repeats, null where the request has none."""

    request_id: msgspec.Raw = _NULL


class RequestReplier:
    """Sends the reply of the spec, or else ``{"request_id": ..., "ok": true, "result": null}``.

    ``seed`` decides which requests get no reply and which get an error reply.
    """

    def __init__(self, spec: ListenerSpec, seed: int) -> None:
        self.spec = spec
        self._random = random.Random(seed)
        self._decoder = msgspec.json.Decoder(_Request)

    def body_of(self, frames: list[bytes]) -> list[bytes]:
        """The frames behind the empty frame that ends the envelope."""
        return frames[_body_at(frames) :]

    def answer(self, socket: zmq.Socket[bytes], frames: list[bytes]) -> None:
        """Reply to the request, or not: each request is decided anew."""
        if self._random.random() < self.spec.drop_replies:
            return
        body_at = _body_at(frames)
        fails = self._random.random() < self.spec.error_replies
        reply = self._reply(frames[body_at], fails) if body_at < len(frames) else b"{}"
        try:
            socket.send_multipart([*frames[:body_at], reply], zmq.NOBLOCK)
        except zmq.Again:
            # The requester reads no replies: for it, this one is lost like a dropped one.
            return

    def _reply(self, body: bytes, fails: bool) -> bytes:
        if self.spec.reply is not None and not fails:
            return msgspec.json.encode(self.spec.reply)
        try:
            request_id = self._decoder.decode(body).request_id
        except msgspec.MsgspecError:
            request_id = _NULL
        if fails:
            return msgspec.json.encode(
                {"request_id": request_id, "ok": False, "error": "error reply set in the preset"}
            )
        return msgspec.json.encode({"request_id": request_id, "ok": True, "result": None})


def _body_at(frames: list[bytes]) -> int:
    # frames[0] is the identity that ROUTER puts in front. A foreign message may have no empty frame at all.
    return frames.index(b"", 1) + 1 if b"" in frames[1:] else 1


def _configure(socket: zmq.Socket[bytes], spec: ListenerSpec, token: bytes) -> None:
    """REP needs no option of its own."""


REP = ListenerKind(zmq.ROUTER, _configure, RequestReplier)
