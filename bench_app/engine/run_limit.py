"""The limit of a whole run: phases -> **limit** -> end by force. The last resort, so that every run has a result.

Each wait of a run has a limit of its own. They add up, and a wait that nobody thought of has none. So opening, what is
offered after the duration, and draining have a limit together. Then the run ends by force: workers are killed, the
counts that they left on disk are read, and what nobody knows of counts as lost, so that the ledger balances.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from bench_app.engine.limits import LINGER_LIMIT_S
from bench_app.engine.run_state import Phase, RunState

REST_LIMIT_S = 60.0
"""How long a run may take apart from its duration, pauses and lingers. The limits of a unit that hangs at the end add
up to three quarters of it."""
LINGERS = 3
"""The lingers in which a handler drains, closes, and its listeners read what has come."""
FORCED_S = 5.0
"""How long the phases may take to end once they are forced to. Then they are cancelled."""
STEP_S = 0.5

_PHASES = {Phase.OPENING: "opening", Phase.RUNNING: "offering events", Phase.DRAINING: "draining"}


class RunLimit:
    """Counts how long a run takes apart from its duration. ``now_s`` reads a monotonic clock."""

    def __init__(self, run: RunState, now_s: Callable[[], float] = time.monotonic) -> None:
        self._run = run
        self._now_s = now_s
        self._looked_s = now_s()
        self._spent_s = 0.0

    @property
    def limit_s(self) -> float:
        """How long the run may take apart from its duration."""
        lingers = [handler.plan.spec.config.linger for handler in self._run.roster.handlers.values()]
        longest_s = max((LINGER_LIMIT_S if ms < 0 else ms / 1000 for ms in lingers), default=0.0)
        return REST_LIMIT_S + LINGERS * longest_s

    def is_over(self) -> bool:
        """Whether the limit is over. Call it each :data:`STEP_S`.

        Of a longer time between two calls only a part counts: this process stood still, or the whole machine slept.
        """
        now_s = self._now_s()
        passed_s, self._looked_s = now_s - self._looked_s, now_s
        if not self._is_offering:
            self._spent_s += min(passed_s, 2 * STEP_S)
        return self._spent_s > self.limit_s

    @property
    def _is_offering(self) -> bool:
        """Whether events are being offered in the run's duration, or a pause lasts: it has no limit."""
        run = self._run
        if run.phase is not Phase.RUNNING or run.clock.ended_ns is not None or run.wait.stopping:
            return False
        is_paused = run.clock.is_paused or any(
            one.paused and not one.paused_by_step for one in run.roster.handlers.values() if not one.done
        )
        return is_paused or run.clock.elapsed_s <= run.preset.bench.duration_s

    async def enforce(self, scope: asyncio.Timeout) -> None:
        """Wait for the limit, and end the run by force then. ``scope`` is around its phases."""
        while not self.is_over():
            await asyncio.sleep(STEP_S)
        run = self._run
        where = _PHASES.get(run.phase, run.phase.value)
        text = f"the run took {self.limit_s:.0f} s longer than its duration, was still {where}, and was ended by force"
        run.faults.append(text)
        run.events.emit_engine(text)
        run.wait.force()
        await asyncio.sleep(FORCED_S)
        scope.reschedule(asyncio.get_running_loop().time())
