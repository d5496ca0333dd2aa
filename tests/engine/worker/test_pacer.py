"""The pacer: units of one worker stepped by one thread at a time, each until it leaves."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest
import zmq
from hypothesis import given, settings
from hypothesis import strategies as st

from bench_app.engine.worker import pacer as pacer_module
from bench_app.engine.worker.pacer import SPIN_NS, Pacer, free_spin_ns
from bench_app.measure.clock import NEVER_NS, NS_PER_MS

LIMIT_S = 60


class Counting:
    """A unit that leaves after ``steps`` steps. It notes which threads stepped it, and whether two did so at once."""

    sender = None
    waits_on = None

    def __init__(self, steps: int, every_ns: int = 0, inside: threading.Lock | None = None) -> None:
        self.left = steps
        self.every_ns = every_ns
        self.inside = inside or threading.Lock()
        self.alone = True
        self.drivers: set[int] = set()
        self.early = 0
        self.due_ns = 0

    def step(self) -> int | None:
        self.alone &= self.inside.acquire(blocking=False)
        self.drivers.add(threading.get_ident())
        self.early += time.perf_counter_ns() < self.due_ns
        self.left -= 1
        self.inside.release()
        if self.left <= 0:
            return None
        self.due_ns = time.perf_counter_ns() + self.every_ns
        return self.due_ns


class Waiting:
    """A unit that waits for its socket, and leaves with the first message."""

    sender = None

    def __init__(self, socket: zmq.Socket[bytes]) -> None:
        self.socket = socket
        self.got = b""

    @property
    def waits_on(self) -> tuple[zmq.Socket[bytes], int]:
        return self.socket, zmq.POLLIN

    def step(self) -> int | None:
        try:
            self.got = self.socket.recv(zmq.NOBLOCK)
        except zmq.Again:
            return time.perf_counter_ns() + LIMIT_S * 1000 * NS_PER_MS
        return None


def drive_in_threads(*drives: Callable[[], None]) -> None:
    threads = [threading.Thread(target=drive, daemon=True) for drive in drives]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(LIMIT_S)
        assert not thread.is_alive()


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 30), st.integers(0, 200_000)), min_size=1, max_size=8))
def test_each_unit_gets_its_steps_and_never_two_at_once(wanted: list[tuple[int, int]]) -> None:
    pacer, inside = Pacer(), threading.Lock()
    units = [Counting(steps, every_ns, inside) for steps, every_ns in wanted]

    drive_in_threads(*(lambda unit=unit: pacer.drive(unit) for unit in units))  # type: ignore[misc]

    assert [unit.left for unit in units] == [0] * len(units)
    assert all(unit.alone for unit in units)
    assert not sum(unit.early for unit in units)


def test_alone_a_unit_is_stepped_by_its_own_thread() -> None:
    unit = Counting(3)
    Pacer().drive(unit)
    assert unit.drivers == {threading.get_ident()}


def test_a_unit_that_joins_does_not_wait_for_one_that_sleeps() -> None:
    pacer, sleeping, second = Pacer(), Counting(2, every_ns=NEVER_NS // 2), Counting(2)
    threading.Thread(target=pacer.drive, args=(sleeping,), daemon=True).start()
    while sleeping.left == 2:
        time.sleep(0.001)

    drive_in_threads(lambda: pacer.drive(second))

    assert second.left == 0
    assert second.drivers == sleeping.drivers


def test_a_message_ends_the_wait_of_the_unit_it_is_for() -> None:
    with zmq.Context() as context, context.socket(zmq.PULL) as pull, context.socket(zmq.PUSH) as push:
        push.linger = 0
        push.connect(f"tcp://127.0.0.1:{pull.bind_to_random_port('tcp://127.0.0.1')}")
        unit, pacer = Waiting(pull), Pacer()
        company = Counting(200, NS_PER_MS)

        drive_in_threads(
            lambda: pacer.drive(unit),
            lambda: pacer.drive(company),
            lambda: push.send(b"news"),
        )

        assert unit.got == b"news"
        assert company.left == 0


@pytest.mark.parametrize(
    ("processors", "load", "spin_ns"), [(2, 0.0, 0), (4, 0.1, SPIN_NS), (4, 2.5, 0), (None, 0.0, 0), (16, 7.9, SPIN_NS)]
)
def test_the_driver_spins_only_where_a_processor_is_free(
    processors: int | None, load: float, spin_ns: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pacer_module.os, "cpu_count", lambda: processors)
    monkeypatch.setattr(pacer_module.os, "getloadavg", lambda: (load, 0.0, 0.0))
    assert free_spin_ns() == spin_ns
