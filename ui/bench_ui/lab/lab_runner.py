"""Runs one work of the lab as a command in a process of its own: work -> **lab runner** -> entries, end. No widgets.

The window reads what is measured from the journal that the command writes. So there is one way for the figures: a work
that a crash interrupted is read from the same file, and the command goes on from it.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections import deque
from enum import Enum
from typing import Any

from PySide6.QtCore import QObject, QProcess, QProcessEnvironment, QTimer, Signal

from bench_app.preset.documents import Document
from bench_ui.lab.journal_reader import JournalReader
from bench_ui.lab.question import TITLES, Question
from bench_ui.lab.work_folder import LabWork, WorkFolder
from bench_ui.runs.run_controller import RunController, StartTask

POLL_MS = 100
BUSY_S = 0.006
"""The longest time for which entries are read at once. A frame of the window has 16 ms."""
FIRM_MS = 6000
"""A command that was cancelled ends its run first. After this time it is killed."""
LAST_LINES = 6
"""So many lines of the command's errors are shown."""
RUN_UNDER_WAY = "A run is under way: the lab's trials would disturb it. Stop it first."
STOPPED_MESSAGE = "Cancelled. What was measured is kept: Start goes on from there."


class Ending(Enum):
    """How a work ended."""

    DONE = "done"
    CANCELLED = "cancelled"
    NO_RESULT = "no result"
    """The command ran to its end, and its result says that nothing can be said: every trial was invalid, for instance.
    """
    FAILED = "failed"


_ENDINGS = {0: Ending.DONE, 1: Ending.DONE, 3: Ending.NO_RESULT, 130: Ending.CANCELLED}


class LabRunner(QObject):
    """Runs at most one work at a time.

    Attributes:
        works: the files of all works.
        work: the work under way, or the last one; None before the first.
        began_s: when the work was started, on the clock of ``time.monotonic``.
    """

    started = Signal(object)
    """With the LabWork. Its entries from before follow."""
    entry_read = Signal(object)
    """With a JournalEntry."""
    note_read = Signal(str)
    """With a line that the command prints about a trial."""
    ended = Signal(object, object, str)
    """With the LabWork, the Ending, and what the command said about it."""
    state_changed = Signal()
    """A work began or ended."""

    def __init__(
        self, works: WorkFolder, run: RunController, start_task: StartTask, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self.works = works
        self.work: LabWork | None = None
        self.began_s = 0.0
        self._run, self._start_task = run, start_task
        self._process: QProcess | None = None
        self._reader: JournalReader | None = None
        self._is_starting = False
        self._is_cancelled = False
        self._errors: deque[str] = deque(maxlen=LAST_LINES)
        self._timer = QTimer(self)
        self._timer.setInterval(POLL_MS)
        self._timer.timeout.connect(self._poll)

    @property
    def is_running(self) -> bool:
        """Whether a work is under way."""
        return self._process is not None or self._is_starting

    @property
    def refusal(self) -> str:
        """Why no run may start now; "" if one may."""
        if not self.is_running or self.work is None:
            return "A work of the lab is about to begin." if self._is_starting else ""
        return f"Not while the lab works ({TITLES[self.work.question.command]}): a run would disturb its trials."

    def start(self, document: Document, question: Question) -> str:
        """Start the work of a question, or go on with it. Returns why it is not possible now; "" if it is."""
        if self._run.running:
            return RUN_UNDER_WAY
        if self.is_running:
            return "The lab works already. Cancel that work first."
        self._is_starting = True
        self.state_changed.emit()
        self._start_task(self._prepare(document, question), "prepare-lab-work")
        return ""

    def go_on(self, work: LabWork) -> str:
        """Go on with a work that was not finished. Returns why it is not possible now; "" if it is."""
        if self._run.running:
            return RUN_UNDER_WAY
        if self.is_running:
            return "The lab works already. Cancel that work first."
        self._start(work)
        return ""

    async def _prepare(self, document: Document, question: Question) -> None:
        try:
            work = await asyncio.to_thread(self.works.prepare, document, question)
        except BaseException:
            self._is_starting = False
            self.state_changed.emit()
            raise
        self._start(work)

    def _start(self, work: LabWork) -> None:
        self._is_starting = self._is_cancelled = False
        self.work = work
        self.began_s = time.monotonic()
        self._errors.clear()
        self._reader = JournalReader(work.journal)
        process = self._process = QProcess(self)
        environment = QProcessEnvironment.systemEnvironment()
        environment.insert("PYTHONUNBUFFERED", "1")
        process.setProcessEnvironment(environment)
        process.readyReadStandardOutput.connect(self._read_notes)
        process.readyReadStandardError.connect(self._read_errors)
        process.finished.connect(self._end)
        process.errorOccurred.connect(self._note_error)
        if sys.platform != "win32":
            # As for the window's own workers: the scheduler of Linux shares the processors by session.
            options = QProcess.UnixProcessParameters()
            options.flags = QProcess.UnixProcessFlag.CreateNewSession
            process.setUnixProcessParameters(options)
        self.started.emit(work)
        self.state_changed.emit()
        process.start(sys.executable, arguments_of(work))
        # Nobody writes to the command, which reads nothing.
        process.closeWriteChannel()
        self._timer.start()

    def cancel(self) -> None:
        """End the work under way. The trial that is running is given up; those before it are in the journal."""
        process = self._process
        if process is None or self._is_cancelled:
            return
        self._is_cancelled = True
        process.terminate()
        QTimer.singleShot(FIRM_MS, process, process.kill)

    def show_again(self, work: LabWork) -> None:
        """Read the entries of a work that is not under way."""
        if self.is_running:
            return
        self.work = work
        self._reader = JournalReader(work.journal)
        self.started.emit(work)
        self._timer.start()

    def _poll(self) -> None:
        if self._reader is None:
            return
        is_more = self._reader.read(BUSY_S, self.entry_read.emit)
        self._timer.setInterval(0 if is_more else POLL_MS)
        if not is_more and self._process is None:
            self._timer.stop()
            if not self._is_starting and self.work is not None and self.work.is_finished:
                self.ended.emit(self.work, Ending.DONE, "")

    def _read_notes(self) -> None:
        assert self._process is not None
        for line in _lines(self._process.readAllStandardOutput().data()):
            self.note_read.emit(line)

    def _read_errors(self) -> None:
        assert self._process is not None
        self._errors.extend(_lines(self._process.readAllStandardError().data()))

    def _note_error(self, error: QProcess.ProcessError) -> None:
        if error is QProcess.ProcessError.FailedToStart and self._process is not None:
            self._errors.append(f"the command could not be started: {self._process.errorString()}")
            self._end(-1, QProcess.ExitStatus.CrashExit)

    def _end(self, code: int, status: QProcess.ExitStatus) -> None:
        process, work = self._process, self.work
        if process is None or work is None:
            return
        self._read_notes()
        self._read_errors()
        # The rest of the journal, so that the picture is whole when the end is shown.
        while self._reader is not None and self._reader.read(60.0, self.entry_read.emit):
            pass
        self._process = None
        self._reader = None
        self._timer.stop()
        process.deleteLater()
        has_crashed = status is QProcess.ExitStatus.CrashExit
        ending = Ending.FAILED if has_crashed else _ENDINGS.get(code, Ending.FAILED)
        if self._is_cancelled:
            ending = Ending.CANCELLED
        if ending in (Ending.CANCELLED, Ending.FAILED):
            # A search writes its bounds so far, too. With a result the work would count as finished.
            work.result.unlink(missing_ok=True)
        self.state_changed.emit()
        self.ended.emit(work, ending, self._message(ending))

    def _message(self, ending: Ending) -> str:
        said = "\n".join(line for line in self._errors if not line.startswith("note:"))
        if ending is Ending.CANCELLED:
            return STOPPED_MESSAGE
        if ending is Ending.FAILED:
            return said or "The command ended early. Start goes on from what it had measured."
        return said

    async def finish(self) -> None:
        """End the work under way and wait until its process is gone. Called when the window closes."""
        self.cancel()
        while self._process is not None:
            await asyncio.sleep(0.02)


def arguments_of(work: LabWork) -> list[str]:
    """The arguments of the Python that runs the command of a work."""
    # -P: import nothing from the working directory, where users have modules of any name.
    command: list[Any] = ["-P", "-m", "bench_app", work.question.command, work.preset_file]
    files: list[Any] = ["--resume", work.journal, "--keep-runs", "--json", work.result]
    return [*map(str, (*command, *files)), *work.question.options]


def _lines(data: Any) -> list[str]:
    text = bytes(data).decode(errors="replace")
    return [line.rstrip() for line in text.splitlines() if line.strip()]
