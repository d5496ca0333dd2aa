"""Computes where the messages of a full connection wait, from counts and byte positions. Pure.

**sender's pipe -> encoder -> kernel buffers -> decoder -> receiver's pipe**
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import msgspec

PlaceName = Literal["send_pipe", "send_buffer", "kernel_buffer", "receive_buffer", "between", "decoder", "receive_pipe"]
Basis = Literal["measured", "by_mark", "inferred"]


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """A place where messages wait.

    Attributes:
        place: the name of the place in JSON.
        holds: the name of the place for the user.
        messages: how many messages wait there.
        basis: how the number was found. *measured*: counted; *by_mark*: a pipe that is full up to its mark; *inferred*:
            the messages that are in no other place.
        bytes: the bytes that the kernel reports; None for a place outside the kernel.
    """

    place: PlaceName
    holds: str
    messages: int
    basis: Basis
    bytes: int | None = None


@dataclass(frozen=True)
class KernelView:
    """The kernel's buffers of a connection, in bytes.

    Attributes:
        arrived: the bytes that reached the receiving side since the first message; None if the transport does not count
            them.
        unread: the arrived bytes that the receiver has not read yet.
        unacknowledged: the bytes in the sender's kernel buffer: libzmq has sent them, and they have not arrived.
    """

    arrived: int | None
    unread: int
    unacknowledged: int


def reopening_step(high_water_mark: int) -> int:
    """How many messages must be read from a full pipe before its writer has room again (libzmq's low-water mark)."""
    return (high_water_mark + 1) // 2


def in_one_pipe(total: int) -> list[Place]:
    """The places over ``inproc``: both ends share one pipe, and the mark of the pipe is the sum of both marks."""
    return [Place(place="send_pipe", holds="one pipe for both ends", messages=total, basis="measured")]


def by_position(ends: Sequence[int], receive_mark: int, view: KernelView) -> list[Place]:
    """The places over tcp, where the kernel counts every byte.

    ``ends`` are the positions in the stream at which the messages end. A message that lies in two places counts for the
    place of its end.
    """
    assert view.arrived is not None
    taken = bisect_right(ends, view.arrived - view.unread)
    arrived = bisect_right(ends, view.arrived)
    left = bisect_right(ends, view.arrived + view.unacknowledged)
    pipe = min(receive_mark, taken)
    return [
        Place(place="send_pipe", holds="sender's pipe and encoder", messages=len(ends) - left, basis="measured"),
        Place(
            place="send_buffer",
            holds="kernel's send buffer",
            messages=left - arrived,
            basis="measured",
            bytes=view.unacknowledged,
        ),
        Place(
            place="receive_buffer",
            holds="kernel's receive buffer",
            messages=arrived - taken,
            basis="measured",
            bytes=view.unread,
        ),
        Place(place="decoder", holds="decoder", messages=taken - pipe, basis="measured"),
        Place(place="receive_pipe", holds="receiver's pipe", messages=pipe, basis="by_mark"),
    ]


def by_kernel(ends: Sequence[int], receive_mark: int, view: KernelView) -> list[Place]:
    """The places over ipc, where the kernel reports only the bytes in its one buffer.

    So messages in encoder and decoder cannot be distinguished from messages in the sender's pipe.
    """
    total = len(ends)
    pipe = min(receive_mark, total)
    buffer = min(total - pipe, round(view.unread * total / ends[-1])) if total else 0
    rest = total - pipe - buffer
    return [
        Place(place="send_pipe", holds="sender's pipe, encoder and decoder", messages=rest, basis="inferred"),
        Place(
            place="kernel_buffer", holds="kernel's socket buffer", messages=buffer, basis="measured", bytes=view.unread
        ),
        Place(place="receive_pipe", holds="receiver's pipe", messages=pipe, basis="by_mark"),
    ]


def by_marks(total: int, send_mark: int, receive_mark: int) -> list[Place]:
    """The places without figures of the kernel: messages beyond both marks are in kernel, encoder or decoder."""
    pipe = min(receive_mark, total)
    sender = min(send_mark, total - pipe)
    return [
        Place(place="send_pipe", holds="sender's pipe", messages=sender, basis="by_mark"),
        Place(
            place="between",
            holds="encoder, kernel's buffers and decoder",
            messages=total - pipe - sender,
            basis="inferred",
        ),
        Place(place="receive_pipe", holds="receiver's pipe", messages=pipe, basis="by_mark"),
    ]
