"""Which handlers share a context, which one terminates it, and what happens to its unsent messages."""

from __future__ import annotations

import threading
from typing import Any

import zmq

from bench_app.engine.plan import WORKERS_A_SIDE
from bench_app.engine.worker.contexts import InprocContext, WorkerContext
from bench_app.preset import documents
from tests.runs import assert_balanced, run


def test_the_last_handler_terminates_the_context_and_the_next_one_gets_a_new_one() -> None:
    contexts = WorkerContext()
    first = contexts.enter()
    assert contexts.enter() is first
    assert not contexts.leave()
    assert not first.closed
    assert not contexts.leave(), "they were two"
    assert first.closed
    second = contexts.enter()
    assert second is not first
    assert contexts.leave(), "it was alone all the time"
    assert second.closed


def test_the_last_handler_waits_for_unsent_messages_of_the_first() -> None:
    contexts = WorkerContext()
    with zmq.Context() as there, there.socket(zmq.PULL) as pull:
        port = pull.bind_to_random_port("tcp://127.0.0.1")
        push = contexts.enter().socket(zmq.PUSH)
        contexts.enter()
        push.connect(f"tcp://127.0.0.1:{port}")
        for _ in range(100):
            push.send(b"x" * 100_000)
        push.close(linger=10_000)
        contexts.leave()
        ended = threading.Thread(target=contexts.leave)
        ended.start()
        received = 0
        while received < 100:
            assert pull.poll(10_000)
            received += len([pull.recv()])
        ended.join(10)
        assert not ended.is_alive()


def test_a_context_has_its_io_threads() -> None:
    contexts = WorkerContext(io_threads=3)
    assert contexts.enter().get(zmq.IO_THREADS) == 3
    contexts.leave()
    assert contexts.enter().get(zmq.IO_THREADS) == 3, "also the next one"
    contexts.leave()


def test_the_context_of_inproc_stays() -> None:
    with zmq.Context() as context:
        contexts = InprocContext(context)
        assert contexts.enter() is context
        assert not contexts.leave()
        assert not context.closed


def test_handlers_that_share_a_worker_lose_nothing_when_they_end() -> None:
    handlers: dict[str, Any] = {}
    for number in range(2 * WORKERS_A_SIDE):
        kind = ("PUB", "PUSH", "REQ")[number % 3]
        handlers[f"h{number}"] = {"uri": "zmq://tcp://127.0.0.1:*", "config": {"socket_type": kind, "topic": "t"}}
    load = {"shape": "constant", "rate": 200}
    source = {"kind": "synthetic", "event": "detection", "size": 512, "load": load}
    raw = {"output": {"handlers": handlers}, "bench": {"version": 1, "duration_s": 0.5, "sources": {"events": source}}}
    finished = run(documents.parse(raw, "test"))
    assert_balanced(finished.result)
    for handler in finished.result.handlers.values():
        assert handler.accepted == handler.offered == 100
        assert [one.received for one in handler.listeners.values()] == [100]
