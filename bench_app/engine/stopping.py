"""The way of handlers out of a run: sources stop -> drain -> handlers close -> listeners close.

At the end of the run all handlers take this way together. A handler that leaves earlier takes it alone.

Invariants:
- A handler closes its socket only when its listeners have received everything or can receive nothing more, or when its
  linger is over. Closing earlier would discard messages that are already in the kernel, and the ledger would count them
  as lost.
- A listener closes only when nothing more can come to it.
- Every wait has a limit. A unit that hangs is ended by force, and the counters it left on disk are read.
"""

from __future__ import annotations

from bench_app.engine.control.messages import Close, Drain, StopSource
from bench_app.engine.limits import LINGER_LIMIT_S
from bench_app.engine.live_ledger import is_quiet, may_close
from bench_app.engine.run_state import RunState
from bench_app.engine.state import HandlerState, ListenerState
from bench_app.engine.workers import Workers

CLOSE_MARGIN_S = 5.0
QUIET_LIMIT_S = 15.0
"""How long listeners may go on receiving after their handlers have closed, in addition to the linger."""


class Stopper:
    """Drains and closes handlers with their listeners."""

    def __init__(self, run: RunState, workers: Workers) -> None:
        self._run = run
        self._workers = workers

    async def take_down(self, handlers: list[HandlerState]) -> None:
        """Stop the sources of handlers, let queues and sockets empty into the listeners, and close them all."""
        wait, roster = self._run.wait, self._run.roster
        for handler in handlers:
            await self._workers.send(handler, StopSource())
        limit_s = _drain_limit_s(handlers)
        await wait.until(lambda: all(one.done or not one.opened for one in handlers), limit_s, stoppable=False)
        hanging = [handler for handler in handlers if handler.opened and not handler.done]
        self._workers.kill_hanging(hanging, f"did not close in {limit_s:.0f} s")
        listeners = [one for handler in handlers for one in roster.listeners_of(handler) if one.opened and not one.done]
        await self._close_listeners(listeners, QUIET_LIMIT_S + _longest_linger_s(handlers))

    async def _close_listeners(self, listeners: list[ListenerState], limit_s: float) -> None:
        wait = self._run.wait
        for listener in listeners:
            # A handler that crashed has sent no end of its source.
            ended_ns = listener.handler.source_ended_ns or self._run.clock.ended_ns or 0
            await self._workers.send(listener, Drain(offering_ended_ns=ended_ns))
        await wait.until(lambda: all(self._is_finished(one) for one in listeners), limit_s, stoppable=False)
        for listener in listeners:
            await self._workers.send(listener, Close())
        await wait.until(lambda: all(one.done for one in listeners), CLOSE_MARGIN_S, stoppable=False)
        hanging = [listener for listener in listeners if not listener.done]
        self._workers.kill_hanging(hanging, f"did not close in {CLOSE_MARGIN_S:.0f} s")

    def _is_finished(self, listener: ListenerState) -> bool:
        return listener.done or is_quiet(listener, self._run.roster.listeners_of(listener.handler))

    async def release_handlers(self) -> None:
        """Send Close to each handler whose queue is empty and whose listeners have everything.

        Called after each batch of messages, because only reports can make this true.
        """
        for handler in list(self._run.roster.handlers.values()):
            if handler.released or handler.done:
                continue
            if may_close(handler, self._run.roster.listeners_of(handler)):
                handler.released = True
                await self._workers.send(handler, Close())


def _drain_limit_s(handlers: list[HandlerState]) -> float:
    """The longest time that draining and closing may take: each of them may take the linger."""
    return 2 * _longest_linger_s(handlers) + CLOSE_MARGIN_S


def _longest_linger_s(handlers: list[HandlerState]) -> float:
    lingers = [handler.plan.spec.config.linger for handler in handlers]
    return max((LINGER_LIMIT_S if ms < 0 else ms / 1000 for ms in lingers), default=0.0)
