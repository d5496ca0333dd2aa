"""A worker with a listener that spins: the other threads run in time, and spinning is not work."""

from __future__ import annotations

import sys
import threading
from array import array
from collections.abc import Iterator

import pytest
import zmq

from bench_app.engine.worker.spinning import SWITCH_S, SpinTimes
from bench_app.listeners.core import ListenerCore
from bench_app.measure.clock import NEVER_NS, NS_PER_MS
from bench_app.measure.counters import ListenerSlot
from bench_app.measure.sequence import SequenceSet
from bench_app.model import ListenerSpec
from bench_app.transport.wire import Reader
from tests.listeners.core_bench import IDENTITY, Sockets


@pytest.fixture(autouse=True)
def switch_interval() -> Iterator[None]:
    """Leaves the interpreter of the tests as it was."""
    before = sys.getswitchinterval()
    yield
    sys.setswitchinterval(before)


@pytest.fixture
def core() -> Iterator[ListenerCore]:
    with zmq.Context() as context:
        sockets = Sockets(context)
        _, pull = sockets.pair()
        slots = memoryview(array("Q", bytes(8 * len(ListenerSlot))))
        core = ListenerCore(ListenerSpec(wait="spin"), Reader(IDENTITY, "field"), slots, SequenceSet())
        core.wait_at_most(20)
        core.attach(pull)
        yield core
        sockets.close()


def test_the_times_belong_to_the_thread_that_drives_the_core(core: ListenerCore) -> None:
    times = SpinTimes()
    threads: list[int] = []

    def drive() -> None:
        threads.append(threading.get_native_id())
        times.add(core)
        core.receive_until(NEVER_NS)

    assert times.totals() == {}
    thread = threading.Thread(target=drive)
    thread.start()
    thread.join()
    assert times.totals() == {threads[0]: core.spun_ns}
    assert core.spun_ns >= 20 * NS_PER_MS


def test_other_threads_get_the_interpreter_soon(core: ListenerCore) -> None:
    SpinTimes().add(core)
    assert sys.getswitchinterval() == pytest.approx(SWITCH_S)
