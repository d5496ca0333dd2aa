"""Decodes one direction of a ZMTP 3 connection: stream -> greeting, commands, **messages** -> recording. Pure.

A hole in the stream within a frame costs the message of this frame alone, because the length of the frame is known. A
hole in which a frame begins ends the decoding: where the next frame begins is not known any more.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import NamedTuple

from bench_app.model.patterns import PATTERNS

GREETING_BYTES = 64
MOST_MESSAGE_BYTES = 64 * 1024 * 1024
_MORE, _LONG, _COMMAND = 1, 2, 4
_PLAIN = ("NULL", "PLAIN")
_ENCRYPTED = b"\x07MESSAGE"
_SUBSCRIBERS = {x + one.listener_type for one in PATTERNS.values() if one.sends_topic for x in ("", "X")}
_WITH_DELIMITER = {
    kind for one in PATTERNS.values() if one.gets_replies for kind in (one.socket_type, one.listener_type)
}


class WireMessage(NamedTuple):
    """A message, and when its last byte was captured."""

    at_ns: int
    frames: list[bytes]


class ZmtpDecoder:
    """One direction of a connection.

    Attributes:
        version: the version of ZMTP, as ``3.1``; "" before the greeting.
        mechanism: the mechanism of security, such as ``NULL``; "" before the greeting.
        socket_type: the type of the sender's socket, such as ``PUB``; "" if it is not known.
        encrypted: how many messages are encrypted.
        subscriptions: how many messages subscribe or end a subscription.
        broken: how many messages were not captured completely.
        too_long: how many messages are longer than MOST_MESSAGE_BYTES.
        failure: why the rest of the stream was not decoded; "" if all was.
        undecoded: the bytes of the rest.
    """

    def __init__(self) -> None:
        self.version = ""
        self.mechanism = ""
        self.socket_type = ""
        self.encrypted = 0
        self.subscriptions = 0
        self.broken = 0
        self.too_long = 0
        self.failure = ""
        self.undecoded = 0
        self._buffer = bytearray()
        self._needed = 0
        self._flags: int | None = None
        self._is_hurt = False
        self._frames: list[bytes] = []
        self._size = 0
        self._skip = 0

    @property
    def is_zmtp(self) -> bool:
        """Whether the stream began with a greeting of ZMTP 3."""
        return bool(self.version)

    def feed(self, data: bytes, at_ns: int, missing: int = 0) -> Iterator[WireMessage]:
        """Decode the next bytes of the stream, before which ``missing`` bytes were not captured."""
        if missing:
            yield from self._miss(missing, at_ns)
        if self.failure:
            self.undecoded += len(data)
            return
        self._buffer += data
        yield from self._decode(at_ns)

    def _miss(self, missing: int, at_ns: int) -> Iterator[WireMessage]:
        if self.failure:
            self.undecoded += missing
            return
        within = self._skip or (self._needed - len(self._buffer) if self._flags is not None else 0)
        if not self.is_zmtp or missing > within:
            self.failure = "a segment in which a frame begins was not captured"
            self.undecoded += len(self._buffer) + missing
            self._buffer.clear()
            return
        self._is_hurt = True
        if self._skip:
            self._skip -= missing
        else:
            # The lost bytes are of a message that is not kept, so any bytes do.
            self._buffer += bytes(missing)
        yield from self._decode(at_ns)

    def _decode(self, at_ns: int) -> Iterator[WireMessage]:
        if not self.is_zmtp and not self._read_greeting():
            return
        while self._read_header():
            if self._skip:
                dropped = min(self._skip, len(self._buffer))
                del self._buffer[:dropped]
                self._skip -= dropped
                if self._skip:
                    return
                body = b""
            elif len(self._buffer) < self._needed:
                return
            else:
                body = bytes(self._buffer[: self._needed])
                del self._buffer[: self._needed]
            flags, self._flags = self._flags or 0, None
            # libzmq sends encrypted messages without the flag of a command.
            if flags & _COMMAND or (self.mechanism not in _PLAIN and body.startswith(_ENCRYPTED)):
                self._take_command(body)
            else:
                message = self._take_frame(body, bool(flags & _MORE), at_ns)
                if message is not None:
                    yield message

    def _read_greeting(self) -> bool:
        buffer = self._buffer
        is_other = (buffer[:1] and buffer[0] != 0xFF) or (len(buffer) > 9 and buffer[9] != 0x7F)
        if is_other or (len(buffer) > 10 and buffer[10] < 3):
            old = f"it is ZMTP {buffer[10]}, which is older than 3" if not is_other else ""
            self.failure = old or "it does not begin with a greeting of ZMTP"
            self.undecoded += len(buffer)
            buffer.clear()
            return False
        if len(buffer) < GREETING_BYTES:
            return False
        self.version = f"{buffer[10]}.{buffer[11]}"
        self.mechanism = bytes(buffer[12:32]).rstrip(b"\0").decode("ascii", "replace")
        del buffer[:GREETING_BYTES]
        return True

    def _read_header(self) -> bool:
        """Whether the header of a frame is known."""
        if self._flags is not None:
            return True
        buffer = self._buffer
        if not buffer:
            return False
        flags = buffer[0]
        if flags & ~(_MORE | _LONG | _COMMAND):
            self.failure = "a frame has flags that ZMTP 3 does not have"
            self.undecoded += len(buffer)
            buffer.clear()
            return False
        length = 9 if flags & _LONG else 2
        if len(buffer) < length:
            return False
        self._needed = struct.unpack_from(">Q", buffer, 1)[0] if flags & _LONG else buffer[1]
        self._flags = flags
        del buffer[:length]
        if self._needed + self._size > MOST_MESSAGE_BYTES:
            self._skip = self._needed
        return True

    def _take_command(self, body: bytes) -> None:
        self._is_hurt = False
        length = body[0] if body else 0
        name, data = body[1 : 1 + length], body[1 + length :]
        if name == b"MESSAGE":
            self.encrypted += 1
        elif name in (b"SUBSCRIBE", b"CANCEL"):
            self.subscriptions += 1
        elif name == b"READY":
            self._read_properties(data)

    def _read_properties(self, data: bytes) -> None:
        at = 0
        while at < len(data):
            length = data[at]
            name = data[at + 1 : at + 1 + length]
            at += 1 + length
            if at + 4 > len(data):
                return
            (size,) = struct.unpack_from(">I", data, at)
            if name.lower() == b"socket-type":
                self.socket_type = data[at + 4 : at + 4 + size].decode("ascii", "replace")
            at += 4 + size

    def _take_frame(self, body: bytes, has_more: bool, at_ns: int) -> WireMessage | None:
        is_too_long = self._needed + self._size > MOST_MESSAGE_BYTES
        self._size += self._needed
        if not is_too_long:
            self._frames.append(body)
        if has_more:
            return None
        frames, self._frames = self._frames, []
        size, self._size = self._size, 0
        is_hurt, self._is_hurt = self._is_hurt, False
        if is_hurt:
            self.broken += 1
            return None
        if size > MOST_MESSAGE_BYTES:
            self.too_long += 1
            return None
        if self.socket_type in _SUBSCRIBERS and len(frames) == 1 and frames[0][:1] in (b"\0", b"\1"):
            self.subscriptions += 1
            return None
        if self.socket_type in _WITH_DELIMITER and len(frames) > 1 and not frames[0]:
            # The empty frame between envelope and body, which programs do not see.
            frames = frames[1:]
        return WireMessage(at_ns, frames)
