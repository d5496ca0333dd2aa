"""What was found out about a connection's capacity, and how one reads it: numbers in, sentences out. Pure."""

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
    """One connection of a handler. Marks and ``messages`` count messages; 0 is an unlimited mark.

    ``verdict``: *measured*; *at_least*, where the time or the memory for measuring ended first; *by_design* for a REQ;
    *unlimited*, where nothing ends it but memory (``messages`` is None); *unsound*, where not all that was accepted
    came out at the other end.
    """

    handler: str
    listeners: list[str]
    """The listeners this holds for: all that have the same settings; none where the consumer is not the bench's."""
    socket_type: str
    transport: str
    verdict: Verdict
    messages: int | None
    """The effective capacity: accepted until the socket refused, with nobody reading."""
    received: int
    """How many of them came out, each once, when the listener read again."""
    message_bytes: float
    """Mean size in the stream, topic, stamp and ZMTP headers included."""
    queue_size: int
    send_timeout: int
    """Of the handler, in ms; -1 is no limit."""
    send_high_water_mark: int
    receive_high_water_mark: int
    places: list[Place]
    """Where they sat; the messages of all add up to ``messages``."""
    rate: float | None
    """Events a second this connection gets from the preset's load, where that has a rate."""
    fills_in_s: float | None
    """``messages`` at that rate."""
    step: int
    """The figure comes in steps of this many: what a sender's pipe reopens by."""
    drops: bool
    """A PUB drops when the connection is full; the others wait."""
    reason: str = ""
    """Why there is no number; "" where there is one."""
    notes: list[str]
    """What one should know of how it was measured."""


class CapacityResult(msgspec.Struct, frozen=True, kw_only=True):
    """All connections of a preset."""

    format: str = FORMAT
    preset: str
    connections: list[ConnectionCapacity]
    machine: Machine

    @property
    def sound(self) -> bool:
        """False where something accepted did not come out."""
        return all(connection.verdict != "unsound" for connection in self.connections)


def to_json(result: CapacityResult) -> bytes:
    """The bytes of a ``zmq-bench-capacity/1`` file."""
    return msgspec.json.format(msgspec.json.encode(result), indent=2) + b"\n"


def rate_of(load: Load) -> float | None:
    """Events a second: the mean of a steady load, the end of a ramp, the highest of steps; None where the load has no
    rate of its own (as fast as it goes, or as recorded)."""
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


def reading(found: ConnectionCapacity) -> str:
    """The figure as a sentence or two."""
    if found.messages is None:
        return f"A consumer that stalls is never felt: {found.reason}."
    if found.verdict == "unsound":
        return f"No sound figure: of {found.messages:,} messages that were accepted, {found.received:,} came out."
    if found.verdict == "by_design":
        return "A consumer that stalls is felt with the next request: a REQ has one request in flight, by construction."
    at_least = "at least " if found.verdict == "at_least" else ""
    when = f"after {at_least}{found.messages:,} message{'' if found.messages == 1 else 's'}"
    if found.rate and found.fills_in_s is not None:
        when += f": at the preset's {found.rate:,.4g}/s, after {seconds(found.fills_in_s)}"
    return f"A consumer that stalls is felt {when}. {_what_then(found)}"


def _what_then(found: ConnectionCapacity) -> str:
    if found.drops:
        return "From then on the socket drops the newest for it, silently; the handler's queue does not help."
    if found.send_timeout == 0:
        return (
            "From then on every event is dropped as timed out, since send_timeout is 0: "
            "the handler's queue does not help."
        )
    more = f"Then the handler's queue takes {found.queue_size:,} more"
    if found.rate:
        more += f" ({seconds(found.queue_size / found.rate)})"
    if found.send_timeout < 0:
        return f"{more}, and overflows."
    waits = seconds(found.send_timeout / 1000)
    return f"{more}, while of those that wait one is dropped as timed out every {waits} (send_timeout)."


def seconds(value: float) -> str:
    """A time in the unit that reads best: ``41 ms``, ``1.5 s``, ``12 min``."""
    if value < 0.9995:
        return f"{value * 1000:.3g} ms"
    if value < 120:
        return f"{value:.3g} s"
    return f"{value / 60:,.0f} min" if value < 7200 else f"{value / 3600:,.1f} h"
