"""Actions of a user on a run: pause, stop one handler, send one event, kill a worker, connect again."""

from __future__ import annotations

from bench_app.engine.control.messages import Pause, Reconnect, SendEvent, StopSource
from bench_app.engine.run_state import Phase, RunState
from bench_app.engine.state import HandlerState, UnitState
from bench_app.engine.workers import Workers
from bench_app.errors import EngineError


class ManualActions:
    """Carries out actions of a user. Each action emits an event, so that readers of the result see it."""

    def __init__(self, run: RunState, workers: Workers) -> None:
        self._run = run
        self._workers = workers

    async def pause(self, paused: bool) -> None:
        """Pause all sources, or let them go on where they were. Without effect before and after the running phase."""
        run = self._run
        if run.phase is not Phase.RUNNING or paused == run.clock.is_paused:
            return
        if paused:
            run.clock.pause()
        else:
            run.clock.resume()
        run.wait.notify()
        run.events.emit_engine(_pause_message(paused), marker=True)
        for handler in run.roster.handlers.values():
            await self._send_pause(handler)

    async def pause_unit(self, unit: UnitState, paused: bool) -> None:
        """Pause one handler, which then offers nothing, or one listener, which then reads nothing; or let it go on."""
        unit.paused = paused
        self._run.events.emit_unit(unit, _pause_message(paused), marker=True)
        await self._send_pause(unit)

    async def stop_handler(self, handler: HandlerState) -> None:
        """End one handler as at the end of the run: its source stops, queue and socket drain, it closes."""
        self._run.events.emit_unit(handler, "stopped by hand", marker=True)
        await self._workers.send(handler, StopSource())

    async def end_handler(self, handler: HandlerState) -> None:
        """End one handler as at the end of the run, because a step of the timeline wants it."""
        await self._workers.send(handler, StopSource())

    async def send_event(self, handler: HandlerState, body: bytes) -> None:
        """Offer one event (JSON text) to a handler, beside those of its source. The ledger counts it like any other.

        Raises EngineError if the handler cannot take it, because nobody would count it then.
        """
        if not handler.opened or handler.done:
            raise EngineError(
                f"{handler.name}: not sent, because the handler {'has ended' if handler.opened else 'is not open'}"
            )
        if handler.released:
            raise EngineError(f"{handler.name}: not sent, because the handler is closing")
        self._run.events.emit_unit(handler, "one event sent by hand")
        await self._workers.send(handler, SendEvent(body=body))

    def kill(self, unit: UnitState) -> None:
        """Kill the worker of a unit, as a fault. It is replaced like a worker that crashes."""
        self._workers.kill(unit)

    async def reconnect(self, handler: HandlerState) -> None:
        """Let a handler that gave up connect again; its ledger goes on. Without effect on any other handler."""
        self._run.events.emit_unit(handler, "connecting again, started by hand", marker=True)
        await self._workers.send(handler, Reconnect())

    async def _send_pause(self, unit: UnitState) -> None:
        await self._workers.send(unit, Pause(paused=self._run.is_paused(unit)))


def _pause_message(paused: bool) -> str:
    return "paused" if paused else "resumed"
