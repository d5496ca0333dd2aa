"""Foreign sockets at the bench's sockets: their messages are counted apart, and the ledger stays exact."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
import zmq

from bench_app.engine.session import Phase, Session
from bench_app.transport import stamp
from tests.runs import Run, assert_balanced, preset, run, until

pytestmark = pytest.mark.usefixtures("single_worker")

STRANGERS = {"PUSH": zmq.PUSH, "REQ": zmq.DEALER}


def garbage(session: Session) -> tuple[list[list[bytes]], list[list[bytes]]]:
    """Messages that are foreign, and messages with this run's stamp that are malformed."""
    run_number = session.run_number
    own = stamp.Identity(run_number, 1)
    other = stamp.wrap(stamp.Identity(run_number ^ 1, 1), b'{"a":1}')
    other_handler = stamp.wrap(stamp.Identity(run_number, 9), b'{"a":1}')
    broken = bytes(stamp.wrap(own, b'{"a":1}')).replace(b"-0000", b"-zzzz")
    cut = bytes(stamp.wrap(own, b"{}"))[:40]
    foreign = [[b""], [b"no json"], [b'{"a":1}'], [b"two", b"frames"], [bytes(other)], [bytes(other_handler)]]
    foreign += [[b'{"a":' * 3000], [b"[" * 100_000], [b'{"request_id":' * 500 + b"1" + b"}" * 500], [b"\xff\x1b"]]
    return foreign, [[broken], [cut]]


def run_with_stranger(socket_type: str) -> tuple[Run, int, int]:
    sent = {"foreign": 0, "malformed": 0}

    async def meanwhile(session: Session) -> None:
        await until(lambda: session.phase is Phase.RUNNING)
        (listener,) = session.listeners.values()
        foreign, malformed = garbage(session)
        with zmq.Context() as context, context.socket(STRANGERS[socket_type]) as stranger:
            stranger.connect(listener.endpoint)
            for frames in [*foreign, *malformed]:
                envelope = [b""] if socket_type == "REQ" else []
                stranger.send_multipart([*envelope, *frames])
            sent.update(foreign=len(foreign), malformed=len(malformed))
            total = len(foreign) + len(malformed)
            await until(lambda: listener.counts.foreign + listener.counts.malformed == total)

    # Room and time for all events, however slow the machine is.
    config: dict[str, Any] = {"socket_type": socket_type, "queue_size": 10_000, "linger": 10_000}
    finished = run(preset(config, handler={"mode": "connect"}, duration_s=2), meanwhile)
    return finished, sent["foreign"], sent["malformed"]


@pytest.mark.parametrize("socket_type", ["PUSH", "REQ"])
def test_foreign_and_malformed_messages_are_counted_apart(socket_type: str) -> None:
    finished, foreign, malformed = run_with_stranger(socket_type)
    assert_balanced(finished.result)
    handler = finished.handler()
    (listener,) = handler.listeners.values()
    assert (listener.foreign, listener.malformed) == (foreign, malformed)
    assert listener.received == handler.accepted == 4000
    assert listener.duplicates == 0
    assert "worker" not in finished.messages(), "a message ended a worker"


def test_a_stalled_foreign_subscriber_takes_nothing_from_the_paired_one() -> None:
    async def meanwhile(session: Session) -> None:
        await until(lambda: session.handlers["h"].opened if "h" in session.handlers else False)
        with zmq.Context() as context, context.socket(zmq.SUB) as stranger:
            stranger.linger = 0
            stranger.rcvhwm = 1
            stranger.subscribe(b"")
            stranger.connect(session.handlers["h"].endpoint)
            await until(lambda: session.phase is Phase.DONE)
            await asyncio.sleep(0)

    raw = preset({"socket_type": "PUB", "topic": "t"}, handler={"mode": "bind"})
    finished = run(raw, meanwhile)
    assert_balanced(finished.result)
    (listener,) = finished.handler().listeners.values()
    assert listener.received == finished.handler().accepted == 1000


def test_a_foreign_consumer_at_the_listeners_place(free_port: int) -> None:
    """A foreign process has the listener's port, so the listener fails. The handler must not send to that process."""
    with zmq.Context() as context, context.socket(zmq.PULL) as stranger:
        stranger.bind(f"tcp://127.0.0.1:{free_port}")
        finished = run(preset({"socket_type": "PUSH"}, uri=f"zmq://tcp://work-queue:{free_port}"))
        assert not stranger.poll(0)
    assert finished.result.verdict == "invalid"
    assert finished.handler().offered == 0
    assert "address already in use" in " ".join(finished.result.reasons)
