"""A run whose units are played by a test: all parts of a session are real, only the code in the workers is not.

The worker processes are real processes that do nothing, so that they start in no time. What the session sends to units
is kept, and answered as well-behaved units answer it.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from bench_app.engine.control.messages import (
    Close,
    Drained,
    EventsOffered,
    Failed,
    Finished,
    Message,
    Move,
    Moved,
    Opened,
    OpenHandler,
    OpenListener,
    Ready,
    SendEvent,
    SourceEnded,
    StopSource,
    ToSession,
    unit_identity,
)
from bench_app.engine.events import RunEvent
from bench_app.engine.incoming import Incoming
from bench_app.engine.live_changes import LiveChanges
from bench_app.engine.manual_actions import ManualActions
from bench_app.engine.run_state import Phase, RunState
from bench_app.engine.starting import Starter
from bench_app.engine.state import HandlerState, ListenerState, UnitState
from bench_app.engine.stopping import Stopper
from bench_app.engine.worker_processes import WorkerProcess
from bench_app.engine.workers import Workers
from bench_app.preset import documents
from tests.engine.units import PLANE

Answer = Callable[[UnitState, Message], Awaitable[None]]


class PlayedWorkers(Workers):
    """The workers of a run, except that messages to units go to ``answer``.

    Attributes:
        started: every process, in the order of their starts.
        come_up: whether a process reports that it is ready.
    """

    def __init__(self, run: RunState, folder: Path, answer: Answer) -> None:
        super().__init__(run, folder, "ipc")
        self.started: list[WorkerProcess] = []
        self.come_up = True
        self._played = run
        self._answer = answer

    def start(self, units: Iterable[UnitState]) -> WorkerProcess:
        """Start a process that does nothing."""
        worker = super().start(units)
        worker.is_up = self.come_up
        if self.come_up:
            self._played.workers[worker.name].plane = PLANE
        self.started.append(worker)
        return worker

    async def send(self, unit: UnitState, message: Message) -> None:
        """Have the unit's message answered."""
        await self._answer(unit, message)

    async def send_open(self, unit: UnitState, not_before_ns: int) -> None:
        """Have the order answered that a worker would get."""
        if isinstance(unit, HandlerState):
            listeners = self._played.roster.listeners_of(unit)
            await self._answer(unit, self.orders.open_handler(unit, listeners))
        elif isinstance(unit, ListenerState):
            await self._answer(unit, self.orders.open_listener(unit, not_before_ns))


class Stage:
    """The parts of a session, and units that are played.

    Attributes:
        sent: what was sent, each message with the name of its unit.
        events: the events of the run.
        silent: the kinds of messages that no unit answers.
        refusals: why a unit cannot open, by the name of the unit.
    """

    def __init__(self, raw: dict[str, Any], folder: Path) -> None:
        self.sent: list[tuple[str, Message]] = []
        self.events: list[RunEvent] = []
        self.silent: set[type[Message]] = set()
        self.refusals: dict[str, str] = {}
        self.run = RunState(documents.parse(raw, "test"), self.events.append, keep_series=True)
        self.workers = PlayedWorkers(self.run, folder, self._answer)
        self.starter = Starter(self.run, self.workers)
        self.stopper = Stopper(self.run, self.workers)
        self.changes = LiveChanges(self.run, self.workers, self.starter, self.stopper)
        self.actions = ManualActions(self.run, self.workers)
        self.incoming = Incoming(self.run, self.workers, self.starter, self.stopper)
        self._ports = iter(range(6000, 7000))

    @property
    def handler(self) -> HandlerState:
        """The handler ``h`` of the preset."""
        return self.run.roster.handlers["h"]

    @property
    def listeners(self) -> list[ListenerState]:
        """The listeners of ``h``."""
        return self.run.roster.listeners_of(self.handler)

    async def bring_up(self) -> None:
        """Have all handlers of the preset opened and started."""
        self.run.enter(Phase.OPENING)
        await self.starter.bring_up(self.starter.add_states(self.run.preset.output.handlers))

    async def hear(self, unit: UnitState, message: ToSession) -> None:
        """Take in a message that a unit sends."""
        await self.incoming.handle(unit_identity(unit.unit, unit.restarts), message)

    def kinds(self) -> list[tuple[str, type[Message]]]:
        """The kinds of all messages that were sent, each with its unit."""
        return [(unit, type(message)) for unit, message in self.sent]

    def sent_to(self, unit: UnitState) -> list[Message]:
        """The messages that were sent to a unit."""
        return [message for name, message in self.sent if name == unit.unit]

    def messages(self) -> list[str]:
        """The messages of all events, each with its source."""
        return [f"{event.source}: {event.message}" for event in self.events]

    async def end(self) -> None:
        """End all processes."""
        await self.workers.end_all(force=True)
        self.workers.close()

    async def _answer(self, unit: UnitState, message: Message) -> None:
        self.sent.append((unit.unit, message))
        if type(message) in self.silent:
            return
        now_ns = time.perf_counter_ns()
        match message:
            case OpenHandler() | OpenListener() if unit.unit in self.refusals:
                await self.hear(unit, Failed(unit=unit.unit, at_ns=now_ns, reason=self.refusals[unit.unit]))
            case OpenHandler(endpoints=endpoints):
                await self.hear(unit, Opened(unit=unit.unit, endpoint=self._real(endpoints[0])))
                await self.hear(unit, Ready(unit=unit.unit))
            case OpenListener(endpoint=endpoint):
                await self.hear(unit, Opened(unit=unit.unit, endpoint=self._real(endpoint)))
            case SendEvent(number=number, count=count):
                await self.hear(unit, EventsOffered(unit=unit.unit, number=number, at_ns=now_ns, offered=count))
            case Move(endpoints=endpoints):
                await self.hear(unit, Moved(unit=unit.unit, at_ns=now_ns, endpoint=self._real(endpoints[0])))
            case StopSource():
                await self.hear(unit, SourceEnded(unit=unit.unit, at_ns=now_ns))
                await self.hear(unit, Drained(unit=unit.unit))
                await self.stopper.release_handlers()
            case Close():
                await self.hear(unit, Finished(unit=unit.unit))

    def _real(self, endpoint: str) -> str:
        return endpoint.replace(":*", f":{next(self._ports)}") if endpoint.endswith(":*") else endpoint


UseProgram = Callable[[str], None]
"""Has worker processes run a program of the shell in place of Python."""
Play = Callable[[dict[str, Any], Callable[[Stage], Awaitable[None]]], None]
"""Runs an act on a stage with this preset."""


@asynccontextmanager
async def a_stage(raw: dict[str, Any], folder: Path) -> AsyncIterator[Stage]:
    """A stage whose processes are gone at the end."""
    stage = Stage(raw, folder)
    try:
        yield stage
    finally:
        await stage.end()
