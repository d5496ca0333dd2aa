"""A world for both data planes: one socket with room for some messages, a peer that replies, and a clock.

The Python loops meet it as a socket of pyzmq, the compiled loops as functions of libzmq. Time passes only while a loop
waits, so both planes can do the same things at the same times.
"""

from __future__ import annotations

import ctypes
import errno
from collections.abc import Callable
from dataclasses import dataclass, field

import zmq

from bench_app.measure.clock import NEVER_NS, NS_PER_MS

BEGIN_NS = 1_000_000_000


@dataclass
class World:
    """What a handler's socket meets.

    Attributes:
        now_ns: the time.
        room: how many more messages the socket takes.
        reply_ms: for each sent request in turn, after how many ms its reply comes; None: never. Used again and again.
        messages: the frames of each message that the socket took.
    """

    reply_ms: list[int | None] = field(default_factory=lambda: [None])
    now_ns: int = BEGIN_NS
    room: int = 0
    messages: list[tuple[bytes, ...]] = field(default_factory=list)
    reply_at_ns: int = NEVER_NS
    _frames: list[bytes] = field(default_factory=list)

    def clock(self) -> int:
        return self.now_ns

    def send(self, frame: bytes, more: bool) -> bool:
        """Take a frame; False, and nothing taken, if there is no room for its message."""
        if not self._frames and not self.room:
            # libzmq withdraws an earlier request when a new one is refused.
            self.reply_at_ns = NEVER_NS
            return False
        self._frames.append(frame)
        if not more:
            self.room -= 1
            delay_ms = self.reply_ms[len(self.messages) % len(self.reply_ms)]
            self.reply_at_ns = NEVER_NS if delay_ms is None else self.now_ns + delay_ms * NS_PER_MS
            self.messages.append(tuple(self._frames))
            self._frames = []
        return True

    def take_reply(self) -> bool:
        """Whether a reply has come, which is taken."""
        if self.now_ns < self.reply_at_ns:
            return False
        self.reply_at_ns = NEVER_NS
        return True

    def ready_at_ns(self, event: int) -> int:
        """When the socket is ready for POLLOUT or POLLIN, if nothing happens until then."""
        if event == zmq.POLLOUT:
            return self.now_ns if self.room else NEVER_NS
        return self.reply_at_ns


class FakeSocket:
    """The world as a socket of pyzmq."""

    underlying = 1

    def __init__(self, world: World) -> None:
        self._world = world

    def send(self, frame: bytes, flags: int) -> None:
        if not self._world.send(bytes(frame), bool(flags & zmq.SNDMORE)):
            raise zmq.Again

    def recv_multipart(self, flags: int) -> list[bytes]:
        if not self._world.take_reply():
            raise zmq.Again
        return [b"", b"{}"]


class Awaited(ctypes.Structure):
    """``awaited`` of ``zmq_functions.pxd``."""

    _fields_ = (
        ("socket", ctypes.c_void_p),
        ("fd", ctypes.c_int),
        ("event", ctypes.c_short),
        ("is_ready", ctypes.c_short),
    )


_POINTER, _SIZE, _INT, _NS = ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int, ctypes.c_int64


class FakeLibzmq:
    """The world as functions of libzmq, by their addresses."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._last_error = 0
        self._buffers: dict[int, ctypes.Array[ctypes.c_char]] = {}
        self._reply_frames = 0
        functions: dict[str, Callable[..., object]] = {
            "zmq_send": ctypes.CFUNCTYPE(_INT, _POINTER, _POINTER, _SIZE, _INT)(self._send),
            "zmq_msg_init": ctypes.CFUNCTYPE(_INT, _POINTER)(lambda _: 0),
            "zmq_msg_init_size": ctypes.CFUNCTYPE(_INT, _POINTER, _SIZE)(self._init_size),
            "zmq_msg_init_data": ctypes.CFUNCTYPE(_INT, _POINTER)(lambda _: -1),
            "zmq_msg_send": ctypes.CFUNCTYPE(_INT, _POINTER, _POINTER, _INT)(self._msg_send),
            "zmq_msg_recv": ctypes.CFUNCTYPE(_INT, _POINTER, _POINTER, _INT)(self._msg_recv),
            "zmq_msg_data": ctypes.CFUNCTYPE(_POINTER, _POINTER)(self._msg_data),
            "zmq_msg_size": ctypes.CFUNCTYPE(_SIZE, _POINTER)(lambda _: 0),
            "zmq_msg_more": ctypes.CFUNCTYPE(_INT, _POINTER)(lambda _: int(self._reply_frames == 1)),
            "zmq_msg_close": ctypes.CFUNCTYPE(_INT, _POINTER)(lambda _: 0),
            "zmq_getsockopt": ctypes.CFUNCTYPE(_INT, _POINTER)(lambda _: -1),
            "zmq_poll": ctypes.CFUNCTYPE(_INT, _POINTER)(lambda _: -1),
            "zmq_errno": ctypes.CFUNCTYPE(_INT)(lambda: self._last_error),
            "now_ns": ctypes.CFUNCTYPE(_NS)(world.clock),
            "sleep_until": ctypes.CFUNCTYPE(None, _NS)(self._sleep_until),
            "wait_until": ctypes.CFUNCTYPE(_INT, _POINTER, ctypes.POINTER(Awaited), _INT, _NS)(self._wait_until),
        }
        self._functions = functions
        self.addresses = {
            name: ctypes.cast(function, ctypes.c_void_p).value or 0  # type: ignore[arg-type]
            for name, function in functions.items()
        }

    def _send(self, _socket: int, data: int, size: int, flags: int) -> int:
        if not self._world.send(ctypes.string_at(data, size), bool(flags & zmq.SNDMORE)):
            self._last_error = errno.EAGAIN
            return -1
        return size

    def _init_size(self, message: int, size: int) -> int:
        self._buffers[message] = ctypes.create_string_buffer(size)
        return 0

    def _msg_data(self, message: int) -> int:
        return ctypes.addressof(self._buffers[message])

    def _msg_send(self, message: int, socket: int, flags: int) -> int:
        buffer = self._buffers[message]
        return self._send(socket, ctypes.addressof(buffer), len(buffer), flags)

    def _msg_recv(self, _message: int, _socket: int, _flags: int) -> int:
        """A reply has two frames, as that of a REP behind a ROUTER may have."""
        if self._reply_frames == 1:
            self._reply_frames = 2
            return 2
        if not self._world.take_reply():
            self._last_error = errno.EAGAIN
            return -1
        self._reply_frames = 1
        return 0

    def _sleep_until(self, at_ns: int) -> None:
        self._world.now_ns = max(self._world.now_ns, at_ns)

    def _wait_until(self, _zmq: int, sockets: ctypes._Pointer[Awaited], count: int, at_ns: int) -> int:
        ready = 0
        for number in range(count):
            ready_ns = self._world.ready_at_ns(sockets[number].event)
            if ready_ns <= max(at_ns, self._world.now_ns):
                self._world.now_ns = max(self._world.now_ns, ready_ns)
                sockets[number].is_ready = 1
                ready += 1
        if not ready:
            self._world.now_ns = max(self._world.now_ns, at_ns)
        return ready
