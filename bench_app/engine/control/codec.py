"""Messages to bytes and back: message -> **codec** -> control channel. Each end decodes only what is meant for it."""

from __future__ import annotations

from functools import cache

import msgspec

from bench_app.engine.control.messages import Message, ToSession, ToWorker

_encoder = msgspec.msgpack.Encoder()


def encode(message: Message) -> bytes:
    """A message's bytes."""
    return _encoder.encode(message)


def decode_to_worker(data: bytes) -> ToWorker:
    """A message of the session; raises msgspec.MsgspecError."""
    return _to_worker().decode(data)


def decode_to_session(data: bytes) -> ToSession:
    """A message of a worker or unit; raises msgspec.MsgspecError."""
    return _to_session().decode(data)


# Each end makes its own decoder at its first message: a decoder takes 6 ms, and no process needs both.
@cache
def _to_worker() -> msgspec.msgpack.Decoder[ToWorker]:
    return msgspec.msgpack.Decoder(ToWorker)


@cache
def _to_session() -> msgspec.msgpack.Decoder[ToSession]:
    return msgspec.msgpack.Decoder(ToSession)
