"""The bell wakes a waiting thread once, never too early or too late."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import zmq

from bench_app.library.bell import Bell


@pytest.fixture
def context() -> Iterator[zmq.Context[zmq.Socket[bytes]]]:
    with zmq.Context() as context:
        yield context


def test_it_rings_once_for_a_thread_that_waits(context: zmq.Context[zmq.Socket[bytes]]) -> None:
    bell = Bell(context)
    bell.ring()
    assert not bell.socket.poll(0), "no thread waits"
    for _ in range(3):
        bell.expect()
        bell.ring()
        bell.ring()
        assert bell.socket.poll(10_000)
        bell.answer()
        assert not bell.socket.poll(20)
    bell.close()


def test_after_a_wait_that_ended_by_itself_the_bell_does_not_ring(context: zmq.Context[zmq.Socket[bytes]]) -> None:
    bell = Bell(context)
    bell.expect()
    bell.answer()
    bell.ring()
    assert not bell.socket.poll(20)
    bell.close()


def test_a_new_bell_can_be_made_right_after_one_was_closed(context: zmq.Context[zmq.Socket[bytes]]) -> None:
    for _ in range(500):
        Bell(context).close()
