"""Recordings as MCAP, for Foxglove, PlotJuggler and others: writer -> **MCAP file** -> disk.

Each topic has a channel. A message whose body is a JSON object, with a topic or without, is a message of the encoding
``json``, and its data are the body. Any other message has the encoding ``zmq-frames``: its data are all frames, each
after its length (32 bits, little-endian). The metadata of a channel say where a topic is (``layout``), and the endpoint
and the listener. The result of the run is the attachment ``result.json``.

The package ``mcap`` is an extra; this module is imported only where a recording is MCAP.
"""

from __future__ import annotations

import os
import struct
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, Any, cast

from mcap.reader import NonSeekingReader
from mcap.writer import CompressionType, Writer

from bench_app.recording.files import write_all
from bench_app.recording.message import RecordedMessage
from bench_app.untrusted.json_reader import ANY_JSON, BadJsonError

MAGIC = b"\x89MCAP0\r\n"
CHUNK_BYTES = 1024 * 1024
MOST_CHANNELS = 60_000
"""The numbers of channels have 16 bits, and a sender can make up any number of topics."""
OTHER_TOPICS = "other topics"
WITHOUT_TOPIC = "messages"
RESULT_NAME = "result.json"
JSON, FRAMES = "json", "zmq-frames"
_LENGTH = struct.Struct("<I")
_RECORD_HEADER = struct.Struct("<BQ")
_DATA_END, _FOOTER = 0x0F, 0x02
_END = _RECORD_HEADER.pack(_DATA_END, 4) + bytes(4) + _RECORD_HEADER.pack(_FOOTER, 20) + bytes(20) + MAGIC
"""The end of a file without a summary."""


class McapFile:
    """A file for the writer; see :class:`bench_app.recording.files.RecordingFile`.

    Messages are pending until their chunk is complete: at CHUNK_BYTES, or at :meth:`settle`.
    """

    def __init__(self, path: Path) -> None:
        self.written = 0
        self.pending = 0
        self.size = 0
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
        self._buffer = _Buffer()
        # The library asks for a whole file in its types, and writes, flushes and asks for the position alone.
        output = cast("IO[Any]", self._buffer)
        self._writer: Any = Writer(output, chunk_size=2**62, compression=CompressionType.LZ4)
        self._writer.start(profile="", library="zmq-bench")
        self._schema = self._writer.register_schema("zmq_bench.event", "jsonschema", b'{"type":"object"}')
        self._channels: dict[tuple[str, str, str, str], int] = {}
        self._sequences: Counter[int] = Counter()
        self._pending_bytes = 0
        self._is_broken = False

    def append(self, messages: Sequence[RecordedMessage]) -> None:
        """See :class:`RecordingFile`."""
        for message in messages:
            layout, data = _encode(message)
            channel = self._channel(message, layout)
            self._sequences[channel] += 1
            at_ns = message.received_ns
            self._writer.add_message(channel, at_ns, data, at_ns, self._sequences[channel] & 0xFFFFFFFF)
            self.pending += 1
            self._pending_bytes += len(data)
            if self._pending_bytes >= CHUNK_BYTES:
                self.settle()

    def settle(self) -> None:
        """See :class:`RecordingFile`."""
        if self._is_broken or not self.pending:
            return
        # All positions in the file are known to the library alone, so after an error nothing more can be written.
        self._is_broken = True
        pending, self.pending, self._pending_bytes = self.pending, 0, 0
        self._writer.flush()
        self._write(self._buffer.take())
        self._is_broken = False
        self.written += pending

    @property
    def is_broken(self) -> bool:
        """Whether the file takes no more messages, because the disk took no more."""
        return self._is_broken

    def close(self, result: bytes | None) -> None:
        """See :class:`RecordingFile`."""
        try:
            if self._is_broken:
                self._write(_END)
                return
            self.settle()
            if result is not None:
                now_ns = time.time_ns()
                self._writer.add_attachment(now_ns, now_ns, RESULT_NAME, "application/json", result)
            self._writer.finish()
            self._write(self._buffer.take())
        finally:
            os.close(self._file)

    def _write(self, data: bytes) -> None:
        taken, failure = write_all(self._file, data)
        if failure is not None:
            # What the file has ends with a whole record.
            os.ftruncate(self._file, self.size)
            os.lseek(self._file, self.size, os.SEEK_SET)
            raise failure
        self.size += taken

    def _channel(self, message: RecordedMessage, layout: str) -> int:
        topic = message.topic or message.source or WITHOUT_TOPIC
        key = (topic, message.endpoint, message.source, layout)
        channel = self._channels.get(key)
        if channel is None and len(self._channels) >= MOST_CHANNELS:
            topic = OTHER_TOPICS
            key = (topic, message.endpoint, message.source, layout)
            channel = self._channels.get(key)
        if channel is None:
            encoding = FRAMES if layout == "frames" else JSON
            metadata = {
                "endpoint": message.endpoint,
                "source": message.source,
                "layout": layout,
                "topic": message.topic if topic == message.topic else "",
            }
            channel = self._channels[key] = self._writer.register_channel(
                topic, encoding, self._schema if encoding == JSON else 0, metadata
            )
        return channel


def read_mcap(file: IO[bytes]) -> Iterator[RecordedMessage]:
    """All messages, in the order of the file. Raises ``mcap.exceptions.McapError`` for a file that is no MCAP.

    Messages of other programs have the topic of their channel as the first frame and their data as the second.
    """
    for _, channel, message in NonSeekingReader(file).iter_messages(log_time_order=False):
        frames = _decode(channel.metadata.get("layout"), channel.topic, message.data)
        metadata = channel.metadata
        yield RecordedMessage(
            message.log_time,
            metadata.get("endpoint", ""),
            metadata.get("source", ""),
            metadata.get("topic", channel.topic),
            frames,
        )


def repair_mcap(path: Path) -> int:
    """Cut off an incomplete record and end the file. Returns how many bytes were cut off."""
    with path.open("r+b") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - len(MAGIC)))
        if size > len(_END) and file.read() == MAGIC:
            return 0
        at = len(MAGIC)
        while at + _RECORD_HEADER.size <= size:
            file.seek(at)
            opcode, length = _RECORD_HEADER.unpack(file.read(_RECORD_HEADER.size))
            # The end of the data is written again, because the summary after it is incomplete.
            if at + _RECORD_HEADER.size + length > size or opcode == _DATA_END:
                break
            at += _RECORD_HEADER.size + length
        file.seek(min(at, size))
        file.truncate()
        file.write(_END if size >= len(MAGIC) else MAGIC + _END)
    return size - min(at, size)


def count_messages(path: Path) -> int:
    """How many messages a file has."""
    with path.open("rb") as file:
        return sum(1 for _ in NonSeekingReader(file).iter_messages(log_time_order=False))


class _Buffer:
    """Takes what the library writes, and knows the position in the file."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._position = 0

    def write(self, data: bytes) -> int:
        self._parts.append(bytes(data))
        self._position += len(data)
        return len(data)

    def tell(self) -> int:
        return self._position

    def flush(self) -> None:
        """Nothing to do."""

    def take(self) -> bytes:
        """What was written since the last call."""
        data = b"".join(self._parts)
        self._parts.clear()
        return data


def _encode(message: RecordedMessage) -> tuple[str, bytes]:
    """The layout and the data of a message."""
    frames = message.frames
    topic = message.topic.encode()
    if len(frames) == 1 and _is_object(frames[0]):
        return "body", frames[0]
    if len(frames) == 2 and topic and frames[0] == topic and _is_object(frames[1]):
        return "topic+body", frames[1]
    return "frames", b"".join(part for frame in frames for part in (_LENGTH.pack(len(frame)), frame))


def _decode(layout: Any, topic: str, data: bytes) -> list[bytes]:
    if layout == "body":
        return [data]
    if layout != "frames":
        return [topic.encode(), data]
    frames, at = [], 0
    while at < len(data):
        (length,) = _LENGTH.unpack_from(data, at)
        at += _LENGTH.size
        frames.append(data[at : at + length])
        at += length
    return frames


def _is_object(text: bytes) -> bool:
    if not text.startswith(b"{"):
        return False
    try:
        ANY_JSON.read(text)
    except BadJsonError:
        return False
    return True
