"""``zmq-bench listen``: any ZeroMQ system ~~> **client** -> messages on the terminal -> summary."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from bench_app.cli.event_sequence import EventSequences
from bench_app.cli.event_time import EventTimeLatency
from bench_app.cli.listen_recording import ListenRecording
from bench_app.cli.received_message import FrameSizes, ReceivedMessage, format_message, received_message
from bench_app.cli.send import RECONNECT_MS
from bench_app.cli.topic_counts import TopicCounts
from bench_app.library.client import ZmqClient
from bench_app.measure.histogram import Histogram
from bench_app.measure.recorder import Recorder
from bench_app.measure.sample_buffer import SampleBuffer
from bench_app.model import ListenerType, pattern_of
from bench_app.recording.recorder import RecordOptions
from bench_app.transport.connection import ConnectionState
from bench_app.transport.endpoint import parse_listener_endpoint

SHOWN_A_SECOND = 5
"""The most messages printed in a second, and the most notices of gaps and restarts.

The others are only counted, because printing would slow down reading.
"""
READ_SLICE_S = 0.1


class ListenSummary:
    """Counts, sizes, topics and latencies of the messages so far.

    Attributes:
        event_times: the latencies of events that contain their time of sending; None if the user names no field.
        sequences: the numbers that events contain; None if the user names no field.
        count: how many messages were received.
        bytes: the size of all messages, without their topics.
        smallest: the size of the smallest message, without its topic; 0 before the first message.
        largest: the size of the largest message, without its topic.
        frames: the sizes of the frames.
        topics: how many messages have each topic, of the first 1,000 topics.
        latency: the latencies of messages with the bench's stamp, filled by :meth:`lines`.
    """

    def __init__(self, event_times: EventTimeLatency | None = None, sequences: EventSequences | None = None) -> None:
        self.event_times = event_times
        self.sequences = sequences
        self.count = 0
        self.bytes = 0
        self.smallest = 0
        self.largest = 0
        self.frames = FrameSizes()
        self.topics = TopicCounts()
        self.latency = Histogram()
        self._samples = SampleBuffer(Recorder())

    def add(self, message: ReceivedMessage, arrived_ns: int, arrived_wall_ns: int) -> list[str]:
        """Count a message that arrived at ``arrived_ns`` (``perf_counter_ns``), ``arrived_wall_ns`` (``time_ns``).

        Returns notices of a gap or a restart that the message shows.
        """
        size = message.size
        self.smallest = min(self.smallest, size) if self.count else size
        self.largest = max(self.largest, size)
        self.count += 1
        self.bytes += size
        self.frames.add(message.frame_sizes)
        self.topics.add(message.topic)
        sent_ns = message.sent_ns
        if sent_ns:
            self._samples.append(arrived_ns - sent_ns)
        if self.event_times is None and self.sequences is None:
            return []
        event = message.event
        if self.event_times is not None:
            self.event_times.add(event, arrived_wall_ns)
        return [] if self.sequences is None else self.sequences.add(message.topic, event)

    def lines(self, seconds: float) -> list[str]:
        """The summary after ``seconds`` of listening, one fact a line."""
        self.latency.merge(self._samples.take())
        if not self.count:
            return ["nothing was received"]
        mean = self.bytes / self.count
        messages = "message" if self.count == 1 else "messages"
        lines = [
            f"{self.count:,} {messages} in {seconds:.1f} s, {self.count / max(seconds, 1e-9):,.1f}/s",
            f"size {self.smallest:,} to {self.largest:,} bytes, mean {mean:,.1f}",
        ]
        lines += self.frames.lines()
        lines += self.topics.lines()
        if self.latency.count:
            us = self.latency.summary_us()
            lines.append(
                f"sent -> received, {self.latency.count:,} stamped: p50 {us['p50']:,.1f} us, p99 {us['p99']:,.1f} us, "
                f"max {us['max']:,.1f} us (right only where both ends run on this machine)"
            )
        lines += [] if self.event_times is None else self.event_times.lines()
        lines += [] if self.sequences is None else self.sequences.lines()
        return lines


def listen(
    uri: str,
    socket_type: ListenerType,
    topic: str,
    emit: Callable[[str], None],
    *,
    count: int | None = None,
    seconds: float | None = None,
    time_field: str | None = None,
    sequence_field: str | None = None,
    is_joined: bool = False,
    record: RecordOptions | None = None,
) -> ListenSummary:
    """Read messages and emit lines about them until ``count``, ``seconds`` or a KeyboardInterrupt ends it.

    A REP replies ``{"ok": true}``. ``time_field`` is the JSON path of each event's own time of sending, such as
    ``metadata.sent_at``. ``sequence_field`` is the JSON path of a number that the sender counts up, such as
    ``header.seq``. ``is_joined``: topic and body are in one frame, with a blank between. ``record``: write every
    message to a file. Raises :class:`InputError` if the uri, a path or the file cannot be used, and
    :class:`SocketSetupError`.
    """
    summary = ListenSummary(
        None if time_field is None else EventTimeLatency(time_field),
        None if sequence_field is None else EventSequences(sequence_field),
    )
    endpoint, binds = parse_listener_endpoint(uri)
    pattern = pattern_of(socket_type)
    config: dict[str, Any] = {"socket_type": socket_type, "topic": topic, "reconnect_interval": RECONNECT_MS}
    if binds is not None:
        config["mode"] = "bind" if binds else "connect"
    elif endpoint.transport == "tcp":
        config["mode"] = "bind" if endpoint.any_interface or endpoint.wildcard_port else "connect"
    with ListenRecording(record, pattern.sends_topic, is_joined) as recording, ZmqClient("listen", config) as client:
        client.connect(f"zmq://{endpoint}")
        emit(f"{socket_type} at {client.endpoint}")
        if endpoint.opens_to_network(binds):
            emit(f"other machines can connect to {client.endpoint}")
        recording.begin(client.endpoint)
        began_s = time.monotonic()
        notices_shown = 0
        try:
            for frames in _messages(client, began_s, count, seconds, emit):
                arrived_ns, arrived_wall_ns = time.perf_counter_ns(), time.time_ns()
                recording.add(frames, arrived_ns)
                message = received_message(frames, pattern.sends_topic, is_joined)
                notices = summary.add(message, arrived_ns, arrived_wall_ns)
                if pattern.gets_replies:
                    client.write_message("", {"ok": True})
                most_shown = SHOWN_A_SECOND * (1 + time.monotonic() - began_s)
                if notices and notices_shown < most_shown:
                    notices_shown += len(notices)
                    for notice in notices:
                        emit(notice)
                if summary.count <= most_shown:
                    emit(format_message(message))
        except KeyboardInterrupt:
            pass
        for line in [*summary.lines(time.monotonic() - began_s), *recording.finish()]:
            emit(line)
        if not summary.count and client.state is not ConnectionState.CONNECTED:
            emit(client.sentence)
    return summary


def _messages(
    client: ZmqClient, began_s: float, count: int | None, seconds: float | None, emit: Callable[[str], None]
) -> Iterator[Sequence[bytes]]:
    """The frames of the messages in the order of their arrival.

    While none arrives, changes of the connection's state are emitted.
    """
    left = count
    # The first state is expected and not emitted; a change that happened before the first read is emitted.
    state = ConnectionState.BOUND if client.state is ConnectionState.BOUND else ConnectionState.CONNECTING
    while left is None or left > 0:
        left_s = READ_SLICE_S if seconds is None else began_s + seconds - time.monotonic()
        if left_s <= 0:
            return
        message = client.read_message(min(READ_SLICE_S, left_s))
        if message is not None:
            left = None if left is None else left - 1
            yield message.frames
        elif (now := client.state) not in (state, ConnectionState.IDLE):
            state = now
            emit(client.sentence)
