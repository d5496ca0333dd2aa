"""The messages between a session and its workers: typed, in MessagePack, over sockets private to the user.

A *worker* is a process. A *unit* is a thread in it that owns the socket of one handler or one listener. Units report
ten times a second: counters, gauges, and the latency histogram of the time since the last report. So the size of a
report does not grow with the rate of messages.

Times are ``perf_counter_ns``, which all processes of a machine share, unless a message says otherwise.
"""

from __future__ import annotations

import msgspec

from bench_app.data_plane.choice import PlaneReport
from bench_app.handlers.request_end import RequestOutcome
from bench_app.measure.histogram_delta import EMPTY_DELTA, HistogramDelta
from bench_app.measure.ledger import HandlerCounts, ListenerCounts, TopicSpan
from bench_app.measure.message_samples import MessageSample
from bench_app.measure.packed_numbers import PackedNumbers
from bench_app.measure.reporters import NO_REPORTERS, Reporters
from bench_app.measure.source_counts import NO_SOURCE_COUNTS, SourceCounts
from bench_app.model import HandlerBench, HandlerSpec, ListenerSpec, ListenerType, Load, Source
from bench_app.recording.tap import TapOrder
from bench_app.system.process_usage import ProcessUsage
from bench_app.transport.connection import ConnectionStatus


class Message(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """The base of everything on the control channel."""


class OpenHandler(Message, frozen=True):
    """To a worker: start the unit of a handler.

    Attributes:
        unit: the unit's name in messages.
        spec: the handler's spec.
        bench: what the bench adds to the spec.
        source: the source of its events.
        base_dir: the folder in which relative paths of the source start.
        endpoints: where to bind (one endpoint), or what to connect to.
        bind: whether to bind.
        run: the number of the run in stamps.
        handler: the number of the handler in stamps.
        join_tokens: for each listener, the topic that it subscribes to so that the handler sees it join; "" for a
            user's own consumer, which does not.
        peers_expected: how many connections make the handler Ready; for a PUB the join tokens decide.
        duration_ns: how long to offer events.
        warmup_ns: how long after the start nothing is measured.
        counters_file: the file to count in.
        spans: topics of the replaced worker, each with its first sequence number.
        incarnation: 0 for the first worker of the unit, one more for each worker that replaces it. Counters continue.
        load_changed: the load is no longer that of the preset's source, and it starts again from its beginning.
        recorded_zero_ns: the recorded time that is due at the start; None for the first time of the file.
        polls_often: a timeline acts on the unit, so control messages must not wait long.
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
    recorded_zero_ns: int | None = None
    polls_often: bool = False


class OpenListener(Message, frozen=True):
    """To a worker: start the unit of a listener.

    The fields have the same meaning as in :class:`OpenHandler`. ``join_token`` is the topic that a SUB subscribes to so
    that its handler sees it join. ``seed`` makes random delays repeatable. The unit opens its socket at
    ``not_before_ns``, so that a subscriber can come after its publisher has started. If it ``shares_messages`` with
    other listeners, it sends ReceivedNumbers at the end. ``record`` makes it give its messages to a recording. It
    ``polls_often`` if a timeline acts on it, so that control messages do not wait long.
    """

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
    shares_messages: bool = False
    record: TapOrder | None = None
    polls_often: bool = False


class Start(Message, frozen=True):
    """To a unit: the run's time 0, as ``perf_counter_ns``."""

    at_ns: int


class StopSource(Message, frozen=True):
    """To a handler: offer no more events, drain, close."""


class ChangeHandler(Message, frozen=True):
    """To a handler: use this config, these connection keys and, if it is given, this load from now on."""

    spec: HandlerSpec
    bench: HandlerBench
    load: Load | None = None


class ChangeListener(Message, frozen=True):
    """To a listener: use this spec from now on."""

    spec: ListenerSpec


class ChangeDuration(Message, frozen=True):
    """To a handler: offer events until ``duration_ns`` after its start, without pauses."""

    duration_ns: int


class Move(Message, frozen=True):
    """To a unit: close the socket and open it at these endpoints (a listener: one) instead. Answered by Moved."""

    endpoints: tuple[str, ...]
    bind: bool


class Reconnect(Message, frozen=True):
    """To a handler that gave up: connect again, and accept events again."""


class Pause(Message, frozen=True):
    """To a unit: pause, or continue. A paused handler offers nothing, and its load then continues where it was. A
    paused listener reads nothing."""

    paused: bool


class SendEvent(Message, frozen=True):
    """To a handler: offer this event (JSON text) ``count`` times now, beside those of its source.

    Answered by EventsOffered with the same ``number``, and where the handler gets replies, by a RequestAnswered for
    each event that its queue took.
    """

    body: bytes
    number: int = 0
    count: int = 1


class Drain(Message, frozen=True):
    """To a listener: read without delays and stalls from now on, and report often.

    The handler offered its last event at ``offering_ended_ns``; 0: now. Only the first Drain of a unit counts.
    """

    offering_ended_ns: int = 0


class Close(Message, frozen=True):
    """To a unit: close the socket and finish. A handler gets it when its listeners have everything."""


class ReportAt(Message, frozen=True):
    """To a worker: report on yourself at ``at_ns`` as well, with usage; at once if that is past.

    What is before and after this moment can then be told apart, such as the start of offering.
    """

    at_ns: int


class Exit(Message, frozen=True):
    """To a worker: end the process."""


class Hello(Message, frozen=True):
    """A worker is ready for orders.

    ``plane`` is the data plane of its process. ``pinning_failure``: why it is not pinned to its processor, if it should
    be.
    """

    plane: PlaneReport
    pinning_failure: str = ""


class Opened(Message, frozen=True):
    """A unit has its socket bound or connecting; ``endpoint`` has the real port."""

    unit: str
    endpoint: str


class Moved(Message, frozen=True):
    """A unit has tried to move. ``endpoint``: where it is now. ``failure``: why the move failed, "" if it did not."""

    unit: str
    at_ns: int
    endpoint: str
    failure: str = ""


class Failed(Message, frozen=True):
    """A unit could not be set up, or had to end.

    ``skipped``: how many records of its source are no events, if that is why; by the reason.
    """

    unit: str
    at_ns: int
    reason: str
    skipped: dict[str, int] = {}


class Ready(Message, frozen=True):
    """All peers that a handler expects are connected, or subscribed."""

    unit: str


class Notice(Message, frozen=True):
    """An event for a person to read. ``marker``: plots mark it."""

    unit: str
    at_ns: int
    message: str
    marker: bool = False


class Logged(Message, frozen=True):
    """Something that a unit's socket does, for the log. Sent only if ``WorkerSetup.debug`` is set.

    ``at_ns`` is ``time.time_ns``. ``fields`` are the structured fields of the log record.
    """

    unit: str
    worker: str
    pid: int
    at_ns: int
    event: str
    message: str
    fields: dict[str, str | int | float | bool | dict[str, int] | None]


class SourceEnded(Message, frozen=True):
    """A handler has offered its last event at ``at_ns``. ``failure``: why its source ended early, "" if it did not."""

    unit: str
    at_ns: int
    failure: str = ""


class EventsOffered(Message, frozen=True):
    """A handler has offered the events of SendEvent ``number``, or refused them.

    Attributes:
        unit: the unit's name in messages.
        number: which SendEvent this answers.
        at_ns: when the last event was offered.
        offered: how many events it offered. The counters include them.
        lost: how many of them were lost at once, because the queue was full or aborted.
        queued: how many events waited in the queue after the last one.
    """

    unit: str
    number: int
    at_ns: int
    offered: int = 0
    lost: int = 0
    queued: int = 0


class RequestAnswered(Message, frozen=True):
    """A request of SendEvent ``number`` has ended. ``frames`` are those of its reply, cut to MOST_REPLY_BYTES."""

    unit: str
    number: int
    outcome: RequestOutcome
    waited_ns: int
    frames: tuple[bytes, ...] = ()


class Drained(Message, frozen=True):
    """A handler's queue is empty and its counts are final. It closes its socket when it gets Close, or when its linger
    is over."""

    unit: str


class HandlerReport(Message, frozen=True):
    """A handler's counters so far, and what it measured since its last report.

    Attributes:
        unit: the unit's name in messages.
        at_ns: when the report was made.
        counts: the counters.
        spans: the topics that it has sent with, oldest first, each with its first sequence number.
        joins: for each listener that has joined, by its index: how many events the socket had accepted before.
        first_subscription: PUB: how many events the socket had accepted before a consumer that is not of the bench
            subscribed; None while none has.
        rejoins: the same for the newest subscription of each listener. It differs from ``joins`` after a reconnect.
        connection: the state of its connections.
        ever_connected: True if a peer was connected at any time.
        is_blocked: its socket takes no message now.
        lateness: from the due time of each event to its actual send.
        offer_lateness: from the due time of each event to when it was offered.
        round_trip: from the first send of each request to its reply.
        fidelity: a replay of a recording: how far the distance of each send to the one before was from the recorded
            distance.
        source_underruns: how often an event was due before the source had it ready.
        source: what the source did with its records. The last report has the final counts.
    """

    unit: str
    at_ns: int
    counts: HandlerCounts
    spans: tuple[TopicSpan, ...]
    joins: dict[str, int]
    connection: ConnectionStatus
    ever_connected: bool
    is_blocked: bool
    lateness: HistogramDelta
    offer_lateness: HistogramDelta
    round_trip: HistogramDelta
    fidelity: HistogramDelta = EMPTY_DELTA
    first_subscription: int | None = None
    source_underruns: int = 0
    source: SourceCounts = NO_SOURCE_COUNTS
    rejoins: dict[str, int] = {}


class ListenerReport(Message, frozen=True):
    """A listener's counters so far, and what it measured since its last report.

    Attributes:
        unit: the unit's name in messages.
        at_ns: when the report was made.
        counts: the counters.
        connection: the state of its connections.
        peers: how many peers are connected.
        idle_ns: how long no message has arrived.
        busy_ns: processor time of its thread since the start.
        service: from the actual send of each message to its arrival.
        response: from the due time of each event to its arrival.
        samples: some of the messages since the last report.
        backlog: for the same messages, how long the listener was still busy with earlier messages, at most.
        reporters: the user's own consumers whose receipts it counts.
    """

    unit: str
    at_ns: int
    counts: ListenerCounts
    connection: ConnectionStatus
    peers: int
    idle_ns: int
    busy_ns: int
    service: HistogramDelta
    response: HistogramDelta
    backlog: HistogramDelta = EMPTY_DELTA
    samples: tuple[MessageSample, ...] = ()
    reporters: Reporters = NO_REPORTERS


class ReceivedNumbers(Message, frozen=True):
    """Which messages a listener received that shares them with other listeners. It comes after the last report."""

    unit: str
    numbers: PackedNumbers


class BusiestThread(msgspec.Struct, frozen=True, array_like=True):
    """The thread of a worker that had work to do for the largest share of a second, running or waiting for a
    processor. ``name`` is the system's name of the thread."""

    name: str
    share: float


class WorkerReport(Message, frozen=True):
    """How well a worker process ran from ``since_ns``, its last report or its start, to ``at_ns``.

    ``stall`` says how late its beats came. ``usage`` has its totals, once a second and where the session asks for
    them; None in the reports between. ``busiest`` comes with ``usage``, on systems that tell.
    """

    worker: str
    since_ns: int
    at_ns: int
    stall: HistogramDelta
    usage: ProcessUsage | None = None
    busiest: BusiestThread | None = None


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
    | ChangeDuration
    | Drain
    | Close
    | ReportAt
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
    | EventsOffered
    | RequestAnswered
    | Drained
    | HandlerReport
    | ListenerReport
    | ReceivedNumbers
    | WorkerReport
    | Finished
)


class WorkerSetup(msgspec.Struct, frozen=True, kw_only=True):
    """The line of JSON that a worker reads from standard input, so that no key is ever on a command line.

    ``debug``: units send what their sockets do (``Logged``). ``io_threads``: how many I/O threads each context of data
    sockets has. ``processor``: the processor that the worker is pinned to; None if it is not pinned.
    """

    worker: str
    endpoint: str
    folder: str
    server_key: str = ""
    debug: bool = False
    io_threads: int = 1
    processor: int | None = None


def unit_identity(unit: str, incarnation: int) -> str:
    """The identity of a unit on the channel. Each incarnation has its own, so that late messages can be told apart."""
    return f"{unit}#{incarnation}"
