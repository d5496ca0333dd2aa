"""The measured capacity of connections, and its meaning as text. Pure."""

from __future__ import annotations

from typing import Literal

import msgspec

from bench_app.capacity.places import Place
from bench_app.engine.result import Machine
from bench_app.model import (
    BurstLoad,
    ConstantLoad,
    Load,
    PoissonLoad,
    RampLoad,
    SineLoad,
    StepsLoad,
)

FORMAT = "zmq-bench-capacity/1"

Verdict = Literal["measured", "at_least", "by_design", "unlimited", "unsound"]


class ConnectionCapacity(msgspec.Struct, frozen=True, kw_only=True):
    """The capacity of one connection of a handler. A high-water mark is in messages; 0 is no limit.

    Attributes:
        handler: the name of the handler.
        listeners: the listeners with these figures; they have the same socket settings. Empty if the consumer is the
            user's own.
        socket_type: the handler's socket type.
        transport: tcp, ipc or inproc.
        verdict: *measured*; *at_least* if a limit of time or memory ended the measurement first; *by_design* for a REQ;
            *unlimited* if only memory limits the connection; *unsound* if an accepted message did not come out at the
            other end.
        messages: the effective capacity: messages accepted until the socket refused one, while the listener read
            nothing. None if the verdict is *unlimited*.
        received: how many accepted messages came out when the listener read again, each counted once.
        message_bytes: the mean size in the stream, with topic, stamp and ZMTP headers.
        queue_size: the size of the handler's queue, which is not part of the capacity.
        send_timeout: the handler's send timeout in ms; -1 is no limit.
        send_high_water_mark: the mark of the handler's socket.
        receive_high_water_mark: the mark of the listener's socket.
        places: where the messages waited; their numbers add up to ``messages``.
        rate: events per second that the preset's load sends over this connection; None if the load has no rate.
        fills_in_s: the time until ``messages`` have been sent at ``rate``.
        step: two measurements differ by multiples of this number, because a sender's full pipe reopens in such steps.
        drops: whether the socket drops messages when the connection is full (PUB); other sockets wait.
        reason: the reason why ``messages`` is None; "" if it is a number.
        notes: how the measurement differs from a run.
    """

    handler: str
    listeners: list[str]
    socket_type: str
    transport: str
    verdict: Verdict
    messages: int | None
    received: int
    message_bytes: float
    queue_size: int
    send_timeout: int
    send_high_water_mark: int
    receive_high_water_mark: int
    places: list[Place]
    rate: float | None
    fills_in_s: float | None
    step: int
    drops: bool
    reason: str = ""
    notes: list[str]


class CapacityResult(msgspec.Struct, frozen=True, kw_only=True):
    """The capacity of all connections of a preset.

    Attributes:
        format: the name and the version of the format.
        preset: the name of the preset.
        connections: the capacity of each connection.
        machine: the machine on which they were measured.
    """

    format: str = FORMAT
    preset: str
    connections: list[ConnectionCapacity]
    machine: Machine

    @property
    def is_valid(self) -> bool:
        """Whether every accepted message came out."""
        return all(connection.verdict != "unsound" for connection in self.connections)


def to_json(result: CapacityResult) -> bytes:
    """The bytes of a ``zmq-bench-capacity/1`` file."""
    return msgspec.json.format(msgspec.json.encode(result), indent=2) + b"\n"


def rate_of(load: Load) -> float | None:
    """Events per second: the mean of a steady load, the end of a ramp, the highest rate of steps.

    None if the load has no rate of its own (as fast as possible, or as recorded).
    """
    match load:
        case ConstantLoad() | PoissonLoad():
            return load.rate
        case BurstLoad():
            return load.events / load.every_s
        case RampLoad():
            return load.end or load.start
        case StepsLoad():
            return max(load.rates) or None
        case SineLoad():
            return load.mean
    return None


def format_capacity(found: ConnectionCapacity) -> str:
    """A text for the user: after how many messages a stalled consumer fills the connection, and what happens then."""
    if found.messages is None:
        return f"A stalled consumer never fills the connection: {found.reason}."
    if found.verdict == "unsound":
        return f"No valid figure: of {found.messages:,} messages that were accepted, {found.received:,} came out."
    if found.verdict == "by_design":
        return "A stalled consumer holds up the next request: a REQ has only one request in flight."
    at_least = "at least " if found.verdict == "at_least" else ""
    when = f"after {at_least}{found.messages:,} message{'' if found.messages == 1 else 's'}"
    if found.rate and found.fills_in_s is not None:
        when += f": at the preset's {found.rate:,.4g}/s, after {format_seconds(found.fills_in_s)}"
    return f"A stalled consumer fills the connection {when}. {_format_consequence(found)}"


def _format_consequence(found: ConnectionCapacity) -> str:
    if found.drops:
        return (
            "From then on the socket silently drops new messages for this consumer; the handler's queue does not help."
        )
    if found.send_timeout == 0:
        return (
            "From then on every event is dropped as timed out, since send_timeout is 0: "
            "the handler's queue does not help."
        )
    more = f"Then the handler's queue takes {found.queue_size:,} more"
    if found.rate:
        more += f" ({format_seconds(found.queue_size / found.rate)})"
    if found.send_timeout < 0:
        return f"{more}, and overflows."
    waits = format_seconds(found.send_timeout / 1000)
    return f"{more}, while one waiting event is dropped as timed out every {waits} (send_timeout)."


def format_rate(value: float) -> str:
    """Events per second: ``157,700``, ``12.5``. Never in powers of ten."""
    return f"{value:,.0f}" if value >= 1000 else f"{value:,.4g}"


def format_seconds(value: float) -> str:
    """A time in its best unit: ``41 ms``, ``1.5 s``, ``12 min``."""
    if value < 0.9995:
        return f"{value * 1000:.3g} ms"
    if value < 120:
        return f"{value:.3g} s"
    return f"{value / 60:,.0f} min" if value < 7200 else f"{value / 3600:,.1f} h"
