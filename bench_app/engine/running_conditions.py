"""How well workers and machine ran, in the figures of the result: worker states, machine usage -> **result**."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence

import msgspec
import zmq

from bench_app.data_plane.choice import PlaneReport
from bench_app.engine.result import Machine, StallSummary, WorkerResult, WorkerSecondResult
from bench_app.engine.worker_state import WorkerSecond, WorkerState
from bench_app.measure.clock import NS_PER_S
from bench_app.system.machine_usage import MachineUsage
from bench_app.system.processors import usable_processors


def this_machine() -> Machine:
    """The machine this runs on, without what it kept from a run."""
    return Machine(
        cpus=usable_processors(), python=platform.python_version(), pyzmq=zmq.__version__, libzmq=zmq.zmq_version()
    )


def machine_of(
    before: MachineUsage,
    after: MachineUsage,
    seconds: float,
    plane: PlaneReport | None = None,
    *,
    io_threads: int | None = None,
    pinned_to: Sequence[int] = (),
) -> Machine:
    """The machine, what it kept from a run of ``seconds`` between two readings, and how the run used it.

    ``plane`` is the data plane of the workers; None if no worker has started. ``io_threads``: the I/O threads of each
    context. ``pinned_to``: the processors that workers were pinned to.
    """
    machine = msgspec.structs.replace(
        this_machine(), io_threads=io_threads, cpu_affinity=sorted(set(pinned_to)) or None
    )
    if plane is not None:
        machine = msgspec.structs.replace(
            machine, libzmq=plane.libzmq, data_plane=plane.name, libzmq_path=plane.libzmq_path
        )
    if seconds <= 0:
        return machine
    return msgspec.structs.replace(
        machine,
        cpu_pressure_pct=_part(before.pressure_us, after.pressure_us, seconds * 1e6),
        steal_pct=_part(before.steal_ms, after.steal_ms, seconds * 1e3 * (os.cpu_count() or 1)),
        throttled_ms=_gain(before.throttled_us, after.throttled_us, 1000.0),
    )


def worker_result(worker: WorkerState, titles: list[str], start_ns: int) -> WorkerResult:
    """The figures of a worker with the units of these ``titles``, in a run that started at ``start_ns``."""
    p50, p99 = worker.stall.percentile(50.0), worker.stall.percentile(99.0)
    return WorkerResult(
        units=titles,
        processor=worker.processor,
        cpu_s=_seconds(worker.cpu_ns),
        run_wait_s=None if worker.run_wait_ns is None else _seconds(worker.run_wait_ns),
        stall_us=StallSummary(p50=p50 / 1000, p99=p99 / 1000, max=worker.stall.max_ns / 1000),
        rss_mb=None if worker.rss_bytes is None else round(worker.rss_bytes / 1e6, 1),
        switches_voluntary=worker.switches_voluntary,
        switches_involuntary=worker.switches_involuntary,
        page_faults=worker.page_faults,
        per_second=[_second(second, start_ns) for second in worker.seconds],
    )


def _second(second: WorkerSecond, start_ns: int) -> WorkerSecondResult:
    return WorkerSecondResult(
        at_s=_seconds(second.at_ns - start_ns),
        cpu_s=_seconds(second.cpu_ns),
        run_wait_s=None if second.run_wait_ns is None else _seconds(second.run_wait_ns),
        stall_max_us=second.stall_max_ns / 1000,
        busiest=second.busiest_share,
    )


def _seconds(ns: int) -> float:
    return round(ns / NS_PER_S, 3)


def _part(before: int | None, after: int | None, whole: float) -> float | None:
    """The gain in percent of ``whole``; None if one of the two is not known."""
    return None if before is None or after is None else round(min(100.0, 100 * max(0, after - before) / whole), 2)


def _gain(before: int | None, after: int | None, unit: float) -> float | None:
    return None if before is None or after is None else round(max(0, after - before) / unit, 1)
