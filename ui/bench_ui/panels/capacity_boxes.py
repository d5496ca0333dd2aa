"""The boxes of the capacity picture: the capacity of a connection -> **boxes** -> picture. No Qt."""

from __future__ import annotations

from dataclasses import dataclass

from bench_app.capacity.figures import ConnectionCapacity
from bench_app.capacity.places import Place, PlaceName
from bench_ui.widgets import number_format

_GROUPS: dict[PlaceName, tuple[str, str]] = {
    "send_pipe": ("libzmq, sender", "accepted"),
    "send_buffer": ("kernel", "offered"),
    "kernel_buffer": ("kernel", "offered"),
    "receive_buffer": ("kernel", "offered"),
    "between": ("libzmq and kernel", "offered"),
    "decoder": ("libzmq, receiver", "received"),
    "receive_pipe": ("libzmq, receiver", "received"),
}
"""The group that each place belongs to, and its colour."""
_TITLES: dict[PlaceName, str] = {
    "send_pipe": "pipe + encoder",
    "send_buffer": "send buffer",
    "kernel_buffer": "socket buffer",
    "receive_buffer": "receive buffer",
    "between": "codecs + buffers",
    "decoder": "decoder",
    "receive_pipe": "pipe",
}


@dataclass(frozen=True)
class Box:
    """One box of the picture.

    Attributes:
        group: the part of the way that the box belongs to; neighbouring boxes of one group share a heading.
        title: the heading in the box.
        number: how many messages it holds.
        note: a text below the number.
        color: the name of its colour in the theme.
        share: its part of the capacity, from 0 to 1.
        is_consumer: True for the consumer at the end, which holds no messages.
    """

    group: str
    title: str
    number: str
    note: str
    color: str
    share: float = 0.0
    is_consumer: bool = False


def boxes_of(found: ConnectionCapacity) -> list[Box]:
    """The boxes from left to right: the handler's queue, the places where messages wait, the consumer."""
    queue = Box("handler", "queue", f"{found.queue_size:,}", "queue_size", "queue")
    consumer = Box("consumer", "reads nothing", "0", "", "muted", is_consumer=True)
    total = max(1, found.messages or 0)
    boxes = [_box(found, place, place.messages / total) for place in found.places]
    return [queue, *boxes, consumer]


def _box(found: ConnectionCapacity, place: Place, share: float) -> Box:
    group, color = _GROUPS[place.place]
    title = _TITLES[place.place]
    note = "" if place.bytes is None else number_format.size(place.bytes)
    if found.verdict == "by_design":
        group, title = "libzmq and kernel", "one request"
    elif found.transport == "inproc":
        group, title = "libzmq", "one pipe"
        note = f"SNDHWM {found.send_high_water_mark:,} + RCVHWM {found.receive_high_water_mark:,}"
    elif place.place == "send_pipe":
        note = f"SNDHWM {found.send_high_water_mark:,}"
        title = "pipe + codecs" if place.basis == "inferred" else "pipe" if place.basis == "by_mark" else title
    elif place.place == "receive_pipe":
        note = f"RCVHWM {found.receive_high_water_mark:,}"
    return Box(group, title, f"{place.messages:,}", note, color, share)


def format_effective_capacity(found: ConnectionCapacity) -> str:
    """How many messages the connection holds, in a few words."""
    at_least = "at least " if found.verdict == "at_least" else ""
    plural = "" if found.messages == 1 else "s"
    return f"effective capacity: {at_least}{found.messages or 0:,} message{plural}"
