"""Where the messages of a full connection sit: counts and byte positions in, places out. Pure.

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
    """One place messages sit in. ``bytes`` is what the kernel told, None where it was not asked."""

    place: PlaceName
    holds: str
    """What the place is, in words."""
    messages: int
    basis: Basis
    """measured: counted; by_mark: a pipe known to be full up to its mark; inferred: what the others leave."""
    bytes: int | None = None


@dataclass(frozen=True)
class KernelView:
    """What the kernel has of a connection, in bytes. ``arrived`` is all that came out of the sending side since its
    first message, None where the transport does not count it; ``unread`` of it the receiver has not taken yet, and
    ``unacknowledged`` has left the sender's libzmq but not its kernel buffer."""

    arrived: int | None
    unread: int
    unacknowledged: int


def reopening_step(high_water_mark: int) -> int:
    """After how many messages read a full pipe tells its writer that there is room (libzmq's low-water mark)."""
    return (high_water_mark + 1) // 2


def in_one_pipe(total: int) -> list[Place]:
    """``inproc``: both ends share one pipe, whose mark is the sum of both."""
    return [Place(place="send_pipe", holds="one pipe for both ends", messages=total, basis="measured")]


def by_position(ends: Sequence[int], receive_mark: int, view: KernelView) -> list[Place]:
    """tcp, where the kernel counts every byte: ``ends`` are the positions in the stream at which the messages end.

    A message that is cut between two places counts where its end is.
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
    """ipc, where the kernel tells only what waits in its one buffer; what is in the codecs cannot be told apart from
    the sender's pipe."""
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
    """Where the kernel does not tell: what both marks leave of the total is the kernel's and the codecs'."""
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
