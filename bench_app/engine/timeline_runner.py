"""Carries out the timeline of a run: timeline -> **runner** -> live changes, manual actions, events, result.

Each step waits until its time has come and its conditions hold in the ledger, so that its caption is true on a busy
machine, too.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import msgspec

from bench_app.engine.check_evaluation import evaluate, read_value
from bench_app.engine.live_changes import LiveChanges
from bench_app.engine.live_figures import live_figures, with_increases
from bench_app.engine.manual_actions import ManualActions
from bench_app.engine.result import CheckOutcome, StepResult
from bench_app.engine.run_state import Phase, RunState
from bench_app.engine.state import HandlerState, UnitState
from bench_app.errors import EngineError
from bench_app.model import TimelineStep
from bench_app.preset.captions import parse_caption
from bench_app.preset.checks import Reading, Value, parse_check
from bench_app.preset.defaults import listeners_of
from bench_app.preset.timeline_checks import find_unit
from bench_app.system.tasks import spawn

FOR_EVER_S = 3e7


class TimelineRunner:
    """Brings the steps of a run's timeline, one after the other."""

    def __init__(self, run: RunState, changes: LiveChanges, actions: ManualActions) -> None:
        self._run = run
        self._changes = changes
        self._actions = actions
        preset = run.preset
        self._known = {name: [str(one.name) for one in listeners_of(preset, name)] for name in preset.output.handlers}
        texts = [text for step in run.timeline.steps for text in step.conditions]
        self._checks = {text: parse_check(text, self._known, in_run=True) for text in texts}
        self._before: dict[str, Any] = {}
        """The figures when the last step came."""

    async def follow(self) -> None:
        """Bring each step when it is due, until the last one, or until the run offers no more events."""
        run, timeline = self._run, self._run.timeline
        while not timeline.is_over:
            await run.wait.until(lambda: not self._is_running or self._is_due(), self._wait_s())
            if not self._is_running:
                return
            if self._is_due():
                await self._bring()

    def finish(self) -> None:
        """The run is over and its ledger final: bring the steps of the end, and note the steps that did not come."""
        timeline = self._run.timeline
        while (step := timeline.next_step) is not None:
            figures = self._figures()
            if step.is_at_end and all(one.passed for one in self._outcomes(step, figures)):
                self._note_step(step, figures, late_s=None)
            else:
                number = timeline.done + 1
                outcomes = self._outcomes(step, figures)
                timeline.advance(self._run.clock.elapsed_s)
                self._run.steps.append(StepResult(step=number, at_s=None, caption=step.caption, checks=outcomes))

    @property
    def _is_running(self) -> bool:
        return self._run.phase is Phase.RUNNING and not self._run.wait.stopping

    def _is_due(self) -> bool:
        return self._run.timeline.is_due(self._run.clock.elapsed_s, self._holds)

    def _wait_s(self) -> float:
        """How long the next step is not due for sure. Reports, keys and the end of a pause end the wait earlier."""
        due_s = self._run.timeline.due_s
        remaining_s = 0.0 if due_s is None else due_s - self._run.clock.elapsed_s
        return remaining_s if remaining_s > 0 and not self._run.clock.is_paused else FOR_EVER_S

    def _holds(self, step: TimelineStep) -> bool:
        if not step.conditions:
            return True
        return all(one.passed for one in self._outcomes(step, self._figures()))

    def _figures(self) -> dict[str, Any]:
        return with_increases(live_figures(self._run), self._before)

    def _outcomes(self, step: TimelineStep, figures: Mapping[str, Any]) -> list[CheckOutcome]:
        found = [evaluate(self._checks[text], figures) for text in step.conditions]
        return [CheckOutcome(check=one.check, value=one.value, passed=one.passed) for one in found]

    async def _bring(self) -> None:
        timeline, step = self._run.timeline, self._run.timeline.next_step
        assert step is not None
        due_s = None if step.conditions or step.waits_for_key else timeline.due_s
        late_s = None if due_s is None else self._run.clock.elapsed_s - due_s
        self._note_step(step, self._figures(), late_s)
        if step.set:
            await self._changes.follow_timeline()
        if step.act is not None:
            try:
                await self._carry_out(step)
            except EngineError as error:
                self._note_error(error)

    def _note_error(self, error: BaseException) -> None:
        if not isinstance(error, EngineError):
            self._run.wait.fail(error)
            return
        self._run.events.emit_engine(f"step {self._run.timeline.done} of the timeline: {error}", marker=True)

    def _note_step(self, step: TimelineStep, figures: dict[str, Any], late_s: float | None) -> None:
        """Count the step as come, and emit its caption with the figures of this moment."""
        run = self._run

        def value_of(reading: Reading) -> Value | None:
            return read_value(reading, figures)

        caption = parse_caption(step.caption, self._known).fill(value_of)
        outcomes = self._outcomes(step, figures)
        self._before = figures
        run.timeline.advance(run.clock.elapsed_s)
        number = run.timeline.done
        run.events.emit_step(caption or describe(step), number)
        run.steps.append(
            StepResult(
                step=number,
                at_s=round(run.clock.now_s, 3),
                late_ms=None if late_s is None else round(late_s * 1000, 3),
                caption=caption,
                checks=outcomes,
            )
        )

    async def _carry_out(self, step: TimelineStep) -> None:
        if step.unit is None:
            for handler in list(self._run.roster.present.values()):
                await self._actions.end_handler(handler)
            return
        unit = self._unit(step.unit)
        if unit is None:
            raise EngineError(f"{step.unit} does not take part in the run")
        match step.act:
            case "kill":
                self._actions.kill(unit)
            case "pause" | "resume":
                await self._actions.pause_unit(unit, step.act == "pause", by_step=True)
            case "stall":
                await self._actions.pause_unit(unit, True)
                spawn(self._end_stall(unit, step.for_s), name="timeline-stall", on_error=self._run.wait.fail)
            case _ if isinstance(unit, HandlerState):
                await self._act_on_handler(step, unit)

    async def _act_on_handler(self, step: TimelineStep, handler: HandlerState) -> None:
        match step.act:
            case "send":
                event = {"step": self._run.timeline.done} if step.event is None else step.event
                # Its handler confirms the event; the next step does not wait for that.
                work = self._actions.send_event(handler, msgspec.json.encode(event))
                spawn(work, name="timeline-send", on_error=self._note_error)
            case "reconnect":
                await self._actions.reconnect(handler)
            case "end":
                await self._actions.end_handler(handler)

    async def _end_stall(self, unit: UnitState, seconds: float) -> None:
        await asyncio.sleep(seconds)
        if unit.paused and self._is_running:
            await self._actions.pause_unit(unit, False)

    def _unit(self, name: str) -> UnitState | None:
        found = find_unit(name, self._known)
        handler = None if found is None else self._run.roster.present.get(found.handler)
        if found is None or handler is None or not found.listener:
            return handler
        return next((one for one in self._run.roster.listeners_of(handler) if one.plan.name == found.listener), None)


def describe(step: TimelineStep) -> str:
    """What a step without a caption does, for the list of events."""
    parts = [f"{path} = {msgspec.json.encode(value).decode()}" for path, value in step.set.items()]
    if step.act is not None:
        parts.append(f"{step.act} {step.unit or 'the run'}")
    if step.show is not None:
        parts.append(f"show {step.show}")
    return "; ".join(parts)
