"""Starts, changes, pauses and ends the run of the window: workbench -> **run controller** -> session. No widgets."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from PySide6.QtCore import QObject, Signal

from bench_app.engine.result import RunResult
from bench_app.engine.run_once import FinishedRun, run_once
from bench_app.engine.session import Phase, Session
from bench_app.engine.worker_template import WorkerTemplate
from bench_app.errors import EngineError
from bench_app.preset.documents import Document
from bench_app.recording.recorder import RecordOptions
from bench_app.system.scheduling_groups import lowered_priority
from bench_ui.performance.loop_lag import LoopLagMeter

StartTask = Callable[[Coroutine[Any, Any, Any], str], asyncio.Task[Any]]
"""Runs a coroutine as a task with this name, and shows its error to the user."""


class RunController(QObject):
    """The run under way, or the last one. There is at most one run at a time.

    Attributes:
        session: the run under way or the last one; None if there was none, or :meth:`forget` was called.
        finished: what remains of the last run; None while a run is under way.
        waiting_changes: messages about changes that the run under way does not take over.
        loop_lag: measures how well the window keeps up.
        record: where the next run is to be recorded; None: nowhere.
        key_after_s: when a step of a timeline that waits for a key comes without one; None: never.
        speed: how many times as fast timelines pass.
        template: forks the workers of all runs.
    """

    started = Signal()
    phase_changed = Signal()
    """The run is in another phase, is paused or continues, or handlers joined or left it."""
    ended = Signal(object, object)
    """With the Session and the FinishedRun. The next run may be under way already."""
    failed = Signal(object)
    """With the Session, which ended without a result."""
    event_added = Signal(object)
    """With the RunEvent."""
    duration_changed = Signal(float)
    """The run under way offers events for so many seconds now."""
    message = Signal(str)
    """A message for the user that is not an event of the run."""

    def __init__(self, start_task: StartTask, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.session: Session | None = None
        self.finished: FinishedRun | None = None
        self.waiting_changes: list[str] = []
        self.loop_lag = LoopLagMeter(self)
        self.record: RecordOptions | None = None
        self.key_after_s: float | None = None
        self.speed = 1.0
        self.template = WorkerTemplate()
        self._start_task = start_task
        self._run_task: asyncio.Task[Any] | None = None
        self._apply_task: asyncio.Task[Any] | None = None
        self._to_apply: Document | None = None
        """The newest document that is not applied to the run under way yet."""

    @property
    def result(self) -> RunResult | None:
        """The result of the last run; None while a run is under way."""
        return None if self.finished is None else self.finished.result

    @property
    def running(self) -> bool:
        """True from the start of a run until all its processes are gone."""
        return self._run_task is not None

    @property
    def phase(self) -> Phase:
        """The phase of the run; ``IDLE`` without one."""
        return Phase.IDLE if self.session is None else self.session.phase

    def start(self, document: Document) -> None:
        """Run a document. No run may be under way."""
        assert not self.running
        self.waiting_changes = []
        self.finished = None
        # Each run has a file of its own, so that the next run does not replace the recording of this one.
        record, self.record = self.record, None
        self.session = Session(
            document,
            self.event_added.emit,
            keep_series=True,
            record=record,
            key_after_s=self.key_after_s,
            speed=self.speed,
            template=self.template,
        )
        assert self.session.sampler is not None
        self.session.sampler.take_window_stall_ns = self.loop_lag.take_longest_ns
        self.loop_lag.reset()
        self._run_task = self._start_task(self._run(self.session), "run")
        self.started.emit()
        self.phase_changed.emit()

    async def _run(self, session: Session) -> None:
        finished = None
        try:
            async with lowered_priority():
                finished = await run_once(session, self.loop_lag.figures)
            self.finished = finished
        finally:
            # The run counts as ended once it has its result. No other run can start before the signals are emitted.
            self._run_task = None
            if finished is None:
                self.failed.emit(session)
            else:
                self.ended.emit(session, finished)
            self.phase_changed.emit()

    def apply(self, document: Document) -> None:
        """Change the run under way until it matches the document. Without a run, do nothing."""
        if not self.running:
            return
        self._to_apply = document
        if self._apply_task is None or self._apply_task.done():
            self._apply_task = self._start_task(self._apply(), "apply-document")

    async def _apply(self) -> None:
        # Applying takes a while. Of the edits made meanwhile, only the newest document is applied next.
        while self._to_apply is not None and self.session is not None:
            document, self._to_apply = self._to_apply, None
            refusals = await self._change_duration(self.session, document.preset.bench.duration_s)
            waiting = [*refusals, *(await self.session.apply(document)).waiting]
            if waiting and waiting != self.waiting_changes:
                self.message.emit("; ".join(waiting))
            self.waiting_changes = waiting
            # Handlers may have joined or left.
            self.phase_changed.emit()

    async def _change_duration(self, session: Session, duration_s: float) -> list[str]:
        """Extend or shorten the run under way. Returns why it keeps its duration, if it does."""
        if duration_s == session.duration_s or session.phase not in (Phase.OPENING, Phase.RUNNING):
            return []
        try:
            await session.change_duration(duration_s)
        except EngineError as error:
            return [str(error)]
        self.duration_changed.emit(duration_s)
        return []

    def pause(self) -> None:
        """Pause the sources of the run, or let them continue."""
        if self.session is not None and self.running:
            self._start_task(self._pause(self.session), "pause")

    async def _pause(self, session: Session) -> None:
        await session.pause(not session.paused)
        self.phase_changed.emit()

    def stop(self) -> None:
        """End the run; called a second time, end it at once."""
        if self.session is None or not self.running:
            return
        if self.session.interrupted:
            self.session.force_stop()
        else:
            self.session.stop()
        self.phase_changed.emit()

    def forget(self) -> None:
        """Forget a run that has ended, because the window shows something else now. A run under way stays."""
        if not self.running:
            self.session = self.finished = None

    async def finish(self, polite_s: float) -> None:
        """End the run and wait for its end, by force after ``polite_s``. Called when the window closes."""
        running = self._run_task
        if running is not None and self.session is not None:
            self.session.stop()
            await asyncio.wait({running}, timeout=polite_s)
            if not running.done():
                self.session.force_stop()
                await asyncio.wait({running})
        self.template.end()
