"""What session and workers say to each other: typed messages in MessagePack, over sockets private to the user.

A *worker* is a process; a *unit* is a thread in it that owns the sockets of one handler or one listener. Units report
ten times a second: monotonic counters, the latency histogram of the interval, gauges. Never samples.
"""

from __future__ import annotations

import msgspec

from bench_app.measure.histogram import HistogramDelta
from bench_app.measure.ledger import HandlerCounts, ListenerCounts, TopicSpan
from bench_app.measure.message_samples import MessageSample
from bench_app.model import HandlerBench, HandlerSpec, ListenerSpec, ListenerType, Load, Source
from bench_app.transport.connection import ConnectionStatus


class Message(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """The base of everything on the control channel."""


class OpenHandler(Message, frozen=True):
    """To a worker: start a handler's unit. All times are ns; endpoints are concrete.

    ``incarnation`` is 0 at first and grows with every worker that takes a crashed one's place; the book goes on.
    """

    unit: str
    spec: HandlerSpec
    bench: HandlerBench
    source: Source
    base_dir: str
    endpoints: tuple[str, ...]
    bind: bool
    run: int
    handler: int
    join_tokens: tuple[bytes, ...]
    peers_expected: int
    duration_ns: int
    warmup_ns: int
    counters_file: str
    spans: tuple[TopicSpan, ...] = ()
    incarnation: int = 0
    load_changed: bool = False


class OpenListener(Message, frozen=True):
    """To a worker: start a listener's unit. It opens its socket at ``not_before_ns`` (``perf_counter_ns``), for a
    subscriber that comes when the publisher is already at it."""

    unit: str
    listener_type: ListenerType
    spec: ListenerSpec
    bench: HandlerBench
    endpoint: str
    bind: bool
    run: int
    handler: int
    join_token: bytes
    warmup_ns: int
    counters_file: str
    seed: int
    incarnation: int = 0
    not_before_ns: int = 0


class Start(Message, frozen=True):
    """To a unit: the run's time 0, as ``perf_counter_ns``."""

    at_ns: int


class StopSource(Message, frozen=True):
    """To a handler: offer nothing more, drain, close."""


class ChangeHandler(Message, frozen=True):
    """To a handler: from now on this config, these connection keys and, where given, this load."""

    spec: HandlerSpec
    bench: HandlerBench
    load: Load | None = None


class ChangeListener(Message, frozen=True):
    """To a listener: from now on this spec."""

    spec: ListenerSpec


class Move(Message, frozen=True):
    """To a unit: close the socket and open it at these endpoints (a listener: one) instead. Answered by Moved."""

    endpoints: tuple[str, ...]
    bind: bool


class Reconnect(Message, frozen=True):
    """To a handler that gave up: connect anew, and take events again."""


class Pause(Message, frozen=True):
    """To a unit: stand still or go on. A handler offers nothing, and its load goes on later where it was; a listener
    reads nothing."""

    paused: bool


class SendEvent(Message, frozen=True):
    """To a handler: offer this event (JSON text) now, beside those of its source."""

    body: bytes


class Drain(Message, frozen=True):
    """To a listener: no more delays and stalls; read what is there, and report often."""


class Close(Message, frozen=True):
    """To a listener: close the books and the socket."""


class Exit(Message, frozen=True):
    """To a worker: end the process."""


class Hello(Message, frozen=True):
    """A worker is up."""


class Opened(Message, frozen=True):
    """A unit has its socket bound or connecting; ``endpoint`` has the real port."""

    unit: str
    endpoint: str


class Moved(Message, frozen=True):
    """A unit has tried to move. ``endpoint``: its current endpoint. ``failure``: why the move failed, "" if it did not.
    ``at_ns`` is ``perf_counter_ns``."""

    unit: str
    at_ns: int
    endpoint: str
    failure: str = ""


class Failed(Message, frozen=True):
    """A unit could not be set up, or had to end. ``at_ns`` is ``perf_counter_ns``."""

    unit: str
    at_ns: int
    reason: str


class Ready(Message, frozen=True):
    """A handler's expected peers are all in."""

    unit: str


class Notice(Message, frozen=True):
    """Something a person should read; ``at_ns`` is ``perf_counter_ns``."""

    unit: str
    at_ns: int
    sentence: str
    marker: bool = False


class Logged(Message, frozen=True):
    """What a unit's socket does, where the session asked for that (``WorkerSetup.debug``).

    ``at_ns`` is ``time.time_ns``; ``fields`` have more about the event.
    """

    unit: str
    worker: str
    pid: int
    at_ns: int
    event: str
    sentence: str
    fields: dict[str, str | int | float | bool | dict[str, int] | None]


class SourceEnded(Message, frozen=True):
    """A handler has offered its last event at ``at_ns``; ``failure`` says why where its source broke."""

    unit: str
    at_ns: int
    failure: str = ""


class Drained(Message, frozen=True):
    """A handler's queue is empty and its counts are final. It holds its socket open until it is told to close, since
    its listeners have all there is, or until its linger is over."""

    unit: str


class HandlerReport(Message, frozen=True):
    """A handler's counters so far, and what it measured since its last report."""

    unit: str
    at_ns: int
    counts: HandlerCounts
    spans: tuple[TopicSpan, ...]
    joins: dict[str, int]
    connection: ConnectionStatus
    ever_connected: bool
    blocked: bool
    lateness: HistogramDelta
    offer_lateness: HistogramDelta
    round_trip: HistogramDelta
    source_underruns: int = 0


class ListenerReport(Message, frozen=True):
    """A listener's counters so far, and what it measured since its last report."""

    unit: str
    at_ns: int
    counts: ListenerCounts
    connection: ConnectionStatus
    peers: int
    idle_ns: int
    busy_ns: int
    service: HistogramDelta
    response: HistogramDelta
    samples: tuple[MessageSample, ...] = ()


class Finished(Message, frozen=True):
    """A unit has closed its socket; its last report came before this."""

    unit: str


ToWorker = (
    OpenHandler
    | OpenListener
    | Start
    | StopSource
    | Move
    | Reconnect
    | Pause
    | SendEvent
    | ChangeHandler
    | ChangeListener
    | Drain
    | Close
    | Exit
)
ToSession = (
    Hello
    | Opened
    | Moved
    | Failed
    | Ready
    | Notice
    | Logged
    | SourceEnded
    | Drained
    | HandlerReport
    | ListenerReport
    | Finished
)


class WorkerSetup(msgspec.Struct, frozen=True, kw_only=True):
    """The one line of JSON a worker reads from standard input; its keys never stand on a command line.

    ``debug``: units tell what their sockets do (``Logged``).
    """

    worker: str
    endpoint: str
    folder: str
    server_key: str = ""
    debug: bool = False


_encoder = msgspec.msgpack.Encoder()
_to_worker: msgspec.msgpack.Decoder[ToWorker] = msgspec.msgpack.Decoder(ToWorker)
_to_session: msgspec.msgpack.Decoder[ToSession] = msgspec.msgpack.Decoder(ToSession)


def unit_identity(unit: str, incarnation: int) -> str:
    """What a unit is called on the channel; each incarnation has a name of its own, so none is mistaken for another."""
    return f"{unit}#{incarnation}"


def encode(message: Message) -> bytes:
    """A message's bytes."""
    return _encoder.encode(message)


def decode_to_worker(data: bytes) -> ToWorker:
    """Read what a session sent; raises msgspec.MsgspecError."""
    return _to_worker.decode(data)


def decode_to_session(data: bytes) -> ToSession:
    """Read what a worker sent; raises msgspec.MsgspecError."""
    return _to_session.decode(data)
