"""An edited preset is applied to a run: settings are sent, handlers join, leave and move."""

from __future__ import annotations

import asyncio

import pytest

from bench_app.engine.changes import Changes
from bench_app.engine.control.messages import (
    ChangeDuration,
    ChangeHandler,
    ChangeListener,
    Move,
    Moved,
    OpenHandler,
    Start,
)
from bench_app.engine.run_state import Phase
from bench_app.engine.unit_key import UnitKey
from bench_app.errors import EngineError
from bench_app.measure.clock import NS_PER_S
from bench_app.preset import documents
from bench_app.system.tasks import spawn
from tests.engine.stage import Play, Stage
from tests.runs import preset, until

PUSH = preset({"socket_type": "PUSH"}, handler={"mode": "connect"}, listeners=[{"name": "a"}, {"name": "b"}])
HANDLER, FIRST, SECOND = "handler-1", "handler-1/listener-1", "handler-1/listener-2"
REFUSAL = "the run is ending; changes take effect at the next start"


async def running(stage: Stage) -> None:
    await stage.bring_up()
    stage.sent.clear()
    stage.events.clear()


def edited(stage: Stage, path: str, value: object) -> documents.Document:
    """The document of the run with another value at a path."""
    return documents.replace(stage.run.document, path, value)


def with_other(stage: Stage) -> documents.Document:
    raw = documents.copy_of(stage.run.document.raw)
    raw["output"]["handlers"]["other"] = {"uri": "zmq://tcp://127.0.0.1:*", "config": {"socket_type": "PUSH"}}
    return documents.with_raw(stage.run.document, raw)


def test_a_changed_setting_is_sent_and_the_unit_has_it_from_now_on(play: Play) -> None:
    async def act(stage: Stage) -> None:
        await running(stage)
        changes = await stage.changes.apply(edited(stage, "output.handlers.h.config.linger", 7))
        assert changes.waiting == []
        ((unit, message),) = stage.sent
        assert unit == HANDLER and isinstance(message, ChangeHandler)
        assert message.spec.config.linger == stage.handler.plan.spec.config.linger == 7
        assert message.load is None and not stage.handler.load_changed
        assert stage.messages() == ["change: h: linger 1,000 -> 7"]

    play(PUSH, act)


def test_a_changed_load_is_kept_for_a_replacement_worker(play: Play) -> None:
    async def act(stage: Stage) -> None:
        await running(stage)
        await stage.changes.apply(edited(stage, "bench.sources.events.load.rate", 5))
        assert stage.handler.load_changed
        order = stage.workers.orders.open_handler(stage.handler, stage.listeners)
        assert order.load_changed
        assert order.source.load == stage.run.preset.bench.sources["events"].load

    play(PUSH, act)


def test_a_listener_is_changed_and_its_sibling_is_not(play: Play) -> None:
    async def act(stage: Stage) -> None:
        await running(stage)
        document = edited(stage, "bench.listeners.h[1].delay_ms", 3)
        await stage.changes.apply(document)
        assert stage.kinds() == [(SECOND, ChangeListener)]
        assert [one.plan.spec.delay_ms for one in stage.listeners] == [0, 3]

    play(PUSH, act)


def test_a_key_that_waits_is_reported_again_with_the_next_change(play: Play) -> None:
    async def act(stage: Stage) -> None:
        await running(stage)
        first = await stage.changes.apply(edited(stage, "bench.duration_s", 9))
        assert first.waiting == ["duration takes effect at the next start"]
        assert (stage.sent, stage.run.preset.bench.duration_s) == ([], 0.5)
        second = await stage.changes.apply(edited(stage, "output.handlers.h.config.linger", 7))
        assert second.waiting == first.waiting
        assert stage.run.document.preset.bench.duration_s == 9

    play(PUSH, act)


def test_the_duration_of_the_run_is_changed_for_handlers_that_still_offer(play: Play) -> None:
    async def act(stage: Stage) -> None:
        await running(stage)
        await stage.changes.change_duration(60.0)
        assert stage.sent == [(HANDLER, ChangeDuration(duration_ns=60 * NS_PER_S))]
        assert stage.run.preset.bench.duration_s == 60.0
        assert stage.messages() == ["change: duration 0.5 s -> 60 s"]
        assert stage.workers.orders.open_handler(stage.handler, stage.listeners).duration_ns == 60 * NS_PER_S
        stage.handler.source_ended_ns = 1
        await stage.changes.change_duration(90.0)
        assert len(stage.sent) == 1
        assert stage.messages()[-1] == "change: duration 0.5 s -> 90 s; ended before: h"

    play(PUSH, act)


def test_a_duration_that_is_over_already_is_refused(play: Play) -> None:
    async def act(stage: Stage) -> None:
        await running(stage)
        with pytest.raises(EngineError, match="already"):
            await stage.changes.change_duration(0.0)
        stage.run.enter(Phase.DRAINING)
        with pytest.raises(EngineError, match="ending"):
            await stage.changes.change_duration(60.0)
        assert (stage.sent, stage.run.preset.bench.duration_s) == ([], 0.5)

    play(PUSH, act)


@pytest.mark.parametrize("stopped", [False, True], ids=["draining", "stopped"])
def test_a_run_that_is_ending_refuses_a_new_handler_with_a_message(stopped: bool, play: Play) -> None:
    async def act(stage: Stage) -> None:
        await running(stage)
        if stopped:
            stage.run.wait.stop()
        else:
            stage.run.enter(Phase.DRAINING)
        before = stage.run.document
        changes = await stage.changes.apply(with_other(stage))
        assert changes == Changes(waiting=[REFUSAL])
        assert stage.run.document is before
        assert (stage.sent, stage.events, list(stage.run.roster.handlers)) == ([], [], ["h"])

    play(PUSH, act)


def test_a_handler_that_joins_while_the_run_opens_waits_for_its_start(play: Play) -> None:
    async def act(stage: Stage) -> None:
        stage.run.enter(Phase.OPENING)
        errors: list[BaseException] = []
        applying = spawn(stage.changes.apply(with_other(stage)), name="apply", on_error=errors.append)
        for _ in range(5):
            await asyncio.sleep(0)
        assert stage.sent == []
        await stage.bring_up()
        await applying
        assert errors == []
        assert list(stage.run.roster.handlers) == ["h", "other"]
        assert ("handler-2", Start) in stage.kinds()

    play(PUSH, act)


def test_a_handler_that_leaves_is_taken_down_and_its_series_get_its_new_name(play: Play) -> None:
    async def act(stage: Stage) -> None:
        await running(stage)
        handler = stage.handler
        assert stage.run.sampler is not None and stage.run.clock.start_ns is not None
        stage.run.sampler.sample(0.2, stage.run.clock.start_ns, handler, stage.listeners)
        stage.run.sampler.commit()
        await stage.changes.apply(edited(stage, "output.handlers.h.enabled", False))
        assert handler.has_left and handler.finished
        assert all(one.finished for one in stage.run.roster.listeners_of(handler))
        assert list(stage.run.roster.present) == []
        units = {handler.key, handler.key.of_listener("a"), handler.key.of_listener("b")}
        assert set(stage.run.sampler.series) == units and UnitKey("h") not in units
        assert stage.messages()[0] == "change: h leaves the run"
        assert all(worker.asked_to_exit for worker in stage.workers.started)

    play(PUSH, act)


def test_a_restart_creates_the_successor_before_the_handler_ends(play: Play) -> None:
    """A run in which every handler is done counts as finished."""

    async def act(stage: Stage) -> None:
        await running(stage)
        before = stage.handler
        stage.silent = {OpenHandler}
        errors: list[BaseException] = []
        document = edited(stage, "bench.sources.events.size", 1500)
        applying = spawn(stage.changes.apply(document), name="apply", on_error=errors.append)
        await until(lambda: before.finished)
        after = stage.handler
        assert after is not before and not after.done
        stage.run.wait.force()
        await applying
        assert errors == []

    play(PUSH, act)


def test_one_document_is_applied_after_the_other(play: Play) -> None:
    async def act(stage: Stage) -> None:
        await running(stage)
        linger = (edited(stage, "output.handlers.h.config.linger", number) for number in (7, 8))
        await asyncio.gather(*(stage.changes.apply(document) for document in linger))
        # A change from 7 to 8 is a further step of the change to 7, and keeps its former value.
        assert stage.messages() == ["change: h: linger 1,000 -> 7", "change: h: linger 1,000 -> 8"]
        assert not stage.changes.lock.locked()

    play(PUSH, act)


def test_the_side_that_binds_moves_first(play: Play) -> None:
    async def act(stage: Stage) -> None:
        await running(stage)
        await stage.changes.apply(edited(stage, "output.handlers.h.uri", "zmq://ipc:///tmp/there"))
        moves = [(unit, message) for unit, message in stage.sent if isinstance(message, Move)]
        assert [unit for unit, _ in moves] == [FIRST, SECOND, HANDLER]
        assert [message.bind for _, message in moves] == [True, True, False]
        assert moves[-1][1].endpoints == tuple(one.endpoint for one in stage.listeners)
        assert moves[0][1].endpoints == ("ipc:///tmp/there",)

    play(PUSH, act)


def test_listeners_that_connect_follow_their_handler_to_where_it_is_really_bound(play: Play) -> None:
    raw = preset({"socket_type": "PUSH"}, handler={"mode": "bind"}, listeners=[{"name": "a"}])

    async def act(stage: Stage) -> None:
        await running(stage)
        before = stage.handler.endpoint
        await stage.changes.apply(edited(stage, "output.handlers.h.uri", "zmq://tcp://127.0.0.2:*"))
        moves = [(unit, message) for unit, message in stage.sent if isinstance(message, Move)]
        assert [unit for unit, _ in moves] == [HANDLER, FIRST]
        assert moves[1][1].endpoints == (stage.handler.endpoint,)
        assert stage.handler.endpoint not in (before, "tcp://127.0.0.2:*")

    play(raw, act)


def test_a_move_does_not_wait_for_ever_for_a_unit_that_does_not_answer(
    play: Play, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bench_app.engine.live_changes.MOVE_LIMIT_S", 0.0)

    async def act(stage: Stage) -> None:
        await running(stage)
        stage.silent = {Move}
        await stage.changes.apply(edited(stage, "output.handlers.h.uri", "zmq://ipc:///tmp/there"))
        assert [unit for unit, kind in stage.kinds() if kind is Move] == [FIRST, SECOND, HANDLER]
        await stage.hear(stage.handler, Moved(unit=HANDLER, at_ns=0, endpoint="ipc:///tmp/there"))
        assert stage.handler.moves == 1

    play(PUSH, act)


def test_a_unit_that_is_done_is_not_moved(play: Play) -> None:
    async def act(stage: Stage) -> None:
        await running(stage)
        stage.listeners[0].finished = True
        await stage.changes.apply(edited(stage, "output.handlers.h.uri", "zmq://ipc:///tmp/there"))
        assert [unit for unit, kind in stage.kinds() if kind is Move] == [SECOND, HANDLER]

    play(PUSH, act)
