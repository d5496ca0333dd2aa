"""The writer process: taps ~~> **writer** -> files. Everything that a recording costs besides the tap happens here.

``python -m bench_app.recording.writer`` reads its set-up from standard input, a line of JSON, and then commands:
``drain`` (write what is under way, then say so in ``status.json``) and ``finish`` (with the result of the run, as
base64, or nothing). The end of standard input means that the program that records has ended: the writer drains and
finishes.

A full disk does not end the writer. It goes on to take messages, which are not recorded, and tries again every second.
"""

from __future__ import annotations

import contextlib
import os
import sys
import threading
import time
from base64 import b64decode
from collections import deque
from collections.abc import Sequence
from pathlib import Path

import msgspec
import zmq

from bench_app.measure.counters import MappedCounters
from bench_app.recording.files import JsonLinesFile, RecordingFile, is_mcap, numbered
from bench_app.recording.message import RecordedMessage, topic_of
from bench_app.recording.tap import (
    BLOCK_HEAD,
    MESSAGE_COST,
    SOCKET_NAME,
    TapDescription,
    TapOrder,
    TapSlot,
    messages_of,
)
from bench_app.untrusted.json_reader import JsonReader

BATCH = 512
"""The most messages that are written at once."""
BATCH_BYTES = 4 * 1024 * 1024
POLL_MS = 50
SETTLE_S = 1.0
"""How long messages may wait for their chunk to be complete."""
RETRY_S = 1.0
"""How long the writer waits before it tries again to write after an error."""
SILENCE_S = 2.0
"""A drain ends when this long nothing came, although a tap has sent more: the tap was killed."""
STATUS_NAME = "status.json"
READY_NAME = "writer-ready"


class WriterSetup(msgspec.Struct, frozen=True):
    """What the writer needs.

    Attributes:
        folder: the private folder, with the socket and the counters of the taps.
        path: the first file.
        max_bytes: begin another file when one has this size; 0: never.
        max_s: begin another file after this many seconds; 0: never.
        wall_offset_ns: the wall clock's time less ``perf_counter_ns``.
        run: a name for the run, for formats with a place for it.
    """

    folder: str
    path: str
    max_bytes: int = 0
    max_s: float = 0.0
    wall_offset_ns: int = 0
    run: str = ""


class WriterStatus(msgspec.Struct, frozen=True):
    """What the writer tells.

    Attributes:
        files: the files that have messages, oldest first.
        bytes: the size of all files.
        failure: why messages were not written, the first reason; "" if all were.
        drained: whether everything under way was written.
    """

    files: list[str] = []
    bytes: int = 0
    failure: str = ""
    drained: bool = False


STATUS = JsonReader(WriterStatus)
_SETUP = JsonReader(WriterSetup)
_DESCRIPTION = JsonReader(TapDescription)


class Rotation:
    """Writes messages into one file after the other. Errors of the disk are counted and remembered.

    Messages are written or lost in the order in which they came.

    Attributes:
        failure: the first reason why messages were not written; "" if all were.
        written: how many messages are in the files.
        lost: how many messages will be in no file.
        pending: how many messages will be in a file or lost.
    """

    def __init__(self, setup: WriterSetup) -> None:
        self.failure = ""
        self.written = 0
        self.lost = 0
        self.pending = 0
        self._written_before = 0
        self._setup = setup
        self._file: RecordingFile | None = None
        self._number = 0
        self._began_s = 0.0
        self._retry_s = 0.0
        self._paths: list[str] = []
        self._closed_bytes = 0

    @property
    def file_count(self) -> int:
        """How many files there are so far."""
        return len(self._paths)

    @property
    def status(self) -> WriterStatus:
        """The files so far."""
        size = self._closed_bytes + (0 if self._file is None else self._file.size)
        return WriterStatus(list(self._paths), size, self.failure)

    def append(self, messages: Sequence[RecordedMessage]) -> None:
        """Write messages, which then are in ``written``, ``lost`` or ``pending``. Never raises an OSError."""
        if time.monotonic() < self._retry_s:
            self.lost += len(messages)
            return
        try:
            self._current().append(messages)
        except OSError as error:
            self._fail(error)
        self._count(len(messages))

    def settle(self) -> None:
        """Write the pending messages."""
        try:
            if self._file is not None:
                self._file.settle()
        except OSError as error:
            self._fail(error)
        self._count(0)

    def open(self) -> None:
        """Open the first file, so that a recording without a message is an empty file."""
        try:
            self._current()
        except OSError as error:
            self._note(error)

    def close(self, result: bytes | None) -> None:
        """Complete the last file, with the result of the run."""
        if self._file is not None:
            self._close(self._file, result)
            self._file = None
            self._count(0)

    def _current(self) -> RecordingFile:
        file, setup = self._file, self._setup
        if file is not None and (file.written or file.is_broken):
            is_full = 0 < setup.max_bytes <= file.size
            is_old = 0 < setup.max_s <= time.monotonic() - self._began_s
            if is_full or is_old or file.is_broken:
                self._close(file, None)
                file = self._file = None
        if file is None:
            path = numbered(Path(setup.path), self._number + 1)
            file = self._file = _open(path, setup)
            self._number += 1
            self._began_s = time.monotonic()
            self._paths.append(str(path))
        return file

    def _close(self, file: RecordingFile, result: bytes | None) -> None:
        try:
            file.close(result)
        except OSError as error:
            self._note(error)
        self._closed_bytes += file.size
        self._written_before += file.written

    def _count(self, added: int) -> None:
        """Bring the counts up to date, after ``added`` messages came."""
        file = self._file
        written = self._written_before + (0 if file is None else file.written)
        pending = 0 if file is None else file.pending
        total = self.written + self.lost + self.pending + added
        self.lost, self.written, self.pending = total - written - pending, written, pending

    def _fail(self, error: OSError) -> None:
        self._note(error)
        self._retry_s = time.monotonic() + RETRY_S

    def _note(self, error: OSError) -> None:
        path = numbered(Path(self._setup.path), max(1, self._number))
        self.failure = self.failure or f"{path}: {error.strerror or error}"


def _open(path: Path, setup: WriterSetup) -> RecordingFile:
    if not is_mcap(path):
        return JsonLinesFile(path)
    # The package mcap is an extra.
    from bench_app.recording.mcap_file import McapFile

    return McapFile(path)


class _Source:
    """A tap, as the writer sees it."""

    def __init__(self, description: TapDescription) -> None:
        self.order = description.order
        self.endpoint = description.endpoint
        self.counters = MappedCounters(description.order.counters_file, TapSlot)


class Writer:
    """Receives from all taps and writes. ``socket`` is the receiving end."""

    def __init__(self, setup: WriterSetup, socket: zmq.Socket[bytes]) -> None:
        self._setup = setup
        self._socket = socket
        self._sources: dict[int, _Source] = {}
        self._unsettled: deque[tuple[_Source, int]] = deque()
        self._written = 0
        self._lost = 0
        self._settled_s = time.monotonic()
        self.rotation = Rotation(setup)
        self.rotation.open()

    def write_batch(self, wait_ms: int) -> bool:
        """Write what has arrived, about one batch at most; waits for the first message. Returns False if none came."""
        if not self._socket.poll(wait_ms):
            return False
        offset_ns = self._setup.wall_offset_ns
        batch: list[RecordedMessage] = []
        size = 0
        while len(batch) < BATCH and size < BATCH_BYTES:
            try:
                block = self._socket.recv(zmq.NOBLOCK)
            except zmq.Again:
                break
            source = self._source(*BLOCK_HEAD.unpack_from(block))
            name, endpoint = source.order.source, source.endpoint
            has_topic, is_joined = source.order.has_topic, source.order.is_joined
            found = messages_of(block)
            batch += [
                RecordedMessage(at_ns + offset_ns, endpoint, name, topic_of(frames, has_topic, is_joined), frames)
                for at_ns, frames in found
            ]
            taken_bytes = sum(sum(map(len, frames)) for _, frames in found) + MESSAGE_COST * len(found)
            size += taken_bytes
            source.counters.slots[TapSlot.TAKEN] += len(found)
            source.counters.slots[TapSlot.TAKEN_BYTES] += taken_bytes
            self._unsettled.append((source, len(found)))
        self._write(batch)
        return True

    def drain(self) -> None:
        """Write everything that the taps have sent."""
        last_s = time.monotonic()
        while self._has_more() and time.monotonic() - last_s < SILENCE_S:
            if self.write_batch(POLL_MS):
                last_s = time.monotonic()
        self.settle()

    def tell(self, drained: bool) -> None:
        """Write the status into the folder."""
        target = Path(self._setup.folder, STATUS_NAME)
        beside = target.with_suffix(".new")
        status = msgspec.structs.replace(self.rotation.status, drained=drained)
        # The folder may be gone already: then nobody reads the status.
        with contextlib.suppress(OSError):
            beside.write_bytes(msgspec.json.encode(status))
            beside.replace(target)

    def _write(self, batch: Sequence[RecordedMessage]) -> None:
        files_before = self.rotation.file_count
        self.rotation.append(batch)
        if self.rotation.file_count != files_before:
            # The names outlive the writer, if it is killed.
            self.tell(drained=False)
        if not self.rotation.pending:
            self._settled_s = time.monotonic()
        self._count()

    def settle_if_due(self) -> None:
        """Write pending messages that have waited long enough, so that a kill costs few of them."""
        if self.rotation.pending and time.monotonic() - self._settled_s > SETTLE_S:
            self.settle()

    def settle(self) -> None:
        """Write the pending messages."""
        self.rotation.settle()
        self._settled_s = time.monotonic()
        self._count()

    def _count(self) -> None:
        """Count the messages that were written or lost since the last call. They are the oldest, written ones first."""
        rotation = self.rotation
        written = rotation.written - self._written
        lost = rotation.lost - self._lost
        self._written, self._lost = rotation.written, rotation.lost
        while left := written + lost:
            source, count = self._unsettled[0]
            settled = min(left, count)
            source.counters.slots[TapSlot.WRITTEN] += min(settled, written)
            written -= min(settled, written)
            lost = left - settled - written
            if settled < count:
                self._unsettled[0] = (source, count - settled)
            else:
                self._unsettled.popleft()

    def _source(self, number: int) -> _Source:
        source = self._sources.get(number)
        if source is None:
            order = TapOrder(self._setup.folder, number)
            source = self._sources[number] = _Source(_DESCRIPTION.read(order.description_file.read_bytes()))
        return source

    def _has_more(self) -> bool:
        for file in Path(self._setup.folder).glob("tap-*.json"):
            self._source(int(file.stem.removeprefix("tap-")))
        slots = [source.counters.slots for source in self._sources.values()]
        return any(one[TapSlot.TAKEN] < one[TapSlot.SENT] for one in slots)


class _Commands:
    """Reads the commands in a thread, because standard input cannot be polled everywhere."""

    def __init__(self) -> None:
        self.must_drain = threading.Event()
        self.must_finish = threading.Event()
        self.result: bytes | None = None
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        for line in sys.stdin.buffer:
            command, _, text = line.strip().partition(b" ")
            if command == b"finish":
                self.result = b64decode(text) or None
                break
            self.must_drain.set()
        self.must_drain.set()
        self.must_finish.set()


def serve(setup: WriterSetup) -> None:
    """Record until the commands end."""
    # Recording is to take no time from the run.
    with contextlib.suppress(OSError, AttributeError):
        os.nice(10)
    with zmq.Context() as context, context.socket(zmq.PULL) as socket:
        socket.rcvhwm = 0
        socket.bind(f"ipc://{setup.folder}/{SOCKET_NAME}")
        writer = Writer(setup, socket)
        commands = _Commands()
        writer.tell(drained=False)
        Path(setup.folder, READY_NAME).touch()
        while not commands.must_drain.is_set():
            writer.write_batch(POLL_MS)
            writer.settle_if_due()
        writer.drain()
        writer.tell(drained=True)
        commands.must_finish.wait()
        writer.rotation.close(commands.result)
        writer.tell(drained=True)


def main() -> None:
    """Read the set-up and serve."""
    serve(_SETUP.read(sys.stdin.buffer.readline()))


if __name__ == "__main__":
    main()
