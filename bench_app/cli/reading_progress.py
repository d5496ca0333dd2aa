"""How much of a large file ``check`` and ``send`` have read, and about how long the rest takes."""

from __future__ import annotations

import sys
import time
from types import TracebackType

from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

from bench_app.cli.command_console import CommandConsole
from bench_app.cli.console import echo_error
from bench_app.cli.time_left import format_left

LARGE_BYTES = 20 * 1024 * 1024
"""A file of this size is read long enough for progress to be of use."""
SLOW_S = 2.0
"""A file that takes longer shows its progress, too: a small file can be compressed from a large one."""
_LINE_EVERY_S = 5.0


class ReadingProgress:
    """Shows the progress: a bar on a terminal, otherwise a line every few seconds."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._bar: Progress | None = None
        self._begun_s = self._shown_s = time.monotonic()

    def __enter__(self) -> ReadingProgress:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.stop()

    def show(self, done: int, size: int) -> None:
        """Tell how many bytes of the file are read. A size of 0 is not known: nothing is shown."""
        is_slow = time.monotonic() - self._begun_s >= SLOW_S
        if not size or (size < LARGE_BYTES and not is_slow):
            return
        if sys.stderr.isatty():
            if self._bar is None:
                self._bar = Progress(
                    *(TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn()),
                    console=CommandConsole(stderr=True),
                    transient=True,
                )
                self._bar.add_task(self._name, total=size)
                self._bar.start()
            self._bar.update(self._bar.task_ids[0], completed=done)
        elif time.monotonic() - self._shown_s >= _LINE_EVERY_S:
            self._shown_s = time.monotonic()
            spent_s = self._shown_s - self._begun_s
            left = f", {format_left(spent_s * (size - done) / done)}" if 0 < done < size else ""
            echo_error(f"{self._name}: {done / size:.0%} read{left}")
