"""The writer process: spool -> **writer** -> files. It writes the messages of the taps in the format of the recording.

``python -m bench_app.recording.writer`` reads its set-up from standard input, a line of JSON, and then commands:
``drain`` (all taps are closed: write what is in the spool, then say so in ``status.json``) and ``finish`` (with the
result of the run, as base64, or nothing). The end of standard input means that the program that records has ended: the
writer writes what is in the spool, and finishes.

A full disk does not end the writer. It goes on to read the spool, whose messages are not recorded, and tries again
every second.
"""

from __future__ import annotations

import contextlib
import shutil
import sys
import threading
import time
from base64 import b64decode
from collections import deque
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import IO

import msgspec

from bench_app.measure.counters import MappedCounters
from bench_app.recording.files import JsonLinesFile, RecordingFile, is_mcap, numbered
from bench_app.recording.message import RecordedMessage, topic_of
from bench_app.recording.spool import SpoolReader, TapSlot
from bench_app.recording.tap import TapDescription
from bench_app.system.giving_way import GivingWay
from bench_app.system.own_priority import lower_own_priority, restore_own_priority
from bench_app.untrusted.json_reader import BadJsonError, JsonReader

BATCH = 512
"""The most messages that are written at once."""
POLL_S = 0.05
SETTLE_S = 1.0
"""How long messages may wait for their chunk to be complete."""
RETRY_S = 1.0
"""How long the writer waits before it tries again to write after an error."""
TELL_S = 0.2
"""How often the writer says how far it is."""
STATUS_NAME = "status.json"
SETUP_NAME = "setup.json"


class WriterSetup(msgspec.Struct, frozen=True):
    """What the writer needs.

    Attributes:
        folder: the folder of the spool, with the counters of the taps.
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
        drained: whether everything in the spool was written.
    """

    files: list[str] = []
    bytes: int = 0
    failure: str = ""
    drained: bool = False


STATUS = JsonReader(WriterStatus)
SETUP = JsonReader(WriterSetup)
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

    def __init__(self, folder: str, description: TapDescription) -> None:
        # The folder may have been moved since.
        self.order = msgspec.structs.replace(description.order, folder=folder)
        self.endpoint = description.endpoint
        self.counters = MappedCounters(self.order.counters_file, TapSlot)
        self.spool = SpoolReader(self.order.path, self.counters.slots)

    def take(self, offset_ns: int) -> list[RecordedMessage]:
        """The messages of the next block of the spool."""
        name, endpoint = self.order.source, self.endpoint
        has_topic, is_joined = self.order.has_topic, self.order.is_joined
        return [
            RecordedMessage(at_ns + offset_ns, endpoint, name, topic_of(frames, has_topic, is_joined), frames)
            for at_ns, frames in self.spool.take()
        ]


class Writer:
    """Reads the spools of all taps and writes."""

    def __init__(self, setup: WriterSetup) -> None:
        self._setup = setup
        self._sources: dict[str, _Source] = {}
        self._unsettled: deque[tuple[_Source, int, tuple[int, int]]] = deque()
        self._written = 0
        self._lost = 0
        self._settled_s = time.monotonic()
        self._told_s = 0.0
        self.rotation = Rotation(setup)
        self.rotation.open()

    def write_block(self) -> bool:
        """Write the oldest block that is in the spool. Returns False without one."""
        source = self._oldest()
        if source is None:
            return False
        messages = source.take(self._setup.wall_offset_ns)
        source.counters.slots[TapSlot.TAKEN] += len(messages)
        self._unsettled.append((source, len(messages), source.spool.position))
        for begin in range(0, len(messages), BATCH):
            self._write(messages[begin : begin + BATCH])
        return True

    def drain(self) -> None:
        """Write everything that is in the spool."""
        while self.write_block():
            if time.monotonic() - self._told_s > TELL_S:
                self.tell(drained=False)
        self.settle()

    def tell(self, drained: bool) -> None:
        """Write the status into the folder."""
        self._told_s = time.monotonic()
        target = Path(self._setup.folder, STATUS_NAME)
        beside = target.with_suffix(".new")
        status = msgspec.structs.replace(self.rotation.status, drained=drained)
        # The folder may be gone already, or the disk full: then the counters say the rest.
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
            source, count, position = self._unsettled[0]
            settled = min(left, count)
            source.counters.slots[TapSlot.WRITTEN] += min(settled, written)
            written -= min(settled, written)
            lost = left - settled - written
            if settled < count:
                self._unsettled[0] = (source, count - settled, position)
            else:
                self._unsettled.popleft()
                source.spool.settle(position)

    def _oldest(self) -> _Source | None:
        """The tap with the oldest block."""
        found: tuple[int, _Source] | None = None
        for source in self._find_sources():
            at_ns = source.spool.next_ns()
            if at_ns is not None and (found is None or at_ns < found[0]):
                found = at_ns, source
        return None if found is None else found[1]

    def _find_sources(self) -> Iterable[_Source]:
        for file in Path(self._setup.folder).glob("tap-*.json"):
            if file.name not in self._sources:
                # The tap may be about to write it.
                with contextlib.suppress(OSError, BadJsonError):
                    self._sources[file.name] = _Source(self._setup.folder, _DESCRIPTION.read(file.read_bytes()))
        return self._sources.values()


class _Commands:
    """Reads the commands in a thread, because standard input cannot be polled everywhere.

    Attributes:
        must_drain, must_finish: whether the command has come.
        result: the result of the run; None without one.
        is_alone: whether the program that records ended without a word, so that nobody else removes the spool.
    """

    def __init__(self) -> None:
        self.is_alone = False
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
        else:
            self.is_alone = True
        self.must_drain.set()
        self.must_finish.set()


def lock_spool(folder: Path) -> IO[bytes]:
    """Take a spool for this process, until the file is closed. Raises BlockingIOError if another process has it."""
    # Systems without it cannot record.
    import fcntl

    file = (folder / SETUP_NAME).open("rb")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.close()
        raise
    return file


def serve(setup: WriterSetup) -> None:
    """Record until the commands end."""
    # Recording is to take no time from the run.
    lower_own_priority()
    with lock_spool(Path(setup.folder)):
        _serve(setup)


def _serve(setup: WriterSetup) -> None:
    writer = Writer(setup)
    commands = _Commands()
    writer.tell(drained=False)
    giving_way = GivingWay()
    while not commands.must_drain.is_set():
        rest_s = giving_way.rest_s() if writer.write_block() else POLL_S
        writer.settle_if_due()
        if rest_s:
            commands.must_drain.wait(rest_s)
    # Now somebody waits for it.
    restore_own_priority()
    writer.drain()
    writer.tell(drained=True)
    commands.must_finish.wait()
    writer.rotation.close(commands.result)
    if commands.is_alone:
        shutil.rmtree(setup.folder, ignore_errors=True)
    else:
        writer.tell(drained=True)


def main() -> None:
    """Read the set-up and serve."""
    serve(SETUP.read(sys.stdin.buffer.readline()))


if __name__ == "__main__":
    main()
