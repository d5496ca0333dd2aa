"""Actions of a user on a run: pause, stop one handler, send one event, kill a worker, connect again."""

from __future__ import annotations

from bench_app.engine.control.messages import Pause, Reconnect, SendEvent, StopSource
from bench_app.engine.manual_sends import ManualSend
from bench_app.engine.run_state import Phase, RunState
from bench_app.engine.run_wait import FOR_EVER_S
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

    async def pause_unit(self, unit: UnitState, paused: bool, by_step: bool = False) -> None:
        """Pause one handler, which then offers nothing, or one listener, which then reads nothing; or let it go on.

        ``by_step``: a step of the timeline wants it.
        """
        unit.paused, unit.paused_by_step = paused, paused and by_step
        self._run.events.emit_unit(unit, _pause_message(paused), marker=True)
        await self._send_pause(unit)

    async def stop_handler(self, handler: HandlerState) -> None:
        """End one handler as at the end of the run: its source stops, queue and socket drain, it closes."""
        self._run.events.emit_unit(handler, "stopped by hand", marker=True)
        await self._workers.send(handler, StopSource())

    async def end_handler(self, handler: HandlerState) -> None:
        """End one handler as at the end of the run, because a step of the timeline wants it."""
        await self._workers.send(handler, StopSource())

    async def send_event(self, handler: HandlerState, body: bytes, count: int = 1) -> ManualSend:
        """Offer one event (JSON text) to a handler, ``count`` times in a row, beside those of its source.

        Returns when it is known what was offered: the ledger counts that like any other event, and the rest was not
        sent. Raises EngineError if nothing was sent, because the handler takes no events now.
        """
        if why := _refusal(handler):
            raise EngineError(f"{handler.name}: not sent, because {why}")
        send = handler.manual_sends.begin(count)
        await self._workers.send(handler, SendEvent(body=body, number=send.number, count=count))
        await self._run.wait.until(lambda: send.is_settled or handler.done, FOR_EVER_S, stoppable=False)
        if not send.is_settled and handler.done:
            handler.manual_sends.settle(handler.counts.by_hand)
        if not send.is_settled:
            raise EngineError(f"{handler.name}: the run was ended by force, and its ledger says what was sent")
        if not send.offered:
            raise EngineError(f"{handler.name}: not sent, because {_refusal(handler) or 'its worker ended'}")
        self._run.events.emit_unit(handler, _sent_message(send))
        return send

    async def wait_answered(self, handler: HandlerState, send: ManualSend) -> None:
        """Wait until every request of ``send`` has ended, or its handler has."""
        await self._run.wait.until(
            lambda: send.is_answered or not send.is_confirmed or handler.done, FOR_EVER_S, stoppable=False
        )

    def kill(self, unit: UnitState) -> None:
        """Kill the worker of a unit, as a fault. It is replaced like a worker that crashes."""
        self._workers.kill(unit)

    async def reconnect(self, handler: HandlerState) -> None:
        """Let a handler that gave up connect again; its ledger goes on. Without effect on any other handler."""
        self._run.events.emit_unit(handler, "connecting again, started by hand", marker=True)
        await self._workers.send(handler, Reconnect())

    async def _send_pause(self, unit: UnitState) -> None:
        await self._workers.send(unit, Pause(paused=self._run.is_paused(unit)))


def _refusal(handler: HandlerState) -> str:
    """Why a handler takes no events now; "" if it takes them."""
    if not handler.opened:
        return "the handler is not open"
    if handler.done:
        return "the handler has ended"
    if handler.released:
        return "the handler is closing"
    return "the handler has sent its last event" if handler.source_ended else ""


def _sent_message(send: ManualSend) -> str:
    events = "one event" if send.offered == 1 else f"{send.offered:,} events"
    lost = "" if not send.lost else f", {send.lost:,} of them lost at once" if send.offered > 1 else ", lost at once"
    return f"{events} sent by hand{lost}"


def _pause_message(paused: bool) -> str:
    return "paused" if paused else "resumed"
