"""The keys for processors in whole runs: how listeners wait, I/O threads, and workers pinned to processors."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from bench_app.engine.finding import FindingKind
from bench_app.engine.session import Phase, Session
from bench_app.preset import documents
from bench_app.system.processors import allowed_processors
from tests.runs import Run, assert_balanced, preset, run, until

WAITS = ("block", "poll", "spin")
CONFIGS: dict[str, dict[str, Any]] = {
    "PUB": {"socket_type": "PUB", "topic": "t", "linger": 10_000, "high_water_mark": 0},
    "PUSH": {"socket_type": "PUSH", "linger": 10_000},
    "REQ": {"socket_type": "REQ", "linger": 10_000, "request_timeout": 60_000},
}
KILLED = {"linger": 500}
"""The handler of a killed listener waits for its whole linger, because the messages in the listener never arrive."""
TASKS = Path("/proc/self/task")
ALLOWED = allowed_processors() or ()

needs_proc = pytest.mark.skipif(not TASKS.exists(), reason="this system has no list of threads")
needs_affinity = pytest.mark.skipif(not ALLOWED, reason="this system pins no process to a processor")


def waiting(wait: str, socket_type: str = "PUSH", **more: Any) -> dict[str, Any]:
    """A preset whose listener ``l`` waits in this way."""
    listener = {"name": "l", "wait": wait, "high_water_mark": 0, **more.pop("listener", {})}
    config = CONFIGS[socket_type] | more.pop("config", {})
    return preset(config, listeners=[listener], **more)


async def running(session: Session) -> None:
    await until(lambda: session.phase is Phase.RUNNING and session.now_s > 0.1)


@pytest.mark.usefixtures("few_workers")
@pytest.mark.parametrize("wait", WAITS)
def test_each_way_to_wait_delivers_everything(wait: str) -> None:
    """One run for all, with a handler for each pattern and transport."""
    raw = waiting(wait, rate=1000)
    (listener,) = raw["bench"]["listeners"]["h"]
    uris = {"tcp": "zmq://tcp://127.0.0.1:*", "inproc": "zmq://inproc://waits"}
    raw["output"]["handlers"] = {
        f"{socket_type} {transport}": {"uri": uri if uri.endswith("*") else f"{uri}-{socket_type}", "config": config}
        for socket_type, config in CONFIGS.items()
        for transport, uri in uris.items()
    }
    raw["bench"] |= {"handlers": {}, "listeners": {name: [listener] for name in raw["output"]["handlers"]}}
    finished = run(raw)
    assert_balanced(finished.result)
    assert len(finished.result.handlers) == 6
    for name, handler in finished.result.handlers.items():
        listener = handler.listeners["l"]
        assert (handler.offered, listener.received, listener.lost, handler.lost) == (500, 500, 0, 0), name
        assert (listener.wait, listener.service_us.count) == (wait, 500), name


@pytest.mark.parametrize("wait", WAITS)
def test_a_stall_and_a_delay_are_the_same_in_each_way(wait: str) -> None:
    slow = {"stall": [0.1, 0.3], "delay_ms": 1}
    finished = run(waiting(wait, rate=1000, listener=slow, duration_s=0.6))
    assert_balanced(finished.result)
    listener = finished.handler().listeners["l"]
    assert (listener.received, listener.lost) == (600, 0)
    assert listener.received_in_drain > 0
    assert listener.service_us.max >= 180_000


@pytest.mark.parametrize("wait", WAITS)
def test_a_paused_listener_reads_nothing_in_each_way(wait: str) -> None:
    counts: list[int] = []

    async def meanwhile(session: Session) -> None:
        await running(session)
        (listener,) = session.listeners.values()
        await session.pause_unit(listener, True)
        at_ns = listener.last_report_ns
        await until(lambda: listener.last_report_ns > at_ns + 300_000_000)
        counts.append(listener.counts.received)
        at_ns = listener.last_report_ns
        await until(lambda: listener.last_report_ns > at_ns + 300_000_000)
        counts.append(listener.counts.received)
        await session.pause_unit(listener, False)

    finished = run(waiting(wait, rate=500, duration_s=2.0), meanwhile)
    assert_balanced(finished.result)
    assert counts[0] == counts[1]
    assert finished.handler().listeners["l"].received == 1000


@pytest.mark.parametrize("wait", WAITS)
def test_a_killed_listener_is_replaced_in_each_way(wait: str) -> None:
    async def meanwhile(session: Session) -> None:
        listener = next(iter(session.listeners.values()))
        # The next connection may come after the run: libzmq waits for up to twice the reconnect interval of 5 s.
        await until(lambda: listener.counts.received > 0)
        session.kill_unit(listener)

    finished = run(waiting(wait, "PUB", config=KILLED, rate=500, duration_s=2.0), meanwhile)
    assert_balanced(finished.result)
    listener = finished.handler().listeners["l"]
    assert 0 < listener.received <= 1000
    assert listener.received + listener.lost + listener.before_join == 1000
    assert listener.wait == wait


def test_another_way_to_wait_restarts_the_handler_with_new_counts() -> None:
    document = documents.parse(waiting("block", rate=500, duration_s=2.0), "test")

    async def meanwhile(session: Session) -> None:
        await running(session)
        await session.apply(documents.replace(document, "bench.listeners.h[0].wait", "spin"))

    finished = run(document, meanwhile)
    assert_balanced(finished.result)
    waits = [handler.listeners["l"].wait for handler in finished.result.handlers.values()]
    assert sorted(waits) == ["block", "spin"]


@needs_proc
def test_a_listener_that_spins_takes_a_processor_and_is_not_saturated() -> None:
    finished = run(waiting("spin", rate=100, duration_s=3.5))
    assert_balanced(finished.result)
    spinning = worker_of(finished, "h/l")
    # It wants a processor all the time, and on a busy machine it waits for one. A listener that sleeps wants 0.1 s.
    assert spinning.cpu_s + spinning.run_wait_s > 1
    seconds = [second.busiest for second in spinning.per_second if second.busiest is not None]
    assert seconds
    assert not [one for one in finished.result.findings if one.kind is FindingKind.SATURATED and "h/l" in one.message]


def test_where_listeners_spin_on_all_processors_a_note_says_so() -> None:
    spinning = [{"wait": "spin", "high_water_mark": 0}] * (len(ALLOWED) or os.cpu_count() or 1)
    finished = run(preset(CONFIGS["PUB"], listeners=spinning, rate=100))
    assert_balanced(finished.result)
    assert [note for note in finished.result.notes if "each takes a whole one" in note]
    assert [one.received for one in finished.handler().listeners.values()] == [50] * len(spinning)


def worker_of(finished: Run, unit: str) -> Any:
    """The figures of the worker in which a unit lived."""
    return next(worker for worker in finished.result.workers.values() if unit in worker.units)


@needs_proc
@pytest.mark.parametrize("io_threads", [1, 3])
def test_a_worker_has_the_io_threads_of_the_preset(io_threads: int) -> None:
    counts: list[int] = []

    async def meanwhile(session: Session) -> None:
        await running(session)
        for unit in session.units.values():
            tasks = list(Path(f"/proc/{session.pid_of(unit)}/task").iterdir())
            names = [(task / "comm").read_text().strip() for task in tasks]
            counts.append(sum(name.startswith("ZMQbg/IO") for name in names))

    finished = run(preset(CONFIGS["PUSH"], rate=500, duration_s=1.0, io_threads=io_threads), meanwhile)
    assert_balanced(finished.result)
    # The control channel of a worker has a context of its own, with one I/O thread.
    assert counts == [io_threads + 1] * 2
    assert finished.result.machine.io_threads == io_threads
    assert finished.handler().received == 500


@needs_affinity
@pytest.mark.parametrize("affinity", ["off", "spread", [max(ALLOWED, default=0)]])
def test_workers_are_pinned_to_the_processors_of_the_preset(affinity: Any) -> None:
    found: list[set[int]] = []

    async def meanwhile(session: Session) -> None:
        await running(session)
        for unit in session.units.values():
            pid = session.pid_of(unit)
            assert pid is not None
            found.append(os.sched_getaffinity(pid))
            for task in Path(f"/proc/{pid}/task").iterdir():
                assert os.sched_getaffinity(int(task.name)) == found[-1]

    finished = run(preset(CONFIGS["PUSH"], rate=500, duration_s=1.0, cpu_affinity=affinity), meanwhile)
    assert_balanced(finished.result)
    used = list(ALLOWED) if affinity == "spread" else affinity
    workers = [worker_of(finished, unit) for unit in ("h", "h/pull-1")]
    if affinity == "off":
        assert found == [set(ALLOWED)] * 2
        assert [worker.processor for worker in workers] == [None, None]
        assert finished.result.machine.cpu_affinity is None
        return
    expected = [used[0], used[1 % len(used)]]
    assert found == [{processor} for processor in expected]
    assert [worker.processor for worker in workers] == expected
    assert finished.result.machine.cpu_affinity == used
    assert os.sched_getaffinity(0) == set(ALLOWED), "the session itself is not pinned"


@needs_affinity
def test_a_replacement_is_pinned_like_the_worker_that_it_replaces() -> None:
    pinned: list[set[int]] = []

    async def meanwhile(session: Session) -> None:
        await running(session)
        (listener,) = session.listeners.values()
        before = session.pid_of(listener)
        session.kill_unit(listener)
        await until(lambda: listener.restarts == 1 and session.pid_of(listener) not in (None, before))
        await until(lambda: listener.reported_restarts == 1)
        pid = session.pid_of(listener)
        assert pid is not None
        pinned.append(os.sched_getaffinity(pid))

    config = CONFIGS["PUSH"] | KILLED
    finished = run(preset(config, rate=500, duration_s=3.0, cpu_affinity="spread"), meanwhile)
    assert_balanced(finished.result)
    assert pinned == [{ALLOWED[1 % len(ALLOWED)]}]


@needs_affinity
def test_a_processor_that_has_gone_since_the_check_is_a_note(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bench_app.preset.cross_checks.allowed_processors", lambda: (65_535,))
    finished = run(preset(CONFIGS["PUSH"], rate=500, cpu_affinity=[65_535]))
    assert_balanced(finished.result)
    notes = [note for note in finished.result.notes if "could not be pinned to processor 65535" in note]
    assert len(notes) == 2
    assert finished.handler().received == 250
