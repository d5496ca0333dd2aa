"""REP: answers requests. With its spec it drops replies or sends error replies.

The socket is a ROUTER, which is the same on the wire. A REP socket must answer a request before it can receive the next
request, so it could not drop a reply.
"""

from __future__ import annotations

import random

import msgspec
import zmq

from bench_app.listeners.kind import ListenerKind
from bench_app.model import ListenerSpec
from bench_app.untrusted.json_reader import BadJsonError, JsonReader

_NULL = msgspec.Raw(b"null")


class _Request(msgspec.Struct):
    """The part of a request that the default reply repeats; null if the request does not have it."""

    request_id: msgspec.Raw = _NULL


_REQUESTS = JsonReader(_Request)


class RequestReplier:
    """Sends the reply of the spec, or by default ``{"request_id": ..., "ok": true, "result": null}``.

    ``seed`` decides which requests get no reply and which get an error reply.
    """

    def __init__(self, spec: ListenerSpec, seed: int) -> None:
        self.spec = spec
        self._random = random.Random(seed)

    @property
    def depends_on_body_alone(self) -> bool:
        """Whether no reply is drawn at random."""
        return not self.spec.drop_replies and not self.spec.error_replies

    def body_of(self, frames: list[bytes]) -> list[bytes]:
        """The frames after the empty frame that ends the envelope."""
        return frames[_body_at(frames) :]

    def reply_to(self, body: bytes | None) -> bytes | None:
        """A reply, an error reply or no reply, drawn at random for each request."""
        fails = False
        # A compiled loop asks only once for a reply that is not drawn, so nothing may be drawn for it.
        if not self.depends_on_body_alone:
            if self._random.random() < self.spec.drop_replies:
                return None
            fails = self._random.random() < self.spec.error_replies
        return b"{}" if body is None else self._reply(body, fails)

    def answer(self, socket: zmq.Socket[bytes], frames: list[bytes]) -> None:
        """Send what :meth:`reply_to` returns."""
        body_at = _body_at(frames)
        reply = self.reply_to(frames[body_at] if body_at < len(frames) else None)
        if reply is None:
            return
        try:
            socket.send_multipart([*frames[:body_at], reply], zmq.NOBLOCK)
        except zmq.Again:
            # The requester reads no replies, so this reply is lost for it like a dropped reply.
            return

    def _reply(self, body: bytes, fails: bool) -> bytes:
        if self.spec.reply is not None and not fails:
            return msgspec.json.encode(self.spec.reply)
        try:
            request_id = _REQUESTS.read(body).request_id
        except BadJsonError:
            request_id = _NULL
        if fails:
            return msgspec.json.encode(
                {"request_id": request_id, "ok": False, "error": "error reply set in the preset"}
            )
        return msgspec.json.encode({"request_id": request_id, "ok": True, "result": None})


def _body_at(frames: list[bytes]) -> int:
    # frames[0] is the identity that ROUTER adds at the front. A foreign message may have no empty frame.
    return frames.index(b"", 1) + 1 if b"" in frames[1:] else 1


def _configure(socket: zmq.Socket[bytes], spec: ListenerSpec, token: bytes) -> None:
    """REP needs no options of its own."""


REP = ListenerKind(zmq.ROUTER, _configure, RequestReplier)
