"""The end of a run: a handler's socket stays open until its listeners have received its messages."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import msgspec
import pytest

from bench_app.engine.session import Session
from tests.runs import assert_balanced, notes_of, preset, run, until

pytestmark = pytest.mark.usefixtures("single_worker")

STALLED = {"name": "stalled", "high_water_mark": 2, "stall": [0, 3600]}
MESSAGES = {"kind": "synthetic", "event": "detection", "size": 1000, "load": {"shape": "constant", "rate": 2000}}


def full(uri: str, **config: Any) -> dict[str, Any]:
    """A handler that fills its connection while its listener is stalled."""
    settings = {"socket_type": "PUSH", "high_water_mark": 10, "send_timeout": 0, "queue_size": 10, **config}
    return preset(settings, uri=uri, source=MESSAGES, listeners=[STALLED])


@pytest.mark.parametrize("number", range(3))
def test_the_unread_messages_of_a_full_ipc_listener_are_not_lost(number: int, tmp_path: Path) -> None:
    """libzmq alone loses some in most runs: over ipc it drops unread messages when the peer closes."""
    finished = run(full(f"zmq://ipc://{tmp_path}/x"))
    assert_balanced(finished.result)
    handler = finished.handler()
    assert handler.send_timeout > 0
    assert handler.accepted == handler.listeners["stalled"].received > 20
    assert notes_of(finished.result) == []


def test_a_handler_stopped_by_hand_waits_for_its_listeners_too(tmp_path: Path) -> None:
    async def meanwhile(session: Session) -> None:
        handler = session.handlers["h"]
        await until(lambda: handler.counts.send_timeout > 0)
        await session.stop_handler("h")
        await until(lambda: handler.finished)

    finished = run({**full(f"zmq://ipc://{tmp_path}/x")}, meanwhile)
    assert_balanced(finished.result)
    assert finished.handler().lost == 0


def test_without_linger_a_handler_does_not_wait_and_a_note_has_the_loss(tmp_path: Path) -> None:
    finished = run(full(f"zmq://ipc://{tmp_path}/x", linger=0))
    assert_balanced(finished.result)
    lost = finished.handler().lost
    assert lost > 0
    note = f"h: its linger of 0 ms was over before its listeners had read all: up to {lost} messages were lost"
    assert notes_of(finished.result) == [
        f"{note} with its socket, over ipc also messages that were already in the kernel"
    ]


@pytest.mark.parametrize("transport", ["tcp", "ipc", "inproc"])
def test_losses_during_the_run_give_no_note_about_the_end(transport: str, tmp_path: Path) -> None:
    uri = {"tcp": "zmq://tcp://127.0.0.1:*", "ipc": f"zmq://ipc://{tmp_path}/x", "inproc": "zmq://inproc://x"}
    config = {"socket_type": "PUB", "topic": "t", "high_water_mark": 10}
    # The messages are too large for the system's buffers. The listener subscribes before its stall begins.
    source = {**MESSAGES, "size": 20_000, "pool": 4}
    raw = preset(config, uri=uri[transport], source=source, listeners=[{**STALLED, "stall": [0.05, 3600]}])
    finished = run(raw)
    assert_balanced(finished.result)
    assert finished.handler().listeners["stalled"].lost > 0
    assert notes_of(finished.result) == []
    assert "closing took" not in finished.messages()


def test_a_handler_does_not_wait_for_a_crashed_listener(own_workers: None) -> None:
    async def meanwhile(session: Session) -> None:
        (listener,) = session.listeners.values()
        await until(lambda: listener.counts.received > 0)
        for kill in range(1, 5):
            session.kill_unit(listener)
            await until(lambda kill=kill: listener.restarts == kill or listener.crashed)  # type: ignore[misc]
        session.stop()

    config = {"socket_type": "PUSH", "reconnect_interval": 20, "linger": 200}
    finished = run(preset(config, duration_s=60, listeners=[{"name": "l"}]), meanwhile)
    assert_balanced(finished.result)
    assert finished.session.handlers["h"].finished


def test_a_publisher_whose_socket_cannot_be_recreated_ends_with_its_ledger(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()

    async def meanwhile(session: Session) -> None:
        (listener,) = session.listeners.values()
        handler = session.handlers["h"]
        await until(lambda: listener.counts.received > 0)
        shutil.rmtree(folder)
        config = msgspec.structs.replace(handler.plan.spec.config, high_water_mark=7)
        await session.change_handler("h", msgspec.structs.replace(handler.plan.spec, config=config))
        await until(lambda: handler.done)

    finished = run(
        preset({"socket_type": "PUB", "topic": "t"}, uri=f"zmq://ipc://{folder}/x", duration_s=60), meanwhile
    )
    assert_balanced(finished.result)
    assert "h: the socket could not be recreated: cannot bind " in finished.messages()
    assert finished.session.handlers["h"].finished
