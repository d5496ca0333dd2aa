"""The bell: wakes a waiting thread once, and is never too early or too late."""

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
    assert not bell.socket.poll(0), "nobody waits"
    for _ in range(3):
        bell.expect()
        bell.ring()
        bell.ring()
        assert bell.socket.poll(10_000)
        bell.answer()
        assert not bell.socket.poll(20)
    bell.close()


def test_a_wait_that_ends_by_itself_expects_no_ring_any_more(context: zmq.Context[zmq.Socket[bytes]]) -> None:
    bell = Bell(context)
    bell.expect()
    bell.answer()
    bell.ring()
    assert not bell.socket.poll(20)
    bell.close()


def test_a_bell_made_where_one_was_just_closed_finds_its_name_free(context: zmq.Context[zmq.Socket[bytes]]) -> None:
    for _ in range(500):
        Bell(context).close()
