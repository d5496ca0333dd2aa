"""The two ends of the bench by hand, against anyone's system: ``zmq-bench listen`` and ``zmq-bench send``."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any, Literal

from bench_app.cli.event_time import EventTimeLatency
from bench_app.library.client import ZmqClient
from bench_app.library.message import Message
from bench_app.library.output_handler import HandlerState, OutputHandler
from bench_app.measure.histogram import Histogram
from bench_app.measure.recorder import Recorder
from bench_app.measure.samples import SampleBuffer
from bench_app.model import HandlerBench, HandlerConfig, HandlerSpec, SocketType
from bench_app.transport import stamp
from bench_app.transport.connection import ConnectionState
from bench_app.transport.endpoint import parse_listener_endpoint

SHOWN_A_SECOND = 5
"""Messages shown whole; the rest is only counted, so that looking does not slow the reading down."""
SHOWN_CHARACTERS = 200
READ_SLICE_S = 0.1
RECONNECT_MS = 200
SENT_AT_ONCE = 1000
"""Events written before waiting for the queue to empty: what is sent by hand is not to be lost in it."""

ListenerType = Literal["SUB", "PULL", "REP"]


class Listening:
    """What was heard so far: rates, sizes, topics and latencies, where messages are stamped on this machine or have a
    time of their own (``sent_times``)."""

    def __init__(self, sent_times: EventTimeLatency | None = None) -> None:
        self.sent_times = sent_times
        self.count = 0
        self.bytes = 0
        self.smallest = 0
        self.largest = 0
        self.topics: Counter[str] = Counter()
        self.latency = Histogram()
        self._samples = SampleBuffer(Recorder())

    def add(self, message: Message, arrived_ns: int, arrived_wall_ns: int) -> None:
        """Count a message that arrived at ``arrived_ns`` (``perf_counter_ns``), ``arrived_wall_ns`` (``time_ns``)."""
        size = len(message.raw)
        self.smallest = min(self.smallest, size) if self.count else size
        self.largest = max(self.largest, size)
        self.count += 1
        self.bytes += size
        self.topics[message.topic] += 1
        sent_ns = _sent_ns(message.raw)
        if sent_ns:
            self._samples.append(arrived_ns - sent_ns)
        if self.sent_times is not None:
            self.sent_times.add(message.value, arrived_wall_ns)

    def sentences(self, seconds: float) -> list[str]:
        """A summary, a line each."""
        self._samples.flush()
        self.latency.merge(self._samples.recorder.take())
        if not self.count:
            return ["nothing was received"]
        mean = self.bytes / self.count
        messages = "message" if self.count == 1 else "messages"
        lines = [
            f"{self.count:,} {messages} in {seconds:.1f} s, {self.count / max(seconds, 1e-9):,.1f}/s",
            f"size {self.smallest:,} to {self.largest:,} bytes, mean {mean:,.1f}",
        ]
        if set(self.topics) != {""}:
            lines += [f"topic {topic}: {count:,}" for topic, count in self.topics.most_common(10)]
        if self.latency.count:
            us = self.latency.summary_us()
            lines.append(
                f"sent -> received, {self.latency.count:,} stamped: p50 {us['p50']:,.1f} us, p99 {us['p99']:,.1f} us, "
                f"max {us['max']:,.1f} us (right only where both ends run on this machine)"
            )
        return lines if self.sent_times is None else lines + self.sent_times.sentences()


def listen(
    uri: str,
    socket_type: ListenerType,
    topic: str,
    say: Callable[[str], None],
    *,
    count: int | None = None,
    seconds: float | None = None,
    time_field: str | None = None,
) -> Listening:
    """Read and tell until ``count`` messages, ``seconds``, or a KeyboardInterrupt; a REP answers ``{"ok": true}``.

    ``time_field`` is where each event says when it was sent (``metadata.sent_at``).
    Raises :class:`InputError` for a uri that cannot be used and :class:`SocketSetupError`.
    """
    heard = Listening(None if time_field is None else EventTimeLatency(time_field))
    endpoint, binds = parse_listener_endpoint(uri)
    config: dict[str, Any] = {"socket_type": socket_type, "topic": topic, "reconnect_interval": RECONNECT_MS}
    if binds is not None:
        config["mode"] = "bind" if binds else "connect"
    elif endpoint.transport == "tcp":
        config["mode"] = "bind" if endpoint.any_interface or endpoint.wildcard_port else "connect"
    with ZmqClient("listen", config) as client:
        client.connect(f"zmq://{endpoint}")
        say(f"{socket_type} at {client.endpoint}")
        began_s = time.monotonic()
        try:
            for message in _messages(client, began_s, count, seconds, say):
                heard.add(message, time.perf_counter_ns(), time.time_ns())
                if socket_type == "REP":
                    client.write_message("", {"ok": True})
                if heard.count <= SHOWN_A_SECOND * (1 + time.monotonic() - began_s):
                    say(_line(message))
        except KeyboardInterrupt:
            pass
        for sentence in heard.sentences(time.monotonic() - began_s):
            say(sentence)
        if not heard.count and client.state is not ConnectionState.CONNECTED:
            say(client.sentence)
    return heard


def send(
    uri: str, socket_type: SocketType, topic: str, events: Iterator[bytes], say: Callable[[str], None], wait_s: float
) -> bool:
    """Send events (JSON text) and tell what became of them, replies included; True when none was lost.

    It first waits up to ``wait_s`` for somebody to send to: a PUB for a subscriber, since it drops what nobody asked
    for, and who connects for the connection, since what libzmq has accepted is lost where none ever comes.
    """
    endpoint, binds = parse_listener_endpoint(uri)
    mode: Literal["auto", "bind", "connect"] = "auto" if binds is None else "bind" if binds else "connect"
    config = HandlerConfig(
        socket_type=socket_type,
        topic=topic,
        linger=int(wait_s * 1000),
        send_timeout=-1,
        queue_size=SENT_AT_ONCE,
        reconnect_interval=RECONNECT_MS,
    )
    connected, announced = threading.Event(), threading.Event()

    def on_connection(state: HandlerState, sentence: str) -> None:
        # Where it is comes first: whoever reads the output may need that address to connect.
        announced.wait()
        say(sentence)
        if state.state is ConnectionState.CONNECTED:
            connected.set()

    handler = OutputHandler(
        "send",
        HandlerSpec(uri=f"zmq://{endpoint}", config=config),
        bench=HandlerBench(mode=mode),
        on_connection=on_connection,
        on_reply=lambda reply: say(f"reply: {reply}"),
    )
    try:
        say(f"{socket_type} at {handler.endpoint}")
        announced.set()
        if socket_type == "PUB" and not handler.wait_for_subscriber(wait_s):
            say(f"no subscriber came in {wait_s:g} s: what is sent now goes to nobody")
        elif socket_type != "PUB" and not connected.wait(wait_s):
            say(f"nobody was there in {wait_s:g} s")
        for number, event in enumerate(events, start=1):
            handler.write_body(event)
            if number % SENT_AT_ONCE == 0 and not handler.flush(wait_s):
                break
        handler.flush(wait_s)
        # What libzmq took for a peer that never came, or a PUB for nobody's topic, was not sent.
        reached = handler.wait_for_subscriber(0) if socket_type == "PUB" else connected.is_set()
    finally:
        announced.set()
        handler.close()
    stats = handler.stats
    answered = f", {stats.replied:,} answered" if socket_type == "REQ" else ""
    if not reached:
        say(f"0 of {stats.offered:,} sent{answered}: nobody was there to take them")
        return False
    say(f"{stats.accepted:,} of {stats.offered:,} sent{answered}")
    return stats.accepted == stats.offered and (socket_type != "REQ" or stats.replied == stats.offered)


def _messages(
    client: ZmqClient, began_s: float, count: int | None, seconds: float | None, say: Callable[[str], None]
) -> Iterator[Message]:
    """The messages as they come; while none does, how the connection stands is told whenever that changes."""
    left = count
    # How it begins goes without saying; what has come of it already does not.
    state = ConnectionState.BOUND if client.state is ConnectionState.BOUND else ConnectionState.CONNECTING
    while left is None or left > 0:
        left_s = READ_SLICE_S if seconds is None else began_s + seconds - time.monotonic()
        if left_s <= 0:
            return
        message = client.read_message(min(READ_SLICE_S, left_s))
        if message is not None:
            left = None if left is None else left - 1
            yield message
        elif (now := client.state) not in (state, ConnectionState.IDLE):
            state = now
            say(client.sentence)


def _line(message: Message) -> str:
    text = message.raw[: SHOWN_CHARACTERS + 1].decode(errors="backslashreplace")
    cut = f"{text[:SHOWN_CHARACTERS]}…" if len(text) > SHOWN_CHARACTERS else text
    return f"{message.topic}  {cut}" if message.topic else cut


def _sent_ns(body: bytes) -> int:
    """When a body with the bench's own stamp was sent; 0 where there is none."""
    if not body.startswith(stamp.KEY):
        return 0
    times, sound = stamp.decode_times([body[stamp.TIMES_AT : stamp.TIMES_AT + stamp.TIMES_LENGTH]])
    return int(times[0, 2]) if sound[0] else 0
