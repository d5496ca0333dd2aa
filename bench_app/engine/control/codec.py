"""Messages to bytes and back: message -> **codec** -> control channel. Each end decodes only what is meant for it."""

from __future__ import annotations

import msgspec

from bench_app.engine.control.messages import Message, ToSession, ToWorker

_encoder = msgspec.msgpack.Encoder()
_to_worker: msgspec.msgpack.Decoder[ToWorker] = msgspec.msgpack.Decoder(ToWorker)
_to_session: msgspec.msgpack.Decoder[ToSession] = msgspec.msgpack.Decoder(ToSession)


def encode(message: Message) -> bytes:
    """A message's bytes."""
    return _encoder.encode(message)


def decode_to_worker(data: bytes) -> ToWorker:
    """A message of the session; raises msgspec.MsgspecError."""
    return _to_worker.decode(data)


def decode_to_session(data: bytes) -> ToSession:
    """A message of a worker or unit; raises msgspec.MsgspecError."""
    return _to_session.decode(data)
