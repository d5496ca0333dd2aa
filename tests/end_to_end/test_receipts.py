"""A user's own consumer is counted by its receipts as exactly as a listener of the bench."""

from __future__ import annotations

import threading
from collections import Counter
from typing import Any

import zmq

from bench_app import Receipts
from bench_app.engine.finding import FindingKind
from bench_app.engine.session import Phase, Session
from tests.relay import Relay, sequence_of
from tests.runs import Run, assert_balanced, doubts, notes_of, preset, run, until

LISTENER = {"receipts": "tcp://127.0.0.1:*"}


class Consumer:
    """A program of a user: receives with plain pyzmq, keeps a count of its own, and sends receipts."""

    def __init__(self, socket_type: int, address: str, receipts: str) -> None:
        self.seen: Counter[int] = Counter()
        self._stop = threading.Event()
        self._arguments = (socket_type, address, receipts)
        self._thread = threading.Thread(target=self._consume)
        self._thread.start()

    def end(self) -> None:
        self._stop.set()
        self._thread.join()

    def _consume(self) -> None:
        socket_type, address, receipts = self._arguments
        with zmq.Context() as context, context.socket(socket_type) as socket, Receipts(receipts) as receipts_sent:
            socket.rcvtimeo = 20
            socket.linger = 0
            if socket_type == zmq.SUB:
                socket.subscribe("")
            socket.connect(address)
            while not self._stop.is_set():
                try:
                    frames = socket.recv_multipart()
                except zmq.Again:
                    continue
                self.seen[sequence_of(frames)] += 1
                receipts_sent.seen(frames)
                if socket_type == zmq.REP:
                    socket.send(b"{}")


def run_with_consumers(
    raw: dict[str, Any], socket_type: int, addresses: list[str] | None = None
) -> tuple[Run, list[Consumer]]:
    """Run a preset with a consumer at each address; without addresses, with one at the address of the handler."""
    consumers: list[Consumer] = []

    async def meanwhile(session: Session) -> None:
        await until(lambda: bool(session.listeners) and all(unit.opened for unit in session.units.values()))
        (listener,) = session.listeners.values()
        for address in addresses or [session.handlers["h"].endpoint]:
            consumers.append(Consumer(socket_type, address, listener.endpoint))
        await until(lambda: session.phase is Phase.DONE)
        for consumer in consumers:
            consumer.end()

    return run(raw, meanwhile), consumers


def test_workers_of_a_user_are_counted_together_and_what_a_relay_lost_is_lost() -> None:
    with Relay("PUSH", drops=lambda number: number % 10 == 3, repeats=lambda number: number % 25 == 7) as relay:
        raw = preset(
            {"socket_type": "PUSH", "queue_size": 10_000, "linger": 10_000},
            uri=f"zmq://{relay.endpoint}",
            handler={"paired": False, "mode": "connect"},
            listeners=[LISTENER],
        )
        finished, consumers = run_with_consumers(raw, zmq.PULL, [relay.listener_endpoint] * 2)
    assert_balanced(finished.result)
    handler = finished.handler()
    row = handler.listeners["consumer-1"]
    seen = sum((consumer.seen for consumer in consumers), Counter[int]())
    assert row.received == len(seen) == len(relay.passed)
    assert row.duplicates == seen.total() - len(seen) > 0
    assert handler.lost == handler.accepted - len(relay.passed) > 0
    # Each worker got its messages in order, although those of the two were reported in turns.
    assert row.reordered == row.foreign == row.malformed == 0
    assert row.service_us.count == row.response_us.count == row.received
    assert notes_of(finished.result) == ["h/consumer-1: counted by the receipts of 2 consumers of yours"]
    assert doubts(finished.result) == []


def test_a_subscriber_of_a_user_is_counted_from_its_subscription_on() -> None:
    raw = preset(
        {"socket_type": "PUB", "topic": "t", "high_water_mark": 100_000, "linger": 10_000},
        handler={"paired": False, "mode": "bind"},
        listeners=[LISTENER],
    )
    finished, (consumer,) = run_with_consumers(raw, zmq.SUB)
    assert_balanced(finished.result)
    handler = finished.handler()
    row = handler.listeners["consumer-1"]
    assert row.received == len(consumer.seen) == consumer.seen.total()
    assert row.lost == handler.accepted - row.before_join - row.received
    assert row.before_join <= min(consumer.seen, default=handler.accepted + 1) - 1


def test_requests_to_a_service_of_a_user_are_counted() -> None:
    raw = preset(
        {"socket_type": "REQ", "request_timeout": 10_000, "queue_size": 10_000},
        handler={"paired": False, "mode": "bind"},
        listeners=[LISTENER],
        rate=200,
    )
    finished, (consumer,) = run_with_consumers(raw, zmq.REP)
    assert_balanced(finished.result)
    row = finished.handler().listeners["consumer-1"]
    assert row.received == len(consumer.seen) == finished.handler().replied == finished.handler().accepted


def test_a_consumer_that_sends_no_receipts_is_not_said_to_have_lost_anything() -> None:
    async def meanwhile(session: Session) -> None:
        await until(lambda: bool(session.listeners) and all(unit.opened for unit in session.units.values()))
        with zmq.Context() as context, context.socket(zmq.PULL) as silent:
            silent.linger = 0
            silent.connect(session.handlers["h"].endpoint)
            await until(lambda: session.phase is Phase.DONE)

    raw = preset({"socket_type": "PUSH"}, handler={"paired": False, "mode": "bind"}, listeners=[LISTENER], rate=100)
    finished = run(raw, meanwhile)
    assert finished.result.verdict == "invalid"
    found = [one for one in finished.result.findings if one.kind is FindingKind.RECEIPTS]
    (listener,) = finished.session.listeners.values()
    assert [one.message for one in found] == [
        f"h/consumer-1: no receipt came to {listener.endpoint}, so what your consumer received is not known"
    ]
