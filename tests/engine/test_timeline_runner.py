"""The steps of a timeline reach the units of a run, each with an event and its place in the result."""

from __future__ import annotations

from typing import Any

import pytest

from bench_app.engine.control.messages import ChangeListener, Pause, Reconnect, SendEvent, StopSource
from bench_app.engine.run_state import Phase
from bench_app.engine.timeline_runner import TimelineRunner, describe
from bench_app.model import TimelineStep
from bench_app.preset import documents
from bench_app.system.tasks import spawn
from tests.engine.stage import Play, Stage
from tests.engine.units import handler_report
from tests.runs import preset, until

HANDLER, LISTENER = "handler-1", "handler-1/listener-1"


def with_timeline(*steps: dict[str, Any]) -> dict[str, Any]:
    return preset(
        {"socket_type": "PUB", "topic": "t"}, handler={"mode": "bind"}, listeners=[{"name": "a"}], timeline=list(steps)
    )


async def running(stage: Stage) -> TimelineRunner:
    await stage.bring_up()
    stage.sent.clear()
    stage.events.clear()
    stage.silent = {StopSource}
    # Steps come by asking for them: no test waits for a time.
    stage.run.timeline.key_after_s = None
    return TimelineRunner(stage.run, stage.changes, stage.actions)


async def follow_to_the_end(stage: Stage, runner: TimelineRunner) -> None:
    """Ask for every step as soon as the one before has come."""
    task = spawn(runner.follow(), name="follow", on_error=stage.run.wait.fail)
    while not task.done():
        stage.run.timeline.ask_next()
        stage.run.wait.notify()
        await until(lambda done=stage.run.timeline.done: task.done() or stage.run.timeline.done > done)
    await task


def test_steps_set_act_and_caption(play: Play) -> None:
    steps: list[dict[str, Any]] = [
        {"at_s": "next", "caption": "{h: accepted} so far"},
        {"at_s": "next", "set": {"bench.listeners.h[0].delay_ms": 7}},
        {"at_s": "next", "act": "pause", "unit": "h/a"},
        {"at_s": "next", "act": "resume", "unit": "h/a"},
        {"at_s": "next", "act": "send", "unit": "h", "event": {"a": 1}},
        {"at_s": "next", "act": "reconnect", "unit": "h"},
        {"at_s": "next", "act": "end"},
    ]

    async def act(stage: Stage) -> None:
        runner = await running(stage)
        stage.handler.take(handler_report(stage.handler, offered=1234, accepted=1234))
        await follow_to_the_end(stage, runner)
        await until(lambda: len(stage.sent) == 6)
        (unit, change), *others = stage.sent
        assert unit == LISTENER and isinstance(change, ChangeListener) and change.spec.delay_ms == 7
        assert others == [
            (LISTENER, Pause(paused=True)),
            (LISTENER, Pause(paused=False)),
            (HANDLER, SendEvent(body=b'{"a":1}', number=1)),
            (HANDLER, Reconnect()),
            (HANDLER, StopSource()),
        ]
        assert stage.messages()[0] == "timeline 1: 1,234 so far"
        assert stage.messages()[1] == "timeline 2: bench.listeners.h[0].delay_ms = 7"
        assert [one.step for one in stage.run.steps] == [1, 2, 3, 4, 5, 6, 7]
        assert stage.run.steps[0].caption == "1,234 so far"

    play(with_timeline(*steps), act)


def test_a_step_waits_until_its_conditions_hold(play: Play) -> None:
    async def act(stage: Stage) -> None:
        runner = await running(stage)
        task = spawn(runner.follow(), name="follow", on_error=stage.run.wait.fail)
        stage.run.timeline.ask_next()
        stage.run.wait.notify()
        await stage.hear(stage.handler, handler_report(stage.handler, offered=5, accepted=5))
        assert stage.run.steps == []
        await stage.hear(stage.handler, handler_report(stage.handler, 2, offered=50, accepted=50))
        await task
        (step,) = stage.run.steps
        assert step.checks[0].value == 50 and step.checks[0].passed
        assert step.late_ms is None

    play(with_timeline({"at_s": 0, "until": "h: accepted > 10", "caption": "x"}), act)


def test_a_step_stays_when_the_document_is_edited_by_hand(play: Play) -> None:
    async def act(stage: Stage) -> None:
        runner = await running(stage)
        document = stage.run.document
        await follow_to_the_end(stage, runner)
        await until(lambda: stage.listeners[0].plan.spec.delay_ms == 7)
        await stage.changes.apply(documents.replace(document, "output.handlers.h.config.linger", 5))
        assert stage.listeners[0].plan.spec.delay_ms == 7
        assert stage.handler.plan.spec.config.linger == 5
        assert stage.run.document.preset.bench.listeners["h"][0].delay_ms == 0, "the document is the user's own"

    play(with_timeline({"at_s": "next", "set": {"bench.listeners.h[0].delay_ms": 7}}), act)


def test_steps_that_did_not_come_are_in_the_result_and_those_of_the_end_come(play: Play) -> None:
    steps: list[dict[str, Any]] = [
        {"at_s": 0, "until": "h: accepted > 10", "caption": "never"},
        {"at_s": "end", "until": "h: accepted > 10", "caption": "not true"},
        {"at_s": "end", "until": "h: accepted == 0", "caption": "{h: accepted} at the end"},
    ]

    async def act(stage: Stage) -> None:
        runner = await running(stage)
        stage.run.enter(Phase.DONE)
        await runner.follow()
        runner.finish()
        assert [(one.at_s is None, one.caption) for one in stage.run.steps] == [
            (True, "never"),
            (True, "not true"),
            (False, "0 at the end"),
        ]
        assert stage.messages() == ["timeline 3: 0 at the end"]

    play(with_timeline(*steps), act)


def test_a_unit_that_has_left_is_an_event(play: Play) -> None:
    async def act(stage: Stage) -> None:
        runner = await running(stage)
        stage.run.roster.depart(stage.handler, 1.0)
        await follow_to_the_end(stage, runner)
        await until(lambda: len(stage.events) == 2)
        assert stage.messages()[1] == "engine: step 1 of the timeline: h does not take part in the run"

    play(with_timeline({"at_s": "next", "act": "pause", "unit": "h"}), act)


@pytest.mark.parametrize(
    ("keys", "text"),
    [
        ({"act": "kill", "unit": "h/a"}, "kill h/a"),
        ({"act": "end"}, "end the run"),
        ({"set": {"a.b": [1]}, "show": "latency"}, "a.b = [1]; show latency"),
    ],
)
def test_a_step_without_a_caption_is_described(keys: dict[str, Any], text: str) -> None:
    assert describe(TimelineStep(at_s=0, **keys)) == text
