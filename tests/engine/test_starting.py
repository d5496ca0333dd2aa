"""The way into a run: what binds opens first, nothing starts before the gate, and every wait has a limit."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench_app.data_plane.choice import PlaneChoice
from bench_app.engine import starting
from bench_app.engine.control.messages import Drain, OpenHandler, OpenListener, Pause, Start, StopSource
from bench_app.engine.run_state import Phase
from bench_app.engine.unit_key import Departure
from bench_app.errors import InputError
from tests.engine.stage import Play, Stage
from tests.runs import preset

BIND = {"mode": "bind"}
PUB = preset({"socket_type": "PUB", "topic": "t"}, handler=BIND, listeners=[{"name": "a"}, {"name": "b"}])
PUSH = preset({"socket_type": "PUSH"}, handler={"mode": "connect"}, listeners=[{"name": "a"}, {"name": "b"}])
UNGATED = preset({"socket_type": "PUB"}, handler={**BIND, "start_gate": False}, listeners=[{"name": "a"}])
HANDLER, FIRST, SECOND = "handler-1", "handler-1/listener-1", "handler-1/listener-2"


def test_a_handler_that_binds_opens_first_and_its_listeners_get_its_real_port(play: Play) -> None:
    async def act(stage: Stage) -> None:
        await stage.bring_up()
        opened = [(unit, message) for unit, message in stage.sent if isinstance(message, OpenHandler | OpenListener)]
        assert [unit for unit, _ in opened] == [HANDLER, FIRST, SECOND]
        assert not stage.handler.endpoint.endswith("*")
        listeners = [message.endpoint for _, message in opened if isinstance(message, OpenListener)]
        assert listeners == [stage.handler.endpoint] * 2

    play(PUB, act)


def test_listeners_that_bind_open_first_and_their_handler_gets_their_real_ports(play: Play) -> None:
    async def act(stage: Stage) -> None:
        await stage.bring_up()
        opened = [(unit, message) for unit, message in stage.sent if isinstance(message, OpenHandler | OpenListener)]
        assert [unit for unit, _ in opened] == [FIRST, SECOND, HANDLER]
        (order,) = [message for _, message in opened if isinstance(message, OpenHandler)]
        assert order.endpoints == tuple(one.endpoint for one in stage.listeners)

    play(PUSH, act)


def test_all_units_start_at_one_moment_after_all_are_open(play: Play) -> None:
    async def act(stage: Stage) -> None:
        await stage.bring_up()
        kinds = [kind for _, kind in stage.kinds()]
        assert kinds == [OpenHandler, OpenListener, OpenListener, Start, Start, Start]
        moments = {message.at_ns for _, message in stage.sent if isinstance(message, Start)}
        assert moments == {stage.run.clock.start_ns} == {stage.handler.start_ns}
        assert stage.run.phase is Phase.RUNNING

    play(PUB, act)


def test_a_missing_listener_is_a_fault_and_the_run_starts_without_it(
    play: Play, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(starting, "GATE_LIMIT_S", 0.0)

    async def act(stage: Stage) -> None:
        handlers = stage.starter.add_states(["h"])
        # The real port is known, but the peers that the gate waits for do not come.
        stage.silent = {OpenHandler}
        stage.handler.endpoint = "tcp://127.0.0.1:6000"
        await stage.starter.bring_up(handlers)
        assert stage.run.faults == ["h: not all of its listeners were connected after 0 s; started without them"]
        assert (HANDLER, Start) in stage.kinds()

    play(PUB, act)


def test_without_a_gate_listeners_open_after_the_start_of_their_handler(play: Play) -> None:
    async def act(stage: Stage) -> None:
        await stage.bring_up()
        assert stage.kinds() == [(HANDLER, OpenHandler), (HANDLER, Start), (FIRST, OpenListener), (FIRST, Start)]
        (order,) = [message for message in stage.sent_to(stage.listeners[0]) if isinstance(message, OpenListener)]
        assert order.not_before_ns == stage.handler.start_ns + starting.LATE_BY_NS
        assert stage.run.faults == []

    play(UNGATED, act)


def test_a_handler_does_not_start_if_a_listener_it_connects_to_cannot_bind(play: Play) -> None:
    async def act(stage: Stage) -> None:
        stage.refusals[SECOND] = "address in use"
        await stage.bring_up()
        assert stage.handler.failed == "not started, because its listener b could not be opened: address in use"
        assert stage.listeners[1].failed == "address in use"
        assert [kind for _, kind in stage.kinds()] == [OpenListener, OpenListener]
        assert stage.run.clock.start_ns is None and stage.run.phase is Phase.OPENING

    play(PUSH, act)


def test_listeners_do_not_start_if_their_handler_cannot_bind(play: Play) -> None:
    async def act(stage: Stage) -> None:
        stage.refusals[HANDLER] = "address in use"
        await stage.bring_up()
        assert {one.failed for one in stage.listeners} == {"not started, because its handler was not started"}
        assert stage.kinds() == [(HANDLER, OpenHandler)]
        assert "h/a: not started, because its handler was not started" in stage.messages()

    play(PUB, act)


def test_a_unit_that_does_not_open_in_time_fails_and_the_others_start(
    play: Play, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(starting, "OPEN_LIMIT_S", 0.0)

    async def act(stage: Stage) -> None:
        stage.silent = {OpenListener}
        await stage.bring_up()
        assert [one.failed for one in stage.listeners] == ["was not open after 0 s"] * 2
        assert stage.handler.failed == ""
        assert [unit for unit, kind in stage.kinds() if kind is Start] == [HANDLER]

    play(PUB, act)


def test_a_worker_that_does_not_start_fails_its_units(play: Play, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(starting, "OPEN_LIMIT_S", 0.0)

    async def act(stage: Stage) -> None:
        stage.workers.come_up = False
        await stage.bring_up()
        assert {unit.failed for unit in stage.run.roster.units.values()} == {
            "its worker process did not start within 0 s"
        }
        assert stage.sent == []
        assert all(event.is_error and event.marker for event in stage.events)

    play(PUB, act)


def test_workers_that_cannot_use_the_chosen_data_plane_end_the_run(play: Play) -> None:
    async def act(stage: Stage) -> None:
        stage.run.choice = PlaneChoice(plane="compiled")
        with pytest.raises(InputError, match="the compiled data plane cannot be used: for a test"):
            await stage.bring_up()
        assert stage.sent == []

    play(PUB, act)


def test_workers_that_do_not_start_with_the_chosen_libzmq_end_the_run(
    play: Play, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(starting, "OPEN_LIMIT_S", 0.0)

    async def act(stage: Stage) -> None:
        stage.workers.come_up = False
        stage.run.choice = PlaneChoice(libzmq=Path("/a/libzmq.so"))
        with pytest.raises(InputError, match=r"no worker can start with /a/libzmq\.so: it did not answer"):
            await stage.bring_up()

    play(PUB, act)


def test_a_run_stopped_while_it_opens_starts_nothing_and_fails_no_unit(play: Play) -> None:
    async def act(stage: Stage) -> None:
        stage.run.wait.stop()
        stage.silent = {OpenHandler, OpenListener}
        await stage.bring_up()
        assert Start not in [kind for _, kind in stage.kinds()]
        assert [unit.failed for unit in stage.run.roster.units.values()] == ["", "", ""]
        assert (stage.run.faults, stage.events) == ([], [])

    play(PUB, act)


def test_a_handler_that_joins_gets_a_new_number_and_the_start_of_the_run_stays(play: Play) -> None:
    async def act(stage: Stage) -> None:
        await stage.bring_up()
        start_ns, started_at = stage.run.clock.start_ns, stage.run.started_at
        stage.run.roster.depart(stage.handler, 1.0)
        joining = stage.starter.add_states(["h"])
        assert [handler.plan.number for handler in joining] == [2]
        await stage.starter.bring_up(joining)
        assert (stage.run.clock.start_ns, stage.run.started_at) == (start_ns, started_at)
        assert start_ns is not None and joining[0].start_ns > start_ns

    play(PUB, act)


def test_a_unit_opened_again_in_the_drain_gets_the_messages_that_its_worker_missed(play: Play) -> None:
    async def act(stage: Stage) -> None:
        await stage.bring_up()
        stage.run.enter(Phase.DRAINING)
        stage.silent = {StopSource}
        stage.sent.clear()
        await stage.starter.send_start(stage.handler)
        await stage.starter.send_start(stage.listeners[0])
        assert stage.kinds() == [(HANDLER, Start), (HANDLER, StopSource), (FIRST, Start), (FIRST, Drain)]

    play(PUB, act)


def test_a_unit_of_a_handler_that_has_left_is_stopped_too(play: Play) -> None:
    async def act(stage: Stage) -> None:
        await stage.bring_up()
        handler = stage.handler
        handler.departure = Departure(1.0)
        stage.silent = {StopSource}
        stage.sent.clear()
        await stage.starter.send_start(handler)
        assert stage.kinds() == [(HANDLER, Start), (HANDLER, StopSource)]

    play(PUB, act)


def test_a_unit_opened_again_in_a_pause_is_paused(play: Play) -> None:
    async def act(stage: Stage) -> None:
        await stage.bring_up()
        stage.run.clock.pause()
        stage.listeners[1].paused = True
        stage.sent.clear()
        for unit in (stage.handler, *stage.listeners):
            await stage.starter.send_start(unit)
        assert [unit for unit, message in stage.sent if message == Pause(paused=True)] == [HANDLER, SECOND]

    play(PUB, act)


def test_a_unit_opened_again_after_a_pause_starts_later_by_its_length(play: Play) -> None:
    async def act(stage: Stage) -> None:
        await stage.bring_up()
        stage.run.clock.pause()
        stage.run.clock.resume()
        pauses_ns, start_ns = stage.run.clock.pauses_ns, stage.run.clock.start_ns
        assert pauses_ns > 0 and start_ns is not None
        stage.sent.clear()
        await stage.starter.send_start(stage.handler)
        assert stage.sent == [(HANDLER, Start(at_ns=start_ns + pauses_ns))]

    play(PUB, act)


def test_a_replaced_address_is_in_an_event(play: Play) -> None:
    raw = preset({"socket_type": "PUB"}, uri="zmq://tcp://*:*", listeners=[{"name": "a"}])

    async def act(stage: Stage) -> None:
        await stage.bring_up()
        endpoint = stage.handler.endpoint
        assert stage.messages() == [f"h: tcp://*:* -> {endpoint} (its listeners are on this machine)"]

    play(raw, act)
