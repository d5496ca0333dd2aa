"""Changes during a run: an edited document -> **live changes** -> messages to units, handlers that leave and join.

:mod:`.changes` plans the changes. This module carries them out, one document after the other.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace

import msgspec

from bench_app.engine.changes import Changes, changes_between, format_duration_change, with_duration
from bench_app.engine.control.messages import ChangeDuration, ChangeHandler, ChangeListener, Move
from bench_app.engine.open_orders import remaining_ns
from bench_app.engine.run_state import Phase, RunState
from bench_app.engine.starting import OPEN_LIMIT_S, Starter
from bench_app.engine.state import HandlerState, UnitState
from bench_app.engine.stopping import Stopper
from bench_app.engine.workers import Workers
from bench_app.errors import EngineError
from bench_app.model import HandlerBench, HandlerSpec, ListenerSpec, Load, Source
from bench_app.preset.documents import Document

MOVE_LIMIT_S = 10.0


class LiveChanges:
    """Applies documents to a run.

    Attributes:
        lock: held while a document is applied. The run does not begin to drain before that is done.
    """

    def __init__(self, run: RunState, workers: Workers, starter: Starter, stopper: Stopper) -> None:
        self.lock = asyncio.Lock()
        self._run = run
        self._workers = workers
        self._starter = starter
        self._stopper = stopper

    async def apply(self, document: Document) -> Changes:
        """Apply a document; returns what was changed and what waits for the next start.

        What the steps of the timeline have set so far stays set.
        """
        async with self.lock:
            return await self._apply(document)

    async def follow_timeline(self) -> Changes:
        """Apply what the last step of the timeline has set."""
        async with self.lock:
            # Read here and not before: an edit of the document may have waited for the lock.
            return await self._apply(self._run.document)

    async def _apply(self, document: Document) -> Changes:
        run = self._run
        wanted = run.timeline.wanted(document).preset
        # Compare with the preset as it runs, not with the last document. Otherwise a key that waits for the next
        # start would count as applied, and would not be reported again.
        changes = changes_between(run.preset, wanted)
        if changes.leaving or changes.joining or changes.restarted:
            await run.wait.until(lambda: run.phase not in (Phase.IDLE, Phase.OPENING), OPEN_LIMIT_S)
            if run.phase is not Phase.RUNNING or run.wait.stopping:
                return Changes(waiting=["the run is ending; changes take effect at the next start"])
        run.preset = changes.applied_to(run.preset, wanted)
        run.document = document
        for message in changes.messages:
            run.events.emit_change(message)
        await self._change_handlers_present(changes)
        await self._change_settings(changes)
        return changes

    async def change_duration(self, duration_s: float) -> None:
        """Let every handler that still offers events offer them until ``duration_s``, and those that join later.

        Raises EngineError if the run is ending, or is at that time already.
        """
        run, before_s = self._run, self._run.preset.bench.duration_s
        async with self.lock:
            await run.wait.until(lambda: run.phase not in (Phase.IDLE, Phase.OPENING), OPEN_LIMIT_S)
            if run.phase is not Phase.RUNNING or run.wait.stopping:
                raise EngineError("duration not changed: the run is ending")
            if duration_s <= run.clock.elapsed_s:
                raise EngineError(f"duration not changed: the run is at {run.clock.elapsed_s:,.1f} s already")
            run.preset = with_duration(run.preset, duration_s)
            self._workers.orders.change_duration(duration_s)
            offering = [one for one in run.roster.present.values() if not one.source_ended and not one.done]
            for handler in offering:
                await self._workers.send(handler, ChangeDuration(duration_ns=remaining_ns(duration_s, handler)))
            ended = [name for name, one in run.roster.present.items() if one not in offering]
            run.events.emit_change(format_duration_change(before_s, duration_s, ended))

    async def _change_handlers_present(self, changes: Changes) -> None:
        """Let handlers leave, join, or restart with new counts. The ledgers of handlers that left stay."""
        run = self._run
        leaving = [run.roster.handlers[name] for name in (*changes.leaving, *changes.restarted)]
        for handler in leaving:
            self._depart(handler)
        # Create the successors first: a run in which every handler is done counts as finished.
        joining = self._starter.add_states([*changes.restarted, *changes.joining])
        await self._stopper.take_down(leaving)
        await self._workers.end_idle()
        if joining and not run.wait.stopping:
            await self._starter.bring_up(joining)

    def _depart(self, handler: HandlerState) -> None:
        before = handler.key
        self._run.roster.depart(handler, self._run.clock.elapsed_s)
        if self._run.sampler is not None:
            self._run.sampler.rename(before, handler.key)

    async def _change_settings(self, changes: Changes) -> None:
        """Send changed settings to handlers and listeners that stay in the run."""
        handlers = self._run.roster.handlers
        for change in changes.handlers:
            if (handler := handlers.get(change.name)) is not None:
                moves = change.spec.uri != handler.plan.spec.uri
                await self.change_handler(handler, change.spec, change.load, change.bench)
                if moves:
                    await self._move(handler)
        for one in changes.listeners:
            if (handler := handlers.get(one.handler)) is not None:
                await self.change_listener(handler, one.name, one.spec)

    async def change_handler(
        self, handler: HandlerState, spec: HandlerSpec, load: Load | None = None, bench: HandlerBench | None = None
    ) -> None:
        """Send a handler its changed config, connection keys (in ``bench``) and load."""
        source = handler.plan.source if load is None else _with_load(handler.plan.source, load)
        handler.load_changed = handler.load_changed or load is not None
        handler.plan = replace(handler.plan, spec=spec, source=source, bench=bench or handler.plan.bench)
        await self._workers.send(handler, ChangeHandler(spec=spec, bench=handler.plan.bench, load=load))

    async def change_listener(self, handler: HandlerState, name: str, spec: ListenerSpec) -> None:
        """Send a listener its changed spec: delays, replies, stall, high-water mark, connection keys."""
        for listener in self._run.roster.listeners_of(handler):
            if listener.plan.name == name:
                listener.plan = replace(listener.plan, spec=spec)
                await self._workers.send(listener, ChangeListener(spec=spec))

    async def _move(self, handler: HandlerState) -> None:
        """Move a handler and its listeners to its new uri.

        The side that binds moves first, because the other side connects to the endpoint where it is bound then.
        """
        (plan,) = self._run.plans_of({handler.plan.name: handler.plan.number})
        handler.plan = replace(plan, source=handler.plan.source)
        listeners = [one for one in self._run.roster.listeners_of(handler) if not one.plan.has_own_endpoint]
        for listener in listeners:
            listener.plan = replace(plan.listeners[listener.plan.index], spec=listener.plan.spec)
        binding = [one for one in listeners if one.plan.bind]
        for listener in binding:
            await self._move_unit(listener, (str(listener.plan.endpoint),), bind=True)
        endpoints = (str(plan.endpoint),) if plan.bind else self._workers.orders.handler_endpoints(handler, binding)
        await self._move_unit(handler, endpoints, plan.bind)
        for listener in listeners:
            if not listener.plan.bind:
                await self._move_unit(listener, (handler.endpoint,), bind=False)
        self._run.emit_replacement(handler)

    async def _move_unit(self, unit: UnitState, endpoints: tuple[str, ...], bind: bool) -> None:
        if not unit.opened or unit.done:
            return
        before = unit.moves
        await self._workers.send(unit, Move(endpoints=endpoints, bind=bind))
        await self._run.wait.until(lambda: unit.moves > before or unit.done, MOVE_LIMIT_S)


def _with_load(source: Source, load: Load) -> Source:
    changed: Source = msgspec.structs.replace(source, load=load)
    return changed
