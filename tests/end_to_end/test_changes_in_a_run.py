"""Changes of keys in a run: they take effect, and the ledger still balances."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
import zmq

from bench_app.engine.session import Phase, Session
from bench_app.model import ConstantLoad, HandlerSpec
from bench_app.preset import documents
from tests.runs import Run, assert_balanced, preset, run, until

pytestmark = pytest.mark.usefixtures("single_worker")

PATTERNS = ["PUB", "PUSH", "REQ"]
CONSUMERS = {"PUSH": zmq.PULL, "REQ": zmq.REP}


def changed(session: Session, **config: Any) -> HandlerSpec:
    spec = session.handlers["h"].plan.spec
    return msgspec.structs.replace(spec, config=msgspec.structs.replace(spec.config, **config))


def received(session: Session) -> int:
    return sum(state.counts.received for state in session.listeners.values())


async def flow(session: Session, count: int = 50) -> None:
    """Wait until the listeners have received ``count`` more events."""
    await until(lambda: session.phase is Phase.RUNNING)
    goal = received(session) + count
    await until(lambda: received(session) >= goal)


def run_with_change(socket_type: str, change: Callable[[Session], Any], **more: Any) -> Run:
    async def meanwhile(session: Session) -> None:
        await flow(session)
        await change(session)
        await flow(session)
        session.stop()

    mode = {"mode": "bind" if socket_type == "PUB" else "connect"}
    config = {"socket_type": socket_type, "topic": "t", **more.pop("config", {})}
    finished = run(preset(config, handler=mode, duration_s=60, **more), meanwhile)
    assert_balanced(finished.result)
    return finished


@pytest.mark.parametrize("socket_type", PATTERNS)
def test_twenty_changes_that_recreate_the_socket(socket_type: str) -> None:
    async def change(session: Session) -> None:
        for index in range(20):
            before = recreated(session)
            await session.change_handler("h", changed(session, high_water_mark=500 + index))
            await until(lambda before=before: recreated(session) > before)
            await flow(session, 10)

    def recreated(session: Session) -> int:
        return sum("recreated" in event.message for event in session.events)

    run_with_change(socket_type, change, config={"request_timeout": 200, "reconnect_interval": 20})


@pytest.mark.parametrize("socket_type", PATTERNS)
def test_a_listener_with_another_hwm_is_recreated(socket_type: str) -> None:
    async def change(session: Session) -> None:
        (state,) = session.listeners.values()
        spec = msgspec.structs.replace(state.plan.spec, high_water_mark=77)
        await session.change_listener("h", state.plan.name, spec)

    config = {"request_timeout": 200, "reconnect_interval": 20}
    assert "recreated" in run_with_change(socket_type, change, config=config).messages()


@pytest.mark.parametrize("socket_type", PATTERNS)
def test_connection_keys_recreate_the_socket_of_either_side(socket_type: str) -> None:
    async def change(session: Session) -> None:
        keys = {"heartbeat_interval": 200, "tcp_keepalive": "on"}
        changed = documents.replace_all(session.document, [(f"bench.handlers.h.{key}", keys[key]) for key in keys])
        assert (await session.apply(changed)).waiting == []
        await flow(session)
        changed = documents.replace_all(changed, [("bench.listeners.h[0].receive_buffer", 65_536)])
        assert (await session.apply(changed)).waiting == []

    config = {"request_timeout": 200, "reconnect_interval": 20}
    messages = run_with_change(socket_type, change, config=config, listeners=[{"name": "l"}]).messages()
    assert "h: heartbeat_interval 0 -> 200" in messages
    assert "h/l: receive_buffer 0 -> 65,536" in messages
    assert messages.count("the socket was recreated") == 2


@pytest.mark.parametrize("socket_type", ["PUSH", "REQ"])
def test_a_handler_that_gave_up_continues_with_its_counts_and_numbers(socket_type: str, free_port: int) -> None:
    async def meanwhile(session: Session) -> None:
        await until(lambda: "h" in session.handlers and session.handlers["h"].connection.label == "gave up")
        handler = session.handlers["h"]
        lost = handler.counts.aborted
        await until(lambda: handler.counts.aborted > lost)
        with zmq.Context() as context, context.socket(CONSUMERS[socket_type]) as consumer:
            consumer.linger = 0
            consumer.bind(f"tcp://127.0.0.1:{free_port}")
            accepted_before = handler.counts.accepted
            await session.reconnect_handler("h")
            for number in range(accepted_before + 1, accepted_before + 51):
                await until(lambda: bool(consumer.poll(0)))
                body = consumer.recv()
                if socket_type == "REQ":
                    consumer.send(b"{}")
                assert int(json.loads(body)["_bench"].split("-")[3], 16) == number
            session.stop()

    config = {"socket_type": socket_type, "max_reconnect_attempts": 2, "reconnect_interval": 20, "linger": 100}
    raw = preset(config, uri=f"zmq://tcp://127.0.0.1:{free_port}", handler={"paired": False}, duration_s=60, rate=500)
    finished = run(raw, meanwhile)
    handler = finished.handler()
    assert handler.offered == handler.queue_overflow + handler.send_timeout + handler.aborted + handler.accepted
    assert handler.aborted > 0
    assert handler.accepted >= 50
    assert "connecting again, started by hand" in finished.messages()


def test_reconnect_does_nothing_to_a_handler_that_did_not_give_up() -> None:
    async def change(session: Session) -> None:
        await session.reconnect_handler("h")

    finished = run_with_change("PUSH", change)
    assert "recreated" not in finished.messages()
    assert finished.handler().lost == 0


def test_a_changed_rate_acts_at_once() -> None:
    async def change(session: Session) -> None:
        await session.change_handler("h", changed(session), ConstantLoad(rate=20_000))
        await until(lambda: session.handlers["h"].window.rates()[:1] > (10_000,))

    run_with_change("PUSH", change, rate=100)


def test_the_ledger_counts_a_changed_topic() -> None:
    async def change(session: Session) -> None:
        await session.change_handler("h", changed(session, topic="other"))
        await until(lambda: session.handlers["h"].spans[-1].topic == "other")
        goal = session.handlers["h"].counts.accepted + 200
        await until(lambda: session.handlers["h"].counts.accepted >= goal)
        await session.change_handler("h", changed(session, topic="t.again"))

    listeners = [{"name": "all", "topics": [""]}, {"name": "t", "topics": ["t"]}]
    finished = run(
        preset({"socket_type": "PUB", "topic": "t"}, handler={"mode": "bind"}, duration_s=60, listeners=listeners),
        lambda session: stop_after(session, change),
    )
    handler = finished.handler()
    assert finished.result.balanced, finished.result.reasons
    assert handler.listeners["all"].received == handler.accepted
    assert 0 < handler.listeners["t"].received <= handler.accepted - 200
    assert handler.lost == 0


async def stop_after(session: Session, change: Callable[[Session], Any]) -> None:
    await flow(session)
    await change(session)
    await flow(session)
    session.stop()


def test_a_slower_listener_makes_the_queue_overflow() -> None:
    async def change(session: Session) -> None:
        (state,) = session.listeners.values()
        await session.change_listener("h", state.plan.name, msgspec.structs.replace(state.plan.spec, delay_ms=20.0))
        await until(lambda: session.handlers["h"].counts.queue_overflow > 0)

    async def meanwhile(session: Session) -> None:
        await flow(session)
        await change(session)
        session.stop()

    source = {"kind": "synthetic", "size": 100_000, "pool": 4, "load": {"shape": "constant", "rate": 1000}}
    config = {"socket_type": "PUSH", "high_water_mark": 2, "queue_size": 50, "send_timeout": 1000}
    listeners = [{"name": "l", "high_water_mark": 2}]
    finished = run(preset(config, duration_s=60, source=source, listeners=listeners), meanwhile)
    assert_balanced(finished.result)
    assert finished.handler().lost == 0


def test_changes_before_and_after_the_run_are_harmless() -> None:
    async def meanwhile(session: Session) -> None:
        await until(lambda: session.phase is Phase.RUNNING)
        await asyncio.gather(*(session.change_handler("h", changed(session, linger=index)) for index in range(5)))
        await until(lambda: session.phase is Phase.DRAINING)
        await session.change_handler("h", changed(session, high_water_mark=5))

    assert_balanced(run(preset({"socket_type": "PUSH"}), meanwhile).result)


def moved_to(uri: str) -> Callable[[Session], Any]:
    async def change(session: Session) -> None:
        moves = {unit: state.moves for unit, state in session.units.items()}
        changes = await session.apply(documents.replace(session.document, ("output", "handlers", "h", "uri"), uri))
        assert changes.waiting == []
        assert all(state.moves == moves[unit] + 1 for unit, state in session.units.items())

    return change


@pytest.mark.parametrize("socket_type", PATTERNS)
def test_handler_and_listeners_move_to_a_changed_uri(socket_type: str, tmp_path: Path) -> None:
    config = {"request_timeout": 200, "reconnect_interval": 20}
    uri = f"zmq://ipc://{tmp_path}/moved"
    finished = run_with_change(socket_type, moved_to(uri), config=config, listeners=[{}, {}])
    handler = finished.handler()
    assert handler.endpoint.startswith(f"ipc://{tmp_path}/moved")
    assert "moved to" in finished.messages()
    # Events sent after the move arrive. Only the sockets that were closed lost events.
    assert all(listener.received > 0 for listener in handler.listeners.values())


def test_the_side_that_binds_may_change_with_the_uri() -> None:
    raw = preset({"socket_type": "PUB", "topic": "t", "reconnect_interval": 20}, uri="zmq://tcp://*:*", duration_s=60)

    async def meanwhile(session: Session) -> None:
        await flow(session)
        bound = session.handlers["h"].plan.bind
        await session.apply(
            documents.replace(
                session.document, ("output", "handlers", "h", "uri"), f"zmq://tcp://analytics:{free_port()}"
            )
        )
        assert (bound, session.handlers["h"].plan.bind) == (True, False)
        await flow(session)
        session.stop()

    finished = run(raw, meanwhile)
    assert_balanced(finished.result)
    assert "analytics" in finished.messages()


def test_with_an_address_in_use_the_handler_stays_at_its_endpoint() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        uri = f"zmq://tcp://127.0.0.1:{taken.getsockname()[1]}"

        async def change(session: Session) -> None:
            before = session.handlers["h"].endpoint
            await session.apply(documents.replace(session.document, ("output", "handlers", "h", "uri"), uri))
            assert session.handlers["h"].endpoint == before

        finished = run_with_change("PUB", change, config={"reconnect_interval": 20})
    assert "stays at" in finished.messages()
    assert "in use" in finished.messages()


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])
