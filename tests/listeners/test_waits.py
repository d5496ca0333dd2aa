"""The ways in which a listener waits for a message, on real sockets."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest
import zmq

from bench_app.listeners.waits import Poll, Spin, Wait, wait_of
from bench_app.measure.clock import NS_PER_MS
from tests.listeners.core_bench import LATE_MS, Sockets


@pytest.fixture
def sockets() -> Iterator[Sockets]:
    with zmq.Context() as context:
        sockets = Sockets(context)
        yield sockets
        sockets.close()


def test_each_mode_has_its_wait_and_block_needs_none() -> None:
    assert isinstance(wait_of("poll"), Poll)
    assert isinstance(wait_of("spin"), Spin)
    assert wait_of("block") is None


@pytest.mark.parametrize("wait", [Poll(), Spin()], ids=["poll", "spin"])
def test_it_waits_for_a_message_and_receives_none(sockets: Sockets, wait: Wait) -> None:
    push, pull = sockets.pair()
    wait.attach(pull)
    began_ns = time.perf_counter_ns()
    assert not wait.until_message(20)
    assert 20 * NS_PER_MS <= time.perf_counter_ns() - began_ns < (20 + LATE_MS) * NS_PER_MS
    assert not wait.until_message(0)
    push.send(b"x")
    assert wait.until_message(0)
    assert wait.until_message(-1)
    assert pull.recv(zmq.NOBLOCK) == b"x"


@pytest.mark.parametrize("wait", [Poll(), Spin()], ids=["poll", "spin"])
def test_without_a_limit_it_waits_until_a_message_comes(sockets: Sockets, wait: Wait) -> None:
    push, pull = sockets.pair()
    wait.attach(pull)
    sender = threading.Timer(0.05, push.send, [b"x"])
    sender.start()
    assert wait.until_message(-1)
    sender.join()


@pytest.mark.parametrize("wait", [Poll(), Spin()], ids=["poll", "spin"])
def test_it_waits_for_the_socket_that_was_attached_last(sockets: Sockets, wait: Wait) -> None:
    push, pull = sockets.pair()
    _, other = sockets.pair()
    push.send(b"x")
    wait.attach(pull)
    assert wait.until_message(100)
    wait.attach(other)
    assert not wait.until_message(1)


def test_only_the_time_without_a_message_counts_as_spun(sockets: Sockets) -> None:
    push, pull = sockets.pair()
    spin = Spin()
    spin.attach(pull)
    assert spin.spun_ns == 0
    spin.until_message(20)
    spun_ns = spin.spun_ns
    assert spun_ns >= 20 * NS_PER_MS
    push.send(b"x")
    pull.poll()
    spin.until_message(1000)
    assert spin.spun_ns == spun_ns
