"""Runs presets in tests: with real sockets and worker processes, on ports that the system chooses."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

import psutil

from bench_app.engine.events import RunEvent
from bench_app.engine.finding import FindingKind
from bench_app.engine.plan import HandlerPlan
from bench_app.engine.result import HandlerResult, Outcome, RunResult
from bench_app.engine.run_once import run_once
from bench_app.engine.session import Session
from bench_app.engine.worker_command import TEMPLATE_OPTION
from bench_app.engine.worker_template import WorkerTemplate
from bench_app.model import Delivery
from bench_app.preset import documents

TEMPLATE = WorkerTemplate()
"""Forks the workers of all runs of this process: a worker that is started afresh loads longer than most runs last."""
_PYTHON = sys.executable
TRANSPORTS = ("tcp", "ipc", "inproc")


@dataclass
class Run:
    """A finished run."""

    session: Session
    result: RunResult
    events: tuple[RunEvent, ...]

    def handler(self, name: str = "h") -> HandlerResult:
        return self.result.handlers[name]

    def messages(self) -> str:
        """The messages of all events, each with its source, one a line."""
        return "\n".join(f"{event.source}: {event.message}" for event in self.events)


def preset(
    config: dict[str, Any] | None = None,
    *,
    uri: str = "zmq://tcp://127.0.0.1:*",
    source: dict[str, Any] | None = None,
    rate: float = 2000,
    listeners: list[dict[str, Any]] | None = None,
    handler: dict[str, Any] | None = None,
    **bench: Any,
) -> dict[str, Any]:
    """A preset with one handler ``h``."""
    load = {"shape": "constant", "rate": rate}
    section: dict[str, Any] = {
        "version": 1,
        "duration_s": 0.5,
        "sources": {"events": source or {"kind": "synthetic", "event": "detection", "size": 512, "load": load}},
        "handlers": {"h": handler or {}},
        **bench,
    }
    if listeners is not None:
        section["listeners"] = {"h": listeners}
    return {"output": {"handlers": {"h": {"uri": uri, "config": config or {}}}}, "bench": section}


def run(
    raw: dict[str, Any] | documents.Document,
    meanwhile: Callable[[Session], Awaitable[None]] | None = None,
    transport: str = "ipc",
) -> Run:
    """Run a preset to its end; ``meanwhile`` runs beside it and may change or stop the session."""
    document = raw if isinstance(raw, documents.Document) else documents.parse(raw, "test")
    return asyncio.run(_run(document, meanwhile, transport))


async def _run(
    document: documents.Document, meanwhile: Callable[[Session], Awaitable[None]] | None, transport: str
) -> Run:
    # A test that replaces the program of the workers wants them started afresh.
    template = TEMPLATE if sys.executable == _PYTHON else None
    session = Session(document, transport=transport, template=template)
    if meanwhile is None:
        finished = await run_once(session)
    else:
        finished, _ = await asyncio.gather(run_once(session), meanwhile(session))
    return Run(session, finished.result, finished.events)


def workers_left() -> list[psutil.Process]:
    """The processes that this one has started, and that are alive; a template of workers is not one of them."""
    left = []
    for child in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.NoSuchProcess):
            # A worker that was forked has the same command line, and the template for its parent.
            is_template = TEMPLATE_OPTION in child.cmdline() and child.ppid() == os.getpid()
            if child.status() != psutil.STATUS_ZOMBIE and not is_template:
                left.append(child)
    return left


def one_worker(handlers: Sequence[HandlerPlan], processors: int) -> tuple[tuple[str, ...], ...]:
    """In place of :func:`bench_app.engine.plan.place`: all units in one worker.

    To start a worker takes longer than a short run. So tests in which it does not matter who shares a process use this.
    """
    units = (*_handlers_of(handlers), *_listeners_of(handlers))
    return (units,) if units else ()


def one_worker_a_side(handlers: Sequence[HandlerPlan], processors: int) -> tuple[tuple[str, ...], ...]:
    """As :func:`one_worker`, with a worker for all handlers and one for all listeners; inproc has one for both."""
    local, remote = [h for h in handlers if h.is_inproc], [h for h in handlers if not h.is_inproc]
    sides = (*one_worker(local, processors), _handlers_of(remote), _listeners_of(remote))
    return tuple(units for units in sides if units)


def _handlers_of(handlers: Sequence[HandlerPlan]) -> tuple[str, ...]:
    return tuple(handler.unit for handler in handlers)


def _listeners_of(handlers: Sequence[HandlerPlan]) -> tuple[str, ...]:
    return tuple(listener.unit for handler in handlers for listener in handler.listeners)


OF_THIS_MACHINE = {
    FindingKind.WAITING,
    FindingKind.STALLED,
    FindingKind.SATURATED,
    FindingKind.SILENT,
    FindingKind.WINDOW,
}
"""What is found where something else runs on the machine, as in a parallel test."""


def doubts(result: RunResult) -> list[str]:
    """Why the reading is not sound, apart from what this machine did to it."""
    return [one.message for one in result.findings if one.invalidates and one.kind not in OF_THIS_MACHINE]


def assert_sound(result: RunResult) -> None:
    """The run passed, or nothing but this machine made it invalid."""
    assert doubts(result) == [], doubts(result)
    assert all(check.passed for check in result.checks)
    spoilt = any(one.invalidates for one in result.findings)
    assert result.verdict == ("invalid" if spoilt else "pass"), result.reasons


def ending_of(result: RunResult, soundly: Outcome) -> Outcome:
    """How the run ended: ``soundly``, unless this machine alone made the reading invalid."""
    assert doubts(result) == [], doubts(result)
    return Outcome.INVALID if any(one.invalidates for one in result.findings) else soundly


def notes_of(result: RunResult) -> list[str]:
    """The notes, without those about this machine."""
    of_machine = {one.message for one in result.findings if not one.invalidates}
    return [note for note in result.notes if note not in of_machine and "of this machine" not in note]


async def until(is_reached: Callable[[], bool], limit_s: float = 60.0) -> None:
    """Wait until ``is_reached`` is true; fails after ``limit_s``."""
    async with asyncio.timeout(limit_s):
        while not is_reached():
            await asyncio.sleep(0.01)


def assert_balanced(result: RunResult) -> None:
    """The equations of the ledger, computed from the figures alone."""
    assert result.balanced, result.reasons
    for name, h in result.handlers.items():
        assert h.offered == h.queue_overflow + h.send_timeout + h.aborted + h.accepted, name
        received = [listener.received for listener in h.listeners.values()]
        match h.pattern.delivery:
            case Delivery.REQUEST:
                assert h.accepted == h.replied + h.request_timeout, name
            case Delivery.SHARED if h.listeners:
                assert h.accepted == sum(received) + h.lost, name
            case Delivery.EACH:
                for listener in h.listeners.values():
                    total = listener.received + listener.lost + listener.before_join
                    assert total in (h.accepted, 0), name
