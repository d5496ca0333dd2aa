"""Fixtures and settings for all tests."""

from __future__ import annotations

import os
import signal
import socket
import sys
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from bench_app.system.signals import ENDING_SIGNALS

# On a busy machine an example may take any time, and no test asserts its duration. The suite runs often, so one run
# needs few examples.
settings.register_profile("bench", deadline=None, max_examples=50, suppress_health_check=[HealthCheck.too_slow])
# For make properties: a long search for what the few examples of many runs have not found.
settings.register_profile("many", settings.get_profile("bench"), max_examples=1000)
# For make oldest: the question there is whether a version of a package works at all.
settings.register_profile("few", settings.get_profile("bench"), max_examples=10)
settings.load_profile("bench")

# Tests start hundreds of processes. Each of them would compile the bench again if none could keep its bytecode.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False


@pytest.fixture(autouse=True)
def restored_signals() -> Iterator[None]:
    """A command that ends leaves the signals that end a program ignored. The next test and its processes need them."""
    before = {number: signal.getsignal(number) for number in ENDING_SIGNALS}
    yield
    for number, handler in before.items():
        if signal.getsignal(number) is not handler:
            signal.signal(number, handler)


@pytest.fixture
def free_port() -> int:
    """A free tcp port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture
def single_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    """For runs in which it does not matter who shares a process: all units that start together share a worker."""
    # Only tests with runs load the engine.
    from tests.runs import one_worker

    monkeypatch.setattr("bench_app.engine.starting.place", one_worker)


@pytest.fixture
def few_workers(monkeypatch: pytest.MonkeyPatch) -> None:
    """For runs with many units: the units of a side share a worker, as in a run with more than eight."""
    from tests.runs import one_worker_a_side

    monkeypatch.setattr("bench_app.engine.starting.place", one_worker_a_side)


@pytest.fixture
def own_workers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a module uses ``single_worker``: a run in which each unit has its own worker, as for a user."""
    from bench_app.engine.plan import place

    monkeypatch.setattr("bench_app.engine.starting.place", place)
