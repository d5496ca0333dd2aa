"""The frames of a message: handler's socket ~~> listener. Body, topic and stamp.

PUB sends two frames, topic and body (or one, joined by a space); PUSH and REQ send the body alone. The stamp is the
first key of the body, or one more frame at the end. :class:`Writer` sends such messages, :class:`Reader` reads them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import zmq

from bench_app.model import Framing, StampMode
from bench_app.transport import stamp

_TIMES_END = stamp.TIMES_AT + stamp.TIMES_LENGTH
_SHORT_FRAME = 255
"""ZMTP writes the length of a frame up to this size in one byte, else in eight; a byte of flags precedes the length."""


class Writer:
    """Sends rendered events without ever blocking, and writes the times of each message into its stamp.

    ``topic`` is None for sockets that send no topic. libzmq copies the buffers during ``send``, so one rendered event
    may be sent many times.

    Attributes:
        mode: where the stamp is.
        overhead: the bytes of a message in addition to its body.
    """

    def __init__(
        self, identity: stamp.Identity, mode: StampMode, framing: Framing = "frames", topic: str | None = None
    ) -> None:
        self._identity = identity
        self.mode = mode
        self._framing = framing
        self._stamp = stamp.frame(identity)
        self._socket: zmq.Socket[bytes] | None = None
        self.topic = topic

    @property
    def topic(self) -> str | None:
        """The topic that a PUB sends; may be changed between two messages."""
        return self._topic

    @topic.setter
    def topic(self, topic: str | None) -> None:
        self.use_topic(topic)

    def use_topic(self, topic: str | None) -> None:
        """Send this topic from the next message on; None: no topic."""
        self._topic = topic
        self._topic_frame = None if topic is None else topic.encode()
        stamp_size = stamp.TEXT_LENGTH if self.mode == "frame" else 0
        joint = 1 if self._framing == "joined" else 0
        self.overhead = stamp_size + (0 if self._topic_frame is None else len(self._topic_frame) + joint)

    @property
    def reserve(self) -> int:
        """Bytes that :meth:`render` adds to an event."""
        return stamp.FIELD_COST if self.mode == "field" else 0

    def attach(self, socket: zmq.Socket[bytes]) -> None:
        """Send into ``socket`` from now on."""
        self._socket = socket

    def render(self, event: bytes) -> bytearray:
        """Make a message body of an event's JSON text, ahead of the time to send it."""
        return stamp.wrap(self._identity, event) if self.mode == "field" else bytearray(event)

    def send(self, body: bytearray, sequence: int, intended_ns: int, sent_ns: int) -> None:
        """Send one message; raises ``zmq.Again`` and sends nothing if the socket would block."""
        socket = self._socket
        assert socket is not None
        if self.mode == "field":
            body[stamp.TIMES_AT : _TIMES_END] = stamp.times(sequence, intended_ns, sent_ns)
            if self._topic_frame is None:
                socket.send(body, zmq.NOBLOCK)
                return
        elif self.mode == "frame":
            self._stamp[stamp.IDENTITY_LENGTH :] = stamp.times(sequence, intended_ns, sent_ns)
        frames = self._frames(body)
        for part in frames[:-1]:
            socket.send(part, zmq.NOBLOCK | zmq.SNDMORE)
        socket.send(frames[-1], zmq.NOBLOCK)

    def size_on_wire(self, body: bytearray) -> int:
        """Bytes that the message takes in a tcp or ipc stream: its frames, each with the header of ZMTP."""
        return sum(len(frame) + (2 if len(frame) <= _SHORT_FRAME else 9) for frame in self._frames(body))

    def _frames(self, body: bytearray) -> list[bytes | bytearray]:
        frames: list[bytes | bytearray] = [body]
        if self._topic_frame is not None:
            joined = self._framing == "joined"
            frames = [b" ".join((self._topic_frame, body))] if joined else [self._topic_frame, body]
        if self.mode == "frame":
            frames.append(self._stamp)
        return frames


class Parts(NamedTuple):
    """The parts of a message that :meth:`Reader.read` finds.

    Attributes:
        times: the changing part of the stamp, undecoded; None if the message has no stamp.
        foreign: whether the message is not from the handler of this reader.
        size: the bytes of all frames.
    """

    times: bytes | None
    foreign: bool
    size: int


class Reader:
    """Finds the stamp in messages of one handler of one run.

    Attributes:
        mode: where the stamp is.
        prefix: what precedes the changing part of the stamp, in the last frame of a message.
    """

    def __init__(self, identity: stamp.Identity, mode: StampMode) -> None:
        self.mode = mode
        self.prefix = identity.text if mode == "frame" else stamp.KEY + identity.text

    def read(self, frames: Sequence[bytes]) -> Parts:
        """Find the stamp of one message, given as its frames."""
        size = sum(map(len, frames))
        if self.mode == "off":
            return Parts(None, False, size)
        if self.mode == "frame":
            text = frames[-1]
            if not text.startswith(self.prefix):
                return Parts(None, True, size)
            return Parts(text[stamp.IDENTITY_LENGTH :], False, size)
        body = frames[-1]
        if body.startswith(self.prefix):
            return Parts(body[stamp.TIMES_AT : _TIMES_END], False, size)
        # In a joined message, topic and space precede the body.
        at = body.find(b" " + self.prefix) + 1
        if not at:
            return Parts(None, True, size)
        return Parts(body[at + stamp.TIMES_AT : at + _TIMES_END], False, size)


# The first byte is 0xff for two reasons. No UTF-8 text has this byte, so no topic begins with it. And it is the highest
# byte: libzmq sends the subscriptions of a new connection in the order of their bytes, so the publisher sees the token
# after the topics.
_JOIN_PREFIX = b"\xffzmq-bench/"


def join_token(identity: stamp.Identity, listener: int) -> bytes:
    """A subscription that no event matches. It shows a PUB handler which of its listeners has subscribed."""
    return _JOIN_PREFIX + b"%08x/%04x/%d" % (identity.run, identity.handler, listener)
