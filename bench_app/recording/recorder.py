"""The recording as the recording program sees it: run or ``listen`` -> **recorder** -> writer process -> files.

The spool is a folder beside the recording, which is removed when all of it is written. If the recording program and the
writer are both killed it stays, and :mod:`bench_app.recording.left_spool` reads it.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import time
from base64 import b64encode
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import msgspec

from bench_app.errors import EngineError, InputError
from bench_app.measure.counters import read_counters
from bench_app.recording.files import count_lines, is_mcap, repair_lines
from bench_app.recording.tap import TapOrder
from bench_app.recording.writer import SETUP_NAME, STATUS, STATUS_NAME, WriterSetup, WriterStatus
from bench_app.untrusted.json_reader import BadJsonError

READY_LIMIT_S = 20.0
STANDSTILL_LIMIT_S = 60.0
"""How long a writer may write nothing, although the spool has messages."""
FINISH_LIMIT_S = 30.0
PROGRESS_S = 3.0
_POLL_S = 0.01
_MODULE = "bench_app.recording.writer"


class RecordOptions(msgspec.Struct, frozen=True):
    """What the user wants.

    Attributes:
        path: the file.
        max_bytes: begin another file when one has this size; 0: never.
        max_s: begin another file after this many seconds; 0: never.
    """

    path: Path
    max_bytes: int = 0
    max_s: float = 0.0


class RecordingSummary(msgspec.Struct, frozen=True):
    """What became of the messages.

    Attributes:
        files: the files, oldest first.
        recorded: how many messages are in the files.
        not_recorded: how many messages were received and are not in the files.
        size_bytes: the size of the files.
        reason: why messages are missing; "" if none is.
    """

    files: list[str]
    recorded: int
    not_recorded: int
    size_bytes: int
    reason: str

    @property
    def note(self) -> str:
        """One sentence about it."""
        where = self.files[0] if self.files else "no file"
        more = f" and {len(self.files) - 1} more" if len(self.files) > 1 else ""
        text = f"recorded {_messages(self.recorded)} in {where}{more}"
        return f"{text}; {_messages(self.not_recorded)} not recorded: {self.reason}" if self.not_recorded else text


class Recorder:
    """A recording under way. Raises :class:`InputError` if the file cannot be written, EngineError if nobody writes."""

    def __init__(self, options: RecordOptions, run: str = "") -> None:
        refuse_bad_file(options.path)
        if is_mcap(options.path) and find_spec("mcap") is None:
            raise InputError(f'{options.path}: MCAP needs the package mcap (pip install "zmq-bench[mcap]" installs it)')
        if os.name != "posix":
            raise EngineError("recording needs a system of the kind POSIX")
        self._options = options
        self._taps = 0
        self._is_finished = False
        self._files: list[str] = []
        setup = WriterSetup(
            folder=str(spool_folder(options.path)),
            path=str(options.path.absolute()),
            max_bytes=options.max_bytes,
            max_s=options.max_s,
            wall_offset_ns=time.time_ns() - time.perf_counter_ns(),
            run=run,
        )
        self._folder = _make_spool(options.path, setup)
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", _MODULE],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                # Ctrl+C in a terminal ends the run, and the run ends the writer.
                start_new_session=True,
            )
        except OSError as error:
            shutil.rmtree(self._folder, ignore_errors=True)
            raise EngineError(f"the recording could not start: {error.strerror or error}") from error
        self._command(msgspec.json.encode(setup))

    @property
    def pid(self) -> int:
        """The number of the writer process."""
        return self._process.pid

    def wait_ready(self) -> None:
        """Wait until the writer can take messages; raises EngineError if it cannot."""
        end_s = time.monotonic() + READY_LIMIT_S
        while not (self._folder / STATUS_NAME).exists():
            if self._process.poll() is not None or time.monotonic() > end_s:
                raise EngineError("the recording could not start: its process does not answer")
            time.sleep(_POLL_S)

    def tap(self, source: str = "", has_topic: bool = False, is_joined: bool = False) -> TapOrder:
        """The order for the tap of one listener."""
        self._taps += 1
        return TapOrder(str(self._folder), self._taps, source, has_topic, is_joined)

    def drain(
        self, on_progress: Callable[[int, int], None] | None = None, must_stop: Callable[[], bool] = lambda: False
    ) -> RecordingSummary:
        """Wait until what the taps have sent is written. Close the taps first.

        ``on_progress`` gets, every PROGRESS_S, how many messages the writer has read of how many. After this time the
        wait also ends when ``must_stop`` says so; the rest then stays in the spool.
        """
        self._command(b"drain")
        read, began_s = -1, time.monotonic()
        moved_s = told_s = began_s
        while self._process.poll() is None and not self._status().drained:
            now_s = time.monotonic()
            done = self._sum("taken")
            if done != read:
                read, moved_s = done, now_s
            is_enough = must_stop() and now_s - began_s > PROGRESS_S
            if is_enough or now_s - moved_s > STANDSTILL_LIMIT_S:
                self._kill()
                break
            if on_progress is not None and now_s - told_s > PROGRESS_S:
                told_s = now_s
                on_progress(done, self._sum("spooled"))
            time.sleep(_POLL_S)
        self._status()
        if self._process.poll() is not None:
            self._repair()
        return self._summary()

    def finish(self, result: bytes | None = None) -> None:
        """Complete the files, with the result of the run where the format has a place for it. Again: no effect."""
        if self._is_finished:
            return
        self._is_finished = True
        self._command(b"finish " + b64encode(result or b""))
        assert self._process.stdin is not None
        with contextlib.suppress(OSError):
            self._process.stdin.close()
        try:
            self._process.wait(FINISH_LIMIT_S)
        except subprocess.TimeoutExpired:
            self._kill()
        if self._process.returncode:
            self._repair()
        if not self._has_left():
            shutil.rmtree(self._folder, ignore_errors=True)

    def _kill(self) -> None:
        self._process.kill()
        self._process.wait()

    def _has_left(self) -> bool:
        """Whether the spool has messages that were not read."""
        return self._process.returncode != 0 and self._sum("taken") < self._sum("spooled")

    def _sum(self, name: str) -> int:
        return sum(read_counters(file)[name] for file in self._folder.glob("tap-*.counters"))

    def _command(self, line: bytes) -> None:
        assert self._process.stdin is not None
        # A writer that has ended is noticed by its exit code.
        with contextlib.suppress(OSError, ValueError):
            self._process.stdin.write(line + b"\n")
            self._process.stdin.flush()

    def _status(self) -> WriterStatus:
        try:
            status = STATUS.read((self._folder / STATUS_NAME).read_bytes())
        except (OSError, BadJsonError):
            return WriterStatus(self._files)
        # The folder may be removed before the files are complete.
        self._files = status.files
        return status

    def _summary(self) -> RecordingSummary:
        status = self._status()
        code = self._process.poll()
        offered = self._sum("offered")
        # A killed writer has written more than it counted, by a part of a batch.
        recorded = self._sum("written") if code is None else self._count()
        reason = status.failure or self._failure_of_spool()
        if code is not None and not reason:
            reason = f"the process that writes was killed or failed (exit code {code})"
        if self._has_left():
            reason += f"; zmq-bench import {self._folder} -o FILE reads what it left"
        if not reason and recorded < offered:
            is_slow = self._sum("skipped")
            reason = "the disk was slower than the messages came" if is_slow else "a process that received was killed"
        return RecordingSummary(status.files, recorded, offered - recorded, status.bytes, reason)

    def _failure_of_spool(self) -> str:
        errors = [read_counters(file)["error"] for file in self._folder.glob("tap-*.counters")]
        return next((f"{self._folder}: {os.strerror(error)}" for error in errors if error), "")

    def _repair(self) -> None:
        """A killed writer may have left a file that ends within a message."""
        for file in map(Path, self._files):
            with contextlib.suppress(OSError):
                if is_mcap(file):
                    from bench_app.recording.mcap_file import repair_mcap

                    repair_mcap(file)
                else:
                    repair_lines(file)

    def _count(self) -> int:
        return sum(_count_in(file) for file in map(Path, self._files) if file.is_file())


def spool_folder(path: Path) -> Path:
    """The folder of the spool of a recording."""
    return path.absolute().with_name(path.name + ".spool")


def _make_spool(path: Path, setup: WriterSetup) -> Path:
    folder = spool_folder(path)
    try:
        folder.mkdir(0o700)
        (folder / SETUP_NAME).write_bytes(msgspec.json.encode(setup))
    except FileExistsError:
        raise InputError(
            f"{folder} is there already. It belongs to a recording under way, or is left of one that was killed: "
            f"zmq-bench import {folder} -o FILE reads that one. Without it, remove the folder"
        ) from None
    except OSError as error:
        shutil.rmtree(folder, ignore_errors=True)
        raise InputError(f"{folder} cannot be written: {error.strerror or error}") from None
    return folder


def refuse_bad_file(path: Path) -> None:
    """Raise :class:`InputError` if no recording can be written to the file."""
    if path.is_dir():
        raise InputError(f"{path} cannot be written: it is a folder")
    if path.exists() and not path.is_file():
        raise InputError(f"{path} cannot be written: a recording needs a regular file")
    target = path if path.exists() else path.absolute().parent
    if not target.exists():
        raise InputError(f"{path} cannot be written: the folder {target} does not exist")
    if not os.access(target, os.W_OK):
        raise InputError(f"{path} cannot be written: permission denied")


def _count_in(path: Path) -> int:
    if not is_mcap(path):
        return count_lines(path)
    from bench_app.recording.mcap_file import count_messages

    return count_messages(path)


def _messages(count: int) -> str:
    return "1 message" if count == 1 else f"{count:,} messages"
